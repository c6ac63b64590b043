// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import "../src/Types.sol";
import {Vm} from "./helpers/Base.sol";
import {World} from "./helpers/World.sol";

/// @dev Who may settle, awards, isolation and previews.
contract SettlementTest is World {
    function pair(uint256 amount) private returns (Solution memory s) {
        fund(ALICE, a, amount);
        fund(BOB, b, amount);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, amount, b, amount));
        s.fills[1] = fill(BOB, sell(BOB, b, amount, a, amount));
    }

    function refuses(address by, Entry[] memory entries, bytes memory reason) private {
        vm.prank(by);
        vm.expectRevert(reason);
        settlement.settle(entries);
    }

    // --- who may settle

    function test_solver_settles_its_own() public {
        Entry[] memory entries = bundle(entry(pair(ONE)));
        vm.prank(solver);
        Outcome[] memory outcomes = settlement.settle(entries);
        yes(outcomes[0].settled, "settled");
        yes(outcomes[0].gasUsed > 50_000 && outcomes[0].gasUsed < 500_000, "gas used");
    }

    function test_nobody_else_settles() public {
        Entry[] memory entries = bundle(entry(pair(ONE)));
        refuses(address(1), entries, abi.encodeWithSelector(NotAllowedToSettle.selector, address(1), solver));
    }

    function test_solver_does_not_settle_for_others() public {
        address other = address(0x07e4);
        _bond(other);
        Entry[] memory entries = new Entry[](2);
        entries[0] = entry(pair(ONE));
        entries[1] = entry(pair(ONE), other, 5_000_000);
        refuses(solver, entries, abi.encodeWithSelector(NotAllowedToSettle.selector, solver, other));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && outcomes[1].settled, "the house does");
    }

    function test_solver_must_be_bonded() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = entry(pair(ONE), address(0x07e4), 5_000_000);
        entries[1] = entry(pair(ONE));
        Outcome[] memory outcomes = settle(entries);
        yes(!outcomes[0].settled && outcomes[1].settled, "refused, settled");
        eq(outcomes[0].reason, abi.encodeWithSelector(ISettlement.SolverNotBonded.selector, address(0x07e4)), "reason");
        yes(!settlement.awardSpent(digestOf(entries[0])), "its award is not spent");
    }

    function test_house_may_be_the_solver_without_a_bond() public {
        Outcome[] memory outcomes = settle(bundle(entry(pair(ONE), house, 5_000_000)));
        yes(outcomes[0].settled, "settled");
    }

    function test_empty_bundle() public {
        refuses(house, new Entry[](0), abi.encodeWithSelector(NothingToSettle.selector));
    }

    function test_execute_is_for_the_settlement_itself() public {
        bytes memory encoded = abi.encode(pair(ONE));
        vm.prank(house);
        vm.expectRevert(abi.encodeWithSelector(OnlySelf.selector, house));
        settlement.execute(encoded, solver);
    }

    // --- awards

    /// @dev Not run, and without harm to the rest of the bundle.
    function refused(Entry memory e, bytes memory reason) private {
        Entry[] memory entries = new Entry[](2);
        (entries[0], entries[1]) = (e, entry(pair(ONE)));
        if (entries[1].award.deadline < block.timestamp) {
            entries[1].award.deadline = block.timestamp;
            entries[1].award.signature = signed(SIGNER_KEY, digestOf(entries[1]));
        }
        Outcome[] memory outcomes = settle(entries);
        yes(!outcomes[0].settled && outcomes[1].settled, "refused, settled");
        eq(outcomes[0].reason, reason, "reason");
        eq(outcomes[0].gasUsed, 0, "did not run");
    }

    function test_a_solver_that_settles_first_does_not_upset_the_bundle() public {
        Entry[] memory entries = new Entry[](3);
        for (uint256 k; k < 3; ++k) {
            entries[k] = entry(pair((k + 1) * ONE));
        }
        vm.prank(solver);
        settlement.settle(bundle(entries[1]));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && !outcomes[1].settled && outcomes[2].settled, "the others settle");
        eq(balance(b, vm.addr(ALICE)), 6 * ONE, "each once");
    }

    function test_award_digest() public view {
        bytes32 typeHash =
            keccak256("Award(uint256 round,address solver,bytes32 solution,uint256 gasLimit,uint256 deadline)");
        bytes32 structHash = keccak256(abi.encode(typeHash, 1, solver, bytes32(uint256(2)), 3, 4));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", settlement.domainSeparator(), structHash));
        eq(settlement.awardDigest(1, solver, bytes32(uint256(2)), 3, 4), digest, "digest");
    }

    function test_award_is_spent_once() public {
        Entry memory e = entry(pair(ONE));
        yes(!settlement.awardSpent(digestOf(e)), "unspent");
        yes(settle(bundle(e))[0].settled, "settled");
        yes(settlement.awardSpent(digestOf(e)), "spent");
        refused(e, abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(e)));
    }

    function test_award_of_a_failed_solution_is_spent() public {
        Solution memory s = pair(ONE);
        s.fills[0].executed = 1;
        Entry memory e = entry(s);
        yes(!settle(bundle(e))[0].settled, "failed");
        refused(e, abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(e)));
    }

    function test_award_twice_in_a_bundle() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = entries[1] = entry(pair(ONE));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && !outcomes[1].settled, "once");
        eq(outcomes[1].reason, abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(entries[0])), "reason");
    }

    function test_award_expires() public {
        Entry memory e = entry(pair(ONE));
        vm.warp(NOW + 61);
        refused(e, abi.encodeWithSelector(ISettlement.AwardExpired.selector, NOW + 60, NOW + 61));
        vm.warp(NOW + 60);
        yes(settle(bundle(e))[0].settled, "in time");
    }

    function test_award_of_another_signer() public {
        Entry memory e = entry(pair(ONE));
        e.award.signature = signed(BOB, digestOf(e));
        refuses(
            house, bundle(e), abi.encodeWithSelector(WrongHouseSignature.selector, vm.addr(BOB), vm.addr(SIGNER_KEY))
        );
    }

    function test_award_binds_everything() public {
        for (uint256 k; k < 5; ++k) {
            Entry memory e = entry(pair(ONE));
            if (k == 0) ++e.award.round;
            if (k == 1) e.award.solver = house;
            if (k == 2) ++e.award.gasLimit;
            if (k == 3) ++e.award.deadline;
            if (k == 4) e.solution = abi.encodePacked(e.solution, uint256(0));
            vm.prank(house);
            vm.expectPartialRevert(WrongHouseSignature.selector);
            settlement.settle(bundle(e));
        }
    }

    // --- isolation

    function test_a_failing_solution_does_not_touch_the_others() public {
        Entry[] memory entries = new Entry[](3);
        Solution memory bad = pair(ONE);
        bad.fills[1].executed = 2 * ONE;
        entries[0] = entry(pair(2 * ONE));
        entries[1] = entry(bad);
        entries[2] = entry(pair(3 * ONE));
        vm.recordLogs();
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && !outcomes[1].settled && outcomes[2].settled, "settled, failed, settled");
        bytes memory reason = abi.encodeWithSelector(NotWhole.selector, 2 * ONE, ONE);
        eq(outcomes[1].reason, reason, "reason");
        eq(outcomes[0].reason, "", "no reason");
        eq(balance(b, vm.addr(ALICE)), 5 * ONE, "two of three");
        eq(balance(a, vm.addr(ALICE)), ONE, "the third is untouched");
        _checkEvents(vm.getRecordedLogs(), keccak256(entries[1].solution), reason);
    }

    function _checkEvents(Vm.Log[] memory logs, bytes32 failed, bytes memory reason) private view {
        uint256 settled;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == ISettlement.SolutionSettled.selector) ++settled;
            if (logs[i].topics[0] != ISettlement.SolutionFailed.selector) continue;
            eq(uint256(logs[i].topics[1]), 7, "round");
            eq(logs[i].topics[2], bytes32(uint256(uint160(solver))), "solver");
            eq(logs[i].data, abi.encode(failed, reason), "solution and reason");
        }
        eq(settled, 2, "settled events");
    }

    function test_a_solution_gets_no_more_than_its_gas_limit() public {
        Entry memory e = entry(pair(ONE), solver, 60_000);
        Outcome memory outcome = settle(bundle(e))[0];
        yes(!outcome.settled, "out of gas");
        eq(outcome.reason, "", "no reason");
        yes(outcome.gasUsed >= 60_000 && outcome.gasUsed < 65_000, "used its limit");
    }

    function test_a_solution_is_not_starved_of_gas() public {
        Entry[] memory entries = bundle(entry(pair(ONE), solver, 1_000_000));
        vm.prank(house);
        (bool ok, bytes memory data) =
            address(settlement).call{gas: 1_000_000}(abi.encodeCall(settlement.settle, (entries)));
        yes(!ok && bytes4(data) == NotEnoughGas.selector, "refused");
        yes(!settlement.awardSpent(digestOf(entries[0])), "the award is not spent");
    }

    function test_a_gas_limit_beyond_reason() public {
        Entry[] memory entries = bundle(entry(pair(ONE), solver, type(uint256).max));
        vm.prank(house);
        vm.expectPartialRevert(NotEnoughGas.selector);
        settlement.settle(entries);
    }

    function testFuzz_enough_gas_or_refused(uint256 gasGiven) public {
        Entry[] memory entries = bundle(entry(pair(ONE), solver, 400_000));
        gasGiven = within(gasGiven, 50_000, 700_000);
        vm.prank(house);
        (bool ok, bytes memory data) =
            address(settlement).call{gas: gasGiven}(abi.encodeCall(settlement.settle, (entries)));
        if (ok) yes(abi.decode(data, (Outcome[]))[0].settled, "a good solution never fails for want of gas");
        else yes(!settlement.awardSpent(digestOf(entries[0])), "the award is not spent");
    }

    // --- previews

    function test_preview_reverts_with_what_would_happen() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = entry(pair(ONE));
        Solution memory bad = pair(ONE);
        bad.fills[1].executed = 2 * ONE;
        entries[1] = entry(bad);
        Probe[] memory probes = new Probe[](4);
        probes[0] = Probe(a, vm.addr(ALICE));
        probes[1] = Probe(b, vm.addr(ALICE));
        probes[2] = Probe(c, vm.addr(ALICE));
        probes[3] = Probe(NATIVE, vm.addr(ALICE));
        vm.prank(house);
        (bool ok, bytes memory data) = address(settlement).call(abi.encodeCall(settlement.preview, (entries, probes)));
        yes(!ok && bytes4(data) == ISettlement.Previewed.selector, "previewed");
        _checkPreview(data);
        yes(!settlement.awardSpent(digestOf(entries[0])), "nothing happened");
        yes(settle(entries)[0].settled, "and it can still be settled");
    }

    function _checkPreview(bytes memory data) private pure {
        bytes memory body = new bytes(data.length - 4);
        for (uint256 i; i < body.length; ++i) {
            body[i] = data[i + 4];
        }
        (Outcome[] memory outcomes, int256[] memory deltas) = abi.decode(body, (Outcome[], int256[]));
        yes(outcomes[0].settled && !outcomes[1].settled, "outcomes");
        yes(outcomes[0].gasUsed > 50_000, "gas");
        eq(outcomes[1].reason, abi.encodeWithSelector(NotWhole.selector, 2 * ONE, ONE), "reason");
        eq(deltas[0], -int256(ONE), "gives");
        eq(deltas[1], int256(ONE), "gets");
        eq(deltas[2], 0, "nothing");
        eq(deltas[3], 0, "nothing");
    }

    function test_preview_is_for_those_who_may_settle() public {
        Entry[] memory entries = bundle(entry(pair(ONE)));
        vm.expectRevert(abi.encodeWithSelector(NotAllowedToSettle.selector, address(this), solver));
        settlement.preview(entries, new Probe[](0));
    }

    function test_preview_of_a_balance_that_can_not_be_read() public {
        Entry[] memory entries = bundle(entry(pair(ONE)));
        Probe[] memory probes = new Probe[](1);
        probes[0] = Probe(address(0xdead), house);
        vm.prank(house);
        vm.expectRevert(abi.encodeWithSelector(ProbeFailed.selector, address(0xdead), house));
        settlement.preview(entries, probes);
    }

    function test_old_house_and_signer_lose_their_powers() public {
        Entry[] memory entries = bundle(entry(pair(ONE)));
        vm.prank(owner);
        settlement.setHouseSigner(vm.addr(BOB));
        vm.prank(house);
        vm.expectPartialRevert(WrongHouseSignature.selector);
        settlement.settle(entries);
        vm.prank(owner);
        settlement.setHouse(address(1));
        refuses(house, entries, abi.encodeWithSelector(NotAllowedToSettle.selector, house, solver));
    }
}
