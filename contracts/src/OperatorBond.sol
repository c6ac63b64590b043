// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BondToken} from "./BondToken.sol";
import {AmountTooLarge, ZeroAddress} from "./Errors.sol";
import {LedgerTerms} from "./interfaces/ILedger.sol";
import {
    ChallengesOpen,
    NothingOwed,
    RewardAbovePenalty,
    TermsOutOfOrder,
    WithdrawalNotAnnounced,
    WithdrawalNotYet
} from "./LedgerErrors.sol";
import {Owned} from "./Owned.sol";

/// @title What the operator has posted, and who is owed what of it
/// @dev Penalties and stakes are credited here and collected later, so that no receiver can make a judgement fail.
abstract contract OperatorBond is BondToken, Owned {
    uint256 public immutable inclusionPeriod;
    uint256 public immutable challengePeriod;
    uint256 public immutable answerPeriod;
    uint256 public immutable noticePeriod;
    uint256 public immutable penalty;
    uint256 public immutable reward;
    uint256 public immutable challengeStake;

    /// @notice What answers for the operator's receipts.
    uint128 public bond;
    /// @notice Omissions that are claimed and neither answered nor resolved.
    uint64 public openChallenges;
    /// @notice When an announced withdrawal becomes possible; zero if none was announced.
    uint64 public withdrawsAt;
    /// @notice How much was announced.
    uint256 public withdrawing;
    /// @notice Receives what is slashed and not paid to a challenger. Should not be the operator's own.
    address public beneficiary;
    /// @notice What an account can collect.
    mapping(address account => uint256) public owed;

    event BondDeposited(address indexed from, uint256 received, uint256 bond);
    event WithdrawalAnnounced(uint256 amount, uint256 withdrawsAt);
    event BondWithdrawn(address indexed to, uint256 amount, uint256 bond);
    event Owed(address indexed account, uint256 amount);
    event Collected(address indexed account, address indexed to, uint256 amount);
    event BeneficiaryChanged(address indexed previous, address indexed current);

    constructor(LedgerTerms memory terms, address beneficiary_) {
        if (terms.inclusionPeriod >= terms.challengePeriod) {
            revert TermsOutOfOrder(terms.inclusionPeriod, terms.challengePeriod);
        }
        if (terms.challengePeriod >= terms.noticePeriod) {
            revert TermsOutOfOrder(terms.challengePeriod, terms.noticePeriod);
        }
        if (terms.answerPeriod == 0) revert TermsOutOfOrder(0, terms.answerPeriod);
        if (terms.noticePeriod > 365 days) revert TermsOutOfOrder(terms.noticePeriod, 365 days);
        if (terms.answerPeriod > 365 days) revert TermsOutOfOrder(terms.answerPeriod, 365 days);
        if (terms.reward > terms.penalty) revert RewardAbovePenalty(terms.reward, terms.penalty);
        inclusionPeriod = terms.inclusionPeriod;
        challengePeriod = terms.challengePeriod;
        answerPeriod = terms.answerPeriod;
        noticePeriod = terms.noticePeriod;
        penalty = terms.penalty;
        reward = terms.reward;
        challengeStake = terms.stake;
        _setBeneficiary(beneficiary_);
    }

    /// @notice Replaces the receiver of penalties.
    function setBeneficiary(address next) external onlyOwner {
        _setBeneficiary(next);
    }

    /// @notice Adds what arrives of `amount` to the bond. Anyone.
    function deposit(uint256 amount) external locked {
        uint256 received = _pull(msg.sender, amount);
        uint256 sum = bond + received;
        if (sum > type(uint128).max) revert AmountTooLarge(sum);
        bond = uint128(sum);
        emit BondDeposited(msg.sender, received, sum);
    }

    /// @notice Announces a withdrawal, in place of any earlier one; zero takes it back.
    function announceWithdrawal(uint256 amount) external onlyOwner {
        uint256 at = amount == 0 ? 0 : block.timestamp + noticePeriod;
        (withdrawing, withdrawsAt) = (amount, uint64(at));
        emit WithdrawalAnnounced(amount, at);
    }

    /// @notice Pays out what was announced, or what is left if that is less, after the notice and while no challenge is
    ///         open.
    function withdraw(address to) external locked onlyOwner {
        if (withdrawsAt == 0) revert WithdrawalNotAnnounced();
        if (block.timestamp < withdrawsAt) revert WithdrawalNotYet(withdrawsAt, block.timestamp);
        if (openChallenges != 0) revert ChallengesOpen(openChallenges);
        uint256 amount = withdrawing < bond ? withdrawing : bond;
        (bond, withdrawing, withdrawsAt) = (bond - uint128(amount), 0, 0);
        emit BondWithdrawn(to, amount, bond);
        _pay(to, amount);
    }

    /// @notice Pays out what the caller is owed.
    function collect(address to) external locked returns (uint256 amount) {
        amount = owed[msg.sender];
        if (amount == 0) revert NothingOwed(msg.sender);
        owed[msg.sender] = 0;
        emit Collected(msg.sender, to, amount);
        _pay(to, amount);
    }

    /// @dev Takes the penalty, or what is left, and credits it: the reward first.
    function _slash(address challenger) internal returns (uint256 slashed) {
        slashed = penalty < bond ? penalty : bond;
        bond -= uint128(slashed);
        uint256 toChallenger = reward < slashed ? reward : slashed;
        _owe(challenger, toChallenger);
        _owe(beneficiary, slashed - toChallenger);
    }

    function _owe(address account, uint256 amount) internal {
        if (amount == 0) return;
        owed[account] += amount;
        emit Owed(account, amount);
    }

    function _setBeneficiary(address next) private {
        if (next == address(0)) revert ZeroAddress();
        emit BeneficiaryChanged(beneficiary, next);
        beneficiary = next;
    }
}
