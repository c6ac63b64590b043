// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BUY, SELL} from "../../src/Types.sol";
import {Case, SymbolicFillMath} from "./FillMathHarness.sol";

/// @dev One intent with one leg a side, and one fill of it: everything is symbolic.
struct One {
    uint128 give;
    uint128 want;
    uint128 executed;
    uint128 fee;
    uint128 givePrice;
    uint128 wantPrice;
    bool up;
}

/// @dev Laws of every fill with one leg a side, for all amounts, fees and prices below 2^128.
contract FillMathProof {
    SymbolicFillMath private math;

    function setUp() public {
        math = new SymbolicFillMath();
    }

    /// @dev The trader gives what is executed and gets at least its signed share of the want.
    function check_sell_keeps_the_limit(One memory o) external view {
        (bool ok, uint256 give, uint256 want) = _fill(SELL, o);
        if (!ok) return;
        assert(give == o.executed && give <= o.give && want != 0);
        unchecked {
            assert(want * o.give >= uint256(o.want) * o.executed);
        }
    }

    /// @dev The trader gets what is executed and gives at most its signed share of the give.
    function check_buy_keeps_the_limit(One memory o) external view {
        (bool ok, uint256 give, uint256 want) = _fill(BUY, o);
        if (!ok) return;
        assert(want == o.executed && want <= o.want && give != 0);
        unchecked {
            assert(give * o.want <= uint256(o.give) * o.executed);
        }
    }

    /// @dev The want is worth the give less the fee, up to one atom in the direction that was asked for.
    function check_sell_rounds_by_less_than_an_atom(One memory o) external view {
        (bool ok,, uint256 want) = _fill(SELL, o);
        if (!ok) return;
        unchecked {
            _near(want, uint256(o.executed - o.fee) * o.givePrice, o.wantPrice, o.up);
            assert(want >= 1e6 || want * o.wantPrice >= uint256(o.executed - o.fee) * o.givePrice);
        }
    }

    /// @dev The give is worth the want and the fee, up to one atom in the direction that was asked for.
    function check_buy_rounds_by_less_than_an_atom(One memory o) external view {
        (bool ok, uint256 give,) = _fill(BUY, o);
        if (!ok) return;
        unchecked {
            uint256 value = uint256(o.executed) * o.wantPrice + uint256(o.fee) * o.givePrice;
            _near(give, value, o.givePrice, o.up);
            assert(give >= 1e6 || give * o.givePrice <= value);
        }
    }

    /// @dev A fee is a part of what the trader gives.
    function check_fee_inside_the_give(One memory o, bool buys) external view {
        (bool ok, uint256 give,) = _fill(buys ? BUY : SELL, o);
        if (ok) assert(o.fee < give);
    }

    /// @dev No panic, no unnamed revert of a library: every fill that is refused is refused with an error of FillMath.
    function check_nothing_fails_without_a_name(One memory o, bool buys) external view {
        if (!_sound(o)) return;
        try math.amounts(_case(buys ? BUY : SELL, o)) {}
        catch (bytes memory reason) {
            assert(math.isNamed(bytes4(reason)));
        }
    }

    /// @dev Two fills of one sell, at whatever prices: no more is given and no less got than was signed for their sum.
    function check_splitting_a_sell_never_takes_more(One memory o, uint128 executed, uint128 p, uint128 q)
        external
        view
    {
        if (o.fee != 0 || o.up) return;
        (bool ok, uint256 give, uint256 want) = _fill(SELL, o);
        (bool also, uint256 give2, uint256 want2) = _fill(SELL, One(o.give, o.want, executed, 0, p, q, false));
        if (!ok || !also) return;
        unchecked {
            assert(give + give2 == uint256(o.executed) + executed);
            // Of 2^127 and more on both sides the products no longer fit a word.
            if (o.give >> 127 != 0 || o.want >> 127 != 0) return;
            assert((want + want2) * o.give >= uint256(o.want) * (uint256(o.executed) + executed));
        }
    }

    /// @dev The same of a buy.
    function check_splitting_a_buy_never_takes_more(One memory o, uint128 executed, uint128 p, uint128 q)
        external
        view
    {
        if (o.fee != 0 || o.up) return;
        (bool ok, uint256 give, uint256 want) = _fill(BUY, o);
        (bool also, uint256 give2, uint256 want2) = _fill(BUY, One(o.give, o.want, executed, 0, p, q, false));
        if (!ok || !also) return;
        unchecked {
            assert(want + want2 == uint256(o.executed) + executed);
            if (o.give >> 127 != 0 || o.want >> 127 != 0) return;
            assert((give + give2) * o.want <= uint256(o.give) * (uint256(o.executed) + executed));
        }
    }

    /// @dev Not a law: halmos must find the counterexample, or its other answers mean nothing.
    function check_canary_a_sell_gets_more_than_its_limit(uint8 p, uint8 q) external view {
        (bool ok,, uint256 want) = _fill(SELL, One(1_000, 500, 1_000, 0, p, q, false));
        if (ok) assert(want > 500);
    }

    /// @dev A moving bound stays between its ends and is rounded for the trader.
    function check_bounds(uint128 low, uint128 high, uint48 from, uint48 to, uint48 time) external view {
        if (low > high || from >= to) return;
        (uint256 give, uint256 want) = math.bounds(low, high, from, to, time);
        assert(low <= give && give <= high && low <= want && want <= high);
        if (time <= from || time >= to) return;
        unchecked {
            uint256 exact = uint256(high - low) * (time - from);
            assert((give - low) * (to - from) <= exact && (high - want) * (to - from) <= exact);
        }
    }

    function _near(uint256 amount, uint256 value, uint256 price, bool up) private pure {
        unchecked {
            uint256 worth = amount * price;
            assert(up ? worth >= value && worth - value < price : worth <= value && value - worth < price);
        }
    }

    function _sound(One memory o) private pure returns (bool) {
        return o.give != 0 && o.want != 0 && o.givePrice != 0 && o.wantPrice != 0;
    }

    function _fill(uint256 kind, One memory o) private view returns (bool ok, uint256 give, uint256 want) {
        if (!_sound(o)) return (false, 0, 0);
        try math.amounts(_case(kind, o)) returns (uint256[2] memory gives, uint256[2] memory wants) {
            return (true, gives[0], wants[0]);
        } catch {
            return (false, 0, 0);
        }
    }

    function _case(uint256 kind, One memory o) private pure returns (Case memory c) {
        (c.kind, c.legs, c.executed, c.fee, c.roundUp) = (kind, 1, o.executed, o.fee, o.up ? 1 : 0);
        (c.gives[0], c.wants[0], c.givePrices[0], c.wantPrices[0]) = (o.give, o.want, o.givePrice, o.wantPrice);
    }
}
