// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ISolverRegistry} from "../../src/interfaces/ISolverRegistry.sol";
import {PeriodOutOfRange} from "../../src/RegistryErrors.sol";
import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {Vm} from "../helpers/Base.sol";
import {FalseToken, FeeToken, HookToken, PlainToken, SilentToken} from "../helpers/HostileTokens.sol";
import {Registered} from "./Registered.sol";

/// @dev Joining and leaving, and the roles.
contract BondsTest is Registered {
    function tryDeploy(address token, uint256 notice, uint256 answer, address owner, address beneficiary) external {
        deploy("SolverRegistry", abi.encode(token, 1, notice, answer, owner, ACCUSER, ARBITER, beneficiary));
    }

    function test_deployment_is_checked() public {
        bytes memory zero = abi.encodeWithSelector(ZeroAddress.selector);
        vm.expectRevert(zero);
        this.tryDeploy(address(0), 1, 1, OWNER, BENEFICIARY);
        vm.expectRevert(zero);
        this.tryDeploy(address(bond), 1, 1, address(0), BENEFICIARY);
        vm.expectRevert(zero);
        this.tryDeploy(address(bond), 1, 1, OWNER, address(0));
        vm.expectRevert(abi.encodeWithSelector(PeriodOutOfRange.selector, 365 days + 1, 0, 365 days));
        this.tryDeploy(address(bond), 365 days + 1, 1, OWNER, BENEFICIARY);
        vm.expectRevert(abi.encodeWithSelector(PeriodOutOfRange.selector, 0, 1, 365 days));
        this.tryDeploy(address(bond), 1, 0, OWNER, BENEFICIARY);
        vm.expectRevert(abi.encodeWithSelector(PeriodOutOfRange.selector, 365 days + 1, 1, 365 days));
        this.tryDeploy(address(bond), 1, 365 days + 1, OWNER, BENEFICIARY);
        this.tryDeploy(address(bond), 365 days, 365 days, OWNER, BENEFICIARY);
    }

    // --- joining

    function test_join() public {
        yes(!registry.isBonded(SOLVER), "not yet");
        vm.expectRevert(abi.encodeWithSelector(BondTooLow.selector, 100 * ONE - 1, 100 * ONE));
        join(SOLVER, 100 * ONE - 1);
        vm.recordLogs();
        join(SOLVER, 100 * ONE);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs[logs.length - 1].topics[0], ISolverRegistry.Joined.selector, "event");
        eq(logs[logs.length - 1].data, abi.encode(100 * ONE, 100 * ONE), "amounts in the event");
        yes(registry.isBonded(SOLVER), "bonded");
        join(SOLVER, 5);
        eq(registry.bondOf(SOLVER), 100 * ONE + 5, "bond");
        eq(bond.balanceOf(address(registry)), 100 * ONE + 5, "held");
    }

    function test_join_without_funds() public {
        vm.expectRevert(
            abi.encodeWithSelector(PullFailed.selector, address(bond), address(this), address(registry), 100 * ONE)
        );
        registry.join(100 * ONE);
    }

    function test_a_bond_fits_its_slot() public {
        give(SOLVER, type(uint128).max);
        join(SOLVER, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(AmountTooLarge.selector, uint256(type(uint128).max) + 1));
        join(SOLVER, 1);
        yes(registry.isBonded(SOLVER), "bonded");
    }

    // --- other people's tokens

    function _joinWith(PlainToken token) private returns (SolverRegistry made) {
        made = registryOf(address(token));
        token.mint(SOLVER, 1000 * ONE);
        vm.prank(SOLVER);
        (bool ok,) = address(token).call(abi.encodeCall(token.approve, (address(made), type(uint256).max)));
        yes(ok, "approved");
        vm.prank(SOLVER);
        made.join(200 * ONE);
    }

    function test_a_bond_is_what_arrived() public {
        FeeToken token = new FeeToken();
        SolverRegistry made = _joinWith(token);
        eq(made.bondOf(SOLVER), 198 * ONE, "one percent was lost on the way");
        eq(token.balanceOf(address(made)), 198 * ONE, "held");
        // From here on the token says so, but moves nothing.
        vm.etch(address(token), address(new ForgetfulToken()).code);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(NothingReceived.selector, address(token)));
        made.join(1);
    }

    function test_tokens_that_return_nothing() public {
        SilentToken token = new SilentToken();
        SolverRegistry made = _joinWith(token);
        vm.prank(SOLVER);
        made.announceLeave();
        vm.warp(NOW + NOTICE);
        vm.prank(SOLVER);
        made.leave();
        eq(token.balanceOf(SOLVER), 1000 * ONE, "all of it is back");
    }

    function test_a_payment_that_fails_is_no_leave() public {
        FalseToken token = new FalseToken();
        SolverRegistry made = _joinWith(token);
        vm.prank(SOLVER);
        made.announceLeave();
        vm.warp(NOW + NOTICE);
        token.fail(address(made));
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(PaymentFailed.selector, address(token), SOLVER, 200 * ONE));
        made.leave();
        eq(made.bondOf(SOLVER), 200 * ONE, "still there");
        token.fail(address(0));
        vm.prank(SOLVER);
        made.leave();
    }

    function test_a_token_that_calls_back_joins_once() public {
        HookToken token = new HookToken();
        SolverRegistry made = _joinWith(token);
        token.arm(address(made), abi.encodeCall(made.join, (0)));
        vm.prank(SOLVER);
        made.join(ONE);
        yes(!token.succeeded(), "no way back in");
        eq(token.returned(), abi.encodeWithSelector(Reentered.selector), "reason");
        eq(made.bondOf(SOLVER), 201 * ONE, "counted once");
    }

    // --- leaving

    function test_leave_after_notice() public {
        vm.expectRevert(abi.encodeWithSelector(NotJoined.selector, SOLVER));
        announceLeave(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(NotLeaving.selector, SOLVER));
        leave(SOLVER);

        join(SOLVER, 100 * ONE);
        announceLeave(SOLVER);
        eq(registry.leavesAt(SOLVER), NOW + NOTICE, "announced");
        yes(registry.isBonded(SOLVER), "in force while the notice runs");
        vm.expectRevert(abi.encodeWithSelector(AlreadyLeaving.selector, SOLVER, NOW + NOTICE));
        announceLeave(SOLVER);
        vm.warp(NOW + NOTICE - 1);
        yes(registry.isBonded(SOLVER), "in force to the last second");
        vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, NOW + NOTICE, NOW + NOTICE - 1));
        leave(SOLVER);
        vm.warp(NOW + NOTICE);
        yes(!registry.isBonded(SOLVER), "it could leave at any moment");
        leave(SOLVER);
        eq(bond.balanceOf(SOLVER), 1000 * ONE, "all of it");
        eq(registry.bondOf(SOLVER), 0, "nothing left");
        vm.expectRevert(abi.encodeWithSelector(NotLeaving.selector, SOLVER));
        leave(SOLVER);
    }

    function test_joining_again_takes_back_the_notice() public {
        join(SOLVER, 100 * ONE);
        announceLeave(SOLVER);
        join(SOLVER, 0);
        vm.warp(NOW + NOTICE);
        yes(registry.isBonded(SOLVER), "bonded");
        vm.expectRevert(abi.encodeWithSelector(NotLeaving.selector, SOLVER));
        leave(SOLVER);
    }

    // --- the minimum

    function test_minimum() public {
        join(SOLVER, 100 * ONE);
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, address(this)));
        registry.setMinimumBond(1);
        vm.prank(OWNER);
        registry.setMinimumBond(101 * ONE);
        yes(!registry.isBonded(SOLVER), "below the new minimum");
        join(SOLVER, ONE);
        yes(registry.isBonded(SOLVER), "topped up");
        vm.prank(OWNER);
        registry.setMinimumBond(0);
        yes(!registry.isBonded(address(this)), "no bond is not bonded");
        vm.expectRevert(abi.encodeWithSelector(BondTooLow.selector, 0, 0));
        registry.join(0);
    }

    // --- roles

    function test_owner_rotates_roles() public {
        bytes[3] memory calls = [
            abi.encodeCall(registry.setAccuser, (address(1))),
            abi.encodeCall(registry.setArbiter, (address(2))),
            abi.encodeCall(registry.setBeneficiary, (address(3)))
        ];
        for (uint256 k; k < 3; ++k) {
            (bool ok, bytes memory data) = address(registry).call(calls[k]);
            yes(!ok, "not the owner");
            eq(data, abi.encodeWithSelector(OnlyOwner.selector, address(this)), "not the owner");
            vm.prank(OWNER);
            (ok,) = address(registry).call(calls[k]);
            yes(ok, "owner");
        }
        eq(registry.accuser(), address(1), "accuser");
        eq(registry.arbiter(), address(2), "arbiter");
        eq(registry.beneficiary(), address(3), "beneficiary");
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
        registry.setBeneficiary(address(0));
    }

    // --- cost

    function test_asking_costs_two_slots() public {
        join(SOLVER, 100 * ONE);
        uint256 used = gasleft();
        registry.isBonded(SOLVER);
        used -= gasleft();
        // Everything is warm in a test: what is left of a call, and two reads of 100 each.
        yes(used < 3_000, "gas of isBonded, warm");
    }
}

/// @dev Says that it moved what it did not.
contract ForgetfulToken is PlainToken {
    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}
