// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    ExclusivityIncomplete,
    HookGasTooHigh,
    ImpactOutOfRange,
    ShareEmpty,
    SharesTooLarge,
    TermsMalformed,
    TooManyCalls,
    TooManyHooks,
    TooManyNodes,
    TooManyShares
} from "./TermsErrors.sol";

/// @dev `Node.op`: all of the next `value` subtrees hold; at least one does; the next one does not.
uint8 constant ALL = 0;
uint8 constant ANY = 1;
uint8 constant NOT = 2;
/// @dev `Node.op`: the block's time, a balance, the first word that a call returns, compared with `value`.
uint8 constant TIME = 3;
uint8 constant BALANCE = 4;
uint8 constant CALL = 5;

/// @dev One node of a condition, in prefix order. See Conditions for what each member means.
struct Node {
    uint8 op;
    uint8 cmp;
    address target;
    uint256 value;
    bytes data;
}

/// @dev One call before the pulls or after the payouts. If it `must`, its failure fails the solution.
struct Hook {
    address target;
    uint32 gasLimit;
    bool must;
    bytes data;
}

/// @dev A part of the executed amount of the first give, inside the fill's fee.
struct FeeShare {
    address receiver;
    uint16 bps;
}

/// @dev The extras of an intent: it signs the hash of abi.encode(Terms).
struct Terms {
    Node[] condition;
    Hook[] before;
    Hook[] afterwards;
    address exclusiveSolver;
    uint48 exclusiveUntil;
    FeeShare[] shares;
    uint16 maxImpactBps;
}

/// @title Reading of terms
/// @dev Takes canonical encodings only (what abi.encode writes), so that terms have one hash. It looks at every word once
///      and then points into calldata: nothing is copied.
library TermsCodec {
    uint256 internal constant MAX_NODES = 32;
    uint256 internal constant MAX_CALLS = 4;
    uint256 internal constant MAX_HOOKS = 4;
    uint256 internal constant MAX_HOOK_GAS = 1_000_000;
    uint256 internal constant MAX_SHARES = 4;
    /// @dev Of all fee shares of an intent together.
    uint256 internal constant MAX_SHARE_BPS = 100;
    uint256 internal constant BPS = 10_000;

    /// @notice The terms, checked but for what the contracts around them decide (forbidden targets, the condition).
    function read(bytes calldata encoded) internal pure returns (Terms calldata terms) {
        if (_word(encoded, 0) != 0x20) revert TermsMalformed(0);
        uint256 end = _nodes(encoded, 0x20, 0x100);
        end = _hooks(encoded, 0x40, end);
        end = _hooks(encoded, 0x60, end);
        uint256 solver = _fits(encoded, 0x80, 160);
        uint256 until = _fits(encoded, 0xa0, 48);
        end = _shares(encoded, 0xc0, end);
        uint256 impact = _fits(encoded, 0xe0, 16);
        if (end != encoded.length) revert TermsMalformed(end);
        if ((solver == 0) != (until == 0)) revert ExclusivityIncomplete(address(uint160(solver)), until);
        if (impact > BPS) revert ImpactOutOfRange(impact);
        assembly ("memory-safe") {
            terms := add(encoded.offset, 0x20)
        }
    }

    function _nodes(bytes calldata encoded, uint256 slot, uint256 at) private pure returns (uint256 end) {
        uint256 count = _length(encoded, slot, at);
        if (count > MAX_NODES) revert TooManyNodes(count, MAX_NODES);
        (uint256 start, uint256 calls) = (at + 0x20, 0);
        end = start + 0x20 * count;
        for (uint256 i; i < count; ++i) {
            _points(encoded, start + 0x20 * i, end - start);
            if (_fits(encoded, end, 8) == CALL) ++calls;
            _fits(encoded, end + 0x20, 8);
            _fits(encoded, end + 0x40, 160);
            end = _bytes(encoded, end, 0x80);
        }
        if (calls > MAX_CALLS) revert TooManyCalls(calls, MAX_CALLS);
    }

    function _hooks(bytes calldata encoded, uint256 slot, uint256 at) private pure returns (uint256 end) {
        uint256 count = _length(encoded, slot, at);
        if (count > MAX_HOOKS) revert TooManyHooks(count, MAX_HOOKS);
        uint256 start = at + 0x20;
        end = start + 0x20 * count;
        for (uint256 i; i < count; ++i) {
            _points(encoded, start + 0x20 * i, end - start);
            _fits(encoded, end, 160);
            uint256 gasLimit = _fits(encoded, end + 0x20, 32);
            if (gasLimit > MAX_HOOK_GAS) revert HookGasTooHigh(i, gasLimit, MAX_HOOK_GAS);
            _fits(encoded, end + 0x40, 1);
            end = _bytes(encoded, end, 0x60);
        }
    }

    function _shares(bytes calldata encoded, uint256 slot, uint256 at) private pure returns (uint256 end) {
        uint256 count = _length(encoded, slot, at);
        if (count > MAX_SHARES) revert TooManyShares(count, MAX_SHARES);
        uint256 sum;
        end = at + 0x20;
        for (uint256 i; i < count; ++i) {
            uint256 receiver = _fits(encoded, end, 160);
            uint256 bps = _fits(encoded, end + 0x20, 16);
            if (receiver == 0 || bps == 0) revert ShareEmpty(i);
            sum += bps;
            end += 0x40;
        }
        if (sum > MAX_SHARE_BPS) revert SharesTooLarge(sum, MAX_SHARE_BPS);
    }

    /// @dev The length of the array whose offset is in `slot` of the outer tuple; the array must be `at` that position.
    function _length(bytes calldata encoded, uint256 slot, uint256 at) private pure returns (uint256) {
        _points(encoded, slot, at - 0x20);
        return _word(encoded, at);
    }

    /// @dev The end of the tuple at `start`, whose last member is a byte string with its offset at `member`.
    function _bytes(bytes calldata encoded, uint256 start, uint256 member) private pure returns (uint256 end) {
        _points(encoded, start + member, member + 0x20);
        uint256 at = start + member + 0x20;
        uint256 length = _word(encoded, at);
        if (length > encoded.length) revert TermsMalformed(at);
        end = at + 0x20 + ((length + 0x1f) & ~uint256(0x1f));
        uint256 rest = length & 0x1f;
        // The padding is zero.
        if (rest != 0) {
            if (_word(encoded, end - 0x20) << (8 * rest) != 0) revert TermsMalformed(end - 0x20);
        } else if (length != 0) {
            _word(encoded, end - 0x20);
        }
    }

    function _points(bytes calldata encoded, uint256 at, uint256 offset) private pure {
        if (_word(encoded, at) != offset) revert TermsMalformed(at);
    }

    function _fits(bytes calldata encoded, uint256 at, uint256 bits) private pure returns (uint256 word) {
        word = _word(encoded, at);
        if (word >> bits != 0) revert TermsMalformed(at);
    }

    function _word(bytes calldata encoded, uint256 at) private pure returns (uint256 word) {
        if (at + 0x20 > encoded.length) revert TermsMalformed(at);
        assembly ("memory-safe") {
            word := calldataload(add(encoded.offset, at))
        }
    }
}
