// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {CoverExceeded, NotConserved} from "./Errors.sol";
import {Flow, Run} from "./Flow.sol";
import {IExecutor} from "./interfaces/IExecutor.sol";
import {IVault} from "./interfaces/IVault.sol";
import {MoveList, Moves} from "./Moves.sol";
import {Netting} from "./Netting.sol";
import {Parties} from "./Parties.sol";
import {Roles} from "./Roles.sol";
import {BALANCE, COVER, NATIVE} from "./Types.sol";
import {Wiring} from "./Wiring.sol";

/// @title The movements of one solution: pull, interact, pay out
/// @dev The members of a flow are sums of amounts below 2^128: adding them up can not overflow.
abstract contract Clearing is Roles, Wiring {
    using Moves for MoveList;
    using Netting for Flow;
    using Parties for uint256;

    /// @dev Moves everything that the flows of the fills and the interactions call for.
    function _clear(Run memory run) internal {
        Flow[] memory flows = run.flows;
        _checkConserved(flows);
        _pull(flows, run.solver);
        if (run.interactions != 0) _interact(run, _tokens(flows));
        _payOut(flows, run.solver, run.interactions != 0);
    }

    /// @dev Has the executor make the calls.
    function _interact(Run memory run, address[] memory tokens) internal virtual;

    function _tokens(Flow[] memory flows) private pure returns (address[] memory tokens) {
        tokens = new address[](flows.length);
        for (uint256 t; t < flows.length; ++t) {
            tokens[t] = flows[t].token;
        }
    }

    /// @dev By the declared figures, the house never pays.
    function _checkConserved(Flow[] memory flows) private pure {
        unchecked {
            for (uint256 t; t < flows.length; ++t) {
                Flow memory flow = flows[t];
                uint256 have = flow.gives + flow.outputs + flow.cover;
                uint256 need = flow.wants + flow.fees + flow.inputs;
                if (have < need) revert NotConserved(flow.token, have, need);
            }
        }
    }

    /// @dev Where payers send fees and leftovers: into the vault if the treasury keeps its funds there.
    function _treasuryPlace() internal view virtual returns (uint256);

    function _pull(Flow[] memory flows, address solver) private {
        MoveList memory list = _allocate(flows);
        (address vault_, address executor_) = (address(vault), address(executor));
        uint256 treasury_ = _treasuryPlace();
        for (uint256 t; t < flows.length; ++t) {
            flows[t].settleDirectly(list, vault_, executor_, treasury_, solver);
        }
        list.send(vault_, IVault.pull.selector);
    }

    /// @dev Empties the executor: to receivers, treasury and the solver's cover. A shortfall is drawn from the cover.
    function _payOut(Flow[] memory flows, address solver, bool interacted) private {
        bool busy = interacted;
        for (uint256 t; t < flows.length && !busy; ++t) {
            busy = _involvesExecutor(flows[t]);
        }
        if (!busy) return;
        MoveList memory payments = _allocate(flows);
        MoveList memory credits = _allocate(flows);
        MoveList memory draws = _allocate(flows);
        for (uint256 t; t < flows.length; ++t) {
            Flow memory flow = flows[t];
            if (!interacted && !_involvesExecutor(flow)) continue;
            uint256 toTreasury = _balance(flow, draws, solver);
            _payReceivers(flow, payments, credits);
            if (toTreasury != 0) payments.add(flow.token, uint160(address(executor)), uint160(treasury), toTreasury);
            if (flow.credit != 0) {
                payments.add(flow.token, uint160(address(executor)), uint160(address(vault)), flow.credit);
                credits.add(flow.token, 0, COVER | uint160(solver), flow.credit);
            }
        }
        draws.send(address(vault), IVault.pull.selector);
        payments.send(address(executor), IExecutor.pay.selector);
        credits.send(address(vault), IVault.credit.selector);
    }

    function _involvesExecutor(Flow memory flow) private pure returns (bool) {
        return flow.owed != 0 || flow.prepaid != 0 || flow.feesDue() != 0;
    }

    /// @dev Compares what the executor holds of a token with what it has to pay. What was declared to be left over goes to
    ///      the treasury; of an excess beyond that, as much as the solver's cover was at risk goes to the cover.
    function _balance(Flow memory flow, MoveList memory draws, address solver)
        private
        view
        returns (uint256 toTreasury)
    {
        unchecked {
            toTreasury = flow.feesDue();
            uint256 required = flow.owed + toTreasury;
            uint256 held = SafeTransferLib.balanceOf(flow.token, address(executor));
            if (held < required) {
                uint256 shortfall = required - held;
                if (shortfall > flow.cover) revert CoverExceeded(flow.token, shortfall, flow.cover);
                draws.add(flow.token, COVER | uint160(solver), uint160(address(executor)), shortfall);
                return toTreasury;
            }
            uint256 excess = held - required;
            uint256 declared = flow.declaredLeftover();
            uint256 beyond = excess > declared ? excess - declared : 0;
            flow.credit = beyond < flow.cover ? beyond : flow.cover;
            toTreasury += excess - flow.credit;
        }
    }

    function _payReceivers(Flow memory flow, MoveList memory payments, MoveList memory credits) private view {
        uint256 from = uint160(address(executor));
        for (uint256 node = flow.receivers; node != 0;) {
            (uint256 place, uint256 amount, uint256 next) = node.head();
            uint256 to = place;
            if (place & BALANCE != 0) {
                to = uint160(address(vault));
                credits.add(flow.token, 0, place, amount);
            }
            payments.add(flow.token, from, to, amount);
            node = next;
        }
        for (uint256 node = flow.natives; node != 0;) {
            (uint256 receiver, uint256 amount, uint256 next) = node.head();
            payments.add(NATIVE, from, receiver, amount);
            node = next;
        }
    }

    /// @dev Room for every party and, per token, for the cover and for the last who pays the executor, if it pays others, too.
    ///      The executor pays no more than that: receivers, and the treasury and the cover.
    function _allocate(Flow[] memory flows) private pure returns (MoveList memory) {
        unchecked {
            uint256 capacity = 2 * flows.length;
            for (uint256 t; t < flows.length; ++t) {
                capacity += flows[t].parties;
            }
            return Moves.allocate(capacity);
        }
    }
}
