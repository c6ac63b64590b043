// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Crediting what has already arrived.
contract CreditTest is Market {
    function list(uint256 to, uint256 amount) private view returns (Move[] memory made) {
        made = new Move[](1);
        made[0] = Move(a, 0, to, amount);
    }

    function credit(Move[] memory moves) private {
        vm.prank(address(settlement));
        vault.credit(moves);
    }

    function test_only_for_the_settlement() public {
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, address(this)));
        vault.credit(new Move[](0));
    }

    function test_cover_needs_the_tokens() public {
        deposit(solver, a, 5);
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(NotReceived.selector, a, 5, 6));
        vault.credit(list(COVER | uint160(solver), 1));
        mint(a, address(vault), 1);
        vm.recordLogs();
        credit(list(COVER | uint160(solver), 1));
        Vm.Log memory first = vm.getRecordedLogs()[0];
        eq(first.topics[0], IVault.CoverAdded.selector, "event");
        eq(first.data, abi.encode(1), "amount");
        eq(vault.coverOf(solver, a), 6, "credited");
        eq(vault.totalHeld(a), 6, "total");
    }

    function test_balances_need_the_tokens() public {
        keep(ALICE, a, 5);
        mint(a, address(vault), 3);
        Move[] memory moves = new Move[](2);
        moves[0] = Move(a, 0, BALANCE | uint160(vm.addr(ALICE)), 2);
        moves[1] = Move(a, 0, BALANCE | uint160(vm.addr(BOB)), 2);
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(NotReceived.selector, a, 8, 9));
        vault.credit(moves);
        moves[1].amount = 1;
        credit(moves);
        eq(kept(ALICE, a), 7, "alice");
        eq(kept(BOB, a), 1, "bob");
        eq(vault.totalHeld(a), 8, "total");
    }
}
