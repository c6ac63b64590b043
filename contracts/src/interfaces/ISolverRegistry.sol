// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who may win awards, and what a winner that does not deliver loses
/// @dev Bonds answer for a solver's conduct and are slashed here, after a public accusation. The deposits that make up
///      for shortfalls of a solution ("cover") are in the vault (`IVault.depositCover`), where settlements spend them.
interface ISolverRegistry {
    event Joined(address indexed solver, uint256 received, uint256 bond);
    event LeaveAnnounced(address indexed solver, uint256 leavesAt);
    event Left(address indexed solver, uint256 bond);
    event MinimumBondChanged(uint256 previous, uint256 current);
    event PenaltyProposed(
        uint256 indexed id,
        address indexed solver,
        uint256 indexed round,
        uint256 amount,
        uint256 benchSeconds,
        uint256 answerUntil,
        string reason
    );
    event PenaltyAnswered(uint256 indexed id, address indexed solver, string text);
    event PenaltyExecuted(uint256 indexed id, address indexed solver, uint256 slashed, uint256 benchedUntil);
    event PenaltyWithdrawn(uint256 indexed id, address indexed solver);
    event PenaltyLapsed(uint256 indexed id, address indexed solver);

    /// @notice Whether the solver may win: its bond is at least the minimum and can not be taken out yet, and it is not
    ///         benched.
    function isBonded(address solver) external view returns (bool);

    /// @notice Adds what arrives of `amount` to the caller's bond, which must reach the minimum, and takes back an
    ///         announced leave.
    function join(uint256 amount) external;

    /// @notice Starts the notice. The bond stays in force until it ends.
    function announceLeave() external;

    /// @notice Returns the bond after the notice, unless a penalty is open.
    function leave() external;

    /// @notice Accuses a solver in public. Only the accuser, and not once the solver's notice has ended: otherwise one
    ///         accusation after the other could hold its bond for ever.
    /// @param amount Of the bond token, to be slashed; of a smaller bond, all.
    /// @param benchSeconds How long it shall win nothing. The house doubles it from one failure to the next.
    /// @param reason What it did, for everybody to read and check.
    /// @param round The round in which it did so.
    function propose(address solver, uint256 amount, uint256 benchSeconds, string calldata reason, uint256 round)
        external
        returns (uint256 id);

    /// @notice The accused solver's side, in public. As often as it likes, within the answer period.
    function answer(uint256 id, string calldata text) external;

    /// @notice Slashes and benches. Only the arbiter, after the answer period and before the penalty expires.
    function execute(uint256 id) external;

    /// @notice Drops an accusation. Only the arbiter, at any time while it is open.
    function withdraw(uint256 id) external;

    /// @notice Closes a penalty that nobody executed in time. Anyone.
    function lapse(uint256 id) external;
}
