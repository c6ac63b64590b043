// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import {Vm} from "../helpers/Base.sol";
import {FalseToken} from "../helpers/HostileTokens.sol";
import {Market} from "../helpers/Market.sol";

contract WithdrawTest is Market {
    address private alice;

    function setUp() public override {
        super.setUp();
        alice = keep(ALICE, a, 10);
    }

    function test_some_and_all() public {
        vm.recordLogs();
        vm.prank(alice);
        vault.withdraw(a, 4, address(9));
        Vm.Log memory first = vm.getRecordedLogs()[0];
        eq(first.topics[0], IVault.Withdrawn.selector, "event");
        eq(first.topics[1], bytes32(uint256(uint160(alice))), "owner");
        eq(first.data, abi.encode(address(9), 4), "to and amount");
        eq(balance(a, address(9)), 4, "sent");
        eq(kept(ALICE, a), 6, "left");
        eq(vault.totalHeld(a), 6, "total");
        vm.prank(alice);
        vault.withdraw(a, 6, alice);
        eq(balance(a, alice), 6, "the rest");
        eq(vault.totalHeld(a), 0, "total");
    }

    function test_no_more_than_the_balance() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 10, 11));
        vault.withdraw(a, 11, alice);
        vm.expectRevert(abi.encodeWithSelector(BalanceTooLow.selector, address(this), a, 0, 1));
        vault.withdraw(a, 1, address(this));
    }

    function test_cover_is_no_balance() public {
        deposit(solver, a, 10);
        vm.prank(solver);
        vm.expectRevert(abi.encodeWithSelector(BalanceTooLow.selector, solver, a, 0, 1));
        vault.withdraw(a, 1, solver);
    }

    function test_not_while_paused() public {
        vm.prank(owner);
        settlement.pause();
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(WithdrawalsPaused.selector));
        vault.withdraw(a, 1, alice);
        vm.prank(owner);
        settlement.unpause();
        vm.prank(alice);
        vault.withdraw(a, 1, alice);
    }

    function test_a_token_that_refuses() public {
        FalseToken f = new FalseToken();
        f.mint(address(this), 5);
        f.approve(address(vault), 5);
        vault.deposit(address(f), 5, address(this));
        f.fail(address(vault));
        vm.expectRevert(abi.encodeWithSelector(PaymentFailed.selector, address(f), address(9), 5));
        vault.withdraw(address(f), 5, address(9));
        eq(vault.balanceOf(address(this), address(f)), 5, "still there");
    }

    function testFuzz_deposits_less_withdrawals(uint256[6] memory moves) public {
        uint256 expected = 10;
        for (uint256 k; k < 6; ++k) {
            uint256 amount = within(moves[k] >> 1, 1, 20);
            if (moves[k] & 1 == 0) {
                keep(ALICE, a, amount);
                expected += amount;
            } else if (amount <= expected) {
                vm.prank(alice);
                vault.withdraw(a, amount, alice);
                expected -= amount;
            } else {
                vm.prank(alice);
                vm.expectRevert(abi.encodeWithSelector(BalanceTooLow.selector, alice, a, expected, amount));
                vault.withdraw(a, amount, alice);
            }
            eq(kept(ALICE, a), expected, "balance");
            eq(vault.totalHeld(a), expected, "total");
            eq(balance(a, address(vault)), expected, "held");
        }
    }
}
