// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Linked lists of (place, amount) in memory; zero is the empty list
library Parties {
    function push(uint256 list, uint256 place, uint256 amount) internal pure returns (uint256 node) {
        assembly ("memory-safe") {
            node := mload(0x40)
            mstore(node, place)
            mstore(add(node, 0x20), amount)
            mstore(add(node, 0x40), list)
            mstore(0x40, add(node, 0x60))
        }
    }

    function head(uint256 list) internal pure returns (uint256 place, uint256 amount, uint256 next) {
        assembly ("memory-safe") {
            place := mload(list)
            amount := mload(add(list, 0x20))
            next := mload(add(list, 0x40))
        }
    }

    /// @notice Takes `amount` off the first of the list, and the first itself off when nothing is left of it.
    function reduce(uint256 list, uint256 amount) internal pure returns (uint256 rest) {
        assembly ("memory-safe") {
            let left := sub(mload(add(list, 0x20)), amount)
            mstore(add(list, 0x20), left)
            switch left
            case 0 { rest := mload(add(list, 0x40)) }
            default { rest := list }
        }
    }

    /// @notice The sum of the amounts, all of them below 2^128.
    function total(uint256 list) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            for {} list { list := mload(add(list, 0x40)) } { sum := add(sum, mload(add(list, 0x20))) }
        }
    }

    /// @notice `first`, whose last node is `last`, followed by `second`.
    function join(uint256 first, uint256 last, uint256 second) internal pure returns (uint256) {
        if (first == 0) return second;
        assembly ("memory-safe") {
            mstore(add(last, 0x40), second)
        }
        return first;
    }
}
