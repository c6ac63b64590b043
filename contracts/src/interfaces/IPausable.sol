// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Something that its operator can stop
interface IPausable {
    /// @notice Whether it is stopped.
    function paused() external view returns (bool);
}
