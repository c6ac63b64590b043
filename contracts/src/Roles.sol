// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ZeroAddress} from "./Errors.sol";
import {Owned} from "./Owned.sol";
import {OnlyPauser, Paused, SignersNotAscending, ThresholdOutOfRange} from "./RoleErrors.sol";

/// @title Who runs the house
/// @dev None of these can move a trader's funds: they decide who may settle, whether anyone may, and where fees go.
abstract contract Roles is Owned {
    // House, threshold, paused and _signerSet share a slot: a settlement reads them at once.
    /// @notice May settle any awarded solution.
    address public house;
    /// @notice How many house signers have to sign an award.
    uint8 public threshold;
    /// @notice Whether settling is stopped.
    bool public paused;
    /// @dev Number of the current set of house signers; never zero once constructed.
    uint64 private _signerSet;
    /// @notice Receives fees, rounding leftovers and undeclared excess.
    address public treasury;
    /// @notice May stop settling, and nothing else. Zero if there is none.
    address public pauser;
    /// @dev The last set of house signers that an account was in.
    mapping(address signer => uint256 set) private _signerSetOf;

    event HouseChanged(address indexed previous, address indexed current);
    event TreasuryChanged(address indexed previous, address indexed current);
    event PauserChanged(address indexed previous, address indexed current);
    event HouseSignerAdded(address indexed signer, uint64 indexed set);
    event HouseSignersChanged(uint64 indexed set, uint8 threshold);
    event PausedChanged(address indexed by, bool paused);

    constructor(address owner_, address house_, address houseSigner_, address treasury_) Owned(owner_) {
        _setHouse(house_);
        _setTreasury(treasury_);
        if (houseSigner_ == address(0)) revert ZeroAddress();
        _addHouseSigner(houseSigner_, 1);
        _startHouseSigners(1, 1);
    }

    /// @notice Whether `account` signs awards.
    function isHouseSigner(address account) public view returns (bool) {
        return _signerSetOf[account] == _signerSet;
    }

    /// @notice Stops all settling. The pauser can do this and not undo it.
    function pause() external {
        if (msg.sender != pauser && msg.sender != owner) revert OnlyPauser(msg.sender);
        _setPaused(true);
    }

    /// @notice Resumes settling.
    function unpause() external onlyOwner {
        _setPaused(false);
    }

    /// @notice Replaces the account that may stop settling; zero for none.
    function setPauser(address next) external onlyOwner {
        emit PauserChanged(pauser, next);
        pauser = next;
    }

    /// @notice Replaces the account that settles.
    function setHouse(address next) external onlyOwner {
        _setHouse(next);
    }

    /// @notice Replaces all house signers and how many of them have to sign; unspent awards that lack signatures die.
    /// @param signers The whole new set, in ascending order.
    function setHouseSigners(address[] calldata signers, uint8 threshold_) external onlyOwner {
        if (threshold_ == 0 || threshold_ > signers.length) revert ThresholdOutOfRange(threshold_, signers.length);
        uint64 set = _signerSet + 1;
        address previous;
        for (uint256 i; i < signers.length; ++i) {
            address signer = signers[i];
            if (signer <= previous) revert SignersNotAscending(previous, signer);
            _addHouseSigner(signer, set);
            previous = signer;
        }
        _startHouseSigners(set, threshold_);
    }

    /// @notice Replaces the receiver of fees.
    function setTreasury(address next) external onlyOwner {
        _setTreasury(next);
    }

    /// @dev The house, if settling is not stopped.
    function _houseRunning() internal view returns (address) {
        if (paused) revert Paused();
        return house;
    }

    function _setPaused(bool next) private {
        paused = next;
        emit PausedChanged(msg.sender, next);
    }

    function _setHouse(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit HouseChanged(house, next);
        house = next;
    }

    function _setTreasury(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit TreasuryChanged(treasury, next);
        treasury = next;
    }

    function _addHouseSigner(address signer, uint64 set) private {
        _signerSetOf[signer] = set;
        emit HouseSignerAdded(signer, set);
    }

    /// @dev Numbering the sets removes the old signers without a list of them.
    function _startHouseSigners(uint64 set, uint8 threshold_) private {
        (_signerSet, threshold) = (set, threshold_);
        emit HouseSignersChanged(set, threshold_);
    }
}
