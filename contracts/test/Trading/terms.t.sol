// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {BALANCE as BALANCE_OF, CALL, FeeShare, Node, TIME, Terms} from "../../src/Terms.sol";
import {
    ConditionNotMet,
    ExclusiveTo,
    ShareReceiverForbidden,
    SharesTooLarge,
    TermsMalformed
} from "../../src/TermsErrors.sol";
import "../../src/Types.sol";
import {TermsMarket} from "../helpers/TermsMarket.sol";

/// @dev The extras of an intent, but for hooks, through a whole settlement.
contract TermsTest is TermsMarket {
    // --- the hash

    function test_terms_are_signed() public {
        Solution memory s = trade(sharing(PARTNER, 50), ONE);
        s.fills[0].terms = abi.encode(sharing(address(0xbad), 50));
        yes(bytes4(tryAgain(s).reason) == WrongSigner.selector, "others");
        s.fills[0].terms = "";
        yes(bytes4(tryAgain(s).reason) == WrongSigner.selector, "none");
        s = barterUnfunded(ONE);
        s.fills[0].terms = abi.encode(sharing(PARTNER, 50));
        yes(bytes4(tryAgain(s).reason) == WrongSigner.selector, "some where none were signed");
    }

    function test_signed_nonsense() public {
        Solution memory s = trade(sharing(PARTNER, 50), ONE);
        bytes memory encoded = abi.encodePacked(abi.encode(sharing(PARTNER, 50)), uint8(0));
        s.fills[0].intent.terms = keccak256(encoded);
        s.fills[0].terms = encoded;
        sign(ALICE, s.fills[0]);
        mustFail(s, abi.encodeWithSelector(TermsMalformed.selector, encoded.length - 1));
    }

    // --- fee shares

    function test_fee_shares_come_out_of_the_fee() public {
        mustSettle(trade(sharing(PARTNER, 50), ONE));
        eq(balance(a, PARTNER), ONE / 2, "half a percent of what she gave");
        eq(balance(a, treasury), ONE / 2, "the rest of the fee");
        eq(balance(b, alice), 99 * ONE, "alice");
    }

    function test_fee_must_cover_the_shares() public {
        Solution memory s = trade(sharing(PARTNER, 50), ONE / 2 - 1);
        mustFail(s, abi.encodeWithSelector(FeeBelowShares.selector, ONE / 2 - 1, ONE / 2));
        mustSettle(trade(sharing(PARTNER, 50), ONE / 2));
        eq(balance(a, treasury), 0, "nothing for the treasury");
    }

    function test_shares_are_rounded_down() public {
        Terms memory terms = sharing(PARTNER, 33);
        terms.shares = new FeeShare[](2);
        (terms.shares[0], terms.shares[1]) = (FeeShare(PARTNER, 33), FeeShare(address(0x9a48), 1));
        Solution memory s = solution(2, 0);
        s.fills[0] = fillWith(terms, sell(ALICE, a, 9_999, b, 9_000), 9_999, 99);
        s.fills[1] = fill(BOB, sell(BOB, b, 9_900, a, 9_900));
        mustSettle(s);
        eq(balance(a, PARTNER), 32, "32.9967");
        eq(balance(a, address(0x9a48)), 0, "0.9999");
        eq(balance(a, treasury), 67, "the rest");
    }

    function test_shares_of_a_partial_fill_and_of_a_buy() public {
        Intent memory i = partially(sell(ALICE, a, 100 * ONE, b, 90 * ONE), ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fillWith(sharing(PARTNER, 100), i, 10 * ONE, ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        mustSettle(s);
        eq(balance(a, PARTNER), ONE / 10, "one percent of ten");
        i = buy(ALICE, a, 100 * ONE, b, 9 * ONE);
        s.fills[0] = fillWith(sharing(PARTNER, 100), i, 9 * ONE, ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        mustSettle(s);
        eq(balance(a, PARTNER), ONE / 5, "and of what the buy gives");
    }

    function test_shares_of_a_keeper_are_paid_out() public {
        keep(ALICE, a, 100 * ONE);
        mustSettle(trade(sharing(PARTNER, 100), ONE));
        eq(balance(a, PARTNER), ONE, "paid out");
        eq(kept(ALICE, a), 0, "out of the vault");
    }

    function test_shares_never_go_to_the_house() public {
        address[5] memory list =
            [address(settlement), address(vault), address(executor), address(registry), address(runner)];
        for (uint256 k; k < 5; ++k) {
            Solution memory s = trade(sharing(list[k], 50), ONE);
            mustFail(s, abi.encodeWithSelector(ShareReceiverForbidden.selector, list[k]));
        }
    }

    function test_shares_are_capped() public {
        Solution memory s = trade(sharing(PARTNER, 101), 2 * ONE);
        mustFail(s, abi.encodeWithSelector(SharesTooLarge.selector, 101, 100));
    }

    // --- conditions

    function test_a_condition_on_time() public {
        Solution memory s = trade(condition(Node(TIME, 3, address(0), NOW + 10, "")), 0);
        mustFail(s, abi.encodeWithSelector(ConditionNotMet.selector, uid(s)));
        vm.warp(NOW + 10);
        mustSettleNow(s);
    }

    function test_a_condition_on_a_balance() public {
        Node memory node = Node(BALANCE_OF, 3, c, 5, abi.encode(alice));
        Solution memory s = trade(condition(node), 0);
        mustFail(s, abi.encodeWithSelector(ConditionNotMet.selector, uid(s)));
        mint(c, alice, 5);
        mustSettleNow(s);
    }

    function test_a_condition_on_a_call() public {
        Node memory node = Node(CALL, 2, address(diary), 1, abi.encodeCall(diary.count, ()));
        Solution memory s = trade(condition(node), 0);
        mustFail(s, abi.encodeWithSelector(ConditionNotMet.selector, uid(s)));
        diary.note(1, a, alice);
        mustSettleNow(s);
    }

    // --- exclusivity

    function test_exclusive_to_another_solver() public {
        Terms memory terms;
        (terms.exclusiveSolver, terms.exclusiveUntil) = (address(0x07e4), uint48(NOW + 10));
        Solution memory s = trade(terms, 0);
        mustFail(s, abi.encodeWithSelector(ExclusiveTo.selector, address(0x07e4), NOW + 10, solver));
        vm.warp(NOW + 10);
        mustFailNow(s, abi.encodeWithSelector(ExclusiveTo.selector, address(0x07e4), NOW + 10, solver));
        vm.warp(NOW + 11);
        mustSettleNow(s);
    }

    function test_exclusive_to_this_solver() public {
        Terms memory terms;
        (terms.exclusiveSolver, terms.exclusiveUntil) = (solver, uint48(NOW + 10));
        mustSettle(trade(terms, 0));
    }
}
