// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/utils/FixedPointMathLib.sol";

import {
    AmountTooLarge,
    ExecutedOutOfRange,
    FeeTooLarge,
    GiveAboveLimit,
    RoundingAgainstTrader,
    RoundUpOutOfRange,
    ValueOverflow,
    WantBelowLimit,
    ZeroLeg
} from "./Errors.sol";
import {Intent, Leg, MAX_AMOUNT, SELL} from "./Types.sol";

/// @dev When and how an intent is executed. `givePrices` and `wantPrices` go with its legs, one each.
struct Execution {
    uint256 time;
    uint256 executed;
    uint256 fee;
    uint256 roundUp;
    uint256[] givePrices;
    uint256[] wantPrices;
}

/// @title The amounts of a fill, in exact integers
/// @dev Every intent in a solution trades at one price per token: the value of what it gives, less its fee, is the value
///      of what it gets. The fixed side follows `executed`; the moving side is solved from the value, in the proportion of
///      its legs' `end` bounds, and each of its legs is rounded by less than one atom.
library FillMath {
    /// @dev Rounding may go against the trader only on legs of at least this many atoms.
    uint256 internal constant ROUNDING_FLOOR = 1e6;

    /// @notice The bound of a give at `time`: start rising to end, rounded down.
    function giveBound(Leg calldata leg, uint256 validFrom, uint256 decayTo, uint256 time)
        internal
        pure
        returns (uint256)
    {
        (uint256 start, uint256 end) = (leg.start, leg.end);
        if (start == end || time >= decayTo) return end;
        if (time <= validFrom) return start;
        return start + (end - start) * (time - validFrom) / (decayTo - validFrom);
    }

    /// @notice The bound of a want at `time`: start falling to end, rounded up.
    function wantBound(Leg calldata leg, uint256 validFrom, uint256 decayTo, uint256 time)
        internal
        pure
        returns (uint256)
    {
        (uint256 start, uint256 end) = (leg.start, leg.end);
        if (start == end || time >= decayTo) return end;
        if (time <= validFrom) return start;
        return start - (start - end) * (time - validFrom) / (decayTo - validFrom);
    }

    /// @notice What a fill gives and wants, leg by leg; reverts unless every limit of the intent holds at the time.
    /// @dev Expects an intent that passed IntentRules and prices in 1..2^128-1.
    /// @param giveLegs intent.gives, and `wantLegs` intent.wants: located once by the caller.
    function amounts(
        Intent calldata intent,
        Leg[] calldata giveLegs,
        Leg[] calldata wantLegs,
        Execution memory execution
    ) internal pure returns (uint256[] memory gives, uint256[] memory wants) {
        uint256 fee = execution.fee;
        if (fee > MAX_AMOUNT) revert AmountTooLarge(fee);
        uint256 feeValue = fee * execution.givePrices[0];
        uint256 value;
        if (intent.kind == SELL) {
            (gives, value) = _fixedSide(giveLegs, execution.executed, execution.givePrices, false);
            if (fee >= gives[0]) revert FeeTooLarge(fee, gives[0]);
            wants = _movingSide(wantLegs, value - feeValue, execution.wantPrices, execution.roundUp, false);
            _checkWants(intent, wantLegs, giveLegs[0].start, execution, wants);
        } else {
            (wants, value) = _fixedSide(wantLegs, execution.executed, execution.wantPrices, true);
            value = _addValue(value, feeValue);
            gives = _movingSide(giveLegs, value, execution.givePrices, execution.roundUp, true);
            if (fee >= gives[0]) revert FeeTooLarge(fee, gives[0]);
            _checkGives(intent, giveLegs, wantLegs[0].start, execution, gives);
        }
    }

    /// @dev The side that follows `executed`: gives are rounded down, wants up, both for the trader.
    function _fixedSide(Leg[] calldata legs, uint256 executed, uint256[] memory prices, bool up)
        private
        pure
        returns (uint256[] memory result, uint256 value)
    {
        uint256 whole = legs[0].start;
        if (executed == 0 || executed > whole) revert ExecutedOutOfRange(executed, whole);
        result = new uint256[](legs.length);
        for (uint256 i; i < legs.length; ++i) {
            uint256 product = executed * legs[i].start;
            uint256 amount = up ? FixedPointMathLib.divUp(product, whole) : product / whole;
            if (amount == 0) revert ZeroLeg(i);
            result[i] = amount;
            value = _addValue(value, amount * prices[i]);
        }
    }

    /// @dev The side solved from `value`. `upIsAgainst` says which rounding costs the trader.
    function _movingSide(Leg[] calldata legs, uint256 value, uint256[] memory prices, uint256 roundUp, bool upIsAgainst)
        private
        pure
        returns (uint256[] memory result)
    {
        uint256 count = legs.length;
        if (roundUp >> count != 0) revert RoundUpOutOfRange(roundUp, count);
        result = new uint256[](count);
        uint256 weight = count == 1 ? prices[0] : _weight(legs, prices);
        for (uint256 i; i < count; ++i) {
            // One leg alone takes the whole value: its bound would cancel out of the fraction.
            uint256 share = count == 1 ? 1 : legs[i].end;
            uint256 amount = FixedPointMathLib.fullMulDiv(share, value, weight);
            bool inexact = mulmod(share, value, weight) != 0;
            bool up = (roundUp >> i) & 1 == 1;
            if (inexact && up) ++amount;
            if (amount == 0) revert ZeroLeg(i);
            if (amount > MAX_AMOUNT) revert AmountTooLarge(amount);
            if (inexact && up == upIsAgainst && amount < ROUNDING_FLOOR) revert RoundingAgainstTrader(i, amount);
            result[i] = amount;
        }
    }

    function _weight(Leg[] calldata legs, uint256[] memory prices) private pure returns (uint256 weight) {
        for (uint256 i; i < legs.length; ++i) {
            weight = _addValue(weight, prices[i] * legs[i].end);
        }
    }

    function _checkWants(
        Intent calldata intent,
        Leg[] calldata legs,
        uint256 whole,
        Execution memory execution,
        uint256[] memory wants
    ) private pure {
        (uint256 validFrom, uint256 decayTo) = (intent.validFrom, intent.decayTo);
        for (uint256 i; i < wants.length; ++i) {
            uint256 bound = wantBound(legs[i], validFrom, decayTo, execution.time);
            uint256 limit = FixedPointMathLib.divUp(execution.executed * bound, whole);
            if (wants[i] < limit) revert WantBelowLimit(i, wants[i], limit);
        }
    }

    function _checkGives(
        Intent calldata intent,
        Leg[] calldata legs,
        uint256 whole,
        Execution memory execution,
        uint256[] memory gives
    ) private pure {
        (uint256 validFrom, uint256 decayTo) = (intent.validFrom, intent.decayTo);
        for (uint256 i; i < gives.length; ++i) {
            uint256 bound = giveBound(legs[i], validFrom, decayTo, execution.time);
            uint256 limit = execution.executed * bound / whole;
            if (gives[i] > limit) revert GiveAboveLimit(i, gives[i], limit);
        }
    }

    /// @dev Each product of an amount and a price fits a word; their sum may not.
    function _addValue(uint256 sum, uint256 term) private pure returns (uint256 total) {
        unchecked {
            total = sum + term;
        }
        if (total < sum) revert ValueOverflow();
    }
}
