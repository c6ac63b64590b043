// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WiredElsewhere, ZeroAddress} from "./Errors.sol";
import {IExecutor} from "./interfaces/IExecutor.sol";
import {IHookRunner} from "./interfaces/IHookRunner.sol";
import {ISolverRegistry} from "./interfaces/ISolverRegistry.sol";
import {IVault} from "./interfaces/IVault.sol";

/// @title The contracts that a settlement works with
/// @dev Vault, executor and hook runner name their settlement for good; deploying a settlement at another address fails.
abstract contract Wiring {
    /// @notice Holds the traders' approvals and the solvers' cover.
    IVault public immutable vault;
    /// @notice Runs interactions.
    IExecutor public immutable executor;
    /// @notice Runs the terms of intents.
    IHookRunner public immutable hookRunner;
    /// @notice Knows which solvers are bonded.
    ISolverRegistry public immutable registry;
    /// @notice The token that stands for the native coin.
    address public immutable wrappedNative;

    constructor(address vault_, address executor_, address registry_, address wrappedNative_, address hookRunner_) {
        if (registry_ == address(0) || wrappedNative_ == address(0)) revert ZeroAddress();
        vault = IVault(vault_);
        executor = IExecutor(payable(executor_));
        hookRunner = IHookRunner(hookRunner_);
        registry = ISolverRegistry(registry_);
        wrappedNative = wrappedNative_;
        address vaultOf = IVault(vault_).settlement();
        if (vaultOf != address(this)) revert WiredElsewhere(vault_, vaultOf);
        address executorOf = IExecutor(payable(executor_)).settlement();
        if (executorOf != address(this)) revert WiredElsewhere(executor_, executorOf);
        address runnerOf = IHookRunner(hookRunner_).settlement();
        if (runnerOf != address(this)) revert WiredElsewhere(hookRunner_, runnerOf);
    }

    function _isHouseContract(address account) internal view returns (bool) {
        return account == address(this) || account == address(vault) || account == address(executor)
            || account == address(registry) || account == address(hookRunner);
    }
}
