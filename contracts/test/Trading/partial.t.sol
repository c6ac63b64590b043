// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Intents filled in parts, alternatives that share a nonce, and cancellation between the fills.
contract PartialTest is Market {
    function setUp() public override {
        super.setUp();
        fund(ALICE, a, 1000 * ONE);
        fund(BOB, b, 1000 * ONE);
    }

    /// @dev Fills `part` of Alice's intent against Bob.
    function deal(Intent memory ask, uint256 part) private returns (Solution memory s) {
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask, part, 0);
        s.fills[1] = fill(BOB, sell(BOB, b, part, a, part));
    }

    function ask100() private returns (Intent memory ask, bytes32 uid) {
        ask = partially(sell(ALICE, a, 100 * ONE, b, 100 * ONE), 10 * ONE);
        uid = settlement.intentDigest(ask);
    }

    function cancel(uint256 nonce) private {
        vm.prank(vm.addr(ALICE));
        settlement.cancel(nonce);
    }

    function test_partly_filled_then_cancelled() public {
        (Intent memory ask, bytes32 uid) = ask100();
        mustSettle(deal(ask, 30 * ONE));
        eq(settlement.filled(uid), 30 * ONE, "filled once");
        mustSettle(deal(ask, 20 * ONE));
        eq(settlement.filled(uid), 50 * ONE, "filled twice");
        cancel(ask.nonce);
        mustFail(deal(ask, 20 * ONE), abi.encodeWithSelector(NonceDead.selector, ask.owner, ask.nonce));
        eq(settlement.filled(uid), 50 * ONE, "filled no more");
    }

    function test_filled_to_the_last_atom_and_no_further() public {
        (Intent memory ask, bytes32 uid) = ask100();
        mustSettle(deal(ask, 95 * ONE));
        mustFail(deal(ask, 6 * ONE), abi.encodeWithSelector(Overfilled.selector, uid, 95 * ONE, 6 * ONE, 100 * ONE));
        mustFail(deal(ask, 4 * ONE), abi.encodeWithSelector(FillTooSmall.selector, 4 * ONE, 10 * ONE, 5 * ONE));
        mustSettle(deal(ask, 5 * ONE));
        eq(settlement.filled(uid), 100 * ONE, "all of it");
        Solution memory s = deal(ask, ONE);
        mustFail(s, abi.encodeWithSelector(Overfilled.selector, uid, 100 * ONE, ONE, 100 * ONE));
    }

    function test_min_fill() public {
        (Intent memory ask, bytes32 uid) = ask100();
        Solution memory s = deal(ask, 10 * ONE - 1);
        mustFail(s, abi.encodeWithSelector(FillTooSmall.selector, 10 * ONE - 1, 10 * ONE, 100 * ONE));
        eq(settlement.filled(uid), 0, "nothing");
        mustSettle(deal(ask, 10 * ONE));
        s = deal(ask, 20 * ONE);
        s.fills[0] = fill(ALICE, ask, 0, 0);
        mustFail(s, abi.encodeWithSelector(FillTooSmall.selector, 0, 10 * ONE, 90 * ONE));
    }

    function test_partial_buy() public {
        Intent memory bid = partially(buy(BOB, b, 100 * ONE, a, 50 * ONE), ONE);
        Solution memory s = solution(2, 0);
        price(s, a, 2);
        s.fills[0] = fill(BOB, bid, 20 * ONE, ONE);
        s.fills[1] = fill(ALICE, sell(ALICE, a, 20 * ONE, b, 40 * ONE));
        bytes memory tooMuch = abi.encodeWithSelector(GiveAboveLimit.selector, 0, 41 * ONE, 40 * ONE);
        mustFail(s, tooMuch); // the fee is inside the limit
        s.fills[0] = fill(BOB, bid, 20 * ONE, 0);
        mustSettle(s);
        eq(settlement.filled(settlement.intentDigest(bid)), 20 * ONE, "counted in wants");
        eq(balance(a, vm.addr(BOB)), 20 * ONE, "bob");
    }

    function test_twice_in_one_solution() public {
        (Intent memory ask, bytes32 uid) = ask100();
        Solution memory s = deal(ask, 30 * ONE);
        Fill[] memory fills = new Fill[](3);
        (fills[0], fills[1]) = (s.fills[0], fill(ALICE, ask, 20 * ONE, 0));
        fills[2] = fill(BOB, sell(BOB, b, 50 * ONE, a, 50 * ONE));
        s.fills = fills;
        mustSettle(s);
        eq(settlement.filled(uid), 50 * ONE, "both");
    }

    function test_a_failed_solution_leaves_no_trace() public {
        (Intent memory ask, bytes32 uid) = ask100();
        Solution memory s = deal(ask, 30 * ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 29 * ONE, a, 29 * ONE));
        mustFail(s, abi.encodeWithSelector(NotConserved.selector, b, 29 * ONE, 30 * ONE));
        eq(settlement.filled(uid), 0, "filled");
        yes(!settlement.taken(ask.owner, ask.nonce), "taken");
    }

    // --- alternatives

    function alternatives() private returns (Intent memory one, Intent memory two) {
        one = sell(ALICE, a, 10 * ONE, b, 10 * ONE);
        two = partially(sell(ALICE, a, 20 * ONE, b, 20 * ONE), ONE);
        two.nonce = one.nonce;
    }

    function test_whichever_fills_first_excludes_the_other() public {
        (Intent memory one, Intent memory two) = alternatives();
        mustSettle(deal(one, 10 * ONE));
        mustFail(deal(two, 10 * ONE), abi.encodeWithSelector(NonceTaken.selector, two.owner, two.nonce));
    }

    function test_the_partial_one_first_goes_on_alone() public {
        (Intent memory one, Intent memory two) = alternatives();
        mustSettle(deal(two, 10 * ONE));
        mustFail(deal(one, 10 * ONE), abi.encodeWithSelector(NonceTaken.selector, one.owner, one.nonce));
        mustSettle(deal(two, 10 * ONE));
        eq(settlement.filled(settlement.intentDigest(two)), 20 * ONE, "all of it");
    }

    function test_both_in_one_solution() public {
        (Intent memory one, Intent memory two) = alternatives();
        Solution memory s = deal(one, 10 * ONE);
        s.fills[1] = fill(ALICE, two, 10 * ONE, 0);
        mustFail(s, abi.encodeWithSelector(NonceTaken.selector, two.owner, two.nonce));
    }

    /// @dev Whoever fills one atom of one alternative to kill the others has to respect the minFill that was signed.
    function test_one_atom_can_not_kill_a_set_of_alternatives() public {
        (Intent memory one, Intent memory two) = alternatives();
        mustFail(deal(two, 1), abi.encodeWithSelector(FillTooSmall.selector, 1, ONE, 20 * ONE));
        yes(!settlement.taken(two.owner, two.nonce), "the nonce is free");
        mustSettle(deal(one, 10 * ONE));
    }

    // --- cancellation

    function test_cancelled_before_the_first_fill() public {
        (Intent memory ask,) = ask100();
        cancel(ask.nonce);
        mustFail(deal(ask, 30 * ONE), abi.encodeWithSelector(NonceTaken.selector, ask.owner, ask.nonce));
    }

    function test_cancelling_by_another_changes_nothing() public {
        (Intent memory ask,) = ask100();
        vm.prank(vm.addr(BOB));
        settlement.cancel(ask.nonce);
        Solution memory s = deal(ask, 30 * ONE);
        s.fills[1].intent.nonce = 77;
        sign(BOB, s.fills[1]);
        mustSettle(s);
    }

    function test_a_whole_word_at_once() public {
        (Intent memory ask,) = ask100();
        mustSettle(deal(ask, 30 * ONE));
        Intent memory other = sell(ALICE, a, ONE, b, ONE);
        other.nonce = 0x1ff;
        Intent memory spared = sell(ALICE, a, ONE, b, ONE);
        spared.nonce = 0x100;
        vm.prank(vm.addr(ALICE));
        settlement.cancelWord(0, type(uint256).max);
        vm.prank(vm.addr(ALICE));
        settlement.cancelWord(1, 1 << 255);
        mustFail(deal(ask, 30 * ONE), abi.encodeWithSelector(NonceDead.selector, ask.owner, ask.nonce));
        mustFail(deal(other, ONE), abi.encodeWithSelector(NonceTaken.selector, other.owner, 0x1ff));
        mustSettle(deal(spared, ONE));
    }

    function test_a_new_epoch_ends_everything_before() public {
        (Intent memory ask,) = ask100();
        mustSettle(deal(ask, 30 * ONE));
        vm.prank(vm.addr(ALICE));
        settlement.raiseEpoch();
        mustFail(deal(ask, 30 * ONE), abi.encodeWithSelector(WrongEpoch.selector, ask.owner, ask.nonce, 1));
        ask.nonce |= 1 << 192;
        mustSettle(deal(ask, 30 * ONE));
        ask.nonce = (2 << 192) | 9;
        mustFail(deal(ask, 30 * ONE), abi.encodeWithSelector(WrongEpoch.selector, ask.owner, ask.nonce, 1));
    }
}
