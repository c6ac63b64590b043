// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import "../../src/Types.sol";
import {World} from "../helpers/World.sol";

/// @dev What makes an intent well formed.
contract CheckShapeTest is World {
    FillMathHarness private math;

    function setUp() public override {
        super.setUp();
        math = FillMathHarness(deploy("FillMathHarness", ""));
    }

    function good() private returns (Intent memory) {
        return sell(ALICE, a, 10, b, 20);
    }

    function dutch() private returns (Intent memory i) {
        i = good();
        i.wants[0].start = 30;
        i.decayTo = i.validFrom + 10;
    }

    function refuses(Intent memory i, bytes memory reason) private {
        vm.expectRevert(reason);
        math.checkShape(i);
    }

    function refuses(Intent memory i, bytes4 reason, address t, uint256 start, uint256 end) private {
        refuses(i, abi.encodeWithSelector(reason, t, start, end));
    }

    function test_accepts_good_ones() public {
        math.checkShape(good());
        math.checkShape(dutch());
        math.checkShape(buy(ALICE, a, 10, b, 20));
        math.checkShape(partially(good(), 1));
        math.checkShape(partially(good(), 10));
        Intent memory i = buy(ALICE, a, 10, b, 20);
        i.gives[0].end = 11;
        i.decayTo = i.validTo;
        math.checkShape(i);
        i = sell(ALICE, a, 10, NATIVE, 20);
        math.checkShape(i);
        i = good();
        (i.validFrom, i.decayTo) = (0, 0);
        math.checkShape(i);
        i.gives = new Leg[](8);
        i.wants = new Leg[](8);
        for (uint256 k; k < 8; ++k) {
            i.gives[k] = Leg(a, 10, 10);
            i.wants[k] = Leg(a, type(uint128).max, type(uint128).max);
        }
        math.checkShape(i);
    }

    function test_refuses_leg_counts() public {
        Intent memory i = good();
        i.gives = new Leg[](0);
        refuses(i, abi.encodeWithSelector(LegCount.selector, 0, 1));
        i = good();
        i.wants = new Leg[](9);
        refuses(i, abi.encodeWithSelector(LegCount.selector, 1, 9));
    }

    function test_refuses_unknown_kind_and_fill() public {
        Intent memory i = good();
        i.kind = 2;
        refuses(i, abi.encodeWithSelector(UnknownKind.selector, 2));
        i = good();
        i.fill = 2;
        refuses(i, abi.encodeWithSelector(UnknownFill.selector, 2));
    }

    function test_refuses_bounds_out_of_range() public {
        bytes4 e = BoundOutOfRange.selector;
        uint256 big = uint256(type(uint128).max) + 1;
        uint256[2][4] memory bad = [[uint256(0), 1], [uint256(1), 0], [big, 1], [uint256(1), big]];
        for (uint256 k; k < 4; ++k) {
            Intent memory i = good();
            (i.wants[0].start, i.wants[0].end) = (bad[k][0], bad[k][1]);
            refuses(i, e, b, bad[k][0], bad[k][1]);
            i = good();
            (i.gives[0].start, i.gives[0].end) = (bad[k][0], bad[k][1]);
            refuses(i, e, a, bad[k][0], bad[k][1]);
        }
    }

    function test_refuses_a_fixed_side_that_moves() public {
        Intent memory i = good();
        i.gives[0].end = 11;
        refuses(i, FixedSideMoves.selector, a, 10, 11);
        i = buy(ALICE, a, 10, b, 20);
        i.wants[0].end = 19;
        refuses(i, FixedSideMoves.selector, b, 20, 19);
    }

    function test_refuses_bounds_that_move_against_the_market() public {
        Intent memory i = good();
        i.wants[0].end = 21;
        refuses(i, BoundMovesWrongWay.selector, b, 20, 21);
        i = buy(ALICE, a, 10, b, 20);
        i.gives[0].end = 9;
        refuses(i, BoundMovesWrongWay.selector, a, 10, 9);
    }

    function test_refuses_decay_times() public {
        Intent memory i = good();
        i.decayTo = i.validFrom + 1;
        refusesDecay(i); // nothing moves
        i = dutch();
        i.decayTo = i.validFrom;
        refusesDecay(i);
        i = dutch();
        i.decayTo = i.validTo + 1;
        refusesDecay(i);
        i = dutch();
        i.validFrom = 0;
        refusesDecay(i);
    }

    function refusesDecay(Intent memory i) private {
        refuses(i, abi.encodeWithSelector(DecayOutOfRange.selector, i.validFrom, i.decayTo, i.validTo));
    }

    function test_refuses_min_fill() public {
        bytes4 e = MinFillOutOfRange.selector;
        refuses(partially(good(), 0), abi.encodeWithSelector(e, 0, 10));
        refuses(partially(good(), 11), abi.encodeWithSelector(e, 11, 10));
        Intent memory i = good();
        i.minFill = 9;
        refuses(i, abi.encodeWithSelector(e, 9, 10));
        i = buy(ALICE, a, 10, b, 20);
        i.minFill = 10;
        refuses(i, abi.encodeWithSelector(e, 10, 20));
    }

    function test_refuses_native_give() public {
        Intent memory i = good();
        i.gives[0].token = NATIVE;
        refuses(i, abi.encodeWithSelector(NativeGive.selector));
    }

    function test_accepts_the_last_second_there_is() public {
        Intent memory i = good();
        (i.validFrom, i.decayTo, i.validTo) = (type(uint48).max, type(uint48).max, type(uint48).max);
        math.checkShape(i);
    }

    function test_terms_are_no_matter_of_shape() public {
        Intent memory i = good();
        i.terms = bytes32(uint256(1));
        math.checkShape(i);
    }

    function testFuzz_a_whole_intents_minFill_is_its_amount(uint256 minFill) public {
        Intent memory i = good();
        i.minFill = minFill;
        if (minFill != 10) refuses(i, abi.encodeWithSelector(MinFillOutOfRange.selector, minFill, 10));
    }
}
