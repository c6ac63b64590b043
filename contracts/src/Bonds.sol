// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BondToken} from "./BondToken.sol";
import {AlreadyLeaving, AmountTooLarge, BondTooLow, NotJoined, NotLeaving, NoticeRunning} from "./Errors.sol";
import {ISolverRegistry} from "./interfaces/ISolverRegistry.sol";
import {Owned} from "./Owned.sol";
import {PenaltyOpen, PeriodOutOfRange} from "./RegistryErrors.sol";

/// @title Joining, leaving, and what a solver has posted
abstract contract Bonds is ISolverRegistry, BondToken, Owned {
    /// @dev All that `isBonded` asks about a solver, in one slot. Times are Unix seconds; zero stands for never.
    struct Standing {
        uint128 bond;
        uint48 leavesAt;
        uint48 benchedUntil;
        uint32 openPenalties;
    }

    /// @dev Bounds every period, so that sums of times stay far below 2^48.
    uint256 internal constant MAX_PERIOD = 365 days;

    /// @notice Seconds between the announcement of a leave and the leave.
    uint256 public immutable noticePeriod;
    /// @notice The least bond of a bonded solver.
    uint256 public minimumBond;

    mapping(address solver => Standing) internal _standing;

    constructor(uint256 minimumBond_, uint256 noticePeriod_) {
        if (noticePeriod_ > MAX_PERIOD) revert PeriodOutOfRange(noticePeriod_, 0, MAX_PERIOD);
        noticePeriod = noticePeriod_;
        minimumBond = minimumBond_;
        emit MinimumBondChanged(0, minimumBond_);
    }

    /// @inheritdoc ISolverRegistry
    function isBonded(address solver) external view returns (bool) {
        Standing storage standing = _standing[solver];
        (uint256 bond, uint256 leaves, uint256 benched) = (standing.bond, standing.leavesAt, standing.benchedUntil);
        return
            bond != 0 && bond >= minimumBond && (leaves == 0 || block.timestamp < leaves) && block.timestamp >= benched;
    }

    /// @notice What a solver has posted, less what was slashed.
    function bondOf(address solver) external view returns (uint256) {
        return _standing[solver].bond;
    }

    /// @notice When an announced leave becomes possible; zero if none was announced.
    function leavesAt(address solver) external view returns (uint256) {
        return _standing[solver].leavesAt;
    }

    /// @notice Until when, exclusively, the solver wins nothing; zero if it was never benched.
    function benchedUntil(address solver) external view returns (uint256) {
        return _standing[solver].benchedUntil;
    }

    /// @notice How many penalties against the solver are neither executed nor withdrawn nor closed as expired.
    function openPenalties(address solver) external view returns (uint256) {
        return _standing[solver].openPenalties;
    }

    /// @notice Changes the minimum for everyone; a solver below it is not bonded until it tops up.
    function setMinimumBond(uint256 next) external onlyOwner {
        emit MinimumBondChanged(minimumBond, next);
        minimumBond = next;
    }

    /// @inheritdoc ISolverRegistry
    function join(uint256 amount) external locked {
        uint256 received = _pull(msg.sender, amount);
        Standing storage standing = _standing[msg.sender];
        uint256 bond = standing.bond + received;
        if (bond == 0 || bond < minimumBond) revert BondTooLow(bond, minimumBond);
        if (bond > type(uint128).max) revert AmountTooLarge(bond);
        standing.bond = uint128(bond);
        standing.leavesAt = 0;
        emit Joined(msg.sender, received, bond);
    }

    /// @inheritdoc ISolverRegistry
    function announceLeave() external {
        Standing storage standing = _standing[msg.sender];
        if (standing.bond == 0) revert NotJoined(msg.sender);
        if (standing.leavesAt != 0) revert AlreadyLeaving(msg.sender, standing.leavesAt);
        uint256 leaves = block.timestamp + noticePeriod;
        standing.leavesAt = uint48(leaves);
        emit LeaveAnnounced(msg.sender, leaves);
    }

    /// @inheritdoc ISolverRegistry
    function leave() external locked {
        Standing storage standing = _standing[msg.sender];
        uint256 leaves = standing.leavesAt;
        if (leaves == 0) revert NotLeaving(msg.sender);
        if (block.timestamp < leaves) revert NoticeRunning(leaves, block.timestamp);
        if (standing.openPenalties != 0) revert PenaltyOpen(msg.sender, standing.openPenalties);
        uint256 bond = standing.bond;
        // A bench outlives the leave: joining again does not end it.
        (standing.bond, standing.leavesAt) = (0, 0);
        emit Left(msg.sender, bond);
        _pay(msg.sender, bond);
    }
}
