// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Terms and the bond
error TermsOutOfOrder(uint256 shorter, uint256 longer);
error RewardAbovePenalty(uint256 reward, uint256 penalty);
error WithdrawalNotAnnounced();
error WithdrawalNotYet(uint256 withdrawsAt, uint256 time);
error ChallengesOpen(uint256 open);
error NothingOwed(address account);

// Roots
error OnlyOperator(address caller);
error SizeNotGrowing(uint64 epoch, uint64 size, uint64 latest);
error RootUnknown(uint64 epoch, uint64 size);

// Receipts
error SettlementWithoutCode(address settlement);
error NotReceiptSigner(address recovered);
error SignerRemoved(address signer, uint256 until, uint256 receiptTime);
error ReceiptTooOld(uint256 receiptTime, uint256 challengeableUntil, uint256 time);

// Challenges
error DifferentPlaces(uint64 epochA, uint64 sequenceA, uint64 epochB, uint64 sequenceB);
error SameReceipt(bytes32 digest);
error AlreadyProven(uint64 epoch, uint64 sequence);
error NotYetDue(uint256 due, uint256 time);
error AlreadyChallenged(bytes32 digest);
error ChallengeNotOpen(uint256 id);
error AnswerTooLate(uint256 id, uint256 answerUntil, uint256 time);
error AnswerTimeRunning(uint256 id, uint256 answerUntil, uint256 time);
error NotIncluded(uint64 epoch, uint64 sequence, uint64 size);
