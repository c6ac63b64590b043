// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Conditions} from "./Conditions.sol";
import {NotEnoughGas, OnlySettlement, ZeroAddress} from "./Errors.sol";
import {IHookRunner} from "./interfaces/IHookRunner.sol";
import {Selectors} from "./Selectors.sol";
import {FeeShare, Hook, Terms, TermsCodec} from "./Terms.sol";
import {
    ConditionNotMet,
    ExclusiveTo,
    HookFailed,
    HookSelectorForbidden,
    HookTargetForbidden,
    ShareReceiverForbidden
} from "./TermsErrors.sol";
import {Tokens} from "./Tokens.sol";
import {PERMIT2_CONTRACT} from "./Types.sol";

/// @title HookRunner
/// @dev Hooks are calls that traders choose. They come from this address, which owns nothing and which nobody should
///      approve; approvals, transfers and the like are refused all the same, for those who do it by mistake.
contract HookRunner is IHookRunner {
    /// @dev Gas kept for what follows a hook: an event, or a revert with its reason.
    uint256 internal constant GAS_RESERVE = 20_000;
    /// @dev Chosen so that HookFailed with its reason fits the 256 bytes that an outcome keeps.
    uint256 internal constant MAX_REASON = 96;

    /// @inheritdoc IHookRunner
    address public immutable settlement;
    address public immutable vault;
    address public immutable executor;
    address public immutable registry;

    modifier onlySettlement() {
        if (msg.sender != settlement) revert OnlySettlement(msg.sender);
        _;
    }

    /// @param settlement_ The address at which the settlement is going to be deployed.
    constructor(address settlement_, address vault_, address executor_, address registry_) {
        if (settlement_ == address(0) || vault_ == address(0) || executor_ == address(0) || registry_ == address(0)) {
            revert ZeroAddress();
        }
        settlement = settlement_;
        vault = vault_;
        executor = executor_;
        registry = registry_;
    }

    /// @inheritdoc IHookRunner
    function open(bytes calldata terms, bytes32 uid, address solver)
        external
        onlySettlement
        returns (uint256[] memory shares, bool hasAfter)
    {
        Terms calldata read = _read(terms);
        _checkExclusive(read, solver);
        if (!Conditions.holds(read.condition)) revert ConditionNotMet(uid);
        shares = _shares(read.shares);
        hasAfter = read.afterwards.length != 0;
        _run(read.before, uid, 0);
    }

    /// @inheritdoc IHookRunner
    function close(bytes calldata terms, bytes32 uid) external onlySettlement {
        Terms calldata read = _read(terms);
        _run(read.afterwards, uid, read.before.length);
    }

    /// @inheritdoc IHookRunner
    function holds(bytes calldata terms) external view returns (bool) {
        return Conditions.holds(_read(terms).condition);
    }

    function _read(bytes calldata terms) private view returns (Terms calldata read) {
        read = TermsCodec.read(terms);
        _checkHooks(read.before);
        _checkHooks(read.afterwards);
        FeeShare[] calldata shares = read.shares;
        for (uint256 i; i < shares.length; ++i) {
            if (_isProtected(shares[i].receiver)) revert ShareReceiverForbidden(shares[i].receiver);
        }
    }

    function _checkHooks(Hook[] calldata hooks) private view {
        for (uint256 i; i < hooks.length; ++i) {
            (address target, bytes calldata data) = (hooks[i].target, hooks[i].data);
            if (_isProtected(target)) revert HookTargetForbidden(target);
            if (Selectors.isForbidden(data)) revert HookSelectorForbidden(target, bytes4(data));
        }
    }

    function _checkExclusive(Terms calldata read, address solver) private view {
        (address named, uint256 until) = (read.exclusiveSolver, read.exclusiveUntil);
        if (named != address(0) && solver != named && block.timestamp <= until) {
            revert ExclusiveTo(named, until, solver);
        }
    }

    function _shares(FeeShare[] calldata shares) private pure returns (uint256[] memory packed) {
        packed = new uint256[](shares.length);
        for (uint256 i; i < shares.length; ++i) {
            packed[i] = uint256(shares[i].bps) << 160 | uint160(shares[i].receiver);
        }
    }

    function _run(Hook[] calldata hooks, bytes32 uid, uint256 first) private {
        for (uint256 i; i < hooks.length; ++i) {
            if (_call(hooks[i].target, hooks[i].gasLimit, hooks[i].data)) continue;
            if (hooks[i].must) revert HookFailed(uid, first + i, Tokens.returned(MAX_REASON));
            emit HookFailedQuietly(uid, first + i);
        }
    }

    /// @dev Calls with exactly `gasLimit` gas. Without the check before it, whoever submits could starve a hook that may
    ///      fail. A target without code fails.
    function _call(address target, uint256 gasLimit, bytes memory data) private returns (bool ok) {
        bool hasCode = target.code.length != 0;
        uint256 needed = gasLimit * 64 / 63 + GAS_RESERVE;
        if (gasleft() < needed) revert NotEnoughGas(gasleft(), needed);
        assembly ("memory-safe") {
            ok := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0x00, 0x00)
            ok := and(ok, hasCode)
        }
    }

    function _isProtected(address account) private view returns (bool) {
        return account == settlement || account == vault || account == executor || account == registry
            || account == PERMIT2_CONTRACT || account == address(this);
    }
}
