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
import {Flow} from "./Flow.sol";
import {Order, OrderLeg} from "./Order.sol";
import {MAX_AMOUNT, SELL} from "./Types.sol";

/// @title The amounts of a fill, in exact integers
/// @dev Every intent in a solution trades at one price per token: the value of what it gives, less its fee, is the value
///      of what it gets. The fixed side follows `executed`; the moving side is solved from the value, in the proportion of
///      its legs' `end` bounds, and each of its legs is rounded by less than one atom.
///      Amounts, bounds and prices are below 2^128, and times below 2^48: no product of two of them overflows.
library FillMath {
    /// @dev Rounding may go against the trader only on legs of at least this many atoms.
    uint256 internal constant ROUNDING_FLOOR = 1e6;

    /// @notice The bound of a leg at `time`: from start at validFrom to end at decayTo. A give's rises and is rounded down, a
    ///         want's falls and is rounded up, both for the trader.
    function bound(OrderLeg memory leg, uint256 validFrom, uint256 decayTo, uint256 time)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            (uint256 start, uint256 end) = (leg.start, leg.end);
            if (start == end || time >= decayTo) return end;
            if (time <= validFrom) return start;
            (uint256 passed, uint256 all) = (time - validFrom, decayTo - validFrom);
            return end > start ? start + (end - start) * passed / all : start - (start - end) * passed / all;
        }
    }

    /// @notice Writes what a fill gives and wants into its legs; reverts unless every limit of the intent holds at `time`.
    /// @dev Expects an intent that passed IntentRules, prices in 1..2^128-1 and indices within `flows`.
    function setAmounts(Order memory order, Flow[] memory flows, uint256 time) internal pure {
        unchecked {
            uint256 fee = order.fee;
            if (fee > MAX_AMOUNT) revert AmountTooLarge(fee);
            bool sells = order.kind == SELL;
            OrderLeg memory first = order.gives[0];
            uint256 feeValue = fee * flows[first.index].price;
            uint256 value = _setFixed(order, flows, sells);
            if (sells) {
                if (fee >= first.amount) revert FeeTooLarge(fee, first.amount);
                value -= feeValue; // part of what the first leg gives
            } else {
                value = _addValue(value, feeValue);
            }
            _setMoving(order, value, flows, sells);
            if (fee >= first.amount) revert FeeTooLarge(fee, first.amount);
            _checkLimits(order, time, sells);
        }
    }

    /// @dev The side that follows `executed`: gives are rounded down, wants up, both for the trader.
    function _setFixed(Order memory order, Flow[] memory flows, bool sells) private pure returns (uint256 value) {
        (OrderLeg[] memory legs, uint256 count) =
            sells ? (order.gives, order.giveCount) : (order.wants, order.wantCount);
        (uint256 executed, uint256 whole) = (order.executed, legs[0].start);
        if (executed == 0 || executed > whole) revert ExecutedOutOfRange(executed, whole);
        for (uint256 i; i < count; ++i) {
            OrderLeg memory leg = legs[i];
            uint256 amount = leg.start;
            unchecked {
                if (executed != whole) {
                    amount = sells ? executed * amount / whole : FixedPointMathLib.divUp(executed * amount, whole);
                    if (amount == 0) revert ZeroLeg(i);
                }
                leg.amount = amount;
                value = _addValue(value, amount * flows[leg.index].price);
            }
        }
    }

    /// @dev The side solved from `value`: wants of a sell, gives of a buy.
    function _setMoving(Order memory order, uint256 value, Flow[] memory flows, bool sells) private pure {
        (OrderLeg[] memory legs, uint256 count) =
            sells ? (order.wants, order.wantCount) : (order.gives, order.giveCount);
        uint256 roundUp = order.roundUp;
        if (roundUp >> count != 0) revert RoundUpOutOfRange(roundUp, count);
        uint256 weight = count == 1 ? flows[legs[0].index].price : _weight(legs, count, flows);
        for (uint256 i; i < count; ++i) {
            // One leg alone takes the whole value: its bound would cancel out of the fraction.
            (uint256 amount, bool inexact) = count == 1
                ? (value / weight, value % weight != 0)
                : (FixedPointMathLib.fullMulDiv(legs[i].end, value, weight), mulmod(legs[i].end, value, weight) != 0);
            bool up = (roundUp >> i) & 1 == 1;
            unchecked {
                if (inexact && up) ++amount; // a quotient with a remainder is not the greatest number
            }
            if (amount == 0) revert ZeroLeg(i);
            if (amount > MAX_AMOUNT) revert AmountTooLarge(amount);
            // Up is against the buyer, down against the seller.
            if (inexact && up != sells && amount < ROUNDING_FLOOR) revert RoundingAgainstTrader(i, amount);
            legs[i].amount = amount;
        }
    }

    function _weight(OrderLeg[] memory legs, uint256 count, Flow[] memory flows) private pure returns (uint256 weight) {
        unchecked {
            for (uint256 i; i < count; ++i) {
                weight = _addValue(weight, flows[legs[i].index].price * legs[i].end);
            }
        }
    }

    /// @dev The limits of the moving side, for the part that is filled: of wants at least, rounded up; of gives at most,
    ///      rounded down.
    function _checkLimits(Order memory order, uint256 time, bool sells) private pure {
        unchecked {
            (uint256 executed, uint256 whole) = (order.executed, (sells ? order.gives : order.wants)[0].start);
            (OrderLeg[] memory legs, uint256 count) =
                sells ? (order.wants, order.wantCount) : (order.gives, order.giveCount);
            for (uint256 i; i < count; ++i) {
                OrderLeg memory leg = legs[i];
                uint256 limit = bound(leg, order.validFrom, order.decayTo, time);
                if (executed != whole) {
                    limit = sells ? FixedPointMathLib.divUp(executed * limit, whole) : executed * limit / whole;
                }
                if (sells && leg.amount < limit) revert WantBelowLimit(i, leg.amount, limit);
                if (!sells && leg.amount > limit) revert GiveAboveLimit(i, leg.amount, limit);
            }
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
