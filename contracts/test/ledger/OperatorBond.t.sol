// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AmountTooLarge, OnlyOwner, PaymentFailed} from "../../src/Errors.sol";
import {Receipt} from "../../src/interfaces/ILedger.sol";
import "../../src/LedgerErrors.sol";
import {FalseToken, FeeToken} from "../helpers/HostileTokens.sol";
import {Ledgered} from "./Ledgered.sol";

/// @dev What the operator has posted, and how it leaves.
contract OperatorBondTest is Ledgered {
    function announce(uint256 amount) private {
        vm.prank(OWNER);
        ledger.announceWithdrawal(amount);
    }

    function withdraw() private {
        vm.prank(OWNER);
        ledger.withdraw(OWNER);
    }

    function test_anyone_adds_to_the_bond() public {
        vm.prank(CHALLENGER);
        ledger.deposit(5);
        eq(ledger.bond(), 500 * ONE + 5, "bond");
        eq(bond.balanceOf(address(ledger)), 500 * ONE + 5, "held");
        ledger.deposit(0);
        eq(ledger.bond(), 500 * ONE + 5, "nothing for nothing");
    }

    function test_a_bond_is_what_arrived() public {
        FeeToken token = new FeeToken();
        ledger = ledgerOf(address(token));
        token.mint(address(this), 100);
        token.approve(address(ledger), 100);
        ledger.deposit(100);
        eq(ledger.bond(), 99, "one percent was lost on the way");
    }

    function test_a_bond_fits_its_slot() public {
        give(address(this), type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(AmountTooLarge.selector, uint256(type(uint128).max) + 500 * ONE));
        ledger.deposit(type(uint128).max);
        ledger.deposit(type(uint128).max - 500 * ONE);
        eq(ledger.bond(), type(uint128).max, "full");
    }

    function test_withdrawal_after_notice() public {
        vm.expectRevert(abi.encodeWithSelector(WithdrawalNotAnnounced.selector));
        withdraw();
        announce(200 * ONE);
        eq(ledger.withdrawsAt(), NOW + NOTICE, "announced");
        eq(ledger.withdrawing(), 200 * ONE, "amount");
        vm.warp(NOW + NOTICE - 1);
        vm.expectRevert(abi.encodeWithSelector(WithdrawalNotYet.selector, NOW + NOTICE, NOW + NOTICE - 1));
        withdraw();
        vm.warp(NOW + NOTICE);
        withdraw();
        eq(bond.balanceOf(OWNER), 200 * ONE, "paid");
        eq(ledger.bond(), 300 * ONE, "left");
        vm.expectRevert(abi.encodeWithSelector(WithdrawalNotAnnounced.selector));
        withdraw();
    }

    function test_only_the_owner_withdraws() public {
        address[2] memory others = [OPERATOR, address(this)];
        for (uint256 k; k < 2; ++k) {
            vm.prank(others[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, others[k]));
            ledger.announceWithdrawal(1);
            vm.prank(others[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, others[k]));
            ledger.withdraw(others[k]);
        }
    }

    function test_an_announcement_is_replaced_and_taken_back() public {
        announce(200 * ONE);
        vm.warp(NOW + 1 days);
        announce(50 * ONE);
        eq(ledger.withdrawsAt(), NOW + 1 days + NOTICE, "a new notice");
        announce(0);
        vm.warp(NOW + 365 days);
        vm.expectRevert(abi.encodeWithSelector(WithdrawalNotAnnounced.selector));
        withdraw();
    }

    function test_no_more_than_is_left() public {
        announce(type(uint256).max);
        vm.warp(NOW + NOTICE);
        withdraw();
        eq(bond.balanceOf(OWNER), 500 * ONE, "all of it");
        eq(ledger.bond(), 0, "nothing left");
    }

    /// @dev Even one that came in the last second.
    function test_the_bond_stays_while_a_claim_is_open() public {
        vm.warp(NOW + 13 days);
        announce(500 * ONE);
        Receipt memory receipt = receiptOf(4);
        receipt.time = NOW + 20 days;
        vm.warp(NOW + 27 days - 1);
        uint256 id = challenge(receipt);
        vm.warp(NOW + 27 days);
        vm.expectRevert(abi.encodeWithSelector(ChallengesOpen.selector, 1));
        withdraw();
        vm.warp(NOW + 28 days);
        ledger.resolve(id);
        withdraw();
        eq(bond.balanceOf(OWNER), 500 * ONE - PENALTY, "less the penalty");
    }

    // --- collecting

    function test_what_is_owed_is_collected_once() public {
        vm.warp(NOW + INCLUSION + 1);
        uint256 id = challenge(receiptOf(4));
        vm.warp(NOW + INCLUSION + ANSWER + 2);
        ledger.resolve(id);
        vm.prank(CHALLENGER);
        eq(ledger.collect(address(0xc01d)), STAKE + REWARD, "amount");
        eq(bond.balanceOf(address(0xc01d)), STAKE + REWARD, "paid");
        vm.prank(BENEFICIARY);
        ledger.collect(BENEFICIARY);
        eq(bond.balanceOf(BENEFICIARY), PENALTY - REWARD, "the rest");
        eq(bond.balanceOf(address(ledger)), ledger.bond(), "nothing else is held");
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(NothingOwed.selector, CHALLENGER));
        ledger.collect(CHALLENGER);
    }

    function test_payments_that_fail_change_nothing() public {
        FalseToken token = new FalseToken();
        ledger = ledgerOf(address(token));
        token.mint(CHALLENGER, STAKE);
        vm.prank(CHALLENGER);
        token.approve(address(ledger), STAKE);
        vm.warp(NOW + INCLUSION + 1);
        uint256 id = challenge(receiptOf(4));
        token.fail(address(ledger));
        vm.warp(NOW + INCLUSION + ANSWER + 2);
        ledger.resolve(id);
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(PaymentFailed.selector, address(token), CHALLENGER, uint256(STAKE)));
        ledger.collect(CHALLENGER);
        eq(ledger.owed(CHALLENGER), STAKE, "still owed");
    }
}
