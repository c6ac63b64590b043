// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev What changes hands within the vault.
contract RebookTest is Market {
    address private alice;
    address private bob;

    function setUp() public override {
        super.setUp();
        alice = fund(ALICE, a, 10);
        bob = vm.addr(BOB);
        keep(ALICE, a, 5);
    }

    function balanceAt(address who) private pure returns (uint256) {
        return uint160(who) | BALANCE;
    }

    /// @dev One pays, one is due.
    function parts(uint256 into, uint256 out) private view returns (Part[] memory list) {
        list = new Part[](2);
        list[0] = Part(balanceAt(alice), into);
        list[1] = Part(balanceAt(bob), out);
    }

    function rebook(uint256 payers, Part[] memory list) private {
        vm.prank(address(settlement));
        vault.rebook(a, payers, list);
        mustBeSolvent(a);
    }

    function refuses(uint256 payers, Part[] memory list, bytes memory reason) private {
        vm.prank(address(settlement));
        vm.expectRevert(reason);
        vault.rebook(a, payers, list);
    }

    function test_only_for_the_settlement() public {
        address[4] memory list = [address(this), owner, house, address(executor)];
        for (uint256 k; k < 4; ++k) {
            vm.prank(list[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, list[k]));
            vault.rebook(a, 1, parts(5, 5));
        }
    }

    function test_from_balance_to_balance() public {
        vm.recordLogs();
        rebook(1, parts(4, 4));
        eq(vm.getRecordedLogs().length, 0, "events");
        eq(kept(ALICE, a), 1, "alice");
        eq(kept(BOB, a), 4, "bob");
        eq(vault.totalHeld(a), 5, "the total stays");
    }

    function test_many_pay_many() public {
        rebook(1, parts(2, 2));
        Part[] memory list = new Part[](4);
        (list[0], list[1]) = (Part(balanceAt(alice), 3), Part(balanceAt(bob), 1));
        (list[2], list[3]) = (Part(balanceAt(solver), 2), Part(balanceAt(alice), 2));
        rebook(2, list);
        eq(kept(ALICE, a), 2, "alice");
        eq(kept(BOB, a), 1, "bob");
        eq(vault.balanceOf(solver, a), 2, "solver");
    }

    function test_the_same_pays_twice() public {
        Part[] memory list = new Part[](3);
        (list[0], list[1], list[2]) = (parts(3, 0)[0], parts(2, 0)[0], parts(0, 5)[1]);
        rebook(2, list);
        eq(kept(BOB, a), 5, "bob");
        list[1].amount = 3;
        refuses(2, list, abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 0, 3));
    }

    function test_to_itself() public {
        Part[] memory list = parts(5, 5);
        list[1].place = list[0].place;
        rebook(1, list);
        eq(kept(ALICE, a), 5, "alice");
    }

    function test_nothing_is_left_over() public {
        refuses(1, parts(5, 4), abi.encodeWithSelector(PartsUnequal.selector, a, 1));
        refuses(2, parts(5, 0), abi.encodeWithSelector(PartsUnequal.selector, a, 5));
        refuses(type(uint256).max, parts(5, 0), abi.encodeWithSelector(PartsUnequal.selector, a, 5));
    }

    function test_nobody_gets_what_nobody_paid() public {
        refuses(1, parts(5, 6), abi.encodeWithSelector(BalanceTooLow.selector, address(0), a, 5, 6));
        refuses(0, parts(0, 1), abi.encodeWithSelector(BalanceTooLow.selector, address(0), a, 0, 1));
        refuses(0, parts(1, 1), abi.encodeWithSelector(BalanceTooLow.selector, address(0), a, 0, 1));
    }

    function test_nobody_pays_more_than_it_has() public {
        refuses(1, parts(6, 6), abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 5, 6));
    }

    function test_for_balances_only() public {
        deposit(solver, a, 5);
        uint256[3] memory places = [uint160(alice), uint160(solver) | COVER, uint160(alice) | BALANCE | COVER];
        for (uint256 k; k < places.length; ++k) {
            for (uint256 i; i < 2; ++i) {
                Part[] memory list = parts(1, 1);
                list[i].place = places[k];
                refuses(1, list, abi.encodeWithSelector(NotABalance.selector, places[k]));
            }
        }
    }

    function test_nothing() public {
        rebook(0, new Part[](0));
        rebook(3, new Part[](0));
    }

    /// @dev Whatever is paid arrives, and everybody else keeps what it has.
    function testFuzz_adds_up(uint256 seed, uint8 count) public {
        uint256 payers = 1 + count % 7;
        Part[] memory list = new Part[](payers + 2);
        uint256 all;
        for (uint256 i; i < payers; ++i) {
            list[i] = Part(balanceAt(alice), uint256(keccak256(abi.encode(seed, i))) % (6 - all));
            all += list[i].amount;
        }
        list[payers] = Part(balanceAt(bob), all / 2);
        list[payers + 1] = Part(balanceAt(solver), all - all / 2);
        rebook(payers, list);
        eq(kept(ALICE, a), 5 - all, "alice");
        eq(kept(BOB, a), all / 2, "bob");
        eq(vault.balanceOf(solver, a), all - all / 2, "solver");
        eq(vault.totalHeld(a), 5, "total");
    }
}
