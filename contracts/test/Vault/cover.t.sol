// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import {Vm} from "../helpers/Base.sol";
import {FeeToken} from "../helpers/HostileTokens.sol";
import {Market} from "../helpers/Market.sol";

/// @dev depositCover and withdrawCover.
contract VaultCoverTest is Market {
    function test_deposit_and_withdraw() public {
        deposit(solver, a, 10);
        eq(vault.coverOf(solver, a), 10, "cover");
        eq(vault.totalHeld(a), 10, "total");
        vm.prank(solver);
        vault.withdrawCover(a, 4);
        eq(vault.coverOf(solver, a), 6, "cover");
        eq(vault.totalHeld(a), 6, "total");
        eq(balance(a, solver), 4, "solver");
        vm.prank(solver);
        vm.expectRevert(abi.encodeWithSelector(CoverTooLow.selector, solver, a, 6, 7));
        vault.withdrawCover(a, 7);
        vm.expectRevert(abi.encodeWithSelector(CoverTooLow.selector, address(this), a, 0, 1));
        vault.withdrawCover(a, 1);
    }

    function test_deposit_without_funds() public {
        vm.expectRevert(abi.encodeWithSelector(PullFailed.selector, a, address(this), address(vault), 1));
        vault.depositCover(a, 1);
        vm.expectRevert(abi.encodeWithSelector(NothingReceived.selector, a));
        vault.depositCover(a, 0);
    }

    function test_deposit_credits_what_arrived() public {
        FeeToken t = new FeeToken();
        t.mint(address(this), 1000);
        t.approve(address(vault), 1000);
        eq(vault.depositCover(address(t), 1000), 990, "received");
        eq(vault.coverOf(address(this), address(t)), 990, "cover");
    }

    /// @dev One account's balance and its cover are two things.
    function test_a_balance_is_no_cover() public {
        keep(ALICE, a, 10);
        vm.prank(vm.addr(ALICE));
        vm.expectRevert(abi.encodeWithSelector(CoverTooLow.selector, vm.addr(ALICE), a, 0, 1));
        vault.withdrawCover(a, 1);
        deposit(vm.addr(ALICE), a, 3);
        eq(kept(ALICE, a), 10, "balance");
        eq(vault.coverOf(vm.addr(ALICE), a), 3, "cover");
        eq(vault.totalHeld(a), 13, "both");
    }

    function test_events() public {
        vm.recordLogs();
        deposit(solver, a, 5);
        vm.prank(solver);
        vault.withdrawCover(a, 2);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 seen;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IVault.CoverAdded.selector) {
                eq(logs[i].data, abi.encode(5), "added");
                ++seen;
            }
            if (logs[i].topics[0] == IVault.CoverRemoved.selector) {
                eq(logs[i].data, abi.encode(2), "removed");
                ++seen;
            }
        }
        eq(seen, 2, "events");
    }
}
