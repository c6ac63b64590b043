// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Execution, FillMath} from "../FillMath.sol";
import {IntentHash} from "../IntentHash.sol";
import {IntentRules} from "../IntentRules.sol";
import {Intent, Leg} from "../Types.sol";

/// @title The pure rules of a fill, callable from outside, so that other implementations can be compared with them
contract FillMathHarness {
    /// @notice Reverts unless the intent is well formed.
    function checkShape(Intent calldata intent) external pure {
        IntentRules.checkShape(intent, intent.gives, intent.wants);
    }

    /// @notice Reverts unless the intent is valid at `time`.
    function checkTime(Intent calldata intent, uint256 time) external pure {
        IntentRules.checkTime(intent, time);
    }

    /// @notice The EIP-712 struct hash.
    function structHash(Intent calldata intent) external pure returns (bytes32) {
        return IntentHash.hash(intent);
    }

    /// @notice See FillMath.giveBound.
    function giveBound(Leg calldata leg, uint256 validFrom, uint256 decayTo, uint256 time)
        external
        pure
        returns (uint256)
    {
        return FillMath.giveBound(leg, validFrom, decayTo, time);
    }

    /// @notice See FillMath.wantBound.
    function wantBound(Leg calldata leg, uint256 validFrom, uint256 decayTo, uint256 time)
        external
        pure
        returns (uint256)
    {
        return FillMath.wantBound(leg, validFrom, decayTo, time);
    }

    /// @notice See FillMath.amounts.
    function amounts(
        Intent calldata intent,
        uint256 time,
        uint256 executed,
        uint256 fee,
        uint256 roundUp,
        uint256[] calldata givePrices,
        uint256[] calldata wantPrices
    ) external pure returns (uint256[] memory gives, uint256[] memory wants) {
        return FillMath.amounts(
            intent, intent.gives, intent.wants, Execution(time, executed, fee, roundUp, givePrices, wantPrices)
        );
    }
}
