// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import "../../src/Types.sol";
import {Base} from "../helpers/Base.sol";

/// @dev The arithmetic of a fill, through the harness that other implementations are compared with.
contract FillMathTest is Base {
    uint256 private constant MILLION = 1e6;

    FillMathHarness private math;

    function setUp() public {
        math = FillMathHarness(deploy("FillMathHarness", ""));
    }

    function intent(uint8 kind, uint256 give, uint256 want) private pure returns (Intent memory i) {
        i.kind = kind;
        i.fill = PARTIAL;
        i.minFill = 1;
        i.gives = new Leg[](1);
        i.wants = new Leg[](1);
        i.gives[0] = Leg(address(1), give, give);
        i.wants[0] = Leg(address(2), want, want);
    }

    function list(uint256 x) private pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = x;
    }

    function list(uint256 x, uint256 y) private pure returns (uint256[] memory l) {
        l = new uint256[](2);
        (l[0], l[1]) = (x, y);
    }

    function one(Intent memory i, uint256 executed, uint256 fee, uint256 roundUp, uint256 givePrice, uint256 wantPrice)
        private
        view
        returns (uint256 give, uint256 want)
    {
        (uint256[] memory gives, uint256[] memory wants) =
            math.amounts(i, 0, executed, fee, roundUp, list(givePrice), list(wantPrice));
        return (gives[0], wants[0]);
    }

    // --- examples

    function test_sell_one_leg() public view {
        (uint256 give, uint256 want) = one(intent(SELL, 100 * MILLION, 150 * MILLION), 50 * MILLION, 0, 0, 10, 6);
        eq(give, 50 * MILLION, "give");
        eq(want, 83_333_333, "500/6 rounded down");
        (, want) = one(intent(SELL, 100 * MILLION, 150 * MILLION), 50 * MILLION, 0, 1, 10, 6);
        eq(want, 83_333_334, "500/6 rounded up");
    }

    function test_sell_fee_lowers_the_value() public view {
        (uint256 give, uint256 want) = one(intent(SELL, 100 * MILLION, 90 * MILLION), 100 * MILLION, MILLION, 0, 1, 1);
        eq(give, 100 * MILLION, "give includes the fee");
        eq(want, 99 * MILLION, "want");
    }

    function test_buy_fee_is_part_of_the_give() public view {
        (uint256 give, uint256 want) = one(intent(BUY, 200 * MILLION, 90 * MILLION), 90 * MILLION, MILLION, 0, 1, 2);
        eq(give, 181 * MILLION, "give includes the fee");
        eq(want, 90 * MILLION, "want");
    }

    function test_rounding_up_an_exact_amount_changes_nothing() public view {
        (, uint256 want) = one(intent(SELL, 100 * MILLION, MILLION), 100 * MILLION, 0, 1, 1, 2);
        eq(want, 50 * MILLION, "want");
    }

    function test_sell_basket_shares_by_end_bounds() public view {
        Intent memory i = intent(SELL, 100 * MILLION, 1);
        i.wants = new Leg[](2);
        i.wants[0] = Leg(address(2), 40 * MILLION, 30 * MILLION);
        i.wants[1] = Leg(address(3), 20 * MILLION, 10 * MILLION);
        (i.validFrom, i.decayTo, i.validTo) = (10, 20, 30);
        (, uint256[] memory wants) = math.amounts(i, 20, 100 * MILLION, 0, 1, list(1), list(1, 2));
        eq(wants[0], 60 * MILLION, "30 parts of value 100 over 30*1 + 10*2");
        eq(wants[1], 20 * MILLION, "10 parts");
    }

    function test_buy_basket_shares_by_end_bounds_and_puts_the_fee_on_top() public view {
        Intent memory i = intent(BUY, 1, 100 * MILLION);
        i.gives = new Leg[](2);
        i.gives[0] = Leg(address(1), 60 * MILLION, 90 * MILLION);
        i.gives[1] = Leg(address(3), 20 * MILLION, 30 * MILLION);
        (i.validFrom, i.decayTo, i.validTo) = (10, 20, 30);
        (uint256[] memory gives,) = math.amounts(i, 20, 100 * MILLION, 10 * MILLION, 0, list(1, 1), list(1));
        eq(gives[0], 82_500_000, "three quarters of 110");
        eq(gives[1], 27_500_000, "one quarter of 110");
    }

    function test_fixed_side_of_a_basket_is_rounded_for_the_trader() public view {
        Intent memory i = intent(SELL, 3, 1);
        i.gives = new Leg[](2);
        i.gives[0] = Leg(address(1), 3 * MILLION, 3 * MILLION);
        i.gives[1] = Leg(address(3), 10 * MILLION, 10 * MILLION);
        (uint256[] memory gives,) = math.amounts(i, 0, MILLION, 0, 0, list(3, 3), list(1));
        eq(gives[1], 3_333_333, "a third of ten, down");

        i = intent(BUY, 100 * MILLION, 1);
        i.wants = new Leg[](2);
        i.wants[0] = Leg(address(2), 3 * MILLION, 3 * MILLION);
        i.wants[1] = Leg(address(3), 10 * MILLION, 10 * MILLION);
        (, uint256[] memory wants) = math.amounts(i, 0, MILLION, 0, 0, list(1), list(1, 1));
        eq(wants[1], 3_333_334, "a third of ten, up");
    }

    // --- refusals

    function refuses(
        Intent memory i,
        uint256 executed,
        uint256 fee,
        uint256 roundUp,
        uint256 givePrice,
        uint256 wantPrice,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        math.amounts(i, 0, executed, fee, roundUp, list(givePrice), list(wantPrice));
    }

    function test_refuses_executed_out_of_range() public {
        bytes4 e = ExecutedOutOfRange.selector;
        refuses(intent(SELL, 5, 1), 0, 0, 0, 1, 1, abi.encodeWithSelector(e, 0, 5));
        refuses(intent(SELL, 5, 1), 6, 0, 0, 1, 1, abi.encodeWithSelector(e, 6, 5));
        refuses(intent(BUY, 1, 5), 6, 0, 0, 1, 1, abi.encodeWithSelector(e, 6, 5));
    }

    function test_refuses_fee_too_large() public {
        refuses(intent(SELL, 5, 1), 5, 5, 0, 1, 1, abi.encodeWithSelector(FeeTooLarge.selector, 5, 5));
        // The wants are worth less than one atom of the give, so rounded down the give is all fee.
        Intent memory i = intent(BUY, 10 * MILLION, 1);
        refuses(i, 1, 2 * MILLION, 0, 7, 1, abi.encodeWithSelector(FeeTooLarge.selector, 2 * MILLION, 2 * MILLION));
        uint256 huge = uint256(type(uint128).max) + 1;
        refuses(intent(SELL, 5, 1), 5, huge, 0, 1, 1, abi.encodeWithSelector(AmountTooLarge.selector, huge));
    }

    function test_refuses_round_up_of_absent_legs() public {
        refuses(intent(SELL, 5, 1), 5, 0, 2, 1, 1, abi.encodeWithSelector(RoundUpOutOfRange.selector, 2, 1));
    }

    function test_refuses_rounding_against_a_trader_on_small_legs() public {
        bytes4 e = RoundingAgainstTrader.selector;
        Intent memory i = intent(SELL, 2 * MILLION - 1, 1);
        refuses(i, 2 * MILLION - 1, 0, 0, 1, 2, abi.encodeWithSelector(e, 0, MILLION - 1));
        (, uint256 want) = one(i, 2 * MILLION - 1, 0, 1, 1, 2);
        eq(want, MILLION, "for the trader is fine");
        (, want) = one(intent(SELL, 2 * MILLION + 1, 1), 2 * MILLION + 1, 0, 0, 1, 2);
        eq(want, MILLION, "at the floor is fine");

        i = intent(BUY, MILLION, 2 * MILLION - 3);
        refuses(i, 2 * MILLION - 3, 0, 1, 2, 1, abi.encodeWithSelector(e, 0, MILLION - 1));
        (uint256 give,) = one(i, 2 * MILLION - 3, 0, 0, 2, 1);
        eq(give, MILLION - 2, "for the trader is fine");
    }

    function test_refuses_zero_legs() public {
        bytes memory e = abi.encodeWithSelector(ZeroLeg.selector, 0);
        refuses(intent(SELL, 5, 1), 5, 0, 0, 1, 6, e);
        refuses(intent(BUY, 5, 1), 1, 0, 0, 2, 1, e);
        Intent memory i = intent(SELL, 5, 1);
        i.gives = new Leg[](2);
        i.gives[0] = Leg(address(1), 10, 10);
        i.gives[1] = Leg(address(3), 5, 5);
        vm.expectRevert(abi.encodeWithSelector(ZeroLeg.selector, 1));
        math.amounts(i, 0, 1, 0, 0, list(1, 1), list(1));
    }

    function test_refuses_amounts_and_values_that_do_not_fit() public {
        uint256 max = type(uint128).max;
        refuses(intent(SELL, max, 1), max, 0, 0, 2, 1, abi.encodeWithSelector(AmountTooLarge.selector, 2 * max));
        Intent memory i = intent(SELL, max, 1);
        i.gives = new Leg[](2);
        i.gives[0] = Leg(address(1), max, max);
        i.gives[1] = Leg(address(3), max, max);
        vm.expectRevert(abi.encodeWithSelector(ValueOverflow.selector));
        math.amounts(i, 0, max, 0, 0, list(max, max), list(max));
    }

    function test_refuses_broken_limits() public {
        bytes4 below = WantBelowLimit.selector;
        refuses(intent(SELL, 10, 7), 5, 0, 0, 3, 5, abi.encodeWithSelector(below, 0, 3, 4)); // half of 7, up
        bytes4 above = GiveAboveLimit.selector;
        refuses(intent(BUY, 7, 10), 5, 0, 0, 5, 4, abi.encodeWithSelector(above, 0, 4, 3)); // half of 7, down
    }

    function test_bounds_at_the_ends() public view {
        Leg memory give = Leg(address(1), 100, 201);
        Leg memory want = Leg(address(1), 201, 100);
        eq(math.giveBound(give, 10, 20, 10), 100, "give starts");
        eq(math.giveBound(give, 10, 20, 15), 150, "give halfway, down");
        eq(math.giveBound(give, 10, 20, 20), 201, "give ends");
        eq(math.giveBound(give, 10, 20, 99), 201, "give stays");
        eq(math.wantBound(want, 10, 20, 10), 201, "want starts");
        eq(math.wantBound(want, 10, 20, 15), 151, "want halfway, up");
        eq(math.wantBound(want, 10, 20, 20), 100, "want ends");
        eq(math.wantBound(want, 10, 20, 99), 100, "want stays");
        eq(math.giveBound(give, 10, 20, 9), 100, "before its time");
        eq(math.wantBound(want, 10, 20, 9), 201, "before its time");
    }
}
