// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BondToken} from "./BondToken.sol";
import {ZeroAddress} from "./Errors.sol";
import {ILedger, LedgerTerms, Receipt} from "./interfaces/ILedger.sol";
import {
    AlreadyChallenged,
    AlreadyProven,
    AnswerTimeRunning,
    AnswerTooLate,
    ChallengeNotOpen,
    DifferentPlaces,
    NotIncluded,
    NotYetDue,
    OnlyOperator,
    ReceiptTooOld,
    RootUnknown,
    SameReceipt,
    SizeNotGrowing
} from "./LedgerErrors.sol";
import {MerkleLog} from "./MerkleLog.sol";
import {OperatorBond} from "./OperatorBond.sol";
import {Owned} from "./Owned.sol";
import {Receipts} from "./Receipts.sol";

/// @title Ledger
contract Ledger is ILedger, OperatorBond, Receipts {
    struct Roots {
        bytes32 log;
        bytes32 state;
    }

    struct Challenge {
        address challenger;
        uint64 answerUntil;
        bool open;
        uint64 epoch;
        uint64 sequence;
        /// The size of the epoch's largest tree when the omission was claimed.
        uint64 postedSize;
        bytes32 head;
        uint256 stake;
    }

    /// @notice Posts roots.
    address public operator;
    /// @notice The size of the largest tree of an epoch with a posted root.
    mapping(uint64 epoch => uint64 size) public latestSize;
    /// @notice The roots of a tree; zero if none were posted for this size.
    mapping(uint64 epoch => mapping(uint64 size => Roots)) public roots;
    /// @notice Places for which an equivocation was paid.
    mapping(uint64 epoch => mapping(uint64 sequence => bool)) public equivocated;
    /// @notice Receipts whose omission was claimed, by digest.
    mapping(bytes32 digest => bool) public challenged;
    /// @notice The claims, by id; ids count from zero.
    mapping(uint256 id => Challenge) public challenges;
    /// @notice How many omissions were ever claimed.
    uint256 public challengeCount;

    event OperatorChanged(address indexed previous, address indexed current);

    constructor(
        address settlement_,
        address owner_,
        address operator_,
        address receiptSigner_,
        address beneficiary_,
        address bondToken_,
        LedgerTerms memory terms
    ) BondToken(bondToken_) Owned(owner_) OperatorBond(terms, beneficiary_) Receipts(settlement_, receiptSigner_) {
        _setOperator(operator_);
    }

    /// @notice Replaces the account that posts roots.
    function setOperator(address next) external onlyOwner {
        _setOperator(next);
    }

    /// @inheritdoc ILedger
    function post(uint64 epoch, uint64 size, bytes32 logRoot, bytes32 stateRoot) external {
        if (msg.sender != operator) revert OnlyOperator(msg.sender);
        uint64 latest = latestSize[epoch];
        if (size <= latest) revert SizeNotGrowing(epoch, size, latest);
        latestSize[epoch] = size;
        roots[epoch][size] = Roots(logRoot, stateRoot);
        emit RootPosted(epoch, size, logRoot, stateRoot);
    }

    /// @inheritdoc ILedger
    function proveEquivocation(Receipt calldata a, bytes calldata sigA, Receipt calldata b, bytes calldata sigB)
        external
    {
        (uint64 epoch, uint64 sequence) = (a.epoch, a.sequence);
        if (epoch != b.epoch || sequence != b.sequence) revert DifferentPlaces(epoch, sequence, b.epoch, b.sequence);
        bytes32 digest = _checkReceipt(a, sigA, challengePeriod);
        if (digest == _checkReceipt(b, sigB, challengePeriod)) revert SameReceipt(digest);
        // The later of the two counts: dating one of them back must not save the operator.
        _checkAge(a.time > b.time ? a.time : b.time);
        if (equivocated[epoch][sequence]) revert AlreadyProven(epoch, sequence);
        equivocated[epoch][sequence] = true;
        uint256 slashed = _slash(msg.sender);
        emit EquivocationProven(epoch, sequence, msg.sender, a.head, b.head, slashed);
    }

    /// @inheritdoc ILedger
    function challengeOmission(Receipt calldata receipt, bytes calldata sig) external locked returns (uint256 id) {
        bytes32 digest = _checkReceipt(receipt, sig, challengePeriod);
        uint256 due = receipt.time + inclusionPeriod;
        if (block.timestamp <= due) revert NotYetDue(due, block.timestamp);
        _checkAge(receipt.time);
        if (challenged[digest]) revert AlreadyChallenged(digest);
        challenged[digest] = true;
        ++openChallenges;
        id = challengeCount++;
        uint256 stake = _pull(msg.sender, challengeStake);
        _open(id, receipt, stake);
    }

    /// @inheritdoc ILedger
    function answerOmission(uint256 id, uint64 size, bytes32[] calldata proof) external {
        Challenge storage challenge = _openChallenge(id);
        if (block.timestamp > challenge.answerUntil) revert AnswerTooLate(id, challenge.answerUntil, block.timestamp);
        (uint64 epoch, uint64 sequence) = (challenge.epoch, challenge.sequence);
        bytes32 root = roots[epoch][size].log;
        if (root == 0) revert RootUnknown(epoch, size);
        // No entry has sequence number zero: the signer of such a receipt can not answer for it.
        if (sequence == 0 || !MerkleLog.includes(root, size, sequence - 1, MerkleLog.leafHash(challenge.head), proof)) {
            revert NotIncluded(epoch, sequence, size);
        }
        bool inTime = size <= challenge.postedSize;
        _close(challenge);
        _owe(inTime ? operator : challenge.challenger, challenge.stake);
        emit OmissionAnswered(id, size, inTime);
    }

    /// @inheritdoc ILedger
    function resolve(uint256 id) external {
        Challenge storage challenge = _openChallenge(id);
        if (block.timestamp <= challenge.answerUntil) {
            revert AnswerTimeRunning(id, challenge.answerUntil, block.timestamp);
        }
        _close(challenge);
        _owe(challenge.challenger, challenge.stake);
        uint256 slashed = _slash(challenge.challenger);
        emit OmissionResolved(id, challenge.challenger, slashed);
    }

    function _open(uint256 id, Receipt calldata receipt, uint256 stake) private {
        Challenge storage challenge = challenges[id];
        challenge.challenger = msg.sender;
        challenge.answerUntil = uint64(block.timestamp + answerPeriod);
        challenge.open = true;
        (challenge.epoch, challenge.sequence) = (receipt.epoch, receipt.sequence);
        challenge.postedSize = latestSize[receipt.epoch];
        (challenge.head, challenge.stake) = (receipt.head, stake);
        emit OmissionClaimed(
            id, receipt.epoch, receipt.sequence, receipt.uid, receipt.head, msg.sender, stake, challenge.answerUntil
        );
    }

    function _openChallenge(uint256 id) private view returns (Challenge storage challenge) {
        challenge = challenges[id];
        if (!challenge.open) revert ChallengeNotOpen(id);
    }

    function _close(Challenge storage challenge) private {
        challenge.open = false;
        --openChallenges;
    }

    function _checkAge(uint256 time) private view {
        uint256 until = time + challengePeriod;
        if (block.timestamp > until) revert ReceiptTooOld(time, until, block.timestamp);
    }

    function _setOperator(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit OperatorChanged(operator, next);
        operator = next;
    }
}
