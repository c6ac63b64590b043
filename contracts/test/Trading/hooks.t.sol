// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IHookRunner} from "../../src/interfaces/IHookRunner.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Terms} from "../../src/Terms.sol";
import {HookFailed, HookSelectorForbidden, HookTargetForbidden} from "../../src/TermsErrors.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Diary, TermsMarket} from "../helpers/TermsMarket.sol";

/// @dev Hooks before and after a fill, through a whole settlement.
contract HooksTest is TermsMarket {
    function test_hooks_run_before_the_pull_and_after_the_payout() public {
        Terms memory terms;
        (terms.before, terms.afterwards) = (hook(true, note(1, a)), hook(true, note(2, b)));
        mustSettle(trade(terms, 0));
        eq(diary.pages(0), 1, "first");
        eq(diary.balances(0), 1000 * ONE, "she still has hers");
        eq(diary.pages(1), 2, "second");
        eq(diary.balances(1), 100 * ONE, "and already what she bought");
        eq(diary.lastCaller(), address(runner), "from an address that owns nothing");
    }

    function test_hooks_of_several_fills_nest() public {
        Terms memory terms;
        (terms.before, terms.afterwards) = (hook(true, note(1, a)), hook(true, note(4, a)));
        Solution memory s = trade(terms, 0);
        Fill[] memory fills = new Fill[](3);
        (fills[0], fills[1]) = (s.fills[0], fill(BOB, sell(BOB, b, 200 * ONE, a, 200 * ONE)));
        (terms.before, terms.afterwards) = (hook(true, note(2, a)), hook(true, note(3, a)));
        fills[2] = fillWith(terms, sell(ALICE, a, 100 * ONE, b, 100 * ONE), 100 * ONE, 0);
        s.fills = fills;
        mustSettle(s);
        for (uint256 k; k < 4; ++k) {
            eq(diary.pages(k), k + 1, "in order, then in reverse");
        }
    }

    function test_hooks_of_a_partial_intent_run_at_each_fill() public {
        Terms memory terms;
        terms.before = hook(true, note(1, a));
        Intent memory i = partially(sell(ALICE, a, 100 * ONE, b, 100 * ONE), ONE);
        for (uint256 k; k < 3; ++k) {
            Solution memory s = solution(2, 0);
            s.fills[0] = fillWith(terms, i, 10 * ONE, 0);
            s.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
            mustSettleNow(s);
        }
        eq(diary.count(), 3, "three times");
    }

    function test_a_hook_may_bring_what_is_then_sold() public {
        vm.prank(alice);
        TestToken(a).transfer(address(diary), 1000 * ONE);
        Terms memory terms;
        terms.before = hook(true, abi.encodeCall(diary.give, (a, alice, 100 * ONE)));
        mustSettle(trade(terms, 0));
        eq(balance(b, alice), 100 * ONE, "sold");
    }

    function test_a_must_hook_that_fails_fails_the_solution() public {
        Terms memory terms;
        terms.before = hook(true, abi.encodeCall(diary.refuse, (7)));
        bytes memory inner = abi.encodeWithSelector(Diary.Refused.selector, 7);
        Solution memory s = trade(terms, 0);
        mustFail(s, abi.encodeWithSelector(HookFailed.selector, uid(s), 0, inner));
        (terms.before, terms.afterwards) = (hook(true, note(1, a)), terms.before);
        s = trade(terms, 0);
        mustFail(s, abi.encodeWithSelector(HookFailed.selector, uid(s), 1, inner));
        eq(diary.count(), 0, "what the one before did is undone");
        eq(balance(b, alice), 0, "nothing is paid");
    }

    function test_a_may_hook_that_fails_does_not() public {
        Terms memory terms;
        terms.before = hook(false, abi.encodeCall(diary.refuse, (7)));
        terms.afterwards = hook(false, abi.encodeCall(diary.burn, ()));
        Solution memory s = trade(terms, 0);
        vm.recordLogs();
        mustSettle(s);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 seen;
        for (uint256 k; k < logs.length; ++k) {
            if (logs[k].topics[0] != IHookRunner.HookFailedQuietly.selector) continue;
            eq(logs[k].topics[1], uid(s), "uid");
            eq(logs[k].data, abi.encode(seen++), "index");
        }
        eq(seen, 2, "both said so");
    }

    /// @dev Whoever submits can not make a hook that may fail do so by giving it too little gas.
    function test_a_may_hook_is_not_starved() public {
        Terms memory terms;
        terms.before = hook(false, note(1, a));
        Entry memory e = entry(trade(terms, 0), solver, 300_000);
        Outcome memory outcome = settle(bundle(e))[0];
        yes(!outcome.settled && bytes4(outcome.reason) == NotEnoughGas.selector, "refused");
        eq(diary.count(), 0, "not run");
    }

    function test_a_hook_does_not_get_in_again() public {
        Entry[] memory again = bundle(entry(barterUnfunded(ONE)));
        Terms memory terms;
        terms.before = hook(true, abi.encodeCall(diary.reenter, (ISettlement(address(settlement)), again)));
        Solution memory s = trade(terms, 0);
        mustFail(s, abi.encodeWithSelector(HookFailed.selector, uid(s), 0, abi.encodeWithSelector(Reentered.selector)));
    }

    function test_hooks_never_reach_tokens_or_the_house() public {
        Terms memory terms;
        terms.before = hook(true, abi.encodeCall(TestToken(b).transferFrom, (vm.addr(BOB), alice, ONE)));
        terms.before[0].target = b;
        approve(vm.addr(BOB), b, address(runner), ONE); // by mistake
        mustFail(
            trade(terms, 0),
            abi.encodeWithSelector(HookSelectorForbidden.selector, b, TestToken(b).transferFrom.selector)
        );
        address[6] memory list = [
            address(settlement), address(vault), address(executor), address(registry), address(runner), PERMIT2_CONTRACT
        ];
        for (uint256 k; k < 6; ++k) {
            terms.before = hook(true, abi.encodeCall(diary.count, ()));
            terms.before[0].target = list[k];
            mustFail(trade(terms, 0), abi.encodeWithSelector(HookTargetForbidden.selector, list[k]));
        }
    }
}
