// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeTransferLib} from "solady/utils/SafeTransferLib.sol";

import {AmountTooLarge, CoverExceeded, NotConserved, TokenIndexOutOfRange} from "./Errors.sol";
import {IExecutor} from "./interfaces/IExecutor.sol";
import {IVault} from "./interfaces/IVault.sol";
import {Flow, Netting, Parties, TransferList, Transfers} from "./Netting.sol";
import {Roles} from "./Roles.sol";
import {Interaction, MAX_AMOUNT, NATIVE, Solution, TokenAmount} from "./Types.sol";
import {Wiring} from "./Wiring.sol";

/// @title The movements of one solution: pull, interact, pay out
abstract contract Clearing is Roles, Wiring {
    using Netting for Flow;
    using Parties for uint256;
    using Transfers for TransferList;

    /// @dev Moves everything that the flows of the fills and the interactions call for.
    function _clear(Solution calldata solution, Flow[] memory flows, address solver) internal {
        _addInteractions(solution.interactions, flows);
        _checkConserved(flows);
        _pull(flows);
        if (solution.interactions.length != 0) executor.run(solution.interactions, solution.tokens);
        _payOut(flows, solver, solution.interactions.length != 0);
    }

    function _addInteractions(Interaction[] calldata interactions, Flow[] memory flows) private pure {
        for (uint256 i; i < interactions.length; ++i) {
            TokenAmount[] calldata inputs = interactions[i].inputs;
            for (uint256 j; j < inputs.length; ++j) {
                Flow memory flow = _flow(flows, inputs[j]);
                flow.inputs += inputs[j].amount;
                if (flow.inputs > flow.outputs && flow.inputs - flow.outputs > flow.deficit) {
                    flow.deficit = flow.inputs - flow.outputs;
                }
            }
            TokenAmount[] calldata outputs = interactions[i].outputs;
            for (uint256 j; j < outputs.length; ++j) {
                _flow(flows, outputs[j]).outputs += outputs[j].amount;
            }
        }
    }

    function _flow(Flow[] memory flows, TokenAmount calldata item) private pure returns (Flow memory) {
        if (item.token >= flows.length) revert TokenIndexOutOfRange(item.token, flows.length);
        if (item.amount > MAX_AMOUNT) revert AmountTooLarge(item.amount);
        return flows[item.token];
    }

    /// @dev By the declared figures, the house never pays.
    function _checkConserved(Flow[] memory flows) private pure {
        for (uint256 t; t < flows.length; ++t) {
            Flow memory flow = flows[t];
            uint256 have = flow.gives + flow.outputs + flow.cover;
            uint256 need = flow.wants + flow.fees + flow.inputs;
            if (have < need) revert NotConserved(flow.token, have, need);
        }
    }

    function _pull(Flow[] memory flows) private {
        TransferList memory list = _allocate(flows);
        address treasury_ = treasury;
        for (uint256 t; t < flows.length; ++t) {
            flows[t].settleDirectly(list, address(executor), treasury_);
        }
        list.send(address(vault), IVault.pull.selector);
    }

    /// @dev Empties the executor: to receivers, treasury and the solver's cover. A shortfall is drawn from the cover.
    function _payOut(Flow[] memory flows, address solver, bool interacted) private {
        TransferList memory list = _allocate(flows);
        bool credits;
        for (uint256 t; t < flows.length; ++t) {
            Flow memory flow = flows[t];
            if (!interacted && flow.owed == 0 && flow.feesDue() == 0) continue;
            address token = flow.token;
            uint256 toTreasury = _balance(flow, token, solver);
            _payReceivers(flow, list, token);
            if (toTreasury != 0) list.add(token, address(executor), treasury, toTreasury);
            if (flow.credit != 0) {
                list.add(token, address(executor), address(vault), flow.credit);
                credits = true;
            }
        }
        list.send(address(executor), IExecutor.pay.selector);
        if (credits) _credit(flows, solver);
    }

    /// @dev Compares what the executor holds of a token with what it has to pay. What was declared to be left over goes to
    ///      the treasury; of an excess beyond that, as much as the solver's cover was at risk goes to the cover.
    function _balance(Flow memory flow, address token, address solver) private returns (uint256 toTreasury) {
        toTreasury = flow.feesDue();
        uint256 required = flow.owed + toTreasury;
        uint256 held = SafeTransferLib.balanceOf(token, address(executor));
        if (held < required) {
            uint256 shortfall = required - held;
            if (shortfall > flow.cover) revert CoverExceeded(token, shortfall, flow.cover);
            vault.drawCover(solver, token, shortfall, address(executor));
            return toTreasury;
        }
        uint256 excess = held - required;
        uint256 declared = flow.declaredLeftover();
        uint256 beyond = excess > declared ? excess - declared : 0;
        flow.credit = beyond < flow.cover ? beyond : flow.cover;
        toTreasury += excess - flow.credit;
    }

    function _payReceivers(Flow memory flow, TransferList memory list, address token) private view {
        for (uint256 node = flow.receivers; node != 0;) {
            (address receiver, uint256 amount, uint256 next) = node.head();
            list.add(token, address(executor), receiver, amount);
            node = next;
        }
        for (uint256 node = flow.natives; node != 0;) {
            (address receiver, uint256 amount, uint256 next) = node.head();
            list.add(NATIVE, address(executor), receiver, amount);
            node = next;
        }
    }

    function _credit(Flow[] memory flows, address solver) private {
        for (uint256 t; t < flows.length; ++t) {
            if (flows[t].credit != 0) vault.creditCover(solver, flows[t].token, flows[t].credit);
        }
    }

    /// @dev Room for every party and, per token, two more destinations.
    function _allocate(Flow[] memory flows) private pure returns (TransferList memory) {
        uint256 capacity = 2 * flows.length;
        for (uint256 t; t < flows.length; ++t) {
            capacity += flows[t].parties;
        }
        return Transfers.allocate(capacity);
    }
}
