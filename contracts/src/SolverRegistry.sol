// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BondToken} from "./BondToken.sol";
import {Bonds} from "./Bonds.sol";
import {NotJoined, ZeroAddress} from "./Errors.sol";
import {ISolverRegistry} from "./interfaces/ISolverRegistry.sol";
import {Owned} from "./Owned.sol";
import {
    AnswerPeriodOver,
    AnswerPeriodRunning,
    LeaveDue,
    OnlyAccused,
    OnlyAccuser,
    OnlyArbiter,
    PenaltyEmpty,
    PenaltyExpired,
    PenaltyNotExpired,
    PenaltyNotOpen,
    PeriodOutOfRange,
    ReasonMissing
} from "./RegistryErrors.sol";

/// @title SolverRegistry
/// @dev Nobody alone can take a bond, and nobody at once: the accuser (the house, by machine) proposes, the solver
///      answers, the arbiter (people) executes or withdraws. They may be one account where the owner wants it so.
contract SolverRegistry is Bonds {
    struct Penalty {
        address solver;
        uint48 answerUntil;
        uint32 benchSeconds;
        bool open;
        uint256 amount;
    }

    /// @notice Seconds after the answer period in which a penalty can be executed.
    uint256 public constant EXECUTION_WINDOW = 7 days;

    /// @notice Seconds in which a solver can answer before anything happens to it.
    uint256 public immutable answerPeriod;
    /// @notice Proposes penalties.
    address public accuser;
    /// @notice Executes or withdraws them.
    address public arbiter;
    /// @notice Receives what is slashed.
    address public beneficiary;
    /// @notice The accusations, by id; ids count from zero.
    mapping(uint256 id => Penalty) public penalties;
    /// @notice How many penalties were ever proposed.
    uint256 public penaltyCount;

    event AccuserChanged(address indexed previous, address indexed current);
    event ArbiterChanged(address indexed previous, address indexed current);
    event BeneficiaryChanged(address indexed previous, address indexed current);

    constructor(
        address bondToken_,
        uint256 minimumBond_,
        uint256 noticePeriod_,
        uint256 answerPeriod_,
        address owner_,
        address accuser_,
        address arbiter_,
        address beneficiary_
    ) BondToken(bondToken_) Bonds(minimumBond_, noticePeriod_) Owned(owner_) {
        if (answerPeriod_ == 0 || answerPeriod_ > MAX_PERIOD) {
            revert PeriodOutOfRange(answerPeriod_, 1, MAX_PERIOD);
        }
        answerPeriod = answerPeriod_;
        _setAccuser(accuser_);
        _setArbiter(arbiter_);
        _setBeneficiary(beneficiary_);
    }

    /// @notice When a penalty can no longer be executed.
    function expiresAt(uint256 id) public view returns (uint256) {
        return penalties[id].answerUntil + EXECUTION_WINDOW;
    }

    /// @notice Replaces the account that proposes penalties; zero for none.
    function setAccuser(address next) external onlyOwner {
        _setAccuser(next);
    }

    /// @notice Replaces the account that executes them; zero for none.
    function setArbiter(address next) external onlyOwner {
        _setArbiter(next);
    }

    /// @notice Replaces the receiver of what is slashed.
    function setBeneficiary(address next) external onlyOwner {
        _setBeneficiary(next);
    }

    /// @inheritdoc ISolverRegistry
    function propose(address solver, uint256 amount, uint256 benchSeconds, string calldata reason, uint256 round)
        external
        returns (uint256 id)
    {
        if (msg.sender != accuser) revert OnlyAccuser(msg.sender);
        if (amount == 0 && benchSeconds == 0) revert PenaltyEmpty();
        if (benchSeconds > MAX_PERIOD) revert PeriodOutOfRange(benchSeconds, 0, MAX_PERIOD);
        if (bytes(reason).length == 0) revert ReasonMissing();
        Standing storage standing = _standing[solver];
        if (standing.bond == 0) revert NotJoined(solver);
        uint256 leaves = standing.leavesAt;
        if (leaves != 0 && block.timestamp >= leaves) revert LeaveDue(solver, leaves);
        ++standing.openPenalties;
        id = penaltyCount++;
        uint256 answerUntil = block.timestamp + answerPeriod;
        penalties[id] = Penalty(solver, uint48(answerUntil), uint32(benchSeconds), true, amount);
        emit PenaltyProposed(id, solver, round, amount, benchSeconds, answerUntil, reason);
    }

    /// @inheritdoc ISolverRegistry
    function answer(uint256 id, string calldata text) external {
        Penalty storage penalty = _open(id);
        if (msg.sender != penalty.solver) revert OnlyAccused(msg.sender, penalty.solver);
        if (block.timestamp > penalty.answerUntil) revert AnswerPeriodOver(id, penalty.answerUntil, block.timestamp);
        emit PenaltyAnswered(id, msg.sender, text);
    }

    /// @inheritdoc ISolverRegistry
    function execute(uint256 id) external locked {
        Penalty storage penalty = _open(id);
        if (msg.sender != arbiter) revert OnlyArbiter(msg.sender);
        if (block.timestamp <= penalty.answerUntil) {
            revert AnswerPeriodRunning(id, penalty.answerUntil, block.timestamp);
        }
        if (block.timestamp > expiresAt(id)) revert PenaltyExpired(id, expiresAt(id), block.timestamp);
        Standing storage standing = _close(penalty);
        uint256 slashed = penalty.amount < standing.bond ? penalty.amount : standing.bond;
        uint256 until = block.timestamp + penalty.benchSeconds;
        if (penalty.benchSeconds == 0 || until < standing.benchedUntil) until = standing.benchedUntil;
        standing.bond -= uint128(slashed);
        standing.benchedUntil = uint48(until);
        emit PenaltyExecuted(id, penalty.solver, slashed, until);
        _pay(beneficiary, slashed);
    }

    /// @inheritdoc ISolverRegistry
    function withdraw(uint256 id) external {
        Penalty storage penalty = _open(id);
        if (msg.sender != arbiter) revert OnlyArbiter(msg.sender);
        _close(penalty);
        emit PenaltyWithdrawn(id, penalty.solver);
    }

    /// @inheritdoc ISolverRegistry
    function lapse(uint256 id) external {
        Penalty storage penalty = _open(id);
        if (block.timestamp <= expiresAt(id)) revert PenaltyNotExpired(id, expiresAt(id), block.timestamp);
        _close(penalty);
        emit PenaltyLapsed(id, penalty.solver);
    }

    function _open(uint256 id) private view returns (Penalty storage penalty) {
        penalty = penalties[id];
        if (!penalty.open) revert PenaltyNotOpen(id);
    }

    function _close(Penalty storage penalty) private returns (Standing storage standing) {
        penalty.open = false;
        standing = _standing[penalty.solver];
        --standing.openPenalties;
    }

    function _setAccuser(address next) private {
        emit AccuserChanged(accuser, next);
        accuser = next;
    }

    function _setArbiter(address next) private {
        emit ArbiterChanged(arbiter, next);
        arbiter = next;
    }

    function _setBeneficiary(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit BeneficiaryChanged(beneficiary, next);
        beneficiary = next;
    }
}
