// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {
    BalanceTooLow,
    CoverTooLow,
    ExitNotYet,
    NoExitAnnounced,
    NotABalance,
    NotReceived,
    NothingReceived,
    OnlySettlement,
    PartsUnequal,
    PaymentFailed,
    PullFailed,
    VaultAsPayer,
    WithdrawalsPaused,
    ZeroAddress
} from "./Errors.sol";
import {IPausable} from "./interfaces/IPausable.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Lock} from "./Lock.sol";
import {Permits} from "./Permits.sol";
import {Tokens} from "./Tokens.sol";
import {BALANCE, COVER, Move, Part, PERMIT_DAI, Permit, Permitted} from "./Types.sol";

/// @title Vault
/// @dev Every function that moves tokens, balances or cover shares one lock, so that a token's hook can not count a movement
///      twice. There is no owner and nothing to upgrade.
contract Vault is IVault, Lock {
    /// @dev A hostile token may burn no more than this per permit.
    uint256 internal constant PERMIT_GAS = 200_000;
    /// @inheritdoc IVault
    uint256 public constant EXIT_DELAY = 1 days;

    /// @inheritdoc IVault
    address public immutable settlement;
    /// @dev What the vault keeps for a place: an address with BALANCE or COVER.
    mapping(address token => mapping(uint256 place => uint256)) private _kept;
    /// @inheritdoc IVault
    mapping(address token => uint256) public totalHeld;
    /// @inheritdoc IVault
    mapping(address owner => mapping(address token => uint256)) public exitsAt;

    modifier onlySettlement() {
        if (msg.sender != settlement) revert OnlySettlement(msg.sender);
        _;
    }

    /// @param settlement_ The address at which the settlement is going to be deployed; it refuses any other.
    constructor(address settlement_) {
        if (settlement_ == address(0)) revert ZeroAddress();
        settlement = settlement_;
    }

    /// @inheritdoc IVault
    function balanceOf(address owner, address token) external view returns (uint256) {
        return _kept[token][BALANCE | uint160(owner)];
    }

    /// @inheritdoc IVault
    function coverOf(address solver, address token) external view returns (uint256) {
        return _kept[token][COVER | uint160(solver)];
    }

    /// @inheritdoc IVault
    function deposit(address token, uint256 amount, address to) external locked returns (uint256 received) {
        if (to == address(0)) revert ZeroAddress();
        received = _receive(token, amount);
        _add(BALANCE | uint160(to), token, received);
        emit Deposited(to, token, received);
    }

    /// @inheritdoc IVault
    function withdraw(address token, uint256 amount, address to) external locked {
        if (IPausable(settlement).paused()) revert WithdrawalsPaused();
        _withdraw(token, amount, to);
    }

    /// @inheritdoc IVault
    function announceExit(address token) external {
        uint256 time = block.timestamp + EXIT_DELAY;
        exitsAt[msg.sender][token] = time;
        emit ExitAnnounced(msg.sender, token, time);
    }

    /// @inheritdoc IVault
    function exit(address token, address to) external locked returns (uint256 amount) {
        uint256 time = exitsAt[msg.sender][token];
        if (time == 0) revert NoExitAnnounced(msg.sender, token);
        if (block.timestamp < time) revert ExitNotYet(time, block.timestamp);
        delete exitsAt[msg.sender][token];
        amount = _kept[token][BALANCE | uint160(msg.sender)];
        _withdraw(token, amount, to);
    }

    /// @inheritdoc IVault
    function depositCover(address token, uint256 amount) external locked returns (uint256 received) {
        received = _receive(token, amount);
        _add(COVER | uint160(msg.sender), token, received);
    }

    /// @inheritdoc IVault
    function withdrawCover(address token, uint256 amount) external locked {
        _remove(COVER | uint160(msg.sender), token, amount);
        _send(token, msg.sender, amount);
    }

    /// @inheritdoc IVault
    function pull(Move[] calldata moves) external onlySettlement locked {
        uint256 at;
        uint256 end;
        assembly ("memory-safe") {
            at := moves.offset
            end := add(at, shl(7, moves.length))
        }
        while (at != end) {
            (address token, uint256 from, uint256 to, uint256 amount) = _moveAt(at);
            if ((from | to) >> 160 != 0) {
                _move(token, from, to, amount);
            } else if (from == uint160(address(this))) {
                // Some tokens need no allowance where the caller is the payer: that would be what others keep here.
                revert VaultAsPayer();
            } else if (!_tryTransferAt(at, token)) {
                revert PullFailed(token, address(uint160(from)), address(uint160(to)), amount);
            }
            unchecked {
                at += 0x80;
            }
        }
    }

    /// @inheritdoc IVault
    function rebook(address token, uint256 payers, Part[] calldata parts) external onlySettlement locked {
        if (payers > parts.length) payers = parts.length;
        uint256 at;
        uint256 middle;
        uint256 end;
        assembly ("memory-safe") {
            at := parts.offset
            middle := add(at, shl(6, payers))
            end := add(at, shl(6, parts.length))
        }
        mapping(uint256 place => uint256) storage kept = _kept[token];
        uint256 taken;
        unchecked {
            for (; at != middle; at += 0x40) {
                (uint256 slot, uint256 before, uint256 place, uint256 amount) = _partAt(kept, at);
                if (before < amount) revert BalanceTooLow(address(uint160(place)), token, before, amount);
                taken += amount; // of what the vault has
                _store(slot, before - amount);
            }
            for (; at != end; at += 0x40) {
                (uint256 slot, uint256 before,, uint256 amount) = _partAt(kept, at);
                if (taken < amount) revert BalanceTooLow(address(0), token, taken, amount);
                taken -= amount;
                _store(slot, before + amount); // all of a token together are no more than the vault has
            }
        }
        if (taken != 0) revert PartsUnequal(token, taken);
    }

    /// @inheritdoc IVault
    function credit(Move[] calldata moves) external onlySettlement locked {
        for (uint256 i; i < moves.length; ++i) {
            Move calldata m = moves[i];
            _add(m.to, m.token, m.amount);
            _checkHeld(m.token);
        }
    }

    /// @inheritdoc IVault
    function pullPermitted(Permitted calldata permitted, address to) external onlySettlement locked {
        Permits.take(permitted, to);
    }

    /// @inheritdoc IVault
    function relayPermits(Permit[] calldata permits) external returns (bool[] memory permitted) {
        permitted = new bool[](permits.length);
        for (uint256 i; i < permits.length; ++i) {
            Permit calldata p = permits[i];
            bytes memory reason = Tokens.permit(p, address(this), PERMIT_GAS);
            // The allowance decides, not the call: a permit that someone else relayed first reverts but holds, and a
            // token without the function may swallow the call.
            uint256 value = p.style == PERMIT_DAI ? type(uint256).max : p.value;
            permitted[i] = Tokens.allowance(p.token, p.owner, address(this), PERMIT_GAS) >= value;
            if (!permitted[i]) emit PermitFailed(p.token, p.owner, reason);
        }
    }

    /// @dev A Move at a place in calldata that lies within it.
    function _moveAt(uint256 at) private pure returns (address token, uint256 from, uint256 to, uint256 amount) {
        assembly ("memory-safe") {
            token := shr(96, shl(96, calldataload(at)))
            from := calldataload(add(at, 0x20))
            to := calldataload(add(at, 0x40))
            amount := calldataload(add(at, 0x60))
        }
    }

    /// @dev The Part at a place in calldata that lies within it, and what `kept` has for it.
    function _partAt(mapping(uint256 place => uint256) storage kept, uint256 at)
        private
        view
        returns (uint256 slot, uint256 before, uint256 place, uint256 amount)
    {
        assembly ("memory-safe") {
            place := calldataload(at)
            amount := calldataload(add(at, 0x20))
            mstore(0x00, place)
            mstore(0x20, kept.slot)
            slot := keccak256(0x00, 0x40)
            before := sload(slot)
        }
        if (place >> 160 != BALANCE >> 160) revert NotABalance(place);
    }

    function _store(uint256 slot, uint256 amount) private {
        assembly ("memory-safe") {
            sstore(slot, amount)
        }
    }

    /// @dev transferFrom with three words of the Move at a place in calldata. A token may return nothing if it has code;
    ///      what it returns must be true.
    function _tryTransferAt(uint256 at, address token) private returns (bool ok) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, shl(224, 0x23b872dd))
            calldatacopy(add(input, 0x04), add(at, 0x20), 0x60)
            ok := call(gas(), token, 0, input, 0x64, 0x00, 0x20)
            if iszero(and(ok, and(eq(mload(0x00), 1), gt(returndatasize(), 0x1f)))) {
                ok := and(ok, and(iszero(returndatasize()), iszero(iszero(extcodesize(token)))))
            }
        }
    }

    function _pullWallet(address token, address from, address to, uint256 amount) private {
        // Some tokens need no allowance where the caller is the payer: that would be what others keep here.
        if (from == address(this)) revert VaultAsPayer();
        if (!SafeTransferLib.trySafeTransferFrom(token, from, to, amount)) {
            revert PullFailed(token, from, to, amount);
        }
    }

    /// @dev Within the vault, out of it or into it.
    function _move(address token, uint256 from, uint256 to, uint256 amount) private {
        if (from >= COVER) _remove(from, token, amount);
        else _pullWallet(token, address(uint160(from)), address(this), amount);
        if (to < COVER) {
            _send(token, address(uint160(to)), amount);
        } else {
            _add(to, token, amount);
            _checkHeld(token);
        }
    }

    function _withdraw(address token, uint256 amount, address to) private {
        _remove(BALANCE | uint160(msg.sender), token, amount);
        emit Withdrawn(msg.sender, token, to, amount);
        _send(token, to, amount);
    }

    /// @dev Takes from the caller; what counts is what arrives.
    function _receive(address token, uint256 amount) private returns (uint256 received) {
        uint256 before = SafeTransferLib.balanceOf(token, address(this));
        _pullWallet(token, msg.sender, address(this), amount);
        uint256 held = SafeTransferLib.balanceOf(token, address(this));
        if (held <= before) revert NothingReceived(token);
        received = held - before;
    }

    function _send(address token, address to, uint256 amount) private {
        if (!Tokens.tryTransfer(token, to, amount)) revert PaymentFailed(token, to, amount);
    }

    function _add(uint256 place, address token, uint256 amount) private {
        _kept[token][place] += amount;
        totalHeld[token] += amount;
        if (place & COVER != 0) emit CoverAdded(address(uint160(place)), token, amount);
    }

    function _remove(uint256 place, address token, uint256 amount) private {
        uint256 before = _kept[token][place];
        if (place & COVER != 0) {
            if (before < amount) revert CoverTooLow(address(uint160(place)), token, before, amount);
            emit CoverRemoved(address(uint160(place)), token, amount);
        } else if (before < amount) {
            revert BalanceTooLow(address(uint160(place)), token, before, amount);
        }
        unchecked {
            _kept[token][place] = before - amount;
        }
        totalHeld[token] -= amount;
    }

    function _checkHeld(address token) private view {
        uint256 held = SafeTransferLib.balanceOf(token, address(this));
        if (held < totalHeld[token]) revert NotReceived(token, held, totalHeld[token]);
    }
}
