// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    AmountTooLarge,
    ExecutedOutOfRange,
    FeeTooLarge,
    GiveAboveLimit,
    RoundingAgainstTrader,
    RoundUpOutOfRange,
    ValueOverflow,
    WantBelowLimit,
    ZeroLeg
} from "../../src/Errors.sol";
import {FillMath} from "../../src/FillMath.sol";
import {Flow} from "../../src/Flow.sol";
import {Order, Orders} from "../../src/Order.sol";
import {PARTIAL} from "../../src/Types.sol";

/// @dev One fill with plain arguments: legs 0 and 1 of a side trade at the prices of the same place.
struct Case {
    uint256 kind;
    uint256 legs; // a side
    uint256[2] gives;
    uint256[2] wants;
    uint256[2] givePrices;
    uint256[2] wantPrices;
    uint256 executed;
    uint256 fee;
    uint256 roundUp;
}

/// @dev The real FillMath behind a call, so that its reverts can be looked at.
contract SymbolicFillMath {
    function amounts(Case memory c) external pure returns (uint256[2] memory gives, uint256[2] memory wants) {
        Order memory order = Orders.allocate();
        Flow[] memory flows = new Flow[](4);
        (order.kind, order.fill, order.minFill) = (c.kind, PARTIAL, 1);
        (order.giveCount, order.wantCount) = (c.legs, c.legs);
        (order.executed, order.fee, order.roundUp) = (c.executed, c.fee, c.roundUp);
        for (uint256 i; i < c.legs; ++i) {
            (order.gives[i].start, order.gives[i].end, order.gives[i].index) = (c.gives[i], c.gives[i], i);
            (order.wants[i].start, order.wants[i].end, order.wants[i].index) = (c.wants[i], c.wants[i], 2 + i);
            (flows[i].price, flows[2 + i].price) = (c.givePrices[i], c.wantPrices[i]);
        }
        FillMath.setAmounts(order, flows, 0);
        for (uint256 i; i < c.legs; ++i) {
            (gives[i], wants[i]) = (order.gives[i].amount, order.wants[i].amount);
        }
    }

    /// @dev Whether a revert has a name that a trader or a solver can look up.
    function isNamed(bytes4 e) external pure returns (bool) {
        return e == AmountTooLarge.selector || e == ExecutedOutOfRange.selector || e == FeeTooLarge.selector
            || e == GiveAboveLimit.selector || e == RoundingAgainstTrader.selector || e == RoundUpOutOfRange.selector
            || e == ValueOverflow.selector || e == WantBelowLimit.selector || e == ZeroLeg.selector;
    }

    function bounds(uint256 low, uint256 high, uint256 from, uint256 to, uint256 time)
        external
        pure
        returns (uint256 give, uint256 want)
    {
        Order memory order = Orders.allocate();
        (order.gives[0].start, order.gives[0].end) = (low, high);
        (order.wants[0].start, order.wants[0].end) = (high, low);
        give = FillMath.bound(order.gives[0], from, to, time);
        want = FillMath.bound(order.wants[0], from, to, time);
    }
}
