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
    TermsUnsupported,
    UnknownFill,
    UnknownKind
} from "./Errors.sol";
import {BUY, Intent, Leg, MAX_AMOUNT, NATIVE, PARTIAL, SELL, WHOLE} from "./Types.sol";

/// @title What makes an intent well formed, whatever the state of the chain
/// @dev Distinct tokens are checked where legs meet the token list of a solution, receivers where the house is known.
library IntentRules {
    uint256 internal constant MAX_LEGS = 8;

    /// @notice Reverts unless legs, kind, fill, decay, minFill and terms are well formed.
    /// @param gives intent.gives, and `wants` intent.wants: located once by the caller.
    function checkShape(Intent calldata intent, Leg[] calldata gives, Leg[] calldata wants) internal pure {
        if (_badCount(gives.length) || _badCount(wants.length)) revert LegCount(gives.length, wants.length);
        if (intent.kind > BUY) revert UnknownKind(intent.kind);
        if (intent.fill > PARTIAL) revert UnknownFill(intent.fill);
        if (intent.terms != 0) revert TermsUnsupported(intent.terms);

        bool sells = intent.kind == SELL;
        bool moves = _checkGives(gives, sells);
        if (_checkWants(wants, !sells)) moves = true;
        _checkDecay(intent, moves);
        _checkMinFill(intent, sells ? gives[0].start : wants[0].start);
    }

    /// @notice Reverts unless validFrom <= time <= validTo.
    function checkTime(Intent calldata intent, uint256 time) internal pure {
        if (time < intent.validFrom) revert NotYetValid(intent.validFrom, time);
        if (time > intent.validTo) revert Expired(intent.validTo, time);
    }

    function _badCount(uint256 legs) private pure returns (bool) {
        return legs == 0 || legs > MAX_LEGS;
    }

    function _checkGives(Leg[] calldata legs, bool isFixed) private pure returns (bool moves) {
        for (uint256 i; i < legs.length; ++i) {
            (address token, uint256 start, uint256 end) = _checkBounds(legs[i]);
            if (token == NATIVE) revert NativeGive();
            if (start == end) continue;
            if (isFixed) revert FixedSideMoves(token, start, end);
            if (start > end) revert BoundMovesWrongWay(token, start, end);
            moves = true;
        }
    }

    function _checkWants(Leg[] calldata legs, bool isFixed) private pure returns (bool moves) {
        for (uint256 i; i < legs.length; ++i) {
            (address token, uint256 start, uint256 end) = _checkBounds(legs[i]);
            if (start == end) continue;
            if (isFixed) revert FixedSideMoves(token, start, end);
            if (start < end) revert BoundMovesWrongWay(token, start, end);
            moves = true;
        }
    }

    function _checkBounds(Leg calldata leg) private pure returns (address token, uint256 start, uint256 end) {
        (token, start, end) = (leg.token, leg.start, leg.end);
        if (start == 0 || end == 0 || start > MAX_AMOUNT || end > MAX_AMOUNT) {
            revert BoundOutOfRange(token, start, end);
        }
    }

    function _checkDecay(Intent calldata intent, bool moves) private pure {
        (uint256 validFrom, uint256 decayTo, uint256 validTo) = (intent.validFrom, intent.decayTo, intent.validTo);
        bool good = moves ? 0 < validFrom && validFrom < decayTo && decayTo <= validTo : decayTo == validFrom;
        if (!good) revert DecayOutOfRange(validFrom, decayTo, validTo);
    }

    function _checkMinFill(Intent calldata intent, uint256 amount) private pure {
        uint256 minFill = intent.minFill;
        bool good = intent.fill == WHOLE ? minFill == amount : 0 < minFill && minFill <= amount;
        if (!good) revert MinFillOutOfRange(minFill, amount);
    }
}
