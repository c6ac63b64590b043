// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {UnknownFill, UnknownKind} from "./Errors.sol";
import {Order, OrderLeg} from "./Order.sol";
import {BUY, Intent, Leg, PARTIAL} from "./Types.sol";

/// @title EIP-712 struct hash of an intent
/// @dev `kind` and `fill` are strings in the signed type, so that a wallet shows words; their hashes are constants here.
library IntentHash {
    bytes32 internal constant LEG_TYPEHASH = keccak256("Leg(address token,uint256 start,uint256 end)");

    bytes32 internal constant INTENT_TYPEHASH = keccak256(
        "Intent(address owner,address receiver,Leg[] gives,Leg[] wants,string kind,string fill,uint256 minFill,"
        "uint48 validFrom,uint48 decayTo,uint48 validTo,uint256 nonce,bytes32 terms)"
        "Leg(address token,uint256 start,uint256 end)"
    );

    bytes32 internal constant SELL_HASH = keccak256("sell");
    bytes32 internal constant BUY_HASH = keccak256("buy");
    bytes32 internal constant WHOLE_HASH = keccak256("whole");
    bytes32 private constant PARTIAL_HASH = keccak256("partial");

    /// @notice hashStruct(intent). Reverts on a kind or fill that has no name. Expects the leg counts to be in range.
    function hash(Order memory order) internal pure returns (bytes32 result) {
        if (order.kind > BUY) revert UnknownKind(order.kind);
        if (order.fill > PARTIAL) revert UnknownFill(order.fill);
        order.typeHash = INTENT_TYPEHASH;
        order.givesHash = _hashLegs(order.gives, order.giveCount);
        order.wantsHash = _hashLegs(order.wants, order.wantCount);
        order.kindHash = order.kind == BUY ? BUY_HASH : SELL_HASH;
        order.fillHash = order.fill == PARTIAL ? PARTIAL_HASH : WHOLE_HASH;
        assembly ("memory-safe") {
            result := keccak256(order, 0x1a0)
        }
    }

    /// @dev keccak256 of the concatenated hashStruct of each leg.
    function _hashLegs(OrderLeg[] memory legs, uint256 count) private pure returns (bytes32 result) {
        bytes32 typeHash = LEG_TYPEHASH;
        assembly ("memory-safe") {
            let hashes := mload(0x40)
            let slot := add(legs, 0x20)
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                let leg := mload(slot)
                mstore(leg, typeHash)
                mstore(add(hashes, shl(5, i)), keccak256(leg, 0x80))
                slot := add(slot, 0x20)
            }
            result := keccak256(hashes, shl(5, count))
        }
    }

    /// @notice The same of an intent in calldata, with as many legs as it has.
    function hash(Intent calldata intent) internal pure returns (bytes32 result) {
        if (intent.kind > BUY) revert UnknownKind(intent.kind);
        if (intent.fill > PARTIAL) revert UnknownFill(intent.fill);
        bytes32 givesHash = _hashLegs(intent.gives);
        bytes32 wantsHash = _hashLegs(intent.wants);
        bytes32 kindHash = intent.kind == BUY ? BUY_HASH : SELL_HASH;
        bytes32 fillHash = intent.fill == PARTIAL ? PARTIAL_HASH : WHOLE_HASH;
        bytes32 typeHash = INTENT_TYPEHASH;
        // The twelve head words of the ABI encoding are, in order, the twelve encoded members; the four dynamic
        // or named ones are then replaced by their hashes.
        assembly ("memory-safe") {
            let head := mload(0x40)
            mstore(head, typeHash)
            calldatacopy(add(head, 0x20), intent, 0x180)
            mstore(add(head, 0x60), givesHash)
            mstore(add(head, 0x80), wantsHash)
            mstore(add(head, 0xa0), kindHash)
            mstore(add(head, 0xc0), fillHash)
            result := keccak256(head, 0x1a0)
        }
    }

    function _hashLegs(Leg[] calldata legs) private pure returns (bytes32 result) {
        bytes32 typeHash = LEG_TYPEHASH;
        assembly ("memory-safe") {
            let leg := mload(0x40)
            let hashes := add(leg, 0x80)
            mstore(leg, typeHash)
            for { let i := 0 } lt(i, legs.length) { i := add(i, 1) } {
                calldatacopy(add(leg, 0x20), add(legs.offset, mul(i, 0x60)), 0x60)
                mstore(add(hashes, shl(5, i)), keccak256(leg, 0x80))
            }
            result := keccak256(hashes, shl(5, legs.length))
        }
    }
}
