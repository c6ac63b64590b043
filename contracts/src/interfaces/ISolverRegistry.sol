// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who may win awards
interface ISolverRegistry {
    event Joined(address indexed solver, uint256 amount, uint256 bond);
    event LeaveAnnounced(address indexed solver, uint256 leavesAt);
    event Left(address indexed solver, uint256 bond);
    event MinimumBondChanged(uint256 previous, uint256 current);

    /// @notice Whether the solver's bond is at least the minimum and can not be withdrawn yet.
    function isBonded(address solver) external view returns (bool);

    /// @notice Adds `amount` to the caller's bond, which must reach the minimum, and takes back an announced leave.
    function join(uint256 amount) external;

    /// @notice Starts the notice. The bond stays in force until it ends.
    function announceLeave() external;

    /// @notice Returns the bond after the notice.
    function leave() external;
}
