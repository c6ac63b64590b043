// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {Acts} from "./Acts.sol";
import {Law} from "./Ghosts.sol";
import {Dice} from "./Trades.sol";

/// @title What holds after any sequence of calls
/// @dev Every settlement is judged when it is done, from the balances before and after it and from what the test
///      remembers; a broken law stays broken. What can be read off the contracts at any time is read here.
contract Spec is Acts {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    event Mix(uint256 calls, uint256 settledCalls, uint256 settledFills, uint256 refused);

    /// @dev How many successful settlements there must be among a hundred calls.
    uint256 private constant LEAST_SETTLED = 30;

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[16] memory all = [
            this.trade.selector,
            this.tradeThroughPool.selector,
            this.goOn.selector,
            this.tradeAlternatives.selector,
            this.tradeWithHooks.selector,
            this.tradeInBundle.selector,
            this.tradeAndReplay.selector,
            this.tradeOverLimit.selector,
            this.tradeOutOfTime.selector,
            this.tradeUnsigned.selector,
            this.tradeWithForeignAward.selector,
            this.ownerActs.selector,
            this.vaultActs.selector,
            this.wait.selector,
            this.pause.selector,
            this.strangersCall.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0].addr = address(this);
        targets[0].selectors = new bytes4[](all.length);
        for (uint256 i; i < all.length; ++i) {
            targets[0].selectors[i] = all[i];
        }
    }

    /// @dev A campaign that hardly settles proves little.
    function afterInvariant() external view {
        if (calls >= 200) yes(settledCalls * 100 >= calls * LEAST_SETTLED, "too few settlements");
    }

    /// @dev The same calls in the order of a dice, for the share of them that settles.
    function test_enough_calls_settle() public {
        bytes4[] memory selectors = this.targetSelectors()[0].selectors;
        Dice memory d = Dice(1);
        for (uint256 i; i < 200; ++i) {
            bytes4 selector = selectors[roll(d, 0, selectors.length - 1)];
            (bool ok,) = address(this).call(abi.encodeWithSelector(selector, d.state));
            yes(ok, "no call of the handler reverts");
        }
        this.invariant_all();
        this.afterInvariant();
        yes(refused > 40, "much is refused, too");
        emit Mix(calls, settledCalls, settledFills, refused);
    }

    /// @dev One campaign for all of them: forge would run one for each function that it sees.
    /// forge-config: default.invariant.fail-on-revert = true
    function invariant_all() external view {
        invariant_tokens_are_conserved();
        invariant_nothing_is_held_between_rounds();
        invariant_no_allowance_survives();
        invariant_hooks_never_reach_traders_tokens();
        invariant_cover_pays_no_more_than_was_released();
        invariant_the_treasury_never_pays();
        invariant_fee_shares_are_what_was_signed();
        invariant_filled_never_exceeds_signed();
        invariant_filled_only_grows();
        invariant_nobody_pays_above_the_signed_maximum();
        invariant_nobody_gets_below_the_signed_minimum();
        invariant_splitting_never_pays_more_than_signed();
        invariant_no_fill_leaves_a_zero_leg();
        invariant_cancelled_never_fills();
        invariant_expired_or_early_never_fills();
        invariant_earlier_epochs_never_fill();
        invariant_epochs_rise_by_one();
        invariant_unsigned_never_fills();
        invariant_alternatives_fill_at_most_once();
        invariant_whole_intents_fill_once_and_whole();
        invariant_each_award_settles_once();
        invariant_only_the_house_awards();
        invariant_exclusivity_holds();
        invariant_failed_solutions_change_nothing();
        invariant_locks_open_again();
        invariant_only_the_settlement_moves_tokens();
        invariant_pause_stops_settling_and_no_exit();
        invariant_the_vault_holds_what_it_owes();
        invariant_balances_and_cover_sum_to_the_total();
        invariant_balances_change_only_by_their_owners_acts();
    }

    function obeyed(Law law, string memory what) private view {
        yes(!broken[law], what);
    }

    // --- tokens

    function invariant_tokens_are_conserved() private view {
        obeyed(Law.CONSERVED, "an atom appeared or got lost");
    }

    function invariant_nothing_is_held_between_rounds() private view {
        address[3] memory empty = [address(executor), address(settlement), address(runner)];
        for (uint256 i; i < empty.length; ++i) {
            for (uint256 t; t < tokens.length; ++t) {
                eq(balance(tokens[t], empty[i]), 0, "tokens are held");
            }
            eq(empty[i].balance, 0, "native coin is held");
        }
    }

    function invariant_no_allowance_survives() private view {
        address[3] memory givers = [address(executor), address(settlement), address(runner)];
        address[5] memory takers = [address(liquidity), address(thief), address(vault), solver, traders[0]];
        for (uint256 i; i < givers.length; ++i) {
            for (uint256 j; j < takers.length; ++j) {
                for (uint256 t; t < tokens.length; ++t) {
                    eq(TestToken(tokens[t]).allowance(givers[i], takers[j]), 0, "an allowance survived");
                }
            }
        }
    }

    function invariant_hooks_never_reach_traders_tokens() private view {
        for (uint256 t; t < tokens.length; ++t) {
            eq(balance(tokens[t], address(thief)), 0, "the thief has tokens");
            eq(vault.balanceOf(address(thief), tokens[t]), 0, "the thief has a balance");
            eq(vault.coverOf(address(thief), tokens[t]), 0, "the thief has cover");
        }
    }

    function invariant_cover_pays_no_more_than_was_released() private view {
        obeyed(Law.COVER, "more cover was drawn than the solution released");
    }

    function invariant_the_treasury_never_pays() private view {
        obeyed(Law.TREASURY, "the treasury paid");
    }

    function invariant_fee_shares_are_what_was_signed() private view {
        obeyed(Law.SHARES, "a fee share is more or less than signed");
    }

    // --- limits

    function invariant_filled_never_exceeds_signed() private view {
        obeyed(Law.NOT_ABOVE_SIGNED, "more was filled than signed");
    }

    function invariant_filled_only_grows() private view {
        uint256 from = tickets.length > 6 ? tickets.length - 6 : 0;
        for (uint256 i = from; i < tickets.length; ++i) {
            bytes32 uid = tickets[i].uid;
            uint256 filled = settlement.filled(uid);
            yes(filled == 0 || filled == ghostFilled[uid], "filled is not the sum of the fills");
        }
    }

    function invariant_nobody_pays_above_the_signed_maximum() private view {
        obeyed(Law.PAYS_MORE, "somebody paid above its maximum of the moment");
    }

    function invariant_nobody_gets_below_the_signed_minimum() private view {
        obeyed(Law.GETS_LESS, "somebody got below its minimum of the moment");
    }

    function invariant_splitting_never_pays_more_than_signed() private view {
        obeyed(Law.SPLIT_PAYS_MORE, "the fills together paid more");
        obeyed(Law.SPLIT_GETS_LESS, "the fills together got less");
    }

    function invariant_no_fill_leaves_a_zero_leg() private view {
        obeyed(Law.ZERO_LEG, "a leg of a fill was zero");
    }

    // --- rights

    function invariant_cancelled_never_fills() private view {
        obeyed(Law.CANCELLED, "a cancelled intent was filled");
    }

    function invariant_expired_or_early_never_fills() private view {
        obeyed(Law.OUT_OF_TIME, "an intent was filled out of its time");
    }

    function invariant_earlier_epochs_never_fill() private view {
        obeyed(Law.OLD_EPOCH, "an intent of another epoch was filled");
    }

    function invariant_epochs_rise_by_one() private view {
        obeyed(Law.EPOCH_STEP, "an epoch jumped");
        for (uint256 i; i < TRADERS; ++i) {
            eq(settlement.epochOf(traders[i]), ghostEpoch[traders[i]], "epoch");
            yes(settlement.keepsInVault(traders[i]) == ghostKeeps[traders[i]], "choice of funds");
        }
    }

    function invariant_unsigned_never_fills() private view {
        obeyed(Law.UNSIGNED, "something was filled that nobody signed");
    }

    function invariant_alternatives_fill_at_most_once() private view {
        obeyed(Law.ALTERNATIVES, "two alternatives were filled");
    }

    function invariant_whole_intents_fill_once_and_whole() private view {
        obeyed(Law.WHOLE_ONCE, "a whole intent was filled twice, or in part");
    }

    function invariant_each_award_settles_once() private view {
        obeyed(Law.AWARD_ONCE, "an award settled twice");
    }

    function invariant_only_the_house_awards() private view {
        obeyed(Law.FOREIGN_AWARD, "a foreign award settled, or for a foreign sender");
    }

    function invariant_exclusivity_holds() private view {
        obeyed(Law.EXCLUSIVE, "another solver settled within the window");
    }

    // --- house

    function invariant_failed_solutions_change_nothing() private view {
        obeyed(Law.FAILED_IS_NOTHING, "a failed solution moved something");
    }

    function invariant_locks_open_again() private view {
        obeyed(Law.LOCKED, "a transient slot was left set");
    }

    function invariant_only_the_settlement_moves_tokens() private view {
        obeyed(Law.ONLY_SETTLEMENT, "a stranger came in");
    }

    function invariant_pause_stops_settling_and_no_exit() private view {
        obeyed(Law.PAUSE, "settled while paused, or an exit was stopped, or came too soon");
    }

    function invariant_the_vault_holds_what_it_owes() private view {
        for (uint256 t; t < tokens.length; ++t) {
            yes(vault.totalHeld(tokens[t]) <= balance(tokens[t], address(vault)), "the vault owes more than it holds");
        }
    }

    function invariant_balances_and_cover_sum_to_the_total() private view {
        for (uint256 t; t < tokens.length; ++t) {
            uint256 sum = vault.coverOf(solver, tokens[t]) + vault.coverOf(rival, tokens[t]);
            for (uint256 i; i < TRADERS; ++i) {
                sum += vault.balanceOf(traders[i], tokens[t]);
            }
            eq(vault.totalHeld(tokens[t]), sum, "total");
        }
    }

    function invariant_balances_change_only_by_their_owners_acts() private view {
        for (uint256 t; t < tokens.length; ++t) {
            for (uint256 i; i < TRADERS; ++i) {
                eq(vault.balanceOf(traders[i], tokens[t]), ghostKept[traders[i]][t], "a balance in the vault");
            }
        }
    }
}
