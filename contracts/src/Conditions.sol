// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NotEnoughGas} from "./Errors.sol";
import {ALL, ANY, BALANCE, CALL, NOT, Node, TIME} from "./Terms.sol";
import {ConditionUnreadable, NodeMalformed} from "./TermsErrors.sol";
import {NATIVE} from "./Types.sol";

interface IBalance {
    function balanceOf(address account) external view returns (uint256);
}

/// @title Conditions of terms: a bounded tree over time, balances and static calls
/// @dev Every leaf is read, whatever the others say, and one that cannot be read fails the whole condition: else NOT would
///      turn a failure into a yes. A comparison is 0 `<`, 1 `<=`, 2 `==`, 3 `>=`, 4 `>`, 5 `!=`, unsigned.
library Conditions {
    uint256 internal constant MAX_DEPTH = 8;
    /// @dev What one read may use. Less than this is never passed on, so that nobody makes a read fail, or answer
    ///      otherwise, by giving the settlement little gas.
    uint256 internal constant READ_GAS = 100_000;
    uint256 internal constant READ_RESERVE = 5_000;

    /// @notice Whether the condition holds now; one without nodes does. Reverts if it cannot be read.
    function holds(Node[] calldata nodes) internal view returns (bool yes) {
        if (nodes.length == 0) return true;
        uint256 next;
        (yes, next) = _subtree(nodes, 0, 1);
        if (next != nodes.length) revert NodeMalformed(next);
    }

    function _subtree(Node[] calldata nodes, uint256 at, uint256 depth) private view returns (bool yes, uint256 next) {
        if (at >= nodes.length || depth > MAX_DEPTH) revert NodeMalformed(at);
        Node calldata node = nodes[at];
        uint256 op = node.op;
        if (op > NOT) return (_leaf(node, at), at + 1);
        uint256 children = _children(node, at);
        (yes, next) = (op == ALL, at + 1);
        for (uint256 i; i < children; ++i) {
            bool child;
            (child, next) = _subtree(nodes, next, depth + 1);
            if (op == ALL) yes = yes && child;
            else if (op == ANY) yes = yes || child;
            else yes = !child;
        }
    }

    function _children(Node calldata node, uint256 at) private pure returns (uint256 children) {
        bool isNot = node.op == NOT;
        children = isNot ? 1 : node.value;
        bool unused = node.cmp == 0 && node.target == address(0) && node.data.length == 0;
        if (!unused || children == 0 || (isNot && node.value != 0)) revert NodeMalformed(at);
    }

    function _leaf(Node calldata node, uint256 at) private view returns (bool) {
        uint256 cmp = node.cmp;
        if (node.op > CALL || cmp > 5) revert NodeMalformed(at);
        uint256 value = node.value;
        uint256 found = _found(node, at);
        if (cmp == 0) return found < value;
        if (cmp == 1) return found <= value;
        if (cmp == 2) return found == value;
        if (cmp == 3) return found >= value;
        if (cmp == 4) return found > value;
        return found != value;
    }

    function _found(Node calldata node, uint256 at) private view returns (uint256 found) {
        address target = node.target;
        bytes calldata data = node.data;
        if (node.op == TIME) {
            if (target != address(0) || data.length != 0) revert NodeMalformed(at);
            return block.timestamp;
        }
        if (node.op == CALL) return _read(target, data, at);
        if (data.length != 32 || uint256(bytes32(data)) >> 160 != 0) revert NodeMalformed(at);
        address account = address(uint160(uint256(bytes32(data))));
        if (target == NATIVE) return account.balance;
        return _read(target, abi.encodeCall(IBalance.balanceOf, (account)), at);
    }

    /// @dev The first word that `target` returns; an account without code returns none.
    function _read(address target, bytes memory data, uint256 at) private view returns (uint256 word) {
        uint256 needed = READ_GAS * 64 / 63 + READ_RESERVE;
        if (gasleft() < needed) revert NotEnoughGas(gasleft(), needed);
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(READ_GAS, target, add(data, 0x20), mload(data), 0x00, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            word := mload(0x00)
        }
        if (!ok) revert ConditionUnreadable(at);
    }
}
