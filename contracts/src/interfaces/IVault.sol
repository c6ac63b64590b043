// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Move, Part, Permit, Permitted} from "../Types.sol";

/// @title The only contract that traders approve; it also keeps balances for those who want that, and the solvers' cover
interface IVault {
    /// @notice `amount` arrived for the balance of `owner`.
    event Deposited(address indexed owner, address indexed token, uint256 amount);
    /// @notice `amount` of the balance of `owner` was sent to `to`.
    event Withdrawn(address indexed owner, address indexed token, address to, uint256 amount);
    /// @notice From `exitsAt` on, the owner can take out the whole balance whatever the operator does.
    event ExitAnnounced(address indexed owner, address indexed token, uint256 exitsAt);
    /// @notice `amount` of a solver's cover was added by deposit or by the excess of a settlement.
    event CoverAdded(address indexed solver, address indexed token, uint256 amount);
    /// @notice `amount` of a solver's cover was withdrawn or drawn by a settlement.
    event CoverRemoved(address indexed solver, address indexed token, uint256 amount);
    /// @notice A relayed permit did not leave the allowance it promises.
    event PermitFailed(address indexed token, address indexed owner, bytes reason);

    /// @notice The settlement that alone may move approvals, balances and cover.
    function settlement() external view returns (address);

    /// @notice Seconds between announcing an exit and exiting.
    function EXIT_DELAY() external view returns (uint256);

    /// @notice What the vault keeps for a trader. Settlements move it as the trader's intents say, without an event of the
    ///         vault: the settlement's Filled events and prices tell.
    function balanceOf(address owner, address token) external view returns (uint256);

    /// @notice What a solver has deposited to make up for shortfalls of its interactions.
    function coverOf(address solver, address token) external view returns (uint256);

    /// @notice The sum of all balances and cover in `token`; the vault never holds less.
    function totalHeld(address token) external view returns (uint256);

    /// @notice When an announced exit becomes possible; zero if none was announced.
    function exitsAt(address owner, address token) external view returns (uint256);

    /// @notice Takes `amount` from the caller and credits what arrived to the balance of `to`.
    /// @return received What arrived.
    function deposit(address token, uint256 amount, address to) external returns (uint256 received);

    /// @notice Sends `amount` of the caller's balance to `to`. Not while the settlement is paused: see {announceExit}.
    function withdraw(address token, uint256 amount, address to) external;

    /// @notice Starts the delay after which {exit} works, even while the settlement is paused.
    function announceExit(address token) external;

    /// @notice Sends the caller's whole balance to `to`. Nobody can stop it.
    /// @return amount What was sent.
    function exit(address token, address to) external returns (uint256 amount);

    /// @notice Takes `amount` from the caller and credits what arrived to the caller's cover.
    /// @return received What arrived.
    function depositCover(address token, uint256 amount) external returns (uint256 received);

    /// @notice Returns `amount` of the caller's cover to the caller.
    function withdrawCover(address token, uint256 amount) external;

    /// @notice Executes each movement, between wallets by transferFrom; one failure reverts all. Only for the settlement.
    function pull(Move[] calldata moves) external;

    /// @notice Takes from the balances of the first `payers` of the parts and gives to those of the others, as much as was
    ///         taken. Only for the settlement.
    function rebook(address token, uint256 payers, Part[] calldata parts) external;

    /// @notice Credits tokens that have already arrived to the places `to`. Only for the settlement.
    function credit(Move[] calldata moves) external;

    /// @notice Takes what a Permit2 signature allows and sends it to `to`. Only for the settlement.
    function pullPermitted(Permitted calldata permitted, address to) external;

    /// @notice Submits permits with this vault as spender. Each stands alone: a failing one is reported by an event and by
    ///         `permitted`, and the rest go on.
    /// @return permitted Whether the allowance is at least the permitted value afterwards, whoever relayed it.
    function relayPermits(Permit[] calldata permits) external returns (bool[] memory permitted);
}
