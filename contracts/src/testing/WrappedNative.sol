// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WETH} from "solady/tokens/WETH.sol";

import {LengthMismatch, ValueMismatch} from "../Errors.sol";

/// @title The native coin as an ERC-20 with EIP-2612 permits, for test networks
contract WrappedNative is WETH {
    /// @notice Wraps amounts[i] for accounts[i]; the value sent must be exactly their sum.
    function depositFor(address[] calldata accounts, uint256[] calldata amounts) external payable {
        if (amounts.length != accounts.length) revert LengthMismatch(amounts.length, accounts.length);
        uint256 sum;
        for (uint256 i; i < accounts.length; ++i) {
            sum += amounts[i];
            _mint(accounts[i], amounts[i]);
        }
        if (sum != msg.value) revert ValueMismatch(msg.value, sum);
    }

    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}
