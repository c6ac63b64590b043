// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev A call with one argument, Move[], under construction: its first item, and where the next one goes.
struct MoveList {
    uint256 first;
    uint256 next;
    uint256 end;
}

/// @title Movements written straight into the calldata of pull, pay or credit
library Moves {
    uint256 private constant ITEM = 0x80;

    error MoveListFull();

    /// @notice An empty list with room for `capacity` movements.
    function allocate(uint256 capacity) internal pure returns (MoveList memory list) {
        uint256 first;
        assembly ("memory-safe") {
            // Three words go before the first item: selector, offset, length.
            first := add(mload(0x40), 0x60)
            mstore(0x40, add(first, mul(capacity, ITEM)))
        }
        list.first = first;
        list.next = first;
        list.end = first + capacity * ITEM;
    }

    function add(MoveList memory list, address token, uint256 from, uint256 to, uint256 amount) internal pure {
        uint256 item = list.next;
        if (item == list.end) revert MoveListFull();
        assembly ("memory-safe") {
            mstore(item, token)
            mstore(add(item, 0x20), from)
            mstore(add(item, 0x40), to)
            mstore(add(item, 0x60), amount)
        }
        unchecked {
            list.next = item + ITEM;
        }
    }

    /// @notice Takes note that movements were written up to `item`.
    function advance(MoveList memory list, uint256 item) internal pure {
        if (item > list.end) revert MoveListFull();
        list.next = item;
    }

    /// @notice Calls `target` with the list unless it is empty; passes on a revert.
    function send(MoveList memory list, address target, bytes4 selector) internal {
        (uint256 first, uint256 next) = (list.first, list.next);
        if (first == next) return;
        assembly ("memory-safe") {
            mstore(sub(first, 0x60), shr(224, selector))
            mstore(sub(first, 0x40), 0x20)
            mstore(sub(first, 0x20), div(sub(next, first), ITEM))
            let start := sub(first, 0x44)
            if iszero(call(gas(), target, 0, start, sub(next, start), 0x00, 0x00)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
        }
    }
}
