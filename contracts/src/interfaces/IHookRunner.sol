// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Runs the terms of intents; holds nothing and is approved for nothing
interface IHookRunner {
    /// @notice A hook that may fail did. `index` counts the hooks before, then those after.
    event HookFailedQuietly(bytes32 indexed uid, uint256 index);

    /// @notice Checks exclusivity and the condition, then runs the hooks before. Only for the settlement.
    /// @param terms abi.encode(Terms), canonical.
    /// @param uid The intent whose terms they are.
    /// @param solver For whom the solution is settled.
    /// @return shares One word for each fee share: bps << 160 | receiver.
    /// @return hasAfter Whether `close` has anything to do.
    function open(bytes calldata terms, bytes32 uid, address solver)
        external
        returns (uint256[] memory shares, bool hasAfter);

    /// @notice Runs the hooks after. Only for the settlement.
    function close(bytes calldata terms, bytes32 uid) external;

    /// @notice Whether the condition of `terms` holds now. Reverts, as `open` would, if it cannot be read or if the terms
    ///         are ones that `open` refuses whatever the chain says.
    function holds(bytes calldata terms) external view returns (bool);

    function settlement() external view returns (address);
}
