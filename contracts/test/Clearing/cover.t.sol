// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Who bears it when a solution brings less than it declared, and who has it when it brings more.
contract CoverTest is Market {
    /// @dev Alice sells into a pool that is declared to pay `more` than it does (less, if negative).
    function misdeclared(int256 more) internal returns (Solution memory s, uint256 out) {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        s = solution(1, 1);
        s.interactions[0] = swap(p, a, 10 * ONE);
        out = uint256(int256(s.interactions[0].outputs[0].amount) + more);
        s.interactions[0].outputs[0].amount = out;
        price(s, a, out);
        price(s, b, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 19 * ONE));
    }

    function test_shortfall_is_drawn_from_the_cover() public {
        (Solution memory s, uint256 out) = misdeclared(int256(ONE / 10));
        deposit(solver, b, ONE);
        s.cover[index(b)] = ONE / 10;
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out, "alice gets what was declared");
        eq(vault.coverOf(solver, b), ONE - ONE / 10, "the solver makes up for it");
        eq(vault.totalHeld(b), balance(b, address(vault)), "vault is exact");
    }

    function test_shortfall_beyond_the_stated_cover() public {
        (Solution memory s,) = misdeclared(int256(ONE / 10));
        deposit(solver, b, ONE);
        s.cover[index(b)] = ONE / 10 - 1;
        mustFail(s, abi.encodeWithSelector(CoverExceeded.selector, b, ONE / 10, ONE / 10 - 1));
        eq(vault.coverOf(solver, b), ONE, "untouched");
    }

    function test_shortfall_beyond_the_deposit() public {
        (Solution memory s,) = misdeclared(int256(ONE / 10));
        deposit(solver, b, ONE / 20);
        s.cover[index(b)] = ONE;
        mustFail(s, abi.encodeWithSelector(CoverTooLow.selector, solver, b, ONE / 20, ONE / 10));
    }

    function test_excess_goes_to_the_cover_up_to_the_stated_cover() public {
        (Solution memory s, uint256 out) = misdeclared(-int256(ONE / 10));
        s.cover[index(b)] = ONE / 25;
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out, "alice");
        eq(vault.coverOf(solver, b), ONE / 25, "cover");
        eq(balance(b, treasury), ONE / 10 - ONE / 25, "the rest");
        eq(vault.totalHeld(b), balance(b, address(vault)), "vault is exact");
    }

    /// @dev What a solution declares and nobody gets is the treasury's, whatever cover the solver states.
    function test_declared_leftover_is_not_the_solvers() public {
        (Solution memory s, uint256 out) = misdeclared(-int256(ONE / 10));
        price(s, a, out - ONE / 50);
        s.cover[index(b)] = ONE;
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out - ONE / 50, "alice");
        eq(balance(b, treasury), ONE / 50, "the declared leftover");
        eq(vault.coverOf(solver, b), ONE / 10, "the undeclared excess");
    }

    function test_excess_without_cover_goes_to_the_treasury() public {
        (Solution memory s,) = misdeclared(-int256(ONE / 10));
        mustSettle(s);
        eq(balance(b, treasury), ONE / 10, "all of it");
    }

    function test_cover_alone_fills_a_gap() public {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, b, 9 * ONE);
        deposit(solver, b, 2 * ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        s.cover[index(b)] = ONE;
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 10 * ONE, "alice");
        eq(vault.coverOf(solver, b), ONE, "cover");
        eq(balance(a, treasury), ONE, "what nobody wanted");
    }
}
