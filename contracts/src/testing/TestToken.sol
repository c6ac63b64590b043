// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "solady/tokens/ERC20.sol";

import {LengthMismatch, OnlyMinter} from "../Errors.sol";

/// @title An ERC-20 with EIP-2612 permits for test networks: its minter creates what it likes
contract TestToken is ERC20 {
    /// @notice The account that may mint.
    address public immutable minter;

    uint8 private immutable _decimals;
    string private _name;
    string private _symbol;

    constructor(string memory name_, string memory symbol_, uint8 decimals_, address minter_) {
        (_name, _symbol, _decimals, minter) = (name_, symbol_, decimals_, minter_);
    }

    /// @notice Mints amounts[i] to accounts[i].
    function mintBatch(address[] calldata accounts, uint256[] calldata amounts) external {
        if (msg.sender != minter) revert OnlyMinter(msg.sender);
        if (amounts.length != accounts.length) revert LengthMismatch(amounts.length, accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            _mint(accounts[i], amounts[i]);
        }
    }

    function name() public view override returns (string memory) {
        return _name;
    }

    function symbol() public view override returns (string memory) {
        return _symbol;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
