// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {HouseSignatureLength, NotHouseSigner, Paused, SignersNotAscending} from "../../src/RoleErrors.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Who may settle, and what an award is good for.
contract SettleTest is Market {
    uint256 private constant SECOND_KEY = 0x5163e5;

    function refuses(address by, Entry[] memory entries, bytes memory reason) private {
        vm.prank(by);
        vm.expectRevert(reason);
        settlement.settle(entries);
    }

    function one(Solution memory s) private view returns (Entry[] memory) {
        return bundle(entry(s));
    }

    // --- who may settle

    function test_solver_settles_its_own() public {
        Entry[] memory entries = one(barter(ONE));
        vm.prank(solver);
        Outcome[] memory outcomes = settlement.settle(entries);
        yes(outcomes[0].settled, "settled");
        yes(outcomes[0].gasUsed > 50_000 && outcomes[0].gasUsed < 500_000, "gas used");
    }

    function test_nobody_else_settles() public {
        Entry[] memory entries = one(barter(ONE));
        refuses(address(1), entries, abi.encodeWithSelector(NotAllowedToSettle.selector, address(1), solver));
    }

    function test_solver_does_not_settle_for_others() public {
        address other = address(0x07e4);
        _bond(other);
        Entry[] memory entries = new Entry[](2);
        entries[0] = entry(barter(ONE));
        entries[1] = entry(barter(ONE), other, 5_000_000);
        refuses(solver, entries, abi.encodeWithSelector(NotAllowedToSettle.selector, solver, other));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && outcomes[1].settled, "the house does");
    }

    function test_solver_must_be_bonded() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = entry(barter(ONE), address(0x07e4), 5_000_000);
        entries[1] = entry(barter(ONE));
        Outcome[] memory outcomes = settle(entries);
        yes(!outcomes[0].settled && outcomes[1].settled, "refused, settled");
        eq(outcomes[0].reason, abi.encodeWithSelector(ISettlement.SolverNotBonded.selector, address(0x07e4)), "reason");
        yes(!settlement.awardSpent(digestOf(entries[0])), "its award is not spent");
    }

    function test_house_may_be_the_solver_without_a_bond() public {
        Outcome[] memory outcomes = settle(bundle(entry(barter(ONE), house, 5_000_000)));
        yes(outcomes[0].settled, "settled");
    }

    function test_empty_bundle() public {
        refuses(house, new Entry[](0), abi.encodeWithSelector(NothingToSettle.selector));
    }

    function test_nothing_settles_while_paused() public {
        Entry[] memory entries = one(barter(ONE));
        vm.prank(owner);
        settlement.pause();
        refuses(house, entries, abi.encodeWithSelector(Paused.selector));
        refuses(solver, entries, abi.encodeWithSelector(Paused.selector));
        yes(!settlement.awardSpent(digestOf(entries[0])), "the award is not spent");
        vm.prank(owner);
        settlement.unpause();
        yes(settle(entries)[0].settled, "settled afterwards");
    }

    function test_old_house_and_signer_lose_their_powers() public {
        Entry[] memory entries = one(barter(ONE));
        signers(BOB, BOB, 1);
        refuses(house, entries, abi.encodeWithSelector(NotHouseSigner.selector, vm.addr(SIGNER_KEY)));
        vm.prank(owner);
        settlement.setHouse(address(1));
        refuses(house, entries, abi.encodeWithSelector(NotAllowedToSettle.selector, house, solver));
    }

    // --- awards

    /// @dev Not run, and without harm to the rest of the bundle.
    function refused(Entry memory e, bytes memory reason) private {
        Entry[] memory entries = new Entry[](2);
        (entries[0], entries[1]) = (e, entry(barter(ONE)));
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
            entries[k] = entry(barter((k + 1) * ONE));
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
        Entry memory e = entry(barter(ONE));
        yes(!settlement.awardSpent(digestOf(e)), "unspent");
        yes(settle(bundle(e))[0].settled, "settled");
        yes(settlement.awardSpent(digestOf(e)), "spent");
        refused(e, abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(e)));
    }

    function test_award_of_a_failed_solution_is_spent() public {
        (Solution memory s,) = broken();
        Entry memory e = entry(s);
        yes(!settle(bundle(e))[0].settled, "failed");
        refused(e, abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(e)));
    }

    function test_award_twice_in_a_bundle() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = entries[1] = entry(barter(ONE));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && !outcomes[1].settled, "once");
        eq(outcomes[1].reason, abi.encodeWithSelector(ISettlement.AwardSpent.selector, digestOf(entries[0])), "reason");
    }

    function test_award_expires() public {
        Entry memory e = entry(barter(ONE));
        vm.warp(NOW + 61);
        refused(e, abi.encodeWithSelector(ISettlement.AwardExpired.selector, NOW + 60, NOW + 61));
        vm.warp(NOW + 60);
        yes(settle(bundle(e))[0].settled, "in time");
    }

    function test_award_of_another_signer() public {
        Entry memory e = entry(barter(ONE));
        e.award.signature = signed(BOB, digestOf(e));
        refuses(house, bundle(e), abi.encodeWithSelector(NotHouseSigner.selector, vm.addr(BOB)));
    }

    function test_award_binds_everything() public {
        for (uint256 k; k < 5; ++k) {
            Entry memory e = entry(barter(ONE));
            if (k == 0) ++e.award.round;
            if (k == 1) e.award.solver = house;
            if (k == 2) ++e.award.gasLimit;
            if (k == 3) ++e.award.deadline;
            if (k == 4) e.solution = abi.encodePacked(e.solution, uint256(0));
            vm.prank(house);
            vm.expectPartialRevert(NotHouseSigner.selector);
            settlement.settle(bundle(e));
        }
    }

    function test_award_is_for_one_chain() public {
        Entry[] memory entries = one(barter(ONE));
        vm.chainId(4242);
        vm.prank(house);
        vm.expectPartialRevert(NotHouseSigner.selector);
        settlement.settle(entries);
    }

    // --- several signers

    /// @dev Makes these the house's signers (with a third who never signs), as many of whom have to sign.
    function signers(uint256 key, uint256 other, uint8 threshold) private {
        address[] memory list = new address[](3);
        (list[0], list[1], list[2]) = (vm.addr(key), vm.addr(other), vm.addr(CAROL));
        if (key == other) {
            list = new address[](1);
            list[0] = vm.addr(key);
        }
        for (uint256 i; i < list.length; ++i) {
            for (uint256 j = i + 1; j < list.length; ++j) {
                if (list[j] < list[i]) (list[i], list[j]) = (list[j], list[i]);
            }
        }
        vm.prank(owner);
        settlement.setHouseSigners(list, threshold);
    }

    function both(Entry memory e, bool ascending) private view {
        (uint256 first, uint256 second) = (SIGNER_KEY, SECOND_KEY);
        if ((vm.addr(first) < vm.addr(second)) != ascending) (first, second) = (second, first);
        bytes32 digest = digestOf(e);
        e.award.signature = abi.encodePacked(signed(first, digest), signed(second, digest));
    }

    function test_two_of_three_settle() public {
        signers(SIGNER_KEY, SECOND_KEY, 2);
        Entry memory e = entry(barter(ONE));
        both(e, true);
        yes(settle(bundle(e))[0].settled, "settled");
    }

    function test_one_of_three_is_not_enough() public {
        signers(SIGNER_KEY, SECOND_KEY, 2);
        Entry memory e = entry(barter(ONE));
        refuses(house, bundle(e), abi.encodeWithSelector(HouseSignatureLength.selector, 65, 130));
        e.award.signature = abi.encodePacked(e.award.signature, e.award.signature);
        address signer = vm.addr(SIGNER_KEY);
        refuses(house, bundle(e), abi.encodeWithSelector(SignersNotAscending.selector, signer, signer));
    }

    function test_signers_in_the_wrong_order() public {
        signers(SIGNER_KEY, SECOND_KEY, 2);
        Entry memory e = entry(barter(ONE));
        both(e, false);
        vm.prank(house);
        vm.expectPartialRevert(SignersNotAscending.selector);
        settlement.settle(bundle(e));
        yes(!settlement.awardSpent(digestOf(e)), "not spent");
    }
}
