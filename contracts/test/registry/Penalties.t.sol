// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NotJoined, PaymentFailed, Reentered} from "../../src/Errors.sol";
import {ISolverRegistry} from "../../src/interfaces/ISolverRegistry.sol";
import "../../src/RegistryErrors.sol";
import {SolverRegistry} from "../../src/SolverRegistry.sol";
import {Vm} from "../helpers/Base.sol";
import {FalseToken, HookToken} from "../helpers/HostileTokens.sol";
import {Registered} from "./Registered.sol";

/// @dev Accusation, answer, second look.
contract PenaltiesTest is Registered {
    uint256 private constant WINDOW = 7 days;

    function setUp() public override {
        super.setUp();
        join(SOLVER, 300 * ONE);
    }

    // --- proposing

    function test_an_accusation_is_public_and_changes_nothing_yet() public {
        vm.recordLogs();
        uint256 id = propose(30 * ONE, 1 hours);
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], ISolverRegistry.PenaltyProposed.selector, "event");
        eq(uint256(log.topics[1]), id, "id");
        eq(address(uint160(uint256(log.topics[2]))), SOLVER, "solver");
        eq(uint256(log.topics[3]), 7, "round");
        bytes memory said = abi.encode(30 * ONE, 1 hours, NOW + ANSWER, "won and did not settle");
        eq(log.data, said, "what and why");
        eq(registry.bondOf(SOLVER), 300 * ONE, "bond");
        yes(registry.isBonded(SOLVER), "presumed innocent");
        eq(registry.openPenalties(SOLVER), 1, "open");
        eq(registry.expiresAt(id), NOW + ANSWER + WINDOW, "expires");
        eq(registry.penaltyCount(), 1, "count");
        eq(propose(1, 0), 1, "ids count up");
    }

    function test_only_the_accuser_accuses() public {
        address[3] memory others = [OWNER, ARBITER, SOLVER];
        for (uint256 k; k < 3; ++k) {
            vm.prank(others[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlyAccuser.selector, others[k]));
            registry.propose(SOLVER, 1, 1, "x", 7);
        }
    }

    function test_what_is_no_accusation() public {
        vm.expectRevert(abi.encodeWithSelector(PenaltyEmpty.selector));
        propose(0, 0);
        vm.expectRevert(abi.encodeWithSelector(PeriodOutOfRange.selector, 365 days + 1, 0, 365 days));
        propose(1, 365 days + 1);
        vm.prank(ACCUSER);
        vm.expectRevert(abi.encodeWithSelector(ReasonMissing.selector));
        registry.propose(SOLVER, 1, 1, "", 7);
        vm.prank(ACCUSER);
        vm.expectRevert(abi.encodeWithSelector(NotJoined.selector, address(1)));
        registry.propose(address(1), 1, 1, "x", 7);
    }

    // --- answering

    function test_the_solver_answers_in_time() public {
        uint256 id = propose(ONE, 0);
        vm.expectRevert(abi.encodeWithSelector(OnlyAccused.selector, address(this), SOLVER));
        registry.answer(id, "not me");
        vm.warp(NOW + ANSWER);
        vm.recordLogs();
        vm.prank(SOLVER);
        registry.answer(id, "the pool had moved");
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], ISolverRegistry.PenaltyAnswered.selector, "event");
        eq(log.data, abi.encode("the pool had moved"), "text");
        vm.warp(NOW + ANSWER + 1);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(AnswerPeriodOver.selector, id, NOW + ANSWER, NOW + ANSWER + 1));
        registry.answer(id, "wait");
    }

    // --- executing

    function test_execution_waits_for_the_answer() public {
        uint256 id = propose(30 * ONE, 1 hours);
        vm.warp(NOW + ANSWER);
        vm.expectRevert(abi.encodeWithSelector(AnswerPeriodRunning.selector, id, NOW + ANSWER, NOW + ANSWER));
        execute(id);
        vm.warp(NOW + ANSWER + 1);
        vm.recordLogs();
        execute(id);
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], ISolverRegistry.PenaltyExecuted.selector, "event");
        eq(log.data, abi.encode(30 * ONE, NOW + ANSWER + 1 + 1 hours), "slashed and benched until");
        eq(registry.bondOf(SOLVER), 270 * ONE, "slashed");
        eq(bond.balanceOf(BENEFICIARY), 30 * ONE, "paid");
        eq(registry.openPenalties(SOLVER), 0, "closed");
        yes(!registry.isBonded(SOLVER), "benched");
        vm.warp(NOW + ANSWER + 1 hours);
        yes(!registry.isBonded(SOLVER), "benched to the last second");
        vm.warp(NOW + ANSWER + 1 hours + 1);
        yes(registry.isBonded(SOLVER), "back");
    }

    function test_only_the_arbiter_decides() public {
        uint256 id = propose(ONE, 0);
        vm.warp(NOW + ANSWER + 1);
        address[3] memory others = [OWNER, ACCUSER, SOLVER];
        for (uint256 k; k < 3; ++k) {
            vm.prank(others[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlyArbiter.selector, others[k]));
            registry.execute(id);
            vm.prank(others[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlyArbiter.selector, others[k]));
            registry.withdraw(id);
        }
    }

    function test_no_more_than_the_bond() public {
        uint256 id = propose(type(uint256).max, 0);
        uint256 other = propose(1, 0);
        vm.warp(NOW + ANSWER + 1);
        execute(id);
        eq(registry.bondOf(SOLVER), 0, "all of it");
        eq(bond.balanceOf(BENEFICIARY), 300 * ONE, "paid");
        yes(!registry.isBonded(SOLVER), "no bond");
        eq(registry.benchedUntil(SOLVER), 0, "not benched");
        execute(other);
        eq(bond.balanceOf(BENEFICIARY), 300 * ONE, "nothing more to take");
    }

    function test_a_shorter_bench_ends_no_longer_one() public {
        propose(0, 10 days);
        propose(0, 1 hours);
        propose(1, 0);
        vm.warp(NOW + ANSWER + 1);
        execute(0);
        execute(1);
        execute(2);
        eq(registry.benchedUntil(SOLVER), NOW + ANSWER + 1 + 10 days, "the longest");
    }

    function test_a_bench_outlives_a_leave() public {
        uint256 id = propose(0, 30 days);
        vm.warp(NOW + ANSWER + 1);
        execute(id);
        announceLeave(SOLVER);
        vm.warp(NOW + ANSWER + 1 + NOTICE);
        leave(SOLVER);
        join(SOLVER, 300 * ONE);
        yes(!registry.isBonded(SOLVER), "still benched");
        vm.warp(NOW + ANSWER + 1 + 30 days);
        yes(registry.isBonded(SOLVER), "served");
    }

    function test_a_penalty_is_decided_once() public {
        uint256 id = propose(ONE, 0);
        bytes memory closed = abi.encodeWithSelector(PenaltyNotOpen.selector, id);
        vm.warp(NOW + ANSWER + 1);
        execute(id);
        vm.expectRevert(closed);
        execute(id);
        vm.expectRevert(closed);
        withdraw(id);
        vm.prank(SOLVER);
        vm.expectRevert(closed);
        registry.answer(id, "x");
        vm.expectRevert(closed);
        registry.lapse(id);
        vm.expectRevert(abi.encodeWithSelector(PenaltyNotOpen.selector, 99));
        execute(99);
    }

    function test_a_withdrawn_accusation_is_nothing() public {
        uint256 id = propose(ONE, 1 hours);
        withdraw(id);
        eq(registry.openPenalties(SOLVER), 0, "closed");
        eq(registry.bondOf(SOLVER), 300 * ONE, "bond");
        vm.warp(NOW + ANSWER + 1);
        vm.expectRevert(abi.encodeWithSelector(PenaltyNotOpen.selector, id));
        execute(id);
    }

    function test_accusations_expire() public {
        uint256 id = propose(ONE, 1 hours);
        uint256 ends = NOW + ANSWER + WINDOW;
        vm.warp(ends);
        vm.expectRevert(abi.encodeWithSelector(PenaltyNotExpired.selector, id, ends, ends));
        registry.lapse(id);
        vm.warp(ends + 1);
        vm.expectRevert(abi.encodeWithSelector(PenaltyExpired.selector, id, ends, ends + 1));
        execute(id);
        registry.lapse(id);
        eq(registry.openPenalties(SOLVER), 0, "closed");
        eq(registry.bondOf(SOLVER), 300 * ONE, "bond");
    }

    // --- leaving meanwhile

    function test_nobody_leaves_an_open_accusation() public {
        announceLeave(SOLVER);
        vm.warp(NOW + NOTICE - 1);
        uint256 id = propose(30 * ONE, 0);
        vm.warp(NOW + NOTICE);
        vm.expectRevert(abi.encodeWithSelector(PenaltyOpen.selector, SOLVER, 1));
        leave(SOLVER);
        vm.warp(NOW + NOTICE + ANSWER);
        execute(id);
        leave(SOLVER);
        eq(bond.balanceOf(SOLVER), 970 * ONE, "the rest");
    }

    function test_a_bond_is_not_held_for_ever() public {
        announceLeave(SOLVER);
        vm.warp(NOW + NOTICE - 1);
        uint256 id = propose(ONE, 0);
        vm.warp(NOW + NOTICE);
        vm.expectRevert(abi.encodeWithSelector(LeaveDue.selector, SOLVER, NOW + NOTICE));
        propose(ONE, 0);
        vm.warp(NOW + NOTICE + ANSWER + WINDOW);
        registry.lapse(id);
        leave(SOLVER);
        eq(bond.balanceOf(SOLVER), 1000 * ONE, "all of it");
    }

    // --- hostile tokens

    function test_a_beneficiary_that_can_not_be_paid_keeps_the_penalty_open() public {
        FalseToken token = new FalseToken();
        registry = registryOf(address(token));
        token.mint(SOLVER, 300 * ONE);
        vm.prank(SOLVER);
        token.approve(address(registry), type(uint256).max);
        join(SOLVER, 300 * ONE);
        uint256 id = propose(ONE, 0);
        vm.warp(NOW + ANSWER + 1);
        token.fail(address(registry));
        vm.expectRevert(abi.encodeWithSelector(PaymentFailed.selector, address(token), BENEFICIARY, ONE));
        execute(id);
        eq(registry.openPenalties(SOLVER), 1, "open");
        token.fail(address(0));
        execute(id);
    }

    function test_a_token_that_calls_back_gets_nowhere() public {
        HookToken token = new HookToken();
        registry = registryOf(address(token));
        token.mint(address(token), 300 * ONE);
        vm.prank(address(token));
        token.approve(address(registry), type(uint256).max);
        join(address(token), 300 * ONE);
        vm.prank(ACCUSER);
        uint256 id = registry.propose(address(token), ONE, 0, "x", 7);
        announceLeave(address(token));
        vm.warp(NOW + NOTICE);
        token.arm(address(registry), abi.encodeCall(registry.leave, ()));
        execute(id);
        yes(!token.succeeded(), "no way back in");
        eq(token.returned(), abi.encodeWithSelector(Reentered.selector), "reason");
        token.arm(address(registry), abi.encodeCall(registry.join, (0)));
        leave(address(token));
        yes(!token.succeeded(), "no way back in");
        eq(token.balanceOf(address(registry)), 0, "paid once");
    }

    // --- any figures

    function testFuzz_slash_and_bench(uint128 posted, uint256 amount, uint32 benchSeconds, uint32 wait) public {
        uint256 more = within(posted, 0, type(uint128).max - 300 * ONE);
        uint256 seconds_ = within(benchSeconds, 0, 365 days);
        give(SOLVER, more);
        join(SOLVER, more);
        amount = amount == 0 ? 1 : amount;
        uint256 id = propose(amount, seconds_);
        uint256 at = NOW + within(wait, ANSWER + 1, ANSWER + WINDOW);
        vm.warp(at);
        execute(id);
        uint256 slashed = amount < more + 300 * ONE ? amount : more + 300 * ONE;
        eq(bond.balanceOf(BENEFICIARY), slashed, "slashed");
        eq(registry.bondOf(SOLVER), more + 300 * ONE - slashed, "left");
        eq(registry.benchedUntil(SOLVER), seconds_ == 0 ? 0 : at + seconds_, "benched");
    }
}
