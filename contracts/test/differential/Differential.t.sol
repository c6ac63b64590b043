// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LegTokenMismatch, SolutionMalformed} from "../../src/Errors.sol";
import {Hook} from "../../src/Terms.sol";
import "../../src/Types.sol";
import {Packer} from "../helpers/Packer.sol";
import {Dice} from "../invariants/Trades.sol";
import {ReferenceDecoder} from "./ReferenceDecoder.sol";
import {Twins} from "./Twins.sol";

/// @dev The packed decoder against plain ABI encoding: what one settles the other settles, with the same effects; what
///      one refuses the other refuses.
contract DifferentialTest is Twins {
    ReferenceDecoder private decoder;

    function setUp() public override {
        super.setUp();
        decoder = new ReferenceDecoder();
    }

    // --- solutions

    function randomSolution(Dice memory d, uint256 most) private returns (Solution memory s) {
        uint256[] memory prices = randomPrices(d);
        uint256 fills = roll(d, 1, most);
        s = solutionAt(prices, fills, oneIn(d, 8) ? 0 : 1e30);
        for (uint256 i; i < fills; ++i) {
            uint256 trader = (i + roll(d, 0, 1)) % TRADERS;
            if (oneIn(d, 3)) {
                vm.prank(traders[trader]);
                settlement.keepInVault(oneIn(d, 2));
            }
            s.fills[i] = randomFill(d, prices, trader);
            if (oneIn(d, 4)) addTerms(d, s.fills[i], new Hook[](0), new Hook[](0));
            signAny(d, s.fills[i], trader);
        }
        if (oneIn(d, 2)) swapGive(d, s);
    }

    /// @dev Half of what the first fill gives goes to the pool, if the pool takes it.
    function swapGive(Dice memory d, Solution memory s) private view {
        address token_ = s.fills[0].intent.gives[0].token;
        if (token_ != a && token_ != b) return;
        s.interactions = new Interaction[](1);
        s.interactions[0] = swap(liquidity, token_, giveBound(s.fills[0]) / roll(d, 2, 9));
    }

    /// @dev One thing that is wrong, of those that the packed form can say.
    function spoil(Dice memory d, Solution memory s) private view {
        Fill memory f = s.fills[roll(d, 0, s.fills.length - 1)];
        Intent memory i = f.intent;
        uint256 what = roll(d, 0, 15);
        if (what == 0) f.executed = roll(d, 0, 2 * f.executed);
        if (what == 1) f.fee = roll(d, 0, 2 ** 130);
        if (what == 2) f.roundUp = roll(d, 0, 255);
        if (what == 3) s.prices[roll(d, 0, 3)] = roll(d, 0, 1) * 2 ** 128;
        if (what == 4) s.cover[roll(d, 0, 3)] = roll(d, 0, 1) * 2 ** 128;
        if (what == 5) i.validTo = uint48(roll(d, 0, clock));
        if (what == 6) i.validFrom = uint48(roll(d, clock, clock + 9));
        if (what == 7) i.nonce += 1 << 192;
        if (what == 8) i.minFill = roll(d, 0, 2 ** 128);
        if (what == 9) i.receiver = oneIn(d, 2) ? address(vault) : address(executor);
        if (what == 10) f.signature = i.owner.code.length == 0 ? signed(ALICE, bytes32(d.state)) : f.signature;
        if (what == 11) i.gives[0].start = roll(d, 0, 2 ** 128);
        if (what == 12) i.wants[0].end = roll(d, 0, 2 ** 128);
        if (what == 13) (f.wantTokens[0], i.wants[0].token) = (f.giveTokens[0], i.gives[0].token);
        if (what == 14) (s.tokens[0], s.tokens[1]) = (s.tokens[1], s.tokens[0]);
        if (what == 15 && s.interactions.length == 1) s.interactions[0].data = hex"a9059cbb";
        if (what > 4 && what < 10 && i.owner.code.length == 0) f.scheme = PRESIGNED;
        if (f.scheme == PRESIGNED) f.signature = "";
    }

    /// @dev The one form that an intent has when it is packed: what the packed form leaves out follows from the rest.
    function canonical(Solution memory s) private view returns (Solution memory) {
        return decoder.decode(Packer.pack(s));
    }

    function testFuzz_solutions(uint256 seed) public {
        Dice memory d = Dice(seed);
        Solution memory s = randomSolution(d, 3);
        bool spoilt = oneIn(d, 2);
        if (spoilt) spoil(d, s);
        bytes memory packed = Packer.pack(s);
        // Signing on chain needs the intent in its final form, good or not.
        Solution memory read = canonical(s);
        if (!spoilt) eq(keccak256(abi.encode(read)), keccak256(abi.encode(s)), "packing loses nothing");
        agree(trial(read, packed, false), trial(read, abi.encode(read), true), spoilt);
    }

    function agree(Trial memory packed, Trial memory plain, bool mayFail) private pure {
        if (packed.ok != plain.ok) revert NotEqualBytes("one fails", packed.reason, plain.reason);
        if (
            !mayFail && !packed.ok
                && bytes4(packed.reason) != bytes4(keccak256("NotConserved(address,uint256,uint256)"))
        ) {
            revert NotEqualBytes("fails for no reason", packed.reason, "");
        }
        eq(packed.reason, plain.reason, "reason");
        eq(packed.state, plain.state, "state");
        eq(packed.logs, plain.logs, "logs");
        eq(packed.filled, plain.filled, "fills");
    }

    // --- bytes

    /// @dev Both refuse, or the plain twin does with the decoded solution what the packed settlement does with the
    ///      bytes.
    /// @return settled Whether it was good.
    function compare(bytes memory packed) private returns (bool settled) {
        Trial memory one = trialAlone(packed, false);
        try decoder.decode(packed) returns (Solution memory s) {
            Trial memory other = trialAlone(abi.encode(s), true);
            if (one.ok != other.ok) revert NotEqualBytes("one fails", one.reason, other.reason);
            // The packed form knows where the native coin stands, the plain form which token it needs.
            bool named = bytes4(one.reason) == LegTokenMismatch.selector;
            if (named) eq(uint32(bytes4(other.reason)), uint32(bytes4(one.reason)), "reason");
            else eq(one.reason, other.reason, "reason");
            eq(one.state, other.state, "state");
            eq(one.logs, other.logs, "logs");
            return one.ok;
        } catch {
            if (one.ok) revert NotEqualBytes("settled, but malformed", packed, "");
        }
    }

    function testFuzz_random_bytes(bytes memory data) public {
        compare(data);
        compare(abi.encodePacked(hex"01", data));
        compare(abi.encodePacked(hex"0100", data));
        compare(abi.encodePacked(hex"01000001", data));
    }

    /// @dev A solution whose owner takes any signature, so that what is changed about its intent can still be settled.
    function testFuzz_mutated_bytes(uint256 seed) public {
        Dice memory d = Dice(seed);
        uint256[] memory prices = randomPrices(d);
        Solution memory s = solutionAt(prices, oneIn(d, 4) ? 2 : 1, 1e30);
        for (uint256 i; i < s.fills.length; ++i) {
            s.fills[i] = randomFill(d, prices, CONTRACT_TRADER);
            if (oneIn(d, 4)) addTerms(d, s.fills[i], new Hook[](0), new Hook[](0));
            (s.fills[i].scheme, s.fills[i].signature) = (ERC1271, hex"01");
        }
        if (oneIn(d, 2)) swapGive(d, s);
        bytes memory data = Packer.pack(s);
        uint256 rounds = roll(d, 1, 2);
        for (uint256 i; i < rounds; ++i) {
            data = mutate(d, data);
        }
        compare(data);
    }

    /// @dev Half of the time near the start, where the structure is.
    function mutate(Dice memory d, bytes memory data) private pure returns (bytes memory) {
        if (data.length == 0) return data;
        uint256 at = roll(d, 0, data.length - 1);
        uint256 kind = roll(d, 0, 7);
        if (kind == 0) return _splice(data, at, 0, hex"00");
        if (kind == 1) return _splice(data, at, 1, "");
        if (kind == 2) return _splice(data, at, data.length - at, "");
        if (kind == 3) return abi.encodePacked(data, uint8(d.state));
        if (kind == 4) {
            // If this is the length of a number: a form that is too long.
            return _splice(data, at, 1, abi.encodePacked(uint8(data[at]) == 255 ? 0 : uint8(data[at]) + 1, uint8(0)));
        }
        uint8 old = uint8(data[at]);
        if (kind == 5) data[at] = bytes1(old ^ uint8(1 << roll(d, 0, 7)));
        else if (kind == 6) data[at] = bytes1(uint8(d.state >> 8));
        else data[at] = bytes1(oneIn(d, 2) ? _wrap(uint256(old) + 1) : _wrap(uint256(old) + 255));
        return data;
    }

    function _wrap(uint256 value) private pure returns (uint8) {
        return uint8(value % 256);
    }

    function _splice(bytes memory data, uint256 at, uint256 drop, bytes memory put)
        private
        pure
        returns (bytes memory out)
    {
        out = new bytes(data.length - drop + put.length);
        for (uint256 i; i < at; ++i) {
            out[i] = data[i];
        }
        for (uint256 i; i < put.length; ++i) {
            out[at + i] = put[i];
        }
        for (uint256 i = at + drop; i < data.length; ++i) {
            out[i + put.length - drop] = data[i];
        }
    }

    // --- cases by hand

    function test_an_unchanged_solution_settles_by_both() public {
        uint256 settled;
        for (uint256 i; i < 24; ++i) {
            Dice memory d = Dice(i);
            uint256[] memory prices = randomPrices(d);
            Solution memory s = solutionAt(prices, 1, 1e30);
            s.fills[0] = randomFill(d, prices, CONTRACT_TRADER);
            (s.fills[0].scheme, s.fills[0].signature) = (ERC1271, hex"01");
            Trial memory t = trialAlone(Packer.pack(s), false);
            if (!t.ok) revert NotEqualBytes("refused", t.reason, "");
            if (compare(Packer.pack(s))) ++settled;
        }
        eq(settled, 24, "all settle");
    }

    function test_a_number_has_one_form() public {
        bytes memory good = hex"0100000000";
        yes(compare(good), "empty");
        bytes20 token = bytes20(address(1));
        yes(compare(abi.encodePacked(hex"0101", token, hex"010100", hex"000000")), "one token, price 1, cover 0");
        bytes[4] memory bad = [
            abi.encodePacked(hex"0101", token, hex"02000100", hex"000000"), // a leading zero
            abi.encodePacked(hex"0101", token, hex"01010100", hex"000000"), // zero as one byte
            abi.encodePacked(hex"0101", token, hex"21", new bytes(33), hex"00", hex"000000"), // 33 bytes
            abi.encodePacked(good, hex"00") // something follows
        ];
        for (uint256 i; i < bad.length; ++i) {
            yes(!compare(bad[i]), "malformed");
            eq(uint32(bytes4(trialAlone(bad[i], false).reason)), uint32(SolutionMalformed.selector), "reason");
        }
    }
}
