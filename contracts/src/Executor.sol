// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WETH} from "solady/tokens/WETH.sol";

import {Cursor} from "./Cursor.sol";
import {
    AllowanceTokenUnknown,
    ApprovalFailed,
    ForbiddenSelector,
    ForbiddenSpender,
    ForbiddenTarget,
    InteractionFailed,
    NativeNotAccepted,
    NativePaymentFailed,
    OnlySettlement,
    PaymentFailed,
    TargetWithoutCode,
    ZeroAddress
} from "./Errors.sol";
import {IExecutor} from "./interfaces/IExecutor.sol";
import {PackedCalls} from "./PackedCalls.sol";
import {Selectors} from "./Selectors.sol";
import {Tokens} from "./Tokens.sol";
import {Allowance, Interaction, Move, NATIVE, PERMIT2_CONTRACT} from "./Types.sol";

/// @title Executor
contract Executor is IExecutor {
    /// @dev Enough for a smart account to take a payment, too little to do much else.
    uint256 internal constant NATIVE_GAS = 50_000;
    /// @dev Chosen so that InteractionFailed with its reason fits the 256 bytes that an outcome keeps.
    uint256 internal constant MAX_REASON = 128;

    /// @inheritdoc IExecutor
    address public immutable settlement;
    address public immutable vault;
    address public immutable registry;
    address public immutable wrappedNative;
    address public immutable hookRunner;

    modifier onlySettlement() {
        if (msg.sender != settlement) revert OnlySettlement(msg.sender);
        _;
    }

    /// @param settlement_ The address at which the settlement is going to be deployed; it refuses any other.
    constructor(address settlement_, address vault_, address registry_, address wrappedNative_, address hookRunner_) {
        if (
            settlement_ == address(0) || vault_ == address(0) || registry_ == address(0) || wrappedNative_ == address(0)
                || hookRunner_ == address(0)
        ) revert ZeroAddress();
        settlement = settlement_;
        vault = vault_;
        registry = registry_;
        wrappedNative = wrappedNative_;
        hookRunner = hookRunner_;
    }

    /// @inheritdoc IExecutor
    receive() external payable {
        if (msg.sender != wrappedNative) revert NativeNotAccepted(msg.sender);
    }

    /// @inheritdoc IExecutor
    function run(Interaction[] calldata interactions, address[] calldata tokens) external onlySettlement {
        for (uint256 i; i < interactions.length; ++i) {
            Interaction calldata interaction = interactions[i];
            address target = interaction.target;
            _checkCall(target, interaction.data, tokens);
            _allow(interaction.allowances, tokens);
            if (!_call(target, interaction.data)) revert InteractionFailed(i, Tokens.returned(MAX_REASON));
            _revoke(interaction.allowances);
        }
    }

    /// @inheritdoc IExecutor
    function runPacked(bytes calldata packed, address[] calldata tokens) external onlySettlement {
        uint256 at;
        assembly ("memory-safe") {
            at := packed.offset
        }
        uint256 count = Cursor.byteAt(at++);
        for (uint256 i; i < count; ++i) {
            at = _runPacked(i, at, tokens);
        }
    }

    /// @inheritdoc IExecutor
    function pay(Move[] calldata payments) external onlySettlement {
        uint256 natives;
        for (uint256 i; i < payments.length; ++i) {
            (address token, address to, uint256 amount) = _payment(payments[i]);
            if (token == NATIVE) natives += amount;
            else if (!Tokens.tryTransfer(token, to, amount)) revert PaymentFailed(token, to, amount);
        }
        if (natives == 0) return;
        WETH(payable(wrappedNative)).withdraw(natives);
        for (uint256 i; i < payments.length; ++i) {
            (address token, address to, uint256 amount) = _payment(payments[i]);
            if (token == NATIVE) _payNative(to, amount);
        }
    }

    function _payment(Move calldata move) private pure returns (address token, address to, uint256 amount) {
        return (move.token, address(uint160(move.to)), move.amount);
    }

    function _checkCall(address target, bytes calldata data, address[] calldata tokens) private view {
        if (_isProtected(target) || _contains(tokens, target)) revert ForbiddenTarget(target);
        if (target.code.length == 0) revert TargetWithoutCode(target);
        if (Selectors.isForbidden(data)) revert ForbiddenSelector(target, bytes4(data));
    }

    function _runPacked(uint256 i, uint256 at, address[] calldata tokens) private returns (uint256 next) {
        (address target, bytes calldata data, uint256 allowancesAt) = PackedCalls.readCall(at);
        _checkCall(target, data, tokens);
        _allowPacked(allowancesAt, tokens, true);
        if (!_call(target, data)) revert InteractionFailed(i, Tokens.returned(MAX_REASON));
        next = _allowPacked(allowancesAt, tokens, false);
        return PackedCalls.skipDeclared(PackedCalls.skipDeclared(next));
    }

    /// @dev Sets the allowances, or takes them back.
    function _allowPacked(uint256 at, address[] calldata tokens, bool allow) private returns (uint256 next) {
        uint256 count = Cursor.byteAt(at);
        next = at + 1;
        for (; count != 0; --count) {
            uint256 index;
            address spender;
            uint256 amount;
            (index, spender, amount, next) = PackedCalls.readAllowance(next);
            if (_isProtected(spender)) revert ForbiddenSpender(spender);
            _approve(tokens[index], spender, allow ? amount : 0);
        }
    }

    function _allow(Allowance[] calldata allowances, address[] calldata tokens) private {
        for (uint256 i; i < allowances.length; ++i) {
            (address token, address spender) = (allowances[i].token, allowances[i].spender);
            if (_isProtected(spender)) revert ForbiddenSpender(spender);
            if (!_contains(tokens, token)) revert AllowanceTokenUnknown(token);
            _approve(token, spender, allowances[i].amount);
        }
    }

    function _revoke(Allowance[] calldata allowances) private {
        for (uint256 i; i < allowances.length; ++i) {
            _approve(allowances[i].token, allowances[i].spender, 0);
        }
    }

    function _approve(address token, address spender, uint256 amount) private {
        if (!Tokens.tryApprove(token, spender, amount)) revert ApprovalFailed(token, spender, amount);
    }

    function _call(address target, bytes calldata data) private returns (bool ok) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, data.offset, data.length)
            ok := call(gas(), target, 0, input, data.length, 0x00, 0x00)
        }
    }

    function _payNative(address to, uint256 amount) private {
        bool ok;
        assembly ("memory-safe") {
            ok := call(NATIVE_GAS, to, amount, 0x00, 0x00, 0x00, 0x00)
        }
        if (!ok) revert NativePaymentFailed(to);
    }

    function _isProtected(address account) private view returns (bool) {
        return account == settlement || account == vault || account == address(this) || account == registry
            || account == hookRunner || account == PERMIT2_CONTRACT;
    }

    function _contains(address[] calldata tokens, address account) private pure returns (bool) {
        for (uint256 i; i < tokens.length; ++i) {
            if (tokens[i] == account) return true;
        }
        return false;
    }
}
