// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev The way out that the operator can not bar.
contract ExitTest is Market {
    address private alice;

    function setUp() public override {
        super.setUp();
        alice = keep(ALICE, a, 10);
        vm.prank(owner);
        settlement.pause();
    }

    function announce() private {
        vm.prank(alice);
        vault.announceExit(a);
    }

    function test_everything_after_a_day_although_paused() public {
        eq(vault.EXIT_DELAY(), 1 days, "a day");
        vm.recordLogs();
        announce();
        Vm.Log memory first = vm.getRecordedLogs()[0];
        eq(first.topics[0], IVault.ExitAnnounced.selector, "event");
        eq(first.data, abi.encode(NOW + 1 days), "when");
        eq(vault.exitsAt(alice, a), NOW + 1 days, "when");
        vm.warp(NOW + 1 days);
        vm.prank(alice);
        eq(vault.exit(a, address(9)), 10, "all");
        eq(balance(a, address(9)), 10, "sent");
        eq(kept(ALICE, a), 0, "nothing left");
        eq(vault.totalHeld(a), 0, "total");
        eq(vault.exitsAt(alice, a), 0, "done");
    }

    function test_not_before() public {
        announce();
        vm.warp(NOW + 1 days - 1);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ExitNotYet.selector, NOW + 1 days, NOW + 1 days - 1));
        vault.exit(a, alice);
    }

    function test_not_unannounced() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(NoExitAnnounced.selector, alice, a));
        vault.exit(a, alice);
        announce();
        vm.warp(NOW + 1 days);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(NoExitAnnounced.selector, alice, b));
        vault.exit(b, alice); // another token
        vm.expectRevert(abi.encodeWithSelector(NoExitAnnounced.selector, address(this), a));
        vault.exit(a, address(this)); // another owner
    }

    function test_once_an_announcement() public {
        announce();
        vm.warp(NOW + 1 days);
        vm.prank(alice);
        vault.exit(a, alice);
        keep(ALICE, a, 5);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(NoExitAnnounced.selector, alice, a));
        vault.exit(a, alice);
    }

    function test_announcing_again_starts_again() public {
        announce();
        vm.warp(NOW + 10);
        announce();
        eq(vault.exitsAt(alice, a), NOW + 10 + 1 days, "later");
    }

    /// @dev Neither the owner, the house nor a solver can delay it or take it away meanwhile.
    function test_nobody_can_bar_the_way() public {
        announce();
        address[3] memory list = [owner, house, solver];
        for (uint256 k; k < 3; ++k) {
            vm.prank(list[k]);
            vault.announceExit(a);
        }
        vm.warp(NOW + 1 days);
        vm.prank(alice);
        eq(vault.exit(a, alice), 10, "all");
        eq(balance(a, alice), 10, "alice");
    }

    function test_what_came_in_meanwhile_goes_too() public {
        announce();
        keep(ALICE, a, 5);
        vm.warp(NOW + 1 days);
        vm.prank(alice);
        eq(vault.exit(a, alice), 15, "all");
    }
}
