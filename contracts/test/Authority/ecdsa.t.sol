// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Signatures by the key of the owner's address. Those of other lengths reach only the plain twin: see there.
contract EcdsaTest is Market {
    function parts(bytes memory signature) private pure returns (bytes32 r, uint256 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    function test_long_and_short_form() public {
        Solution memory t = barter(ONE);
        t.fills[1].signature = compact(t.fills[1].signature);
        eq(t.fills[0].signature.length, 65, "long");
        eq(t.fills[1].signature.length, 64, "short");
        mustSettle(t);
    }

    /// @dev Both recovery ids of the short form: its parity bit is the top bit of s.
    function testFuzz_short_form(uint256 salt) public {
        Solution memory t = barter(within(salt, 1, ONE));
        t.fills[0].signature = compact(t.fills[0].signature);
        t.fills[1].signature = compact(t.fills[1].signature);
        mustSettle(t);
    }

    function test_signature_of_another() public {
        Solution memory t = barter(ONE);
        t.fills[0].signature = signed(BOB, settlement.intentDigest(t.fills[0].intent));
        mustFail(t, abi.encodeWithSelector(WrongSigner.selector, vm.addr(BOB), vm.addr(ALICE)));
        t.fills[0].signature = compact(t.fills[0].signature);
        mustFail(t, abi.encodeWithSelector(WrongSigner.selector, vm.addr(BOB), vm.addr(ALICE)));
    }

    function test_wrong_parity_of_the_short_form() public {
        Solution memory t = barter(ONE);
        bytes memory signature = compact(t.fills[0].signature);
        signature[32] ^= 0x80;
        t.fills[0].signature = signature;
        Outcome memory outcome = settle(t);
        yes(!outcome.settled && bytes4(outcome.reason) == WrongSigner.selector, "settled");
    }

    function test_owner_zero_is_not_what_a_bad_signature_recovers_to() public {
        Solution memory t = barter(ONE);
        t.fills[0].intent.owner = address(0);
        t.fills[0].signature = abi.encodePacked(bytes32(0), bytes32(0), uint8(27));
        mustFail(t, abi.encodeWithSelector(WrongSigner.selector, address(0), address(0)));
        t.fills[0].signature = new bytes(64);
        mustFail(t, abi.encodeWithSelector(WrongSigner.selector, address(0), address(0)));
    }

    function test_high_s() public {
        Solution memory t = barter(ONE);
        (bytes32 r, uint256 s, uint8 v) = parts(t.fills[0].signature);
        s = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - s;
        t.fills[0].signature = abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27));
        mustFail(t, abi.encodeWithSelector(SignatureMalleable.selector, s));
    }

    /// @dev The top bit of s is the parity; a high s beneath it is refused as in the long form.
    function test_high_s_of_the_short_form() public {
        Solution memory t = barter(ONE);
        uint256 s = (type(uint256).max >> 1) - 5;
        for (uint256 parity; parity < 2; ++parity) {
            t.fills[0].signature = abi.encodePacked(bytes32(uint256(1)), s | (parity << 255));
            mustFail(t, abi.encodeWithSelector(SignatureMalleable.selector, s));
        }
    }

    function test_dirty_recovery_id() public {
        Solution memory t = barter(ONE);
        (bytes32 r, uint256 s, uint8 v) = parts(t.fills[0].signature);
        uint8[6] memory list = [v - 27, 0, 26, 29, v | 0x80, 255];
        for (uint256 k; k < 6; ++k) {
            t.fills[0].signature = abi.encodePacked(r, s, list[k]);
            mustFailNow(t, abi.encodeWithSelector(SignatureRecoveryId.selector, list[k]));
        }
    }

    /// @dev An account that carries code by EIP-7702 is its key's all the same, whatever that code says.
    function test_an_owner_with_code_signs_with_its_key() public {
        Solution memory t = barter(ONE);
        vm.etch(vm.addr(ALICE), hex"60006000fd"); // refuses every call
        mustSettle(t);
        eq(balance(b, vm.addr(ALICE)), ONE, "alice");
    }

    function test_a_delegated_owner_signs_with_its_key() public {
        Solution memory t = barter(ONE);
        vm.etch(vm.addr(ALICE), abi.encodePacked(hex"ef0100", address(0x7702)));
        mustSettle(t);
    }

    function testFuzz_no_other_signature_moves_funds(bytes32 r, uint256 s, uint8 v, bool short) public {
        Solution memory t = barter(ONE);
        t.fills[0].signature = short ? abi.encodePacked(r, s) : abi.encodePacked(r, s >> 1, 27 + v % 2);
        yes(!settle(t).settled, "settled with a made-up signature");
    }

    function testFuzz_any_changed_member_breaks_the_signature(uint8 member, uint256 by) public {
        Solution memory t = barter(ONE);
        Intent memory i = t.fills[0].intent;
        by = within(by, 1, 1000);
        member %= 6;
        if (member == 0) i.receiver = address(uint160(by));
        if (member == 1) i.wants[0].start = i.wants[0].end = i.wants[0].end - by;
        if (member == 2) i.validTo += uint48(by);
        if (member == 3) i.nonce += by;
        if (member == 4) (i.validFrom, i.decayTo) = (i.validFrom - uint48(by), i.decayTo - uint48(by));
        if (member == 5) i = partially(i, by);
        Outcome memory outcome = settle(t);
        yes(!outcome.settled && bytes4(outcome.reason) == WrongSigner.selector, "signature holds");
    }
}
