// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Permit, Transfer} from "../Types.sol";

/// @title The only contract that traders approve, and the deposit box for the solvers' cover
interface IVault {
    /// @notice `amount` of a solver's cover was added by deposit or by the excess of a settlement.
    event CoverAdded(address indexed solver, address indexed token, uint256 amount);
    /// @notice `amount` of a solver's cover was withdrawn or drawn by a settlement.
    event CoverRemoved(address indexed solver, address indexed token, uint256 amount);
    /// @notice A relayed permit did not leave the allowance it promises.
    event PermitFailed(address indexed token, address indexed owner, bytes reason);

    /// @notice The settlement that alone may move approvals and cover.
    function settlement() external view returns (address);

    /// @notice What a solver has deposited to make up for shortfalls of its interactions.
    function coverOf(address solver, address token) external view returns (uint256);

    /// @notice The sum of all solvers' cover in `token`; the vault never holds less.
    function totalCover(address token) external view returns (uint256);

    /// @notice Executes transferFrom for each transfer; one failure reverts all. Only for the settlement.
    function pull(Transfer[] calldata transfers) external;

    /// @notice Sends `amount` of a solver's cover to `to`. Only for the settlement.
    function drawCover(address solver, address token, uint256 amount, address to) external;

    /// @notice Credits `amount` of tokens that have already arrived to a solver's cover. Only for the settlement.
    function creditCover(address solver, address token, uint256 amount) external;

    /// @notice Takes `amount` from the caller and credits what arrived to the caller's cover.
    /// @return received What arrived.
    function depositCover(address token, uint256 amount) external returns (uint256 received);

    /// @notice Returns `amount` of the caller's cover to the caller.
    function withdrawCover(address token, uint256 amount) external;

    /// @notice Submits EIP-2612 permits with this vault as spender. Each stands alone: a failing one is reported by an
    ///         event and by `permitted`, and the rest go on.
    /// @return permitted Whether the allowance is at least the permitted value afterwards, whoever relayed it.
    function relayPermits(Permit[] calldata permits) external returns (bool[] memory permitted);
}
