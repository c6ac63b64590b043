// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Functions that no interaction may call, on any target
/// @dev Whoever approves the executor by mistake, or a token that a solution did not list, must not be reachable.
library Selectors {
    bytes4 private constant APPROVE = bytes4(keccak256("approve(address,uint256)"));
    bytes4 private constant TRANSFER = bytes4(keccak256("transfer(address,uint256)"));
    bytes4 private constant TRANSFER_FROM = bytes4(keccak256("transferFrom(address,address,uint256)"));
    bytes4 private constant INCREASE_ALLOWANCE = bytes4(keccak256("increaseAllowance(address,uint256)"));
    bytes4 private constant DECREASE_ALLOWANCE = bytes4(keccak256("decreaseAllowance(address,uint256)"));
    bytes4 private constant INCREASE_APPROVAL = bytes4(keccak256("increaseApproval(address,uint256)"));
    // EIP-2612, and the older form of one well-known token
    bytes4 private constant PERMIT = bytes4(keccak256("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"));
    bytes4 private constant PERMIT_HOLDER =
        bytes4(keccak256("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)"));
    bytes4 private constant PERMIT_BYTES = bytes4(keccak256("permit(address,address,uint256,uint256,bytes)"));
    // EIP-3009
    bytes4 private constant TRANSFER_WITH_AUTHORIZATION = bytes4(
        keccak256("transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)")
    );
    bytes4 private constant RECEIVE_WITH_AUTHORIZATION = bytes4(
        keccak256("receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)")
    );
    // EIP-777
    bytes4 private constant SEND = bytes4(keccak256("send(address,uint256,bytes)"));
    bytes4 private constant OPERATOR_SEND = bytes4(keccak256("operatorSend(address,address,uint256,bytes,bytes)"));
    bytes4 private constant AUTHORIZE_OPERATOR = bytes4(keccak256("authorizeOperator(address)"));
    // EIP-1363
    bytes4 private constant APPROVE_AND_CALL = bytes4(keccak256("approveAndCall(address,uint256)"));
    bytes4 private constant APPROVE_AND_CALL_DATA = bytes4(keccak256("approveAndCall(address,uint256,bytes)"));
    bytes4 private constant TRANSFER_AND_CALL = bytes4(keccak256("transferAndCall(address,uint256)"));
    bytes4 private constant TRANSFER_AND_CALL_DATA = bytes4(keccak256("transferAndCall(address,uint256,bytes)"));
    bytes4 private constant TRANSFER_FROM_AND_CALL = bytes4(keccak256("transferFromAndCall(address,address,uint256)"));
    bytes4 private constant TRANSFER_FROM_AND_CALL_DATA =
        bytes4(keccak256("transferFromAndCall(address,address,uint256,bytes)"));
    // EIP-721 and EIP-1155
    bytes4 private constant SET_APPROVAL_FOR_ALL = bytes4(keccak256("setApprovalForAll(address,bool)"));
    bytes4 private constant SAFE_TRANSFER_FROM = bytes4(keccak256("safeTransferFrom(address,address,uint256)"));
    bytes4 private constant SAFE_TRANSFER_FROM_DATA =
        bytes4(keccak256("safeTransferFrom(address,address,uint256,bytes)"));
    bytes4 private constant SAFE_TRANSFER_FROM_MULTI =
        bytes4(keccak256("safeTransferFrom(address,address,uint256,uint256,bytes)"));
    bytes4 private constant SAFE_BATCH_TRANSFER_FROM =
        bytes4(keccak256("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"));

    /// @notice Whether `data` calls one of them, or is too short to name a function.
    function isForbidden(bytes calldata data) internal pure returns (bool) {
        if (data.length < 4) return true;
        bytes4 s = bytes4(data);
        return _isTransfer(s) || _isApproval(s);
    }

    function _isTransfer(bytes4 s) private pure returns (bool) {
        return s == TRANSFER || s == TRANSFER_FROM || s == TRANSFER_WITH_AUTHORIZATION
            || s == RECEIVE_WITH_AUTHORIZATION || s == SEND || s == OPERATOR_SEND || s == TRANSFER_AND_CALL
            || s == TRANSFER_AND_CALL_DATA || s == TRANSFER_FROM_AND_CALL || s == TRANSFER_FROM_AND_CALL_DATA
            || s == SAFE_TRANSFER_FROM || s == SAFE_TRANSFER_FROM_DATA || s == SAFE_TRANSFER_FROM_MULTI
            || s == SAFE_BATCH_TRANSFER_FROM;
    }

    function _isApproval(bytes4 s) private pure returns (bool) {
        return s == APPROVE || s == INCREASE_ALLOWANCE || s == DECREASE_ALLOWANCE || s == INCREASE_APPROVAL
            || s == PERMIT || s == PERMIT_HOLDER || s == PERMIT_BYTES || s == AUTHORIZE_OPERATOR
            || s == APPROVE_AND_CALL || s == APPROVE_AND_CALL_DATA || s == SET_APPROVAL_FOR_ALL;
    }
}
