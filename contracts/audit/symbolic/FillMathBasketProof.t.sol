// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BUY, SELL} from "../../src/Types.sol";
import {Case, SymbolicFillMath} from "./FillMathHarness.sol";

/// @dev Laws of every fill of a whole intent with two legs a side and no fee, for all bounds and prices below 2^64.
contract FillMathBasketProof {
    SymbolicFillMath private math;

    struct Two {
        uint64[2] gives;
        uint64[2] wants;
        uint64[2] givePrices;
        uint64[2] wantPrices;
        uint8 roundUp;
    }

    function setUp() public {
        math = new SymbolicFillMath();
    }

    /// @dev Each give is what was signed and each want at least that.
    function check_basket_sell_keeps_every_limit(Two memory t) external view {
        (bool ok, uint256[2] memory gives, uint256[2] memory wants) = _fill(SELL, t);
        if (!ok) return;
        for (uint256 i; i < 2; ++i) {
            assert(gives[i] == t.gives[i] && wants[i] >= t.wants[i]);
        }
    }

    /// @dev Each want is what was signed and each give at most that.
    function check_basket_buy_keeps_every_limit(Two memory t) external view {
        (bool ok, uint256[2] memory gives, uint256[2] memory wants) = _fill(BUY, t);
        if (!ok) return;
        for (uint256 i; i < 2; ++i) {
            assert(wants[i] == t.wants[i] && gives[i] != 0 && gives[i] <= t.gives[i]);
        }
    }

    /// @dev Not a law: halmos must find the counterexample, or its other answers mean nothing.
    function check_canary_a_basket_gives_less_than_its_limit(uint8 roundUp) external view {
        Two memory t;
        (t.gives, t.wants, t.roundUp) = ([uint64(2e6), 2e6], [uint64(2e6), 2e6], roundUp);
        (t.givePrices, t.wantPrices) = ([uint64(1), 1], [uint64(1), 1]);
        (bool ok, uint256[2] memory gives,) = _fill(BUY, t);
        if (ok) assert(gives[0] < t.gives[0]);
    }

    function _fill(uint256 kind, Two memory t)
        private
        view
        returns (bool, uint256[2] memory gives, uint256[2] memory wants)
    {
        Case memory c;
        (c.kind, c.legs, c.executed, c.roundUp) = (kind, 2, kind == SELL ? t.gives[0] : t.wants[0], t.roundUp);
        for (uint256 i; i < 2; ++i) {
            if (t.gives[i] == 0 || t.wants[i] == 0 || t.givePrices[i] == 0 || t.wantPrices[i] == 0) {
                return (false, gives, wants);
            }
            (c.gives[i], c.wants[i], c.givePrices[i], c.wantPrices[i]) =
            (t.gives[i], t.wants[i], t.givePrices[i], t.wantPrices[i]);
        }
        try math.amounts(c) returns (uint256[2] memory g, uint256[2] memory w) {
            return (true, g, w);
        } catch {
            return (false, gives, wants);
        }
    }
}
