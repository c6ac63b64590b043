// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Cursor} from "./Cursor.sol";
import {SolutionMalformed} from "./Errors.sol";

/// @title What the executor needs of packed interactions
library PackedCalls {
    /// @notice The target, the call data, and where the allowances begin.
    function readCall(uint256 at) internal pure returns (address target, bytes calldata data, uint256 next) {
        (target, next) = Cursor.addressAt(at);
        uint256 dataAt;
        uint256 length;
        (dataAt, length, next) = Cursor.blobAt(next);
        assembly ("memory-safe") {
            data.offset := dataAt
            data.length := length
        }
    }

    /// @notice One allowance: an index into the solution's tokens, a spender, an amount.
    function readAllowance(uint256 at)
        internal
        pure
        returns (uint256 index, address spender, uint256 amount, uint256 next)
    {
        unchecked {
            index = Cursor.byteAt(at);
            (spender, next) = Cursor.addressAt(at + 1);
            (amount, next) = Cursor.numberAt(next);
        }
    }

    /// @notice Where the allowances end. Reverts if one is not of the first `tokens` tokens.
    function skipAllowances(uint256 at, uint256 tokens) internal pure returns (uint256 next) {
        unchecked {
            uint256 count = Cursor.byteAt(at);
            next = at + 1;
            for (; count != 0; --count) {
                uint256 index;
                uint256 start = next;
                (index,,, next) = readAllowance(start);
                if (index >= tokens) revert SolutionMalformed(start);
            }
        }
    }

    /// @notice Where the declared inputs, or outputs, end.
    function skipDeclared(uint256 at) internal pure returns (uint256 next) {
        unchecked {
            uint256 count = Cursor.byteAt(at);
            next = at + 1;
            for (; count != 0; --count) {
                (, next) = Cursor.numberAt(next + 1);
            }
        }
    }
}
