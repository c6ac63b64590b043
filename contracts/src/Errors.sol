// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Access and deployment
error OnlyOwner(address caller);
error OnlyPendingOwner(address caller);
error OnlySettlement(address caller);
error OnlySelf(address caller);
error OnlyMinter(address caller);
error Reentered();
error ZeroAddress();
error WiredElsewhere(address part, address settlement);

// Settling
error NothingToSettle();
error NotAllowedToSettle(address caller, address solver);
error NotEnoughGas(uint256 available, uint256 needed);
error ProbeFailed(address token, address account);

// Signatures
error SignatureLength(uint256 length);
error SignatureMalleable(uint256 s);
error SignatureRecoveryId(uint8 v);
error WrongSigner(address recovered, address owner);
error UnknownScheme(uint256 scheme);
error SignerWithoutCode(address owner);
error SignatureRefused(address owner);
error NotPreSigned(address owner, bytes32 uid);
error SignatureNotEmpty(uint256 length);
error PermitNotWhole(bytes32 uid);

// Shape of an intent
error LegCount(uint256 gives, uint256 wants);
error UnknownKind(uint256 kind);
error UnknownFill(uint256 fill);
error BoundOutOfRange(address token, uint256 start, uint256 end);
error FixedSideMoves(address token, uint256 start, uint256 end);
error BoundMovesWrongWay(address token, uint256 start, uint256 end);
error DecayOutOfRange(uint256 validFrom, uint256 decayTo, uint256 validTo);
error MinFillOutOfRange(uint256 minFill, uint256 amount);
error NativeGive();
error TermsMismatch(bytes32 signed, bytes32 given);
error TimeOutOfRange(uint256 validFrom, uint256 validTo);
error ReceiverForbidden(address receiver);
error NotYetValid(uint256 validFrom, uint256 time);
error Expired(uint256 validTo, uint256 time);

// Nonces and what is left of an intent
error WrongEpoch(address owner, uint256 nonce, uint256 epoch);
error NonceTaken(address owner, uint256 nonce);
error NonceDead(address owner, uint256 nonce);
error NotWhole(uint256 executed, uint256 amount);
error Overfilled(bytes32 uid, uint256 filled, uint256 executed, uint256 amount);
error FillTooSmall(uint256 executed, uint256 minFill, uint256 remainder);

// Amounts of a fill
error ExecutedOutOfRange(uint256 executed, uint256 amount);
error FeeTooLarge(uint256 fee, uint256 give);
error FeeBelowShares(uint256 fee, uint256 shares);
error RoundUpOutOfRange(uint256 roundUp, uint256 legs);
error RoundingAgainstTrader(uint256 leg, uint256 amount);
error ZeroLeg(uint256 leg);
error AmountTooLarge(uint256 amount);
error ValueOverflow();
error WantBelowLimit(uint256 leg, uint256 amount, uint256 limit);
error GiveAboveLimit(uint256 leg, uint256 amount, uint256 limit);

// Shape of a solution
error SolutionMalformed(uint256 position);
error LengthMismatch(uint256 length, uint256 expected);
error TokensNotAscending(uint256 index);
error PriceOutOfRange(uint256 index, uint256 price);
error TokenIndexOutOfRange(uint256 index, uint256 tokens);
error LegTokenMismatch(address token, address listed);
error LegTokenRepeated(address token);

// Balance of a solution
error NotConserved(address token, uint256 have, uint256 need);
error CoverExceeded(address token, uint256 shortfall, uint256 cover);
error CoverTooLow(address solver, address token, uint256 cover, uint256 amount);
error BalanceTooLow(address owner, address token, uint256 balance, uint256 amount);
error NotABalance(uint256 place);
error PartsUnequal(address token, uint256 amount);
error NotReceived(address token, uint256 held, uint256 owed);
error NothingReceived(address token);

// Movements
error PullFailed(address token, address from, address to, uint256 amount);
error ApprovalFailed(address token, address spender, uint256 amount);
error PaymentFailed(address token, address to, uint256 amount);
error NativePaymentFailed(address receiver);
error NativeNotAccepted(address sender);
error VaultAsPayer();

// Leaving the vault
error WithdrawalsPaused();
error NoExitAnnounced(address owner, address token);
error ExitNotYet(uint256 exitsAt, uint256 time);

// Interactions
error ForbiddenTarget(address target);
error ForbiddenSelector(address target, bytes4 selector);
error ForbiddenSpender(address spender);
error AllowanceTokenUnknown(address token);
error TargetWithoutCode(address target);
error InteractionFailed(uint256 index, bytes reason);

// Bonds
error BondTooLow(uint256 bond, uint256 minimum);
error NotJoined(address solver);
error AlreadyLeaving(address solver, uint256 leavesAt);
error NotLeaving(address solver);
error NoticeRunning(uint256 leavesAt, uint256 time);

// Test pools and tokens
error UnknownPoolToken(address token);
error OutputTooLow(uint256 out, uint256 minOut);
error EmptyReserves();
error ValueMismatch(uint256 value, uint256 sum);
