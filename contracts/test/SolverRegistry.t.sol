// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {World} from "./helpers/World.sol";

contract SolverRegistryTest is World {
    address private joiner = address(0x901e4);

    function setUp() public override {
        super.setUp();
        mint(address(bond), joiner, 1000 * ONE);
        vm.prank(joiner);
        bond.approve(address(registry), type(uint256).max);
    }

    function test_join() public {
        yes(!registry.isBonded(joiner), "not yet");
        vm.prank(joiner);
        vm.expectRevert(abi.encodeWithSelector(BondTooLow.selector, 100 * ONE - 1, 100 * ONE));
        registry.join(100 * ONE - 1);
        vm.prank(joiner);
        registry.join(100 * ONE);
        yes(registry.isBonded(joiner), "bonded");
        vm.prank(joiner);
        registry.join(5);
        eq(registry.bondOf(joiner), 100 * ONE + 5, "bond");
    }

    function test_join_without_funds() public {
        vm.expectRevert(
            abi.encodeWithSelector(PullFailed.selector, address(bond), address(this), address(registry), 100 * ONE)
        );
        registry.join(100 * ONE);
    }

    function test_leave_after_notice() public {
        vm.expectRevert(abi.encodeWithSelector(NotJoined.selector, address(this)));
        registry.announceLeave();
        vm.expectRevert(abi.encodeWithSelector(NotLeaving.selector, address(this)));
        registry.leave();

        vm.prank(joiner);
        registry.join(100 * ONE);
        vm.prank(joiner);
        registry.announceLeave();
        yes(registry.isBonded(joiner), "in force while the notice runs");
        vm.prank(joiner);
        vm.expectRevert(abi.encodeWithSelector(AlreadyLeaving.selector, joiner, NOW + 1 days));
        registry.announceLeave();
        vm.warp(NOW + 1 days - 1);
        vm.prank(joiner);
        vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, NOW + 1 days, NOW + 1 days - 1));
        registry.leave();
        vm.warp(NOW + 1 days);
        yes(!registry.isBonded(joiner), "it could leave at any moment");
        vm.prank(joiner);
        registry.leave();
        eq(bond.balanceOf(joiner), 1000 * ONE, "all of it");
        eq(registry.bondOf(joiner), 0, "nothing left");
        vm.prank(joiner);
        vm.expectRevert(abi.encodeWithSelector(NotLeaving.selector, joiner));
        registry.leave();
    }

    function test_joining_again_takes_back_the_notice() public {
        vm.prank(joiner);
        registry.join(100 * ONE);
        vm.prank(joiner);
        registry.announceLeave();
        vm.prank(joiner);
        registry.join(0);
        vm.warp(NOW + 2 days);
        yes(registry.isBonded(joiner), "bonded");
        vm.prank(joiner);
        vm.expectRevert(abi.encodeWithSelector(NotLeaving.selector, joiner));
        registry.leave();
    }

    function test_minimum() public {
        vm.prank(joiner);
        registry.join(100 * ONE);
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, address(this)));
        registry.setMinimumBond(1);
        vm.prank(owner);
        registry.setMinimumBond(101 * ONE);
        yes(!registry.isBonded(joiner), "below the new minimum");
        vm.prank(joiner);
        registry.join(ONE);
        yes(registry.isBonded(joiner), "topped up");
        vm.prank(owner);
        registry.setMinimumBond(0);
        yes(!registry.isBonded(address(this)), "no bond is not bonded");
        vm.expectRevert(abi.encodeWithSelector(BondTooLow.selector, 0, 0));
        registry.join(0);
    }
}
