// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    BoundMovesWrongWay,
    BoundOutOfRange,
    DecayOutOfRange,
    Expired,
    FixedSideMoves,
    LegCount,
    MinFillOutOfRange,
    NativeGive,
    NotYetValid,
    TimeOutOfRange,
    UnknownFill,
    UnknownKind
} from "./Errors.sol";
import {Order, OrderLeg, Orders} from "./Order.sol";
import {BUY, MAX_AMOUNT, NATIVE, PARTIAL, SELL, WHOLE} from "./Types.sol";

/// @title What makes an intent well formed, whatever the state of the chain
/// @dev Distinct tokens are checked where legs meet the token list of a solution, receivers where the house is known.
library IntentRules {
    /// @notice Reverts unless legs, kind, fill, decay and minFill are well formed.
    function checkShape(Order memory order) internal pure {
        if (_badCount(order.giveCount) || _badCount(order.wantCount)) {
            revert LegCount(order.giveCount, order.wantCount);
        }
        if (order.kind > BUY) revert UnknownKind(order.kind);
        if (order.fill > PARTIAL) revert UnknownFill(order.fill);

        bool sells = order.kind == SELL;
        bool moves;
        for (uint256 side; side < 2; ++side) {
            bool isGive = side == 0;
            if (_checkSide(order, isGive, isGive == sells)) moves = true;
        }
        _checkDecay(order, moves);
        _checkMinFill(order, fixedAmount(order));
    }

    /// @notice Reverts unless validFrom <= time <= validTo.
    function checkTime(Order memory order, uint256 time) internal pure {
        if (time < order.validFrom) revert NotYetValid(order.validFrom, time);
        if (time > order.validTo) revert Expired(order.validTo, time);
    }

    /// @notice The full amount of the fixed side's first leg, in which fills are counted.
    function fixedAmount(Order memory order) internal pure returns (uint256) {
        return (order.kind == SELL ? order.gives : order.wants)[0].start;
    }

    function _badCount(uint256 legs) private pure returns (bool) {
        return legs == 0 || legs > Orders.MAX_LEGS;
    }

    /// @dev Bounds of one side: a give may not name the native coin and never falls, a want never rises.
    function _checkSide(Order memory order, bool isGive, bool isFixed) private pure returns (bool moves) {
        (OrderLeg[] memory legs, uint256 count) =
            isGive ? (order.gives, order.giveCount) : (order.wants, order.wantCount);
        for (uint256 i; i < count; ++i) {
            (address token, uint256 start, uint256 end) = (legs[i].token, legs[i].start, legs[i].end);
            if (start == 0 || end == 0 || start > MAX_AMOUNT || end > MAX_AMOUNT) {
                revert BoundOutOfRange(token, start, end);
            }
            if (isGive && token == NATIVE) revert NativeGive();
            if (start == end) continue;
            if (isFixed) revert FixedSideMoves(token, start, end);
            if (isGive == (start > end)) revert BoundMovesWrongWay(token, start, end);
            moves = true;
        }
    }

    function _checkDecay(Order memory order, bool moves) private pure {
        (uint256 validFrom, uint256 decayTo, uint256 validTo) = (order.validFrom, order.decayTo, order.validTo);
        bool good = moves ? 0 < validFrom && validFrom < decayTo && decayTo <= validTo : decayTo == validFrom;
        if (!good) revert DecayOutOfRange(validFrom, decayTo, validTo);
        // The signed type says uint48; decayTo is bounded by the two others.
        if (validFrom > type(uint48).max || validTo > type(uint48).max) revert TimeOutOfRange(validFrom, validTo);
    }

    function _checkMinFill(Order memory order, uint256 amount) private pure {
        uint256 minFill = order.minFill;
        bool good = order.fill == WHOLE ? minFill == amount : 0 < minFill && minFill <= amount;
        if (!good) revert MinFillOutOfRange(minFill, amount);
    }
}
