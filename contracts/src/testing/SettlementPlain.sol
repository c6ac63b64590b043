// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AmountTooLarge,
    LegCount,
    LegTokenMismatch,
    LengthMismatch,
    PriceOutOfRange,
    SolutionMalformed,
    TermsMismatch,
    TokenIndexOutOfRange,
    TokensNotAscending
} from "../Errors.sol";
import {Flow, Flows, Run} from "../Flow.sol";
import {Order, OrderLeg, Orders} from "../Order.sol";
import {Roles} from "../Roles.sol";
import {SettlementBase} from "../SettlementBase.sol";
import {Fill, Interaction, Leg, MAX_AMOUNT, NATIVE, Solution, TokenAmount} from "../Types.sol";
import {Wiring} from "../Wiring.sol";

/// @title The settlement with solutions in plain ABI encoding
/// @dev For comparison only: all but the decoding is the code of {Settlement}, and what one accepts the other has to accept,
///      with the same effects. A solution is abi.encode(Solution).
contract SettlementPlain is SettlementBase {
    using Flows for Flow;
    using Orders for Order;

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
        Solution calldata solution = _decode(encoded);
        Run memory run;
        run.solver = solver;
        run.flows = _open(solution);
        Order memory order = Orders.allocate();
        for (uint256 i; i < solution.fills.length; ++i) {
            _load(order, solution.fills[i], run.flows);
            _fill(order, run);
        }
        _declare(solution.interactions, run);
        _clear(run);
        _closeTerms(run);
    }

    /// @dev Adds what the interactions are declared to take and to bring.
    function _declare(Interaction[] calldata interactions, Run memory run) private pure {
        uint256 at;
        assembly ("memory-safe") {
            at := interactions.offset
        }
        (run.interactions, run.interactionsAt) = (interactions.length, at);
        for (uint256 i; i < interactions.length; ++i) {
            _declare(interactions[i].inputs, run.flows, true);
            _declare(interactions[i].outputs, run.flows, false);
        }
    }

    function _declare(TokenAmount[] calldata items, Flow[] memory flows, bool inputs) private pure {
        for (uint256 i; i < items.length; ++i) {
            uint256 index = items[i].token;
            if (index >= flows.length) revert TokenIndexOutOfRange(index, flows.length);
            flows[index].declare(items[i].amount, inputs);
        }
    }

    function _interact(Run memory run, address[] memory tokens) internal override {
        (uint256 at, uint256 count) = (run.interactionsAt, run.interactions);
        Interaction[] calldata interactions;
        assembly ("memory-safe") {
            interactions.offset := at
            interactions.length := count
        }
        executor.run(interactions, tokens);
    }

    /// @dev A view of the encoded solution in calldata. Members are bounds-checked where they are read; since the encoding
    ///      is the last thing in the calldata, nothing beyond it can be reached.
    function _decode(bytes calldata encoded) private pure returns (Solution calldata solution) {
        if (encoded.length < 0xc0 || uint256(bytes32(encoded[:32])) != 0x20) revert SolutionMalformed(0);
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
        if (tokens.length > 128) revert SolutionMalformed(128);
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

    function _load(Order memory order, Fill calldata fill, Flow[] memory flows) private view {
        order.load(fill.intent);
        if (order.giveCount > Orders.MAX_LEGS || order.wantCount > Orders.MAX_LEGS) {
            revert LegCount(order.giveCount, order.wantCount);
        }
        order.executed = fill.executed;
        order.fee = fill.fee;
        order.roundUp = fill.roundUp;
        order.scheme = fill.scheme;
        _locate(order.gives, fill.intent.gives, fill.giveTokens, flows);
        _locate(order.wants, fill.intent.wants, fill.wantTokens, flows);
        (bytes calldata signature, bytes calldata terms) = (fill.signature, fill.terms);
        bytes32 given = terms.length == 0 ? bytes32(0) : keccak256(terms);
        if (given != order.terms) revert TermsMismatch(order.terms, given);
        assembly ("memory-safe") {
            mstore(add(order, 0x2e0), signature.offset)
            mstore(add(order, 0x300), signature.length)
            mstore(add(order, 0x320), terms.offset)
            mstore(add(order, 0x340), terms.length)
        }
    }

    function _locate(OrderLeg[] memory slots, Leg[] calldata legs, uint8[] calldata indices, Flow[] memory flows)
        private
        view
    {
        if (indices.length != legs.length) revert LengthMismatch(indices.length, legs.length);
        for (uint256 i; i < legs.length; ++i) {
            uint256 index = indices[i];
            if (index >= flows.length) revert TokenIndexOutOfRange(index, flows.length);
            address token = legs[i].token == NATIVE ? wrappedNative : legs[i].token;
            if (flows[index].token != token) revert LegTokenMismatch(token, flows[index].token);
            slots[i].index = index;
        }
    }
}
