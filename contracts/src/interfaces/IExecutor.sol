// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Interaction, Move} from "../Types.sol";

/// @title The contract from which outside calls are made
/// @dev It owns nothing between settlements, nothing is owed to it, and nobody should approve it.
interface IExecutor {
    /// @notice The settlement that alone may use this executor.
    function settlement() external view returns (address);

    /// @notice Makes the calls in order, each under its exact allowances, which are revoked afterwards.
    /// @param tokens The tokens of the solution: none may be a target, and only these may be allowed to spenders.
    function run(Interaction[] calldata interactions, address[] calldata tokens) external;

    /// @notice The same for packed interactions, which the settlement has found to be well formed.
    function runPacked(bytes calldata packed, address[] calldata tokens) external;

    /// @notice Pays out of the executor's balances into wallets; NATIVE is unwrapped first and paid with limited gas.
    function pay(Move[] calldata payments) external;

    /// @notice Takes native coin from the wrapped native token only.
    receive() external payable;
}
