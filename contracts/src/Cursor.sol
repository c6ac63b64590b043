// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SolutionMalformed} from "./Errors.sol";

/// @title Reading packed values at a position in calldata
/// @dev Reading beyond the calldata gives zeros; whoever reads has to check the end before what was read has an effect.
library Cursor {
    function byteAt(uint256 at) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, calldataload(at))
        }
    }

    function shortAt(uint256 at) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(240, calldataload(at))
        }
    }

    function addressAt(uint256 at) internal pure returns (address value, uint256 next) {
        assembly ("memory-safe") {
            value := shr(96, calldataload(at))
            next := add(at, 20)
        }
    }

    /// @dev One byte of length, at most 32, and that many bytes, of which the first is not zero.
    function numberAt(uint256 at) internal pure returns (uint256 value, uint256 next) {
        bool good;
        assembly ("memory-safe") {
            let length := byte(0, calldataload(at))
            let word := calldataload(add(at, 1))
            value := shr(sub(256, shl(3, length)), word)
            // Zero has length zero; a word shifted by 256 is zero.
            good := and(lt(length, 33), or(iszero(length), iszero(iszero(byte(0, word)))))
            next := add(add(at, 1), length)
        }
        if (!good) revert SolutionMalformed(at);
    }

    /// @dev Two bytes of length, and that many bytes.
    function blobAt(uint256 at) internal pure returns (uint256 dataAt, uint256 length, uint256 next) {
        unchecked {
            (length, dataAt) = (shortAt(at), at + 2);
            next = dataAt + length;
        }
    }
}
