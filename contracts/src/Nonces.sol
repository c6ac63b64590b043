// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FillTooSmall, NonceDead, NonceTaken, NotWhole, Overfilled, WrongEpoch} from "./Errors.sol";
import {IntentRules} from "./IntentRules.sol";
import {Order} from "./Order.sol";
import {WHOLE} from "./Types.sol";

/// @title What is left of an intent, and where its owner's funds are kept
/// @dev A nonce is epoch (64 bits), word (184 bits), bit (8 bits); word indices keep the epoch. Intents of one owner that
///      share a nonce are alternatives: whichever fills first sets `taken`, and no other can start. The epoch, the `taken`
///      bits of its first 192 nonces and the owner's choice of funds share a slot, so that a trade of an ordinary owner
///      touches one slot only.
abstract contract Nonces {
    uint256 private constant PACKED = 192;
    uint256 private constant PACKED_MASK = (1 << PACKED) - 1;
    uint256 private constant EPOCH_SHIFT = 184; // of a word index
    /// @dev Of an owner's state: funds are kept in the vault. An epoch never gets as far as this bit.
    uint256 internal constant KEEPS = 1 << 255;

    /// @notice Atoms of the fixed side's first leg filled so far, for partial intents only.
    mapping(bytes32 uid => uint256) public filled;
    /// @dev KEEPS, 63 bits of epoch, `taken` bits of the epoch's first 192 nonces.
    mapping(address owner => uint256) private _states;
    mapping(address owner => mapping(uint256 word => uint256)) private _takenWords;
    mapping(address owner => mapping(uint256 word => uint256)) private _deadWords;

    /// @notice All nonces of `word` with a bit in `mask` are cancelled.
    event Cancelled(address indexed owner, uint256 indexed word, uint256 mask);
    /// @notice All intents of earlier epochs are cancelled.
    event EpochRaised(address indexed owner, uint256 epoch);

    /// @notice From now on the owner's gives come from its balances in the vault, and what it is due is credited there.
    event FundsKeptInVault(address indexed owner, bool kept);

    /// @notice The epoch that an owner's nonces must carry in their top 64 bits.
    function epochOf(address owner) public view returns (uint256) {
        return _epoch(_states[owner]);
    }

    /// @notice Whether the owner trades from its balances in the vault instead of its wallet.
    function keepsInVault(address owner) public view returns (bool) {
        return _states[owner] & KEEPS != 0;
    }

    /// @notice Chooses, for all intents of the caller, whether gives come from its balances in the vault and wants are
    ///         credited there. What an intent sends to another receiver, or in native coin, is paid out all the same, and
    ///         Permit2 signatures always take from the wallet.
    function keepInVault(bool keep) external {
        uint256 state = _states[msg.sender];
        _states[msg.sender] = keep ? state | KEEPS : state & ~KEEPS;
        emit FundsKeptInVault(msg.sender, keep);
    }

    /// @notice Bits of the nonces of `word` (nonce >> 8) that were filled, at least in part, or cancelled.
    function takenWord(address owner, uint256 word) public view returns (uint256) {
        uint256 state = _states[owner];
        uint256 epoch = _epoch(state);
        if (word >> EPOCH_SHIFT < epoch) return type(uint256).max;
        uint256 bits = _takenWords[owner][word];
        return word == epoch << EPOCH_SHIFT ? bits | (state & PACKED_MASK) : bits;
    }

    /// @notice Bits of the nonces of `word` that were cancelled, so that not even a started partial intent goes on.
    function deadWord(address owner, uint256 word) public view returns (uint256) {
        return word >> EPOCH_SHIFT < epochOf(owner) ? type(uint256).max : _deadWords[owner][word];
    }

    /// @notice Whether an intent with this nonce was filled, at least in part, or cancelled.
    function taken(address owner, uint256 nonce) external view returns (bool) {
        return takenWord(owner, nonce >> 8) & _bit(nonce) != 0;
    }

    /// @notice Whether this nonce was cancelled.
    function dead(address owner, uint256 nonce) external view returns (bool) {
        return deadWord(owner, nonce >> 8) & _bit(nonce) != 0;
    }

    /// @notice Cancels every intent of the caller with this nonce, which must be of the current epoch.
    function cancel(uint256 nonce) external {
        _cancel(nonce >> 8, _bit(nonce));
    }

    /// @notice Cancels up to 256 nonces of the caller at once: those of `word` (nonce >> 8) with a bit in `mask`.
    function cancelWord(uint256 word, uint256 mask) external {
        _cancel(word, mask);
    }

    /// @notice Cancels every intent of the caller so far.
    function raiseEpoch() external {
        uint256 state = _states[msg.sender];
        uint256 epoch = _epoch(state) + 1;
        _states[msg.sender] = (state & KEEPS) | (epoch << PACKED);
        emit EpochRaised(msg.sender, epoch);
    }

    function _cancel(uint256 word, uint256 mask) private {
        uint256 state = _states[msg.sender];
        uint256 epoch = _epoch(state);
        if (word >> EPOCH_SHIFT != epoch) revert WrongEpoch(msg.sender, word << 8, epoch);
        if (word == epoch << EPOCH_SHIFT) {
            _states[msg.sender] = state | (mask & PACKED_MASK);
            if (mask > PACKED_MASK) _takenWords[msg.sender][word] |= mask & ~PACKED_MASK;
        } else {
            _takenWords[msg.sender][word] |= mask;
        }
        _deadWords[msg.sender][word] |= mask;
        emit Cancelled(msg.sender, word, mask);
    }

    /// @dev Checks that the order may still be filled by what it executes and records it. Expects one that passed
    ///      IntentRules.
    /// @return keeps Whether the owner trades from its balances in the vault.
    function _mark(bytes32 uid, Order memory order) internal returns (bool keeps) {
        (address owner, uint256 nonce) = (order.owner, order.nonce);
        uint256 state = _states[owner];
        if (nonce >> PACKED != _epoch(state)) revert WrongEpoch(owner, nonce, _epoch(state));
        (uint256 executed, uint256 amount) = (order.executed, IntentRules.fixedAmount(order));
        if (order.fill == WHOLE) {
            if (executed != amount) revert NotWhole(executed, amount);
            _take(owner, nonce, state);
        } else {
            if (_startOrGoOn(uid, owner, nonce)) _take(owner, nonce, state);
            _addFilled(uid, executed, amount, order.minFill);
        }
        return state & KEEPS != 0;
    }

    /// @dev What `_mark` does for a whole fill under one of the first 192 nonces of the current epoch; nothing if it is not
    ///      one of these, or not clear.
    function _tryTake(address owner, uint256 nonce) internal returns (bool took, bool keeps) {
        uint256 state = _states[owner];
        uint256 place = nonce & PACKED_MASK;
        assembly ("memory-safe") {
            // The epoch without KEEPS, both shifted to the top.
            let otherEpoch := shl(1, xor(state, nonce))
            took := iszero(or(or(shr(193, otherEpoch), gt(place, 191)), and(shr(place, state), 1)))
            keeps := shr(255, state)
        }
        if (took) _states[owner] = state | (1 << place);
    }

    /// @dev Whether this is the first fill of a partial intent; a later one must not have been cancelled.
    function _startOrGoOn(bytes32 uid, address owner, uint256 nonce) private view returns (bool starts) {
        if (filled[uid] == 0) return true;
        if (_deadWords[owner][nonce >> 8] & _bit(nonce) != 0) revert NonceDead(owner, nonce);
    }

    function _addFilled(bytes32 uid, uint256 executed, uint256 amount, uint256 minFill) private {
        uint256 before = filled[uid];
        uint256 remainder = amount - before;
        if (executed > remainder) revert Overfilled(uid, before, executed, amount);
        if (executed == 0 || (executed < minFill && executed != remainder)) {
            revert FillTooSmall(executed, minFill, remainder);
        }
        filled[uid] = before + executed;
    }

    function _take(address owner, uint256 nonce, uint256 state) private {
        uint256 place = nonce & PACKED_MASK;
        if (place < PACKED) {
            if ((state >> place) & 1 == 1) revert NonceTaken(owner, nonce);
            _states[owner] = state | (1 << place);
        } else {
            uint256 bits = _takenWords[owner][nonce >> 8];
            if (bits & _bit(nonce) != 0) revert NonceTaken(owner, nonce);
            _takenWords[owner][nonce >> 8] = bits | _bit(nonce);
        }
    }

    function _epoch(uint256 state) private pure returns (uint256) {
        return (state & ~KEEPS) >> PACKED;
    }

    function _bit(uint256 nonce) private pure returns (uint256) {
        return 1 << (nonce & 0xff);
    }
}
