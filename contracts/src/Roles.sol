// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OnlyOwner, OnlyPendingOwner, ZeroAddress} from "./Errors.sol";

/// @title Who runs the house
/// @dev None of these can move a trader's funds: they decide who may settle and where fees go.
abstract contract Roles {
    /// @notice May rotate the other roles.
    address public owner;
    /// @notice Has been offered ownership and not yet accepted.
    address public pendingOwner;
    /// @notice May settle any awarded solution.
    address public house;
    /// @notice Signs awards.
    address public houseSigner;
    /// @notice Receives fees, rounding leftovers and undeclared excess.
    address public treasury;

    event OwnershipOffered(address indexed owner, address indexed pendingOwner);
    event OwnerChanged(address indexed previous, address indexed current);
    event HouseChanged(address indexed previous, address indexed current);
    event HouseSignerChanged(address indexed previous, address indexed current);
    event TreasuryChanged(address indexed previous, address indexed current);

    modifier onlyOwner() {
        if (msg.sender != owner) revert OnlyOwner(msg.sender);
        _;
    }

    constructor(address owner_, address house_, address houseSigner_, address treasury_) {
        if (owner_ == address(0)) revert ZeroAddress();
        owner = owner_;
        emit OwnerChanged(address(0), owner_);
        _setHouse(house_);
        _setHouseSigner(houseSigner_);
        _setTreasury(treasury_);
    }

    /// @notice Offers ownership to `next`, who has to accept it. Zero withdraws the offer.
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

    /// @notice Replaces the account that settles.
    function setHouse(address next) external onlyOwner {
        _setHouse(next);
    }

    /// @notice Replaces the key that signs awards; unspent awards of the old key die.
    function setHouseSigner(address next) external onlyOwner {
        _setHouseSigner(next);
    }

    /// @notice Replaces the receiver of fees.
    function setTreasury(address next) external onlyOwner {
        _setTreasury(next);
    }

    function _setHouse(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit HouseChanged(house, next);
        house = next;
    }

    function _setHouseSigner(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit HouseSignerChanged(houseSigner, next);
        houseSigner = next;
    }

    function _setTreasury(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit TreasuryChanged(treasury, next);
        treasury = next;
    }
}
