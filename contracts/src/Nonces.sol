// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    FillTooSmall,
    NonceDead,
    NonceTaken,
    NotWhole,
    Overfilled,
    WrongEpoch
} from "./Errors.sol";
import {Intent, SELL, WHOLE} from "./Types.sol";

/// @title What is left of an intent
/// @dev A nonce is epoch (64 bits), word (184 bits), bit (8 bits); the stored word index keeps the epoch. Intents of one
///      owner that share a nonce are alternatives: whichever fills first sets `taken`, and no other can start.
abstract contract Nonces {
    /// @notice The epoch that an owner's nonces must carry in their top 64 bits.
    mapping(address owner => uint256) public epochOf;
    /// @notice Atoms of the fixed side's first leg filled so far, for partial intents only.
    mapping(bytes32 uid => uint256) public filled;
    /// @notice Bits of the nonces that have been filled or cancelled, by owner and nonce >> 8.
    mapping(address owner => mapping(uint256 word => uint256)) public takenWord;
    /// @notice Bits of the nonces that have been cancelled, by owner and nonce >> 8.
    mapping(address owner => mapping(uint256 word => uint256)) public deadWord;

    /// @notice All nonces of `word` with a bit in `mask` are cancelled.
    event Cancelled(address indexed owner, uint256 indexed word, uint256 mask);
    /// @notice All intents of earlier epochs are cancelled.
    event EpochRaised(address indexed owner, uint256 epoch);

    /// @notice Whether an intent with this nonce was filled, at least in part, or cancelled.
    function taken(address owner, uint256 nonce) external view returns (bool) {
        return takenWord[owner][nonce >> 8] & _bit(nonce) != 0;
    }

    /// @notice Whether this nonce was cancelled, so that not even a started partial intent goes on.
    function dead(address owner, uint256 nonce) external view returns (bool) {
        return deadWord[owner][nonce >> 8] & _bit(nonce) != 0;
    }

    /// @notice Cancels every intent of the caller with this nonce.
    function cancel(uint256 nonce) external {
        _cancel(nonce >> 8, _bit(nonce));
    }

    /// @notice Cancels up to 256 nonces of the caller at once: those of `word` (nonce >> 8) with a bit in `mask`.
    function cancelWord(uint256 word, uint256 mask) external {
        _cancel(word, mask);
    }

    /// @notice Cancels every intent of the caller so far.
    function raiseEpoch() external {
        uint256 epoch = ++epochOf[msg.sender];
        emit EpochRaised(msg.sender, epoch);
    }

    function _cancel(uint256 word, uint256 mask) private {
        takenWord[msg.sender][word] |= mask;
        deadWord[msg.sender][word] |= mask;
        emit Cancelled(msg.sender, word, mask);
    }

    /// @dev Checks that `executed` may still be filled and records it. Expects an intent that passed IntentRules.
    function _mark(bytes32 uid, Intent calldata intent, uint256 executed) internal {
        (address owner, uint256 nonce) = (intent.owner, intent.nonce);
        if (nonce >> 192 != epochOf[owner]) revert WrongEpoch(owner, nonce, epochOf[owner]);
        uint256 amount = intent.kind == SELL ? intent.gives[0].start : intent.wants[0].start;
        if (intent.fill == WHOLE) {
            if (executed != amount) revert NotWhole(executed, amount);
            _take(owner, nonce);
        } else {
            _markPartial(uid, owner, nonce, executed, amount, intent.minFill);
        }
    }

    function _markPartial(
        bytes32 uid,
        address owner,
        uint256 nonce,
        uint256 executed,
        uint256 amount,
        uint256 minFill
    ) private {
        uint256 before = filled[uid];
        if (before == 0) {
            _take(owner, nonce);
        } else if (deadWord[owner][nonce >> 8] & _bit(nonce) != 0) {
            revert NonceDead(owner, nonce);
        }
        uint256 remainder = amount - before;
        if (executed > remainder) revert Overfilled(uid, before, executed, amount);
        if (executed == 0 || (executed < minFill && executed != remainder)) {
            revert FillTooSmall(executed, minFill, remainder);
        }
        filled[uid] = before + executed;
    }

    function _take(address owner, uint256 nonce) private {
        uint256 word = takenWord[owner][nonce >> 8];
        if (word & _bit(nonce) != 0) revert NonceTaken(owner, nonce);
        takenWord[owner][nonce >> 8] = word | _bit(nonce);
    }

    function _bit(uint256 nonce) private pure returns (uint256) {
        return 1 << (nonce & 0xff);
    }
}
