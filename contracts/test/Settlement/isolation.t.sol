// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Fails with more return data than anyone wants to pay for.
contract Shouter {
    fallback() external {
        assembly {
            mstore(0, 0xbadbad)
            revert(0, 100000)
        }
    }
}

/// @dev What one solution of a bundle can do to the others.
contract IsolationTest is Market {
    function test_a_failing_solution_does_not_touch_the_others() public {
        Entry[] memory entries = new Entry[](3);
        (Solution memory bad, bytes memory reason) = broken();
        entries[0] = entry(barter(2 * ONE));
        entries[1] = entry(bad);
        entries[2] = entry(barter(3 * ONE));
        vm.recordLogs();
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && !outcomes[1].settled && outcomes[2].settled, "settled, failed, settled");
        eq(outcomes[1].reason, reason, "reason");
        eq(outcomes[0].reason, "", "no reason");
        eq(balance(b, vm.addr(ALICE)), 5 * ONE, "two of three");
        eq(balance(a, vm.addr(ALICE)), ONE, "the third is untouched");
        yes(!settlement.taken(vm.addr(ALICE), bad.fills[0].intent.nonce), "nor is its nonce");
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
        Entry memory e = entry(barter(ONE), solver, 60_000);
        Outcome memory outcome = settle(bundle(e))[0];
        yes(!outcome.settled, "out of gas");
        eq(outcome.reason, "", "no reason");
        yes(outcome.gasUsed >= 60_000 && outcome.gasUsed < 65_000, "used its limit");
    }

    function test_a_solution_is_not_starved_of_gas() public {
        Entry[] memory entries = bundle(entry(barter(ONE), solver, 1_000_000));
        vm.prank(house);
        (bool ok, bytes memory data) =
            address(settlement).call{gas: 1_000_000}(abi.encodeCall(settlement.settle, (entries)));
        yes(!ok && bytes4(data) == NotEnoughGas.selector, "refused");
        yes(!settlement.awardSpent(digestOf(entries[0])), "the award is not spent");
    }

    /// @dev The one before it can not starve it either: the whole bundle is refused, and nobody's award is spent.
    function test_the_second_solution_is_not_starved_by_the_first() public {
        Entry[] memory entries = new Entry[](2);
        (entries[0], entries[1]) = (entry(barter(ONE), solver, 900_000), entry(barter(2 * ONE), solver, 900_000));
        vm.prank(house);
        (bool ok, bytes memory data) =
            address(settlement).call{gas: 1_050_000}(abi.encodeCall(settlement.settle, (entries)));
        yes(!ok && bytes4(data) == NotEnoughGas.selector, "refused");
        for (uint256 k; k < 2; ++k) {
            yes(!settlement.awardSpent(digestOf(entries[k])), "the awards are not spent");
        }
        eq(balance(b, vm.addr(ALICE)), 0, "nothing moved");
    }

    function test_a_gas_limit_beyond_reason() public {
        Entry[] memory entries = bundle(entry(barter(ONE), solver, type(uint256).max));
        vm.prank(house);
        vm.expectPartialRevert(NotEnoughGas.selector);
        settlement.settle(entries);
    }

    function testFuzz_enough_gas_or_refused(uint256 gasGiven) public {
        Entry[] memory entries = bundle(entry(barter(ONE), solver, 400_000));
        gasGiven = within(gasGiven, 50_000, 700_000);
        vm.prank(house);
        (bool ok, bytes memory data) =
            address(settlement).call{gas: gasGiven}(abi.encodeCall(settlement.settle, (entries)));
        if (ok) yes(abi.decode(data, (Outcome[]))[0].settled, "a good solution never fails for want of gas");
        else yes(!settlement.awardSpent(digestOf(entries[0])), "the award is not spent");
    }

    /// @dev Permit2's place, taken by something that answers with 100,000 bytes: the reason is cut, the next settles.
    function test_huge_return_data_is_cut() public {
        vm.etch(PERMIT2_CONTRACT, address(new Shouter()).code);
        Solution memory bad = barter(ONE);
        bad.fills[0].scheme = PERMIT2;
        bad.fills[0].signature = hex"01";
        Entry[] memory entries = new Entry[](2);
        (entries[0], entries[1]) = (entry(bad), entry(barter(ONE)));
        Outcome[] memory outcomes = settle(entries);
        yes(!outcomes[0].settled && outcomes[1].settled, "failed, settled");
        eq(outcomes[0].reason.length, 256, "256 bytes");
        eq(uint256(bytes32(outcomes[0].reason)), 0xbadbad, "the first of them");
    }
}
