// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Paused} from "../../src/RoleErrors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

contract PreviewTest is Market {
    function test_reverts_with_what_would_happen() public {
        Entry[] memory entries = new Entry[](2);
        entries[0] = entry(barter(ONE));
        (Solution memory bad, bytes memory reason) = broken();
        entries[1] = entry(bad);
        Probe[] memory probes = new Probe[](4);
        probes[0] = Probe(a, vm.addr(ALICE));
        probes[1] = Probe(b, vm.addr(ALICE));
        probes[2] = Probe(c, vm.addr(ALICE));
        probes[3] = Probe(NATIVE, vm.addr(ALICE));
        vm.prank(house);
        (bool ok, bytes memory data) = address(settlement).call(abi.encodeCall(settlement.preview, (entries, probes)));
        yes(!ok && bytes4(data) == ISettlement.Previewed.selector, "previewed");
        _check(data, reason);
        yes(!settlement.awardSpent(digestOf(entries[0])), "nothing happened");
        yes(settle(entries)[0].settled, "and it can still be settled");
    }

    function _check(bytes memory data, bytes memory reason) private pure {
        bytes memory body = new bytes(data.length - 4);
        for (uint256 i; i < body.length; ++i) {
            body[i] = data[i + 4];
        }
        (Outcome[] memory outcomes, int256[] memory deltas) = abi.decode(body, (Outcome[], int256[]));
        yes(outcomes[0].settled && !outcomes[1].settled, "outcomes");
        yes(outcomes[0].gasUsed > 50_000, "gas");
        eq(outcomes[1].reason, reason, "reason");
        eq(deltas[0], -int256(ONE), "gives");
        eq(deltas[1], int256(ONE), "gets");
        eq(deltas[2], 0, "nothing");
        eq(deltas[3], 0, "nothing");
    }

    function test_is_for_those_who_may_settle() public {
        Entry[] memory entries = bundle(entry(barter(ONE)));
        vm.expectRevert(abi.encodeWithSelector(NotAllowedToSettle.selector, address(this), solver));
        settlement.preview(entries, new Probe[](0));
    }

    function test_not_while_paused() public {
        Entry[] memory entries = bundle(entry(barter(ONE)));
        vm.prank(owner);
        settlement.pause();
        vm.prank(house);
        vm.expectRevert(abi.encodeWithSelector(Paused.selector));
        settlement.preview(entries, new Probe[](0));
    }

    function test_a_balance_that_can_not_be_read() public {
        Entry[] memory entries = bundle(entry(barter(ONE)));
        Probe[] memory probes = new Probe[](1);
        probes[0] = Probe(address(0xdead), house);
        vm.prank(house);
        vm.expectRevert(abi.encodeWithSelector(ProbeFailed.selector, address(0xdead), house));
        settlement.preview(entries, probes);
    }
}
