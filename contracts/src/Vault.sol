// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {
    CoverNotReceived,
    CoverTooLow,
    NothingReceived,
    OnlySettlement,
    PaymentFailed,
    PullFailed,
    VaultAsPayer,
    ZeroAddress
} from "./Errors.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Lock} from "./Lock.sol";
import {Tokens} from "./Tokens.sol";
import {Permit, Transfer} from "./Types.sol";

/// @title Vault
/// @dev Every function that moves tokens or cover shares one lock, so that a token's hook can not count a movement twice.
contract Vault is IVault, Lock {
    /// @dev A hostile token may burn no more than this per permit.
    uint256 internal constant PERMIT_GAS = 200_000;

    /// @inheritdoc IVault
    address public immutable settlement;
    /// @inheritdoc IVault
    mapping(address solver => mapping(address token => uint256)) public coverOf;
    /// @inheritdoc IVault
    mapping(address token => uint256) public totalCover;

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
    function pull(Transfer[] calldata transfers) external onlySettlement locked {
        for (uint256 i; i < transfers.length; ++i) {
            Transfer calldata t = transfers[i];
            (address token, address from, address to, uint256 amount) = (t.token, t.from, t.to, t.amount);
            // Some tokens need no allowance where the caller is the payer: that would be the solvers' cover.
            if (from == address(this)) revert VaultAsPayer();
            if (!SafeTransferLib.trySafeTransferFrom(token, from, to, amount)) {
                revert PullFailed(token, from, to, amount);
            }
        }
    }

    /// @inheritdoc IVault
    function drawCover(address solver, address token, uint256 amount, address to) external onlySettlement locked {
        _remove(solver, token, amount, to);
    }

    /// @inheritdoc IVault
    function creditCover(address solver, address token, uint256 amount) external onlySettlement locked {
        _add(solver, token, amount);
        uint256 held = SafeTransferLib.balanceOf(token, address(this));
        if (held < totalCover[token]) revert CoverNotReceived(token, held, totalCover[token]);
    }

    /// @inheritdoc IVault
    function depositCover(address token, uint256 amount) external locked returns (uint256 received) {
        uint256 before = SafeTransferLib.balanceOf(token, address(this));
        if (!SafeTransferLib.trySafeTransferFrom(token, msg.sender, address(this), amount)) {
            revert PullFailed(token, msg.sender, address(this), amount);
        }
        uint256 held = SafeTransferLib.balanceOf(token, address(this));
        if (held <= before) revert NothingReceived(token);
        received = held - before;
        _add(msg.sender, token, received);
    }

    /// @inheritdoc IVault
    function withdrawCover(address token, uint256 amount) external locked {
        _remove(msg.sender, token, amount, msg.sender);
    }

    /// @inheritdoc IVault
    function relayPermits(Permit[] calldata permits) external returns (bool[] memory permitted) {
        permitted = new bool[](permits.length);
        for (uint256 i; i < permits.length; ++i) {
            Permit calldata p = permits[i];
            bytes memory reason = Tokens.permit(p, address(this), PERMIT_GAS);
            // The allowance decides, not the call: a permit that someone else relayed first reverts but holds, and a
            // token without the function may swallow the call.
            permitted[i] = Tokens.allowance(p.token, p.owner, address(this), PERMIT_GAS) >= p.value;
            if (!permitted[i]) emit PermitFailed(p.token, p.owner, reason);
        }
    }

    function _add(address solver, address token, uint256 amount) private {
        coverOf[solver][token] += amount;
        totalCover[token] += amount;
        emit CoverAdded(solver, token, amount);
    }

    function _remove(address solver, address token, uint256 amount, address to) private {
        uint256 cover = coverOf[solver][token];
        if (cover < amount) revert CoverTooLow(solver, token, cover, amount);
        coverOf[solver][token] = cover - amount;
        totalCover[token] -= amount;
        emit CoverRemoved(solver, token, amount);
        if (!Tokens.tryTransfer(token, to, amount)) revert PaymentFailed(token, to, amount);
    }
}
