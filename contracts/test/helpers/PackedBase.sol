// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SolutionMalformed} from "../../src/Errors.sol";
import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import {Base} from "./Base.sol";
import {PackedOpen} from "./PackedOpen.sol";

/// @dev The decoder over five tokens, of which the third wraps the native coin.
abstract contract PackedBase is Base {
    uint256 internal constant START = 68;
    address internal constant WETH = address(0x30);

    PackedOpen internal packed;
    FillMathHarness internal math;
    address[] internal tokens;

    function setUp() public {
        for (uint256 k = 1; k <= 5; ++k) {
            tokens.push(address(uint160(0x10 * k)));
        }
        packed = new PackedOpen(tokens, WETH);
        math = FillMathHarness(deploy("FillMathHarness", ""));
        eq(packed.START(), START, "start");
    }

    /// @dev What refuses something at `offset` of the data.
    function malformed(uint256 offset) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(SolutionMalformed.selector, START + offset);
    }
}
