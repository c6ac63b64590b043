// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Flow} from "../../src/Flow.sol";
import {IntentHash} from "../../src/IntentHash.sol";
import {Order, OrderLeg, Orders} from "../../src/Order.sol";
import {Packed} from "../../src/Packed.sol";
import "../../src/Types.sol";

/// @dev What a decoded fill says, without the intent, of which only the hash is kept.
struct Seen {
    bytes32 intent;
    uint256 executed;
    uint256 fee;
    uint256 roundUp;
    uint256 scheme;
    bytes signature;
    bytes terms;
    uint256[] giveTokens;
    uint256[] wantTokens;
    uint256 length;
}

/// @dev The decoder by itself. Every function has `data` at the same place in calldata.
contract PackedOpen {
    using Orders for Order;

    /// @dev Where `data` starts: after selector, offset and length.
    uint256 public constant START = 68;

    address[] private _tokens;
    address private immutable _wrappedNative;

    constructor(address[] memory tokens_, address wrappedNative_) {
        (_tokens, _wrappedNative) = (tokens_, wrappedNative_);
    }

    /// @dev `length` is how many bytes were read.
    function tokens(bytes calldata data) external pure returns (Flow[] memory flows, uint256 length) {
        (flows, length) = Packed.readTokens(START);
        length -= START;
        Packed.checkEnd(length, data.length);
    }

    function count(bytes calldata) external pure returns (uint256 fills, uint256 length) {
        (fills, length) = Packed.readCount(START);
        length -= START;
    }

    function fill(bytes calldata data) external view returns (Seen memory seen) {
        Order memory order = Orders.allocate();
        seen.length = Packed.readFill(order, START, _flows(), _wrappedNative) - START;
        Packed.checkEnd(START + seen.length, START + data.length);
        _see(seen, order);
    }

    /// @dev Two fills one after the other through the same memory, as the settlement reads them; what the second says.
    function second(bytes calldata data) external view returns (Seen memory seen) {
        Order memory order = Orders.allocate();
        uint256 next = Packed.readFill(order, START, _flows(), _wrappedNative);
        seen.length = Packed.readFill(order, next, _flows(), _wrappedNative) - START;
        Packed.checkEnd(START + seen.length, START + data.length);
        _see(seen, order);
    }

    /// @dev What the interactions are declared to take and to bring is in the flows.
    function interactions(bytes calldata) external view returns (uint256 number, Flow[] memory flows, uint256 length) {
        flows = _flows();
        (number, length) = Packed.readInteractions(START, flows);
        length -= START;
    }

    function _flows() private view returns (Flow[] memory flows) {
        flows = new Flow[](_tokens.length);
        for (uint256 i; i < flows.length; ++i) {
            flows[i].token = _tokens[i];
        }
    }

    function _see(Seen memory seen, Order memory order) private pure {
        seen.intent = IntentHash.hash(order);
        (seen.executed, seen.fee, seen.roundUp, seen.scheme) = (order.executed, order.fee, order.roundUp, order.scheme);
        (seen.signature, seen.terms) = (order.signature(), order.termsData());
        seen.giveTokens = _indices(order.gives, order.giveCount);
        seen.wantTokens = _indices(order.wants, order.wantCount);
    }

    function _indices(OrderLeg[] memory legs, uint256 size) private pure returns (uint256[] memory list) {
        list = new uint256[](size);
        for (uint256 i; i < size; ++i) {
            list[i] = legs[i].index;
        }
    }
}
