// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PERMIT_DAI, Permit} from "./Types.sol";

interface IERC20Calls {
    function approve(address spender, uint256 amount) external returns (bool);
    function transfer(address to, uint256 amount) external returns (bool);
    function allowance(address owner, address spender) external view returns (uint256);
}

/// @title Calls on tokens that may misbehave, with a result in place of a revert
library Tokens {
    /// @dev Revert data kept from a failing call.
    uint256 internal constant MAX_REASON = 256;
    /// @dev EIP-2612.
    bytes4 private constant PERMIT_SELECTOR =
        bytes4(keccak256("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"));
    /// @dev The older function, with a nonce and a yes or no instead of an amount.
    bytes4 private constant PERMIT_DAI_SELECTOR =
        bytes4(keccak256("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)"));

    /// @notice Transfers from the caller's own balance.
    function tryTransfer(address token, address to, uint256 amount) internal returns (bool) {
        return _succeeds(token, abi.encodeCall(IERC20Calls.transfer, (to, amount)));
    }

    /// @notice Sets an allowance of the caller; some tokens want it to be zero before it is anything else.
    function tryApprove(address token, address spender, uint256 amount) internal returns (bool) {
        bytes memory data = abi.encodeCall(IERC20Calls.approve, (spender, amount));
        if (_succeeds(token, data)) return true;
        return _succeeds(token, abi.encodeCall(IERC20Calls.approve, (spender, 0))) && _succeeds(token, data);
    }

    /// @notice Calls permit with at most `gasLimit` gas. Returns the start of the revert data, if any.
    function permit(Permit calldata p, address spender, uint256 gasLimit) internal returns (bytes memory reason) {
        bytes memory data = p.style == PERMIT_DAI
            ? abi.encodeWithSelector(PERMIT_DAI_SELECTOR, p.owner, spender, p.nonce, p.deadline, true, p.v, p.r, p.s)
            : abi.encodeWithSelector(PERMIT_SELECTOR, p.owner, spender, p.value, p.deadline, p.v, p.r, p.s);
        address token = p.token;
        bool ok;
        assembly ("memory-safe") {
            ok := call(gasLimit, token, 0, add(data, 0x20), mload(data), 0x00, 0x00)
        }
        if (!ok) reason = returned(MAX_REASON);
    }

    /// @notice The allowance, read with at most `gasLimit` gas; zero if the token does not answer.
    function allowance(address token, address owner, address spender, uint256 gasLimit)
        internal
        view
        returns (uint256 amount)
    {
        bytes memory data = abi.encodeCall(IERC20Calls.allowance, (owner, spender));
        assembly ("memory-safe") {
            let ok := staticcall(gasLimit, token, add(data, 0x20), mload(data), 0x00, 0x20)
            if and(ok, gt(returndatasize(), 0x1f)) { amount := mload(0x00) }
        }
    }

    /// @notice The first `limit` bytes of the last call's return data.
    function returned(uint256 limit) internal pure returns (bytes memory data) {
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, limit) { size := limit }
            data := mload(0x40)
            mstore(data, size)
            // Clears the padding, then copies.
            mstore(add(add(data, 0x20), size), 0)
            returndatacopy(add(data, 0x20), 0, size)
            mstore(0x40, add(add(data, 0x20), and(add(size, 0x3f), not(0x1f))))
        }
    }

    /// @dev A token may return nothing if it has code; what it returns must be true.
    function _succeeds(address token, bytes memory data) private returns (bool ok) {
        assembly ("memory-safe") {
            mstore(0x00, 0)
            ok := call(gas(), token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            switch returndatasize()
            case 0 { ok := and(ok, iszero(iszero(extcodesize(token)))) }
            default { ok := and(ok, and(gt(returndatasize(), 0x1f), eq(mload(0x00), 1))) }
        }
    }
}
