// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Intent, Leg} from "./Types.sol";

/// @dev One leg. The first four words are its EIP-712 encoding; `index` is that of its token (of the wrapped native token,
///      for the native coin) in the solution, `amount` what the fill takes or brings.
struct OrderLeg {
    bytes32 typeHash;
    address token;
    uint256 start;
    uint256 end;
    uint256 index;
    uint256 amount;
}

/// @dev One fill of an intent, in memory that is used again for the next one. The first thirteen words are the intent's
///      EIP-712 encoding, so that hashing it copies nothing. `gives` and `wants` have room for the most legs; only the
///      first `giveCount` and `wantCount` count. Signature and terms stay in calldata; an order knows where.
struct Order {
    bytes32 typeHash;
    address owner;
    address receiver;
    bytes32 givesHash;
    bytes32 wantsHash;
    bytes32 kindHash;
    bytes32 fillHash;
    uint256 minFill;
    uint256 validFrom;
    uint256 decayTo;
    uint256 validTo;
    uint256 nonce;
    bytes32 terms;
    uint256 kind;
    uint256 fill;
    uint256 executed;
    uint256 fee;
    uint256 roundUp;
    uint256 scheme;
    uint256 giveCount;
    uint256 wantCount;
    OrderLeg[] gives;
    OrderLeg[] wants;
    uint256 signatureAt;
    uint256 signatureLength;
    uint256 termsAt;
    uint256 termsLength;
}

/// @title Making and loading orders
library Orders {
    /// @dev Legs a side.
    uint256 internal constant MAX_LEGS = 8;

    /// @notice Room for one fill after another.
    function allocate() internal pure returns (Order memory order) {
        prepare(order);
    }

    /// @notice Makes room for the legs unless there is some. Not before it is needed: few solutions do.
    function prepare(Order memory order) internal pure {
        if (order.gives.length != 0) return;
        order.gives = new OrderLeg[](MAX_LEGS);
        order.wants = new OrderLeg[](MAX_LEGS);
    }

    /// @notice Copies an intent out of calldata, at most MAX_LEGS legs a side; the counts are the true ones.
    function load(Order memory order, Intent calldata intent) internal pure {
        order.owner = intent.owner;
        order.receiver = intent.receiver;
        order.kind = intent.kind;
        order.fill = intent.fill;
        order.minFill = intent.minFill;
        order.validFrom = intent.validFrom;
        order.decayTo = intent.decayTo;
        order.validTo = intent.validTo;
        order.nonce = intent.nonce;
        order.terms = intent.terms;
        order.giveCount = _load(order.gives, intent.gives);
        order.wantCount = _load(order.wants, intent.wants);
    }

    /// @notice The address that receives the wants: the owner unless the intent names another.
    function payee(Order memory order) internal pure returns (address receiver) {
        receiver = order.receiver;
        if (receiver == address(0)) receiver = order.owner;
    }

    /// @notice The signature, in calldata.
    function signature(Order memory order) internal pure returns (bytes calldata data) {
        (uint256 at, uint256 length) = (order.signatureAt, order.signatureLength);
        assembly ("memory-safe") {
            data.offset := at
            data.length := length
        }
    }

    /// @notice The preimage of `order.terms`, in calldata.
    function termsData(Order memory order) internal pure returns (bytes calldata data) {
        (uint256 at, uint256 length) = (order.termsAt, order.termsLength);
        assembly ("memory-safe") {
            data.offset := at
            data.length := length
        }
    }

    function _load(OrderLeg[] memory slots, Leg[] calldata legs) private pure returns (uint256 count) {
        count = legs.length;
        for (uint256 i; i < count && i < MAX_LEGS; ++i) {
            OrderLeg memory slot = slots[i];
            (slot.token, slot.start, slot.end) = (legs[i].token, legs[i].start, legs[i].end);
        }
    }
}
