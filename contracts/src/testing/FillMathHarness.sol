// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FillMath} from "../FillMath.sol";
import {Flow} from "../Flow.sol";
import {IntentHash} from "../IntentHash.sol";
import {IntentRules} from "../IntentRules.sol";
import {Order, OrderLeg, Orders} from "../Order.sol";
import {Intent, Leg} from "../Types.sol";

/// @title The pure rules of a fill, callable from outside, so that other implementations can be compared with them
contract FillMathHarness {
    using Orders for Order;

    /// @notice Reverts unless the intent is well formed.
    function checkShape(Intent calldata intent) external pure {
        IntentRules.checkShape(_order(intent));
    }

    /// @notice Reverts unless the intent is valid at `time`.
    function checkTime(Intent calldata intent, uint256 time) external pure {
        IntentRules.checkTime(_order(intent), time);
    }

    /// @notice The EIP-712 struct hash.
    function structHash(Intent calldata intent) external pure returns (bytes32) {
        return IntentHash.hash(_order(intent));
    }

    /// @notice See FillMath.bound, for a give.
    function giveBound(Leg calldata leg, uint256 validFrom, uint256 decayTo, uint256 time)
        external
        pure
        returns (uint256)
    {
        return FillMath.bound(_leg(leg), validFrom, decayTo, time);
    }

    /// @notice See FillMath.bound, for a want.
    function wantBound(Leg calldata leg, uint256 validFrom, uint256 decayTo, uint256 time)
        external
        pure
        returns (uint256)
    {
        return FillMath.bound(_leg(leg), validFrom, decayTo, time);
    }

    /// @notice See FillMath.setAmounts.
    function amounts(
        Intent calldata intent,
        uint256 time,
        uint256 executed,
        uint256 fee,
        uint256 roundUp,
        uint256[] calldata givePrices,
        uint256[] calldata wantPrices
    ) external pure returns (uint256[] memory gives, uint256[] memory wants) {
        Order memory order = _order(intent);
        (order.executed, order.fee, order.roundUp) = (executed, fee, roundUp);
        Flow[] memory flows = new Flow[](order.giveCount + order.wantCount);
        _price(order.gives, givePrices, flows, 0);
        _price(order.wants, wantPrices, flows, order.giveCount);
        FillMath.setAmounts(order, flows, time);
        return (_amounts(order.gives, order.giveCount), _amounts(order.wants, order.wantCount));
    }

    function _order(Intent calldata intent) private pure returns (Order memory order) {
        order = Orders.allocate();
        order.load(intent);
    }

    function _leg(Leg calldata leg) private pure returns (OrderLeg memory loaded) {
        (loaded.token, loaded.start, loaded.end) = (leg.token, leg.start, leg.end);
    }

    function _price(OrderLeg[] memory legs, uint256[] calldata prices, Flow[] memory flows, uint256 at) private pure {
        for (uint256 i; i < prices.length; ++i) {
            legs[i].index = at + i;
            flows[at + i].price = prices[i];
        }
    }

    function _amounts(OrderLeg[] memory legs, uint256 count) private pure returns (uint256[] memory result) {
        result = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            result[i] = legs[i].amount;
        }
    }
}
