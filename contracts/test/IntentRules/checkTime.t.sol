// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import "../../src/Types.sol";
import {World} from "../helpers/World.sol";

/// @dev When an intent is valid.
contract CheckTimeTest is World {
    FillMathHarness private math;

    function setUp() public override {
        super.setUp();
        math = FillMathHarness(deploy("FillMathHarness", ""));
    }

    function good() private returns (Intent memory) {
        return sell(ALICE, a, 10, b, 20);
    }

    function test_time() public {
        Intent memory i = good();
        math.checkTime(i, i.validFrom);
        math.checkTime(i, i.validTo);
        vm.expectRevert(abi.encodeWithSelector(NotYetValid.selector, i.validFrom, i.validFrom - 1));
        math.checkTime(i, i.validFrom - 1);
        vm.expectRevert(abi.encodeWithSelector(Expired.selector, i.validTo, i.validTo + 1));
        math.checkTime(i, i.validTo + 1);
    }
}
