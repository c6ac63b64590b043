// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FeeShare, Hook, Node, Terms} from "../../src/Terms.sol";
import {TermsMalformed} from "../../src/TermsErrors.sol";
import {TermsBase} from "./TermsBase.sol";

/// @dev The reader of calldata against the compiler's own decoder.
contract TermsCodecTest is TermsBase {
    function setUp() public override {
        super.setUp();
        vm.warp(1_000);
    }

    function decode(bytes calldata encoded) external pure returns (Terms memory) {
        return abi.decode(encoded, (Terms));
    }

    function canonical(bytes memory encoded) internal view returns (bool) {
        try this.decode(encoded) returns (Terms memory terms) {
            return keccak256(abi.encode(terms)) == keccak256(encoded);
        } catch {
            return false;
        }
    }

    /// @dev Whether the runner takes the encoding as one, whatever it thinks of what it says.
    function taken(bytes memory encoded) internal view returns (bool) {
        try runner.holds(encoded) {
            return true;
        } catch (bytes memory reason) {
            yes(reason.length >= 4, "named");
            return bytes4(reason) != TermsMalformed.selector;
        }
    }

    function random(uint256 seed) internal pure returns (Terms memory terms) {
        bytes32 word = keccak256(abi.encode(seed));
        terms.condition = new Node[](uint8(word[0]) % 4);
        for (uint256 i; i < terms.condition.length; ++i) {
            terms.condition[i] = call(address(bytes20(word)), blob(seed, i), 3, uint256(word));
        }
        terms.before = new Hook[](uint8(word[1]) % 5);
        terms.afterwards = new Hook[](uint8(word[2]) % 5);
        for (uint256 i; i < terms.before.length; ++i) {
            terms.before[i] = Hook(address(bytes20(word)), 1_000, uint8(word[3]) % 2 == 0, blob(seed, i + 4));
        }
        for (uint256 i; i < terms.afterwards.length; ++i) {
            terms.afterwards[i] = Hook(address(bytes20(word)), 1_000, uint8(word[4]) % 2 == 0, blob(seed, i + 8));
        }
        (terms.exclusiveSolver, terms.exclusiveUntil) = (address(bytes20(word)), uint48(1) + uint8(word[5]));
        terms.shares = new FeeShare[](uint8(word[6]) % 5);
        for (uint256 i; i < terms.shares.length; ++i) {
            terms.shares[i] = FeeShare(address(bytes20(word)), 1 + uint8(word[7]) % 25);
        }
        terms.maxImpactBps = uint8(word[8]);
    }

    function blob(uint256 seed, uint256 salt) internal pure returns (bytes memory data) {
        bytes32 word = keccak256(abi.encode(seed, salt));
        data = new bytes(uint8(word[0]) % 70);
        for (uint256 i; i < data.length; ++i) {
            data[i] = word[i % 32];
        }
    }

    function test_fuzz_what_the_compiler_writes_is_read(uint256 seed) public view {
        yes(taken(abi.encode(random(seed))), "taken");
    }

    function test_fuzz_one_changed_byte(uint256 seed, uint256 place, uint8 change) public view {
        bytes memory encoded = abi.encode(random(seed));
        place %= encoded.length;
        encoded[place] ^= bytes1(change | 1);
        agrees(encoded);
    }

    /// @dev Small changes of small numbers: offsets and lengths that stay plausible.
    function test_fuzz_one_changed_word(uint256 seed, uint256 place, uint256 value) public view {
        bytes memory encoded = abi.encode(random(seed));
        uint256 at = place % (encoded.length / 32) * 32;
        assembly ("memory-safe") {
            mstore(add(add(encoded, 0x20), at), mul(0x20, mod(value, 40)))
        }
        agrees(encoded);
    }

    function test_fuzz_cut_or_lengthened(uint256 seed, uint256 size) public view {
        bytes memory encoded = abi.encode(random(seed));
        size %= encoded.length + 64;
        bytes memory changed = new bytes(size);
        for (uint256 i; i < size && i < encoded.length; ++i) {
            changed[i] = encoded[i];
        }
        agrees(changed);
    }

    /// @dev What is taken is canonical. What is canonical is taken, or refused for what it says.
    function agrees(bytes memory encoded) internal view {
        try runner.holds(encoded) {
            yes(canonical(encoded), "only canonical encodings are taken");
        } catch (bytes memory reason) {
            yes(reason.length >= 4, "named");
            if (bytes4(reason) == TermsMalformed.selector) yes(!canonical(encoded), "canonical ones are read");
        }
    }

    function test_malformed_encodings_name_the_place() public {
        malformed("", 0);
        bytes memory good = abi.encode(none());
        malformed(abi.encodePacked(good, bytes32(0)), good.length);
        bytes memory bad = abi.encode(none());
        bad[0x80] = 0x01; // a dirty address
        malformed(bad, 0x80);
        bad = abi.encode(none());
        bad[0x3f] = 0x00; // the condition's offset
        malformed(bad, 0x20);
    }

    function malformed(bytes memory encoded, uint256 at) internal {
        vm.expectRevert(abi.encodeWithSelector(TermsMalformed.selector, at));
        runner.holds(encoded);
    }
}
