// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev The short way, which 64-byte signatures take and 65-byte ones do not: both have to come to the same.
contract TrySimpleTest is Market {
    struct Result {
        bool settled;
        bytes reason;
        int256[] deltas;
    }

    /// @dev What settling would do, with the gas that it would use.
    function look(Solution memory s) private returns (Result memory result, uint256 gasUsed) {
        Probe[] memory probes = new Probe[](6);
        address[3] memory who = [vm.addr(ALICE), vm.addr(BOB), treasury];
        for (uint256 k; k < 6; ++k) {
            probes[k] = Probe(k < 3 ? a : b, who[k % 3]);
        }
        Entry[] memory entries = bundle(entry(s));
        vm.prank(house);
        (, bytes memory data) = address(settlement).call(abi.encodeCall(settlement.preview, (entries, probes)));
        eq(bytes4(data), ISettlement.Previewed.selector, "previewed");
        assembly ("memory-safe") {
            // The selector makes way for the length.
            let size := sub(mload(data), 4)
            data := add(data, 4)
            mstore(data, size)
        }
        Outcome[] memory outcomes;
        (outcomes, result.deltas) = abi.decode(data, (Outcome[], int256[]));
        (result.settled, result.reason, gasUsed) = (outcomes[0].settled, outcomes[0].reason, outcomes[0].gasUsed);
    }

    /// @dev Both ways, the short one second; what they come to, and how much gas the short way saves.
    function both(Solution memory s) private returns (Result memory long_, int256 saved) {
        uint256 gasOfLong;
        (long_, gasOfLong) = look(s);
        for (uint256 k; k < s.fills.length; ++k) {
            s.fills[k].signature = compact(s.fills[k].signature);
        }
        (Result memory short, uint256 gasOfShort) = look(s);
        eq(short.reason, long_.reason, "reason");
        yes(short.settled == long_.settled, "settled");
        eq(abi.encode(short.deltas), abi.encode(long_.deltas), "balances");
        saved = int256(gasOfLong) - int256(gasOfShort);
    }

    function test_the_short_way_is_taken_and_shorter() public {
        (Result memory result, int256 saved) = both(barter(ONE));
        yes(result.settled, "settled");
        yes(saved > 2 * 2000, "a good deal for each of two fills");
    }

    function test_and_leaves_the_same_traces() public {
        Solution memory s = barter(ONE);
        s.fills[0].signature = compact(s.fills[0].signature);
        vm.recordLogs();
        mustSettle(s);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 seen;
        for (uint256 k; k < logs.length; ++k) {
            if (logs[k].topics[0] != ISettlement.Filled.selector) continue;
            Intent memory i = s.fills[seen++].intent;
            eq(logs[k].topics[1], settlement.intentDigest(i), "uid");
            eq(logs[k].topics[2], bytes32(uint256(uint160(i.owner))), "owner");
            eq(logs[k].data, abi.encode(ONE << 128), "executed and no fee");
            yes(settlement.taken(i.owner, i.nonce) && !settlement.dead(i.owner, i.nonce), "taken");
            eq(settlement.filled(settlement.intentDigest(i)), 0, "nothing counted for whole intents");
        }
        eq(seen, 2, "both");
        mustFailNow(s, abi.encodeWithSelector(NonceTaken.selector, vm.addr(ALICE), s.fills[0].intent.nonce));
    }

    /// @dev Each thing that can be wrong with a simple fill has its name by either way.
    function test_what_is_wrong_has_the_same_name() public {
        bytes4[10] memory names = [
            NonceTaken.selector,
            WrongEpoch.selector,
            Expired.selector,
            NotYetValid.selector,
            WrongSigner.selector,
            WantBelowLimit.selector,
            FeeTooLarge.selector,
            LegTokenRepeated.selector,
            RoundUpOutOfRange.selector,
            BoundOutOfRange.selector
        ];
        for (uint256 k; k < names.length; ++k) {
            Solution memory s = barter(ONE);
            spoil(s, k);
            if (k != 4) sign(ALICE, s.fills[0]);
            (Result memory result,) = both(s);
            eq(bytes4(result.reason), names[k], "name");
        }
    }

    function spoil(Solution memory s, uint256 k) private {
        Intent memory i = s.fills[0].intent;
        if (k == 0) {
            vm.prank(i.owner);
            settlement.cancel(i.nonce);
        }
        if (k == 1) i.nonce |= 1 << 192;
        if (k == 2) i.validTo = uint48(NOW - 1);
        if (k == 3) (i.validFrom, i.decayTo) = (uint48(NOW + 1), uint48(NOW + 1));
        if (k == 4) i.validTo += 1;
        if (k == 5) i.wants[0] = Leg(b, ONE + 1, ONE + 1);
        if (k == 6) s.fills[0].fee = ONE;
        if (k == 7) (i.wants[0].token, s.fills[0].wantTokens[0]) = (a, index(a));
        if (k == 8) s.fills[0].roundUp = 2;
        if (k == 9) i.wants[0] = Leg(b, 0, 0);
    }

    function test_nonces_beyond_the_first_192_go_the_long_way() public {
        for (uint256 k; k < 3; ++k) {
            Solution memory s = barter(ONE);
            s.fills[0].intent.nonce = k == 0 ? 191 : k == 1 ? 192 : 70_000;
            sign(ALICE, s.fills[0]);
            (Result memory result,) = both(s);
            yes(result.settled, "settled");
            mustSettleNow(s);
            yes(settlement.taken(vm.addr(ALICE), s.fills[0].intent.nonce), "taken");
        }
    }

    /// @dev Rounding that may go against a trader is looked at on small legs by either way.
    function testFuzz_small_amounts(uint256 amount, uint256 pa, uint256 pb, bool isBuy, bool up) public {
        amount = within(amount, 1, 3e6);
        compare(amount, within(pa, 1, 1e6), within(pb, 1, 1e6), 0, isBuy, up, false, false);
    }

    function testFuzz_amounts(uint256 amount, uint256 pa, uint256 pb, uint256 fee, uint8 flags) public {
        amount = within(amount >> (amount % 200), 1, 2 ** 120);
        (pa, pb) = (within(pa >> (pa % 255), 1, type(uint128).max), within(pb >> (pb % 255), 1, type(uint128).max));
        fee = flags & 16 == 0 ? 0 : within(fee, 0, amount);
        compare(amount, pa, pb, fee, flags & 1 != 0, flags & 2 != 0, flags & 4 != 0, flags & 8 != 0);
    }

    /// @dev Alice trades at prices pa to pb; Bob is on the other side as far as the amounts allow.
    function compare(
        uint256 amount,
        uint256 pa,
        uint256 pb,
        uint256 fee,
        bool isBuy,
        bool up,
        bool aliceKeeps,
        bool bobKeeps
    ) private {
        uint256 other = pa < 2 ** 120 && amount < 2 ** 120 ? amount * pa / pb : 1;
        if (other == 0 || other > 2 ** 121) other = 1;
        if (aliceKeeps) keep(ALICE, a, 2 ** 127);
        else fund(ALICE, a, 2 ** 127);
        if (bobKeeps) keep(BOB, b, 2 ** 127);
        else fund(BOB, b, 2 ** 127);
        Solution memory s = solution(2, 0);
        (s.prices[index(a)], s.prices[index(b)]) = (pa, pb);
        Intent memory mine = isBuy ? buy(ALICE, a, amount, b, other) : sell(ALICE, a, amount, b, other);
        if (up) (mine.validFrom, mine.decayTo) = (0, 0);
        s.fills[0] = fill(ALICE, mine, isBuy ? other : amount, fee);
        s.fills[0].roundUp = up ? 1 : 0;
        s.fills[1] = fill(BOB, sell(BOB, b, other + 1, a, 1));
        both(s);
    }

    /// @dev Whatever a byte of the packed form is changed to, the short way pays no one more and takes no one more.
    function testFuzz_changed_bytes(uint256 position, uint256 value, uint256 length) public {
        Solution memory s = barter(ONE);
        for (uint256 k; k < 2; ++k) {
            s.fills[k].signature = compact(s.fills[k].signature);
        }
        bytes memory encoded = encode(s);
        length = within(length, 1, 8);
        position = within(position, 0, encoded.length - length);
        for (uint256 k; k < length; ++k) {
            encoded[position + k] = bytes1(uint8(value >> (8 * k)));
        }
        tryBytes(encoded);
        eq(balance(a, vm.addr(ALICE)) + balance(b, vm.addr(ALICE)), ONE, "alice");
        eq(balance(a, vm.addr(BOB)) + balance(b, vm.addr(BOB)), ONE, "bob");
    }

    /// @dev A number whose form the short way does not take is not taken by the long way either, or by both.
    function test_numbers_of_other_forms() public {
        Solution memory s = barter(ONE);
        s.fills[0].signature = compact(s.fills[0].signature);
        bytes memory encoded = encode(s);
        // Head of four tokens, count of fills, flags, owner, index of the give.
        uint256 at = 2 + 4 * (20 + 2 + 1) + 2 + 2 + 20 + 1;
        eq(uint8(encoded[at]), 8, "the give has eight bytes");
        encoded[at + 1] = 0; // a leading zero
        mustFailBytes(encoded, abi.encodeWithSelector(SolutionMalformed.selector, START + at));
        encoded[at] = 0x21;
        mustFailBytes(encoded, abi.encodeWithSelector(SolutionMalformed.selector, START + at));
    }

    function test_cut_off_within_a_simple_fill() public {
        Solution memory s = barter(ONE);
        for (uint256 k; k < 2; ++k) {
            s.fills[k].signature = compact(s.fills[k].signature);
        }
        bytes memory encoded = encode(s);
        for (uint256 length = encoded.length - 80; length < encoded.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 k; k < length; ++k) {
                cut[k] = encoded[k];
            }
            Outcome memory outcome = tryBytes(cut);
            yes(!outcome.settled && bytes4(outcome.reason) == SolutionMalformed.selector, "settled");
        }
    }

    /// @dev Two fills of one owner, simple and not, in one solution: what the one marks, the other sees.
    function test_short_and_long_in_one_solution() public {
        Solution memory s = barter(ONE);
        s.fills[0].signature = compact(s.fills[0].signature);
        s.fills[1] = s.fills[0];
        s.fills[1].signature = signed(ALICE, settlement.intentDigest(s.fills[0].intent));
        mustFail(s, abi.encodeWithSelector(NonceTaken.selector, vm.addr(ALICE), s.fills[0].intent.nonce));
    }
}
