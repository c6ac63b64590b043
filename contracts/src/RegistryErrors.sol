// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

error OnlyAccuser(address caller);
error OnlyArbiter(address caller);
error OnlyAccused(address caller, address solver);
error PeriodOutOfRange(uint256 period, uint256 least, uint256 most);
error PenaltyEmpty();
error ReasonMissing();
error LeaveDue(address solver, uint256 leavesAt);
error PenaltyOpen(address solver, uint256 open);
error PenaltyNotOpen(uint256 id);
error AnswerPeriodRunning(uint256 id, uint256 answerUntil, uint256 time);
error AnswerPeriodOver(uint256 id, uint256 answerUntil, uint256 time);
error PenaltyExpired(uint256 id, uint256 expiresAt, uint256 time);
error PenaltyNotExpired(uint256 id, uint256 expiresAt, uint256 time);
