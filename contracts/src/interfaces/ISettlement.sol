// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Entry, Intent, Outcome, Probe} from "../Types.sol";

/// @title Settles awarded solutions
interface ISettlement {
    /// @notice An intent was filled.
    /// @param executedAndFee `executed << 128 | fee`: atoms of the fixed side's first leg, and atoms of the first give. One
    ///        word, because every word of an event costs 256 gas.
    event Filled(bytes32 indexed uid, address indexed owner, uint256 executedAndFee);
    /// @notice `solution` is the keccak256 of the encoded solution.
    event SolutionSettled(uint256 indexed round, address indexed solver, bytes32 solution);
    /// @notice The solution had no effect. `reason` is its revert data, cut at 256 bytes; where it is AwardSpent, AwardExpired
    ///         or SolverNotBonded, the solution did not run, else its award is spent.
    event SolutionFailed(uint256 indexed round, address indexed solver, bytes32 solution, bytes reason);

    /// @notice Why a solution did not run: its award was used before.
    error AwardSpent(bytes32 digest);
    /// @notice Why a solution did not run: it came too late.
    error AwardExpired(uint256 deadline, uint256 time);
    /// @notice Why a solution did not run: its solver has no bond in force.
    error SolverNotBonded(address solver);

    /// @notice How every preview ends: what settling would have done, and what the probed balances would have gained.
    error Previewed(Outcome[] outcomes, int256[] deltas);

    /// @notice Executes a bundle of awarded solutions, each in isolation. For the house, or for the solver of all of them.
    /// @dev A caller without the right to settle, an award that the house did not sign, or too little gas for an award's gas
    ///      limit reverts the bundle. Whatever else goes wrong with one solution only fails that one.
    function settle(Entry[] calldata entries) external returns (Outcome[] memory outcomes);

    /// @notice Settles, measures and always reverts with {Previewed}. For eth_call by whoever may settle.
    function preview(Entry[] calldata entries, Probe[] calldata probes) external;

    /// @notice Executes one solution. Only the settlement may call it, on itself: that is what isolates solutions.
    /// @param encoded The packed solution.
    /// @param solver Whose cover may be drawn.
    function execute(bytes calldata encoded, address solver) external;

    /// @notice The EIP-712 digest of an intent, which is also its uid.
    function intentDigest(Intent calldata intent) external view returns (bytes32);
}
