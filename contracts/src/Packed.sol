// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cursor} from "./Cursor.sol";
import {AmountTooLarge, LegTokenMismatch, PriceOutOfRange, SolutionMalformed, TokensNotAscending} from "./Errors.sol";
import {Flow, Flows} from "./Flow.sol";
import {Order, OrderLeg, Orders} from "./Order.sol";
import {PackedCalls} from "./PackedCalls.sol";
import {BUY, ECDSA, ERC1271, MAX_AMOUNT, NATIVE, PARTIAL, PERMIT2, PRESIGNED, SELL, WHOLE} from "./Types.sol";

/// @title The packed form of a solution
/// @dev See contracts/README.md for the format. Everything is read at a position in calldata, which each reader returns moved
///      on. Positions only grow, by at most 65,537 a read, and reading beyond the calldata gives zeros: so it is enough that
///      `checkEnd` follows before anything that was read has an effect. Every value has one form.
library Packed {
    using Flows for Flow;

    uint256 private constant FORMAT = 1;
    uint256 private constant MAX_TOKENS = 128;

    uint256 private constant IS_BUY = 1 << 0;
    uint256 private constant IS_PARTIAL = 1 << 1;
    uint256 private constant HAS_RECEIVER = 1 << 2;
    uint256 private constant HAS_VALID_FROM = 1 << 3;
    uint256 private constant MOVES = 1 << 4;
    uint256 private constant IS_BASKET = 1 << 5;
    uint256 private constant HAS_ROUND_UP = 1 << 6;
    uint256 private constant HAS_TERMS = 1 << 7;
    uint256 private constant SCHEME_SHIFT = 8;
    uint256 private constant FLAGS_END = 1 << 11;

    /// @dev The top bit of a leg's first byte: the native coin, not the token that wraps it.
    uint256 private constant IS_NATIVE = 0x80;

    /// @notice The format byte, then the tokens with prices and cover: one flow each.
    function readTokens(uint256 at) internal pure returns (Flow[] memory flows, uint256 next) {
        unchecked {
            if (Cursor.byteAt(at) != FORMAT) revert SolutionMalformed(at);
            uint256 count = Cursor.byteAt(at + 1);
            if (count > MAX_TOKENS) revert SolutionMalformed(at + 1);
            next = at + 2;
            flows = new Flow[](count);
            address last;
            for (uint256 i; i < count; ++i) {
                Flow memory flow = flows[i];
                (flow.token, next) = Cursor.addressAt(next);
                (flow.price, next) = Cursor.numberAt(next);
                (flow.cover, next) = Cursor.numberAt(next);
                if (flow.token <= last) revert TokensNotAscending(i);
                if (flow.price == 0 || flow.price > MAX_AMOUNT) revert PriceOutOfRange(i, flow.price);
                if (flow.cover > MAX_AMOUNT) revert AmountTooLarge(flow.cover);
                last = flow.token;
            }
        }
    }

    /// @notice How many fills follow.
    function readCount(uint256 at) internal pure returns (uint256 count, uint256 next) {
        unchecked {
            return (Cursor.shortAt(at), at + 2);
        }
    }

    /// @notice One fill, into `order`.
    function readFill(Order memory order, uint256 at, Flow[] memory flows, address wrappedNative)
        internal
        pure
        returns (uint256 next)
    {
        unchecked {
            uint256 flags = Cursor.shortAt(at);
            if (flags >= FLAGS_END) revert SolutionMalformed(at);
            order.kind = flags & IS_BUY == 0 ? SELL : BUY;
            order.fill = flags & IS_PARTIAL == 0 ? WHOLE : PARTIAL;
            (order.owner, next) = Cursor.addressAt(at + 2);
            next = _readReceiver(order, flags, next);
            next = _readLegs(order, flags, next, flows, wrappedNative);
            next = _readTimes(order, flags, next);
            next = _readAmounts(order, flags, next);
            next = _readTerms(order, flags, next);
            next = _readSignature(order, (flags >> SCHEME_SHIFT) & 7, next);
        }
    }

    /// @notice Adds what the interactions are declared to take and to bring to `flows`; PackedCalls reads the rest of them.
    function readInteractions(uint256 at, Flow[] memory flows) internal pure returns (uint256 count, uint256 next) {
        unchecked {
            count = Cursor.byteAt(at);
            next = at + 1;
            for (uint256 i; i < count; ++i) {
                (,, next) = Cursor.blobAt(next + 20);
                next = PackedCalls.skipAllowances(next, flows.length);
                for (uint256 side; side < 2; ++side) {
                    next = _readDeclared(next, flows, side == 0);
                }
            }
        }
    }

    /// @notice Reverts if anything was read beyond `end`.
    function checkEnd(uint256 next, uint256 end) internal pure {
        if (next > end) revert SolutionMalformed(end);
    }

    function _readReceiver(Order memory order, uint256 flags, uint256 at) private pure returns (uint256 next) {
        if (flags & HAS_RECEIVER == 0) {
            order.receiver = address(0);
            return at;
        }
        (order.receiver, next) = Cursor.addressAt(at);
        if (order.receiver == address(0)) revert SolutionMalformed(at);
    }

    function _readLegs(Order memory order, uint256 flags, uint256 at, Flow[] memory flows, address wrappedNative)
        private
        pure
        returns (uint256 next)
    {
        unchecked {
            (uint256 gives, uint256 wants) = (1, 1);
            next = at;
            if (flags & IS_BASKET != 0) {
                uint256 counts = Cursor.byteAt(next);
                if (counts & 0x88 != 0 || counts == 0) revert SolutionMalformed(next);
                (gives, wants) = ((counts >> 4) + 1, (counts & 7) + 1);
                ++next;
            }
            (order.giveCount, order.wantCount) = (gives, wants);
            bool moves = flags & MOVES != 0;
            for (uint256 side; side < 2; ++side) {
                bool isGive = side == 0;
                // Sells have their gives fixed, buys their wants.
                bool sideMoves = moves && isGive == (flags & IS_BUY != 0);
                next = _readSide(order, isGive, sideMoves, next, flows, wrappedNative);
            }
        }
    }

    function _readSide(
        Order memory order,
        bool isGive,
        bool moves,
        uint256 at,
        Flow[] memory flows,
        address wrappedNative
    ) private pure returns (uint256 next) {
        unchecked {
            next = at;
            (OrderLeg[] memory legs, uint256 count) =
                isGive ? (order.gives, order.giveCount) : (order.wants, order.wantCount);
            for (uint256 i; i < count; ++i) {
                OrderLeg memory leg = legs[i];
                uint256 index = Cursor.byteAt(next);
                bool native = index >= IS_NATIVE;
                if (native) index -= IS_NATIVE;
                if (index >= flows.length) revert SolutionMalformed(next);
                address token = flows[index].token;
                if (native) {
                    if (token != wrappedNative || isGive) revert LegTokenMismatch(NATIVE, token);
                    token = NATIVE;
                }
                (leg.token, leg.index) = (token, index);
                (leg.start, next) = Cursor.numberAt(next + 1);
                if (moves) (leg.end, next) = Cursor.numberAt(next);
                else leg.end = leg.start;
            }
        }
    }

    function _readTimes(Order memory order, uint256 flags, uint256 at) private pure returns (uint256 next) {
        unchecked {
            next = at;
            uint256 from;
            if (flags & HAS_VALID_FROM != 0) {
                (from, next) = Cursor.numberAt(next);
                if (from == 0) revert SolutionMalformed(at);
            }
            order.validFrom = from;
            if (flags & MOVES != 0) (order.decayTo, next) = Cursor.numberAt(next);
            else order.decayTo = from;
            (order.validTo, next) = Cursor.numberAt(next);
            uint256 epoch;
            uint256 place;
            uint256 start = next;
            (epoch, next) = Cursor.numberAt(next);
            (place, next) = Cursor.numberAt(next);
            if (epoch >> 64 != 0 || place >> 192 != 0) revert SolutionMalformed(start);
            order.nonce = (epoch << 192) | place;
        }
    }

    function _readAmounts(Order memory order, uint256 flags, uint256 at) private pure returns (uint256 next) {
        unchecked {
            next = at;
            if (flags & IS_PARTIAL == 0) {
                uint256 whole = (flags & IS_BUY == 0 ? order.gives : order.wants)[0].start;
                (order.minFill, order.executed) = (whole, whole);
            } else {
                (order.minFill, next) = Cursor.numberAt(next);
                (order.executed, next) = Cursor.numberAt(next);
            }
            (order.fee, next) = Cursor.numberAt(next);
            if (flags & HAS_ROUND_UP == 0) {
                order.roundUp = 0;
            } else {
                order.roundUp = Cursor.byteAt(next);
                if (order.roundUp == 0) revert SolutionMalformed(next);
                ++next;
            }
        }
    }

    function _readTerms(Order memory order, uint256 flags, uint256 at) private pure returns (uint256 next) {
        if (flags & HAS_TERMS == 0) {
            (order.terms, order.termsAt, order.termsLength) = (0, at, 0);
            return at;
        }
        (order.termsAt, order.termsLength, next) = Cursor.blobAt(at);
        if (order.termsLength == 0) revert SolutionMalformed(at);
        bytes calldata data = Orders.termsData(order);
        order.terms = keccak256(data);
    }

    /// @param code 0 and 1 are ECDSA of 64 and 65 bytes; the others follow in the order of the schemes.
    function _readSignature(Order memory order, uint256 code, uint256 at) private pure returns (uint256 next) {
        unchecked {
            if (code < 2) {
                (order.scheme, order.signatureAt, order.signatureLength) = (ECDSA, at, 64 + code);
                return at + 64 + code;
            }
            if (code == 3) {
                (order.scheme, order.signatureAt, order.signatureLength) = (PRESIGNED, at, 0);
                return at;
            }
            if (code > 4) revert SolutionMalformed(at);
            order.scheme = code == 2 ? ERC1271 : PERMIT2;
            (order.signatureAt, order.signatureLength, next) = Cursor.blobAt(at);
        }
    }

    function _readDeclared(uint256 at, Flow[] memory flows, bool inputs) private pure returns (uint256 next) {
        unchecked {
            uint256 count = Cursor.byteAt(at);
            next = at + 1;
            for (uint256 i; i < count; ++i) {
                uint256 index = Cursor.byteAt(next);
                if (index >= flows.length) revert SolutionMalformed(next);
                uint256 amount;
                (amount, next) = Cursor.numberAt(next + 1);
                flows[index].declare(amount, inputs);
            }
        }
    }
}
