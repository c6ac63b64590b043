// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {Awards} from "./Awards.sol";
import {Clearing} from "./Clearing.sol";
import {
    AmountTooLarge,
    LengthMismatch,
    NotAllowedToSettle,
    NotEnoughGas,
    NothingToSettle,
    OnlySelf,
    PriceOutOfRange,
    ProbeFailed,
    SolutionMalformed,
    TokensNotAscending
} from "./Errors.sol";
import {Fills} from "./Fills.sol";
import {IntentHash} from "./IntentHash.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Lock} from "./Lock.sol";
import {Flow} from "./Netting.sol";
import {Roles} from "./Roles.sol";
import {Tokens} from "./Tokens.sol";
import {Award, Entry, Fill, Intent, MAX_AMOUNT, NATIVE, Outcome, Probe, Solution} from "./Types.sol";
import {Wiring} from "./Wiring.sol";

/// @title Settlement
/// @dev Checks every fill of every solution itself. Whoever settles can choose what is executed, but no one can make it
///      take more than an owner signed, or give less.
contract Settlement is Awards, Fills, Clearing, Lock {
    /// @dev Gas kept for the accounting after a solution.
    uint256 internal constant GAS_RESERVE = 60_000;
    /// @dev Revert data kept in an outcome.
    uint256 internal constant MAX_REASON = 256;

    constructor(
        address owner_,
        address house_,
        address houseSigner_,
        address treasury_,
        address vault_,
        address executor_,
        address registry_,
        address wrappedNative_
    ) Roles(owner_, house_, houseSigner_, treasury_) Wiring(vault_, executor_, registry_, wrappedNative_) {}

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
        Solution calldata solution = _decode(encoded);
        Flow[] memory flows = _open(solution);
        Fill[] calldata fills = solution.fills;
        for (uint256 i; i < fills.length; ++i) {
            _fill(fills[i], flows);
        }
        _clear(solution, flows, solver);
    }

    /// @inheritdoc ISettlement
    function intentDigest(Intent calldata intent) external view returns (bytes32) {
        return _digest(IntentHash.hash(intent));
    }

    function _settle(Entry[] calldata entries) private locked returns (Outcome[] memory outcomes) {
        if (entries.length == 0) revert NothingToSettle();
        outcomes = new Outcome[](entries.length);
        for (uint256 i; i < entries.length; ++i) {
            outcomes[i] = _settleOne(entries[i].award, entries[i].solution);
        }
    }

    function _settleOne(Award calldata award, bytes calldata encoded) private returns (Outcome memory outcome) {
        address solver = award.solver;
        bool bonded = _authorize(solver);
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
        bytes memory refusal =
            bonded ? _spend(award, solution) : abi.encodeWithSelector(SolverNotBonded.selector, solver);
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

    /// @dev The house settles for everyone, a solver only for itself; the house may also be the solver, without a bond.
    function _authorize(address solver) private view returns (bool bonded) {
        address house_ = house;
        if (msg.sender != house_ && msg.sender != solver) revert NotAllowedToSettle(msg.sender, solver);
        return solver == house_ || registry.isBonded(solver);
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

    /// @dev A view of the encoded solution in calldata. Members are bounds-checked where they are read; since the encoding
    ///      is the last thing in the calldata, nothing beyond it can be reached.
    function _decode(bytes calldata encoded) private pure returns (Solution calldata solution) {
        if (encoded.length < 0xc0 || uint256(bytes32(encoded[:32])) != 0x20) revert SolutionMalformed();
        assembly ("memory-safe") {
            solution := add(encoded.offset, 0x20)
        }
    }

    /// @dev One flow for each token, with its price and cover.
    function _open(Solution calldata solution) private pure returns (Flow[] memory flows) {
        address[] calldata tokens = solution.tokens;
        (uint256[] calldata prices, uint256[] calldata cover) = (solution.prices, solution.cover);
        if (prices.length != tokens.length) revert LengthMismatch(prices.length, tokens.length);
        if (cover.length != tokens.length) revert LengthMismatch(cover.length, tokens.length);
        flows = new Flow[](tokens.length);
        address last;
        for (uint256 i; i < tokens.length; ++i) {
            Flow memory flow = flows[i];
            (flow.token, flow.price, flow.cover) = (tokens[i], prices[i], cover[i]);
            if (flow.token <= last) revert TokensNotAscending(i);
            if (flow.price == 0 || flow.price > MAX_AMOUNT) revert PriceOutOfRange(i, flow.price);
            if (flow.cover > MAX_AMOUNT) revert AmountTooLarge(flow.cover);
            last = flow.token;
        }
    }

    function _balanceOf(Probe calldata probe) private view returns (uint256 balance) {
        if (probe.token == NATIVE) return probe.account.balance;
        bool ok;
        (ok, balance) = SafeTransferLib.checkBalanceOf(probe.token, probe.account);
        if (!ok || balance > uint256(type(int256).max)) revert ProbeFailed(probe.token, probe.account);
    }
}
