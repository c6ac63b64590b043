// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OnlyOwner, OnlyPendingOwner, ZeroAddress} from "./Errors.sol";

/// @title An owner that changes in two steps, so that a mistyped address can not take a contract away
abstract contract Owned {
    /// @notice May change the other roles.
    address public owner;
    /// @notice Has been offered ownership and not yet accepted; zero if nobody has.
    address public pendingOwner;

    event OwnershipOffered(address indexed owner, address indexed pendingOwner);
    event OwnerChanged(address indexed previous, address indexed current);

    modifier onlyOwner() {
        _checkOwner();
        _;
    }

    constructor(address owner_) {
        if (owner_ == address(0)) revert ZeroAddress();
        owner = owner_;
        emit OwnerChanged(address(0), owner_);
    }

    /// @notice Offers ownership to `next`, who has to accept it. An earlier offer falls; zero only cancels it.
    function offerOwnership(address next) external onlyOwner {
        pendingOwner = next;
        emit OwnershipOffered(owner, next);
    }

    /// @notice Takes up an offered ownership.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert OnlyPendingOwner(msg.sender);
        emit OwnerChanged(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }

    function _checkOwner() private view {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
    }
}
