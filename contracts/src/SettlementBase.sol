// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {Awards} from "./Awards.sol";
import {Clearing} from "./Clearing.sol";
import {NotAllowedToSettle, NotEnoughGas, NothingToSettle, OnlySelf, ProbeFailed} from "./Errors.sol";
import {Fills} from "./Fills.sol";
import {IntentHash} from "./IntentHash.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Lock} from "./Lock.sol";
import {Tokens} from "./Tokens.sol";
import {Award, BALANCE, Entry, Intent, NATIVE, Outcome, Probe} from "./Types.sol";

/// @title Bundles of awarded solutions, each in isolation, whatever form a solution has in calldata
abstract contract SettlementBase is Awards, Fills, Clearing, Lock {
    /// @dev Gas kept for the accounting after a solution.
    uint256 internal constant GAS_RESERVE = 60_000;
    /// @dev Revert data kept in an outcome.
    uint256 internal constant MAX_REASON = 256;

    /// @inheritdoc ISettlement
    function settle(Entry[] calldata entries) external returns (Outcome[] memory outcomes) {
        return _settle(entries);
    }

    /// @inheritdoc ISettlement
    function preview(Entry[] calldata entries, Probe[] calldata probes) external {
        int256[] memory deltas = new int256[](probes.length);
        for (uint256 i; i < probes.length; ++i) {
            deltas[i] = -int256(_balanceOf(probes[i]));
        }
        Outcome[] memory outcomes = _settle(entries);
        for (uint256 i; i < probes.length; ++i) {
            deltas[i] += int256(_balanceOf(probes[i]));
        }
        revert Previewed(outcomes, deltas);
    }

    /// @inheritdoc ISettlement
    function execute(bytes calldata encoded, address solver) external {
        if (msg.sender != address(this)) revert OnlySelf(msg.sender);
        _run(encoded, solver);
    }

    /// @inheritdoc ISettlement
    function intentDigest(Intent calldata intent) external view returns (bytes32) {
        return _digest(IntentHash.hash(intent));
    }

    /// @dev Decodes and settles one solution.
    function _run(bytes calldata encoded, address solver) internal virtual;

    function _treasuryPlace() internal view override returns (uint256) {
        address account = treasury;
        return keepsInVault(account) ? BALANCE | uint160(account) : uint160(account);
    }

    function _settle(Entry[] calldata entries) private locked returns (Outcome[] memory outcomes) {
        if (entries.length == 0) revert NothingToSettle();
        address house_ = _houseRunning();
        outcomes = new Outcome[](entries.length);
        for (uint256 i; i < entries.length; ++i) {
            outcomes[i] = _settleOne(entries[i].award, entries[i].solution, house_);
        }
    }

    function _settleOne(Award calldata award, bytes calldata encoded, address house_)
        private
        returns (Outcome memory outcome)
    {
        address solver = award.solver;
        // The house settles for everyone, a solver only for itself.
        if (msg.sender != house_ && msg.sender != solver) revert NotAllowedToSettle(msg.sender, solver);
        uint256 freeMemory;
        assembly ("memory-safe") {
            freeMemory := mload(0x40)
        }
        bytes memory data = abi.encodeCall(this.execute, (encoded, solver));
        bytes32 solution;
        assembly ("memory-safe") {
            // The solution follows length, selector, offset, solver and its own length.
            solution := keccak256(add(data, 0x84), encoded.length)
        }
        // The house may also be the solver, without a bond.
        bytes memory refusal = solver == house_ || registry.isBonded(solver)
            ? _spend(award, solution)
            : abi.encodeWithSelector(SolverNotBonded.selector, solver);
        if (refusal.length == 0) {
            (outcome.settled, outcome.gasUsed) = _isolate(data, award.gasLimit);
            assembly ("memory-safe") {
                // The call data is not needed any more; the next solution may use its memory.
                mstore(0x40, freeMemory)
            }
            if (!outcome.settled) refusal = Tokens.returned(MAX_REASON);
        }
        outcome.reason = refusal;
        if (outcome.settled) emit SolutionSettled(award.round, solver, solution);
        else emit SolutionFailed(award.round, solver, solution, outcome.reason);
    }

    /// @dev Calls `execute` with exactly `gasLimit` gas. Without the check before it, whoever submits could starve a
    ///      solution of gas and have it counted as failed.
    function _isolate(bytes memory data, uint256 gasLimit) private returns (bool ok, uint256 gasUsed) {
        uint256 needed = gasLimit > type(uint64).max ? gasLimit : gasLimit + gasLimit / 63 + GAS_RESERVE;
        uint256 gasBefore = gasleft();
        if (gasBefore < needed) revert NotEnoughGas(gasBefore, needed);
        assembly ("memory-safe") {
            ok := call(gasLimit, address(), 0, add(data, 0x20), mload(data), 0x00, 0x00)
        }
        gasUsed = gasBefore - gasleft();
    }

    /// @dev What an account has of a token in its wallet and in the vault together, so that a preview tells what a trader
    ///      gains wherever it keeps its funds.
    function _balanceOf(Probe calldata probe) private view returns (uint256 balance) {
        if (probe.token == NATIVE) return probe.account.balance;
        bool ok;
        (ok, balance) = SafeTransferLib.checkBalanceOf(probe.token, probe.account);
        balance += vault.balanceOf(probe.account, probe.token);
        if (!ok || balance > uint256(type(int256).max)) revert ProbeFailed(probe.token, probe.account);
    }
}
