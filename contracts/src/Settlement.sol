// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SolutionMalformed} from "./Errors.sol";
import {Flow, Run} from "./Flow.sol";
import {Order, Orders} from "./Order.sol";
import {Packed} from "./Packed.sol";
import {Roles} from "./Roles.sol";
import {SettlementBase} from "./SettlementBase.sol";
import {Simple, SimpleFill} from "./SimpleFill.sol";
import {Wiring} from "./Wiring.sol";

/// @title Settlement
/// @dev Checks every fill of every solution itself. Whoever settles can choose what is executed, but no one can make it
///      take more than an owner signed, or give less. Solutions come packed: see Packed.
contract Settlement is SettlementBase, SimpleFill {
    constructor(
        address owner_,
        address house_,
        address houseSigner_,
        address treasury_,
        address vault_,
        address executor_,
        address registry_,
        address wrappedNative_,
        address hookRunner_
    )
        Roles(owner_, house_, houseSigner_, treasury_)
        Wiring(vault_, executor_, registry_, wrappedNative_, hookRunner_)
    {}

    function _run(bytes calldata encoded, address solver) internal override {
        uint256 at;
        Run memory run;
        assembly ("memory-safe") {
            at := encoded.offset
        }
        (run.solver, run.end) = (solver, at + encoded.length);
        (run.flows, at) = Packed.readTokens(at);
        run.interactionsAt = _runFills(run, at);
        (run.interactions, at) = Packed.readInteractions(run.interactionsAt, run.flows);
        if (at != run.end) revert SolutionMalformed(at);
        _clear(run);
        if (run.hooks != 0) _closeTerms(run);
    }

    function _interact(Run memory run, address[] memory tokens) internal override {
        (uint256 at, uint256 end) = (run.interactionsAt, run.end);
        bytes calldata packed;
        assembly ("memory-safe") {
            packed.offset := at
            packed.length := sub(end, at)
        }
        executor.runPacked(packed, tokens);
    }

    function _runFills(Run memory run, uint256 at) private returns (uint256) {
        (uint256 end, Flow[] memory flows) = (run.end, run.flows);
        uint256 left;
        (left, at) = Packed.readCount(at);
        Simple memory simple = _newSimple();
        Order memory order;
        for (; left != 0;) {
            uint256 next = _trySimple(simple, at, end, flows);
            at = next == 0 ? _runOne(order, at, run) : next;
            unchecked {
                --left;
            }
        }
        return at;
    }

    /// @dev Fills come one by one through the same memory; each is checked to lie within the solution before it counts.
    function _runOne(Order memory order, uint256 at, Run memory run) private returns (uint256 next) {
        Orders.prepare(order);
        next = Packed.readFill(order, at, run.flows, wrappedNative);
        Packed.checkEnd(next, run.end);
        _fill(order, run);
    }
}
