// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {FillMathHarness} from "../../src/testing/FillMathHarness.sol";
import "../../src/Types.sol";
import {Base} from "../helpers/Base.sol";

/// @dev What holds for the amounts of every fill.
contract FillMathFuzzTest is Base {
    uint256 private constant MILLION = 1e6;

    FillMathHarness private math;

    function setUp() public {
        math = FillMathHarness(deploy("FillMathHarness", ""));
    }

    function intent(uint8 kind, uint256 give, uint256 want) private pure returns (Intent memory i) {
        i.kind = kind;
        i.fill = PARTIAL;
        i.minFill = 1;
        i.gives = new Leg[](1);
        i.wants = new Leg[](1);
        i.gives[0] = Leg(address(1), give, give);
        i.wants[0] = Leg(address(2), want, want);
    }

    function list(uint256 x) private pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = x;
    }

    function one(Intent memory i, uint256 executed, uint256 fee, uint256 roundUp, uint256 givePrice, uint256 wantPrice)
        private
        view
        returns (uint256 give, uint256 want)
    {
        (uint256[] memory gives, uint256[] memory wants) =
            math.amounts(i, 0, executed, fee, roundUp, list(givePrice), list(wantPrice));
        return (gives[0], wants[0]);
    }

    /// @dev Rates at which a fill of the intent is possible most of the time.
    function prices(uint256 give, uint256 want, uint256 seed) private pure returns (uint256 p, uint256 q) {
        p = within(seed, 1, 2 ** 64);
        q = p * give / want;
        q = within(seed >> 64, q / 2 + 1, q + 1);
    }

    function testFuzz_sell_keeps_the_limit_and_rounds_by_less_than_one_atom(
        uint256 give,
        uint256 want,
        uint256 executed,
        uint256 fee,
        uint256 seed
    ) public view {
        give = within(give, 1, 2 ** 100);
        want = within(want, 1, 2 ** 100);
        executed = within(executed, 1, give);
        fee = within(fee, 0, executed / 100);
        (uint256 p, uint256 q) = prices(give, want, seed);
        uint256 up = seed >> 255;
        try math.amounts(intent(SELL, give, want), 0, executed, fee, up, list(p), list(q)) returns (
            uint256[] memory gives, uint256[] memory wants
        ) {
            eq(gives[0], executed, "give");
            yes(wants[0] * give >= want * executed, "limit");
            uint256 value = (executed - fee) * p;
            yes(up == 1 ? wants[0] * q >= value : wants[0] * q <= value, "direction");
            uint256 off = up == 1 ? wants[0] * q - value : value - wants[0] * q;
            yes(off < q, "less than one atom");
            yes(off == 0 || up == 1 || wants[0] >= MILLION, "not against small traders");
        } catch (bytes memory reason) {
            yes(_expected(reason), "unexpected error");
        }
    }

    function testFuzz_buy_keeps_the_limit_and_rounds_by_less_than_one_atom(
        uint256 give,
        uint256 want,
        uint256 executed,
        uint256 fee,
        uint256 seed
    ) public view {
        give = within(give, 1, 2 ** 100);
        want = within(want, 1, 2 ** 100);
        executed = within(executed, 1, want);
        fee = within(fee, 0, give / 100);
        (uint256 p, uint256 q) = prices(give, want, seed);
        uint256 up = seed >> 255;
        try math.amounts(intent(BUY, give, want), 0, executed, fee, up, list(p), list(q)) returns (
            uint256[] memory gives, uint256[] memory wants
        ) {
            eq(wants[0], executed, "want");
            yes(gives[0] * want <= give * executed, "limit");
            yes(gives[0] > fee, "fee inside");
            uint256 value = executed * q + fee * p;
            yes(up == 1 ? gives[0] * p >= value : gives[0] * p <= value, "direction");
            uint256 off = up == 1 ? gives[0] * p - value : value - gives[0] * p;
            yes(off < p, "less than one atom");
            yes(off == 0 || up == 0 || gives[0] >= MILLION, "not against small traders");
        } catch (bytes memory reason) {
            yes(_expected(reason), "unexpected error");
        }
    }

    function _expected(bytes memory reason) private pure returns (bool) {
        bytes4 e = bytes4(reason);
        return e == ZeroLeg.selector || e == RoundingAgainstTrader.selector || e == WantBelowLimit.selector
            || e == GiveAboveLimit.selector || e == FeeTooLarge.selector;
    }

    /// @dev However an intent is cut in two, each part at the worst price that its limit allows, the trader gives no
    ///      more and gets no less than signed for the sum.
    function testFuzz_splitting_never_takes_more(uint256 give, uint256 want, uint256 x, uint256 y) public view {
        give = within(give, 2, 2 ** 120);
        want = within(want, 1, 2 ** 120);
        x = within(x, 1, give - 1);
        y = within(y, 1, give - x);
        uint256 parts = worstWant(give, want, x) + worstWant(give, want, y);
        yes(parts * give >= want * (x + y), "wants");

        uint256 total = want;
        want = give;
        give = total; // now a buy of `want` for at most `give`
        parts = worstGive(give, want, x) + worstGive(give, want, y);
        yes(parts * want <= give * (x + y), "gives");
    }

    /// @dev The least want that the contract accepts, found at its limit: one less is refused.
    function worstWant(uint256 give, uint256 want, uint256 executed) private view returns (uint256 least) {
        least = (want * executed + give - 1) / give;
        // At these prices the value is exactly `least` wants.
        (, uint256 got) = one(intent(SELL, give, want), executed, 0, 0, least, executed);
        eq(got, least, "accepted at the limit");
        if (least == 1) return least;
        try math.amounts(intent(SELL, give, want), 0, executed, 0, 0, list(least - 1), list(executed)) {
            yes(false, "accepted below the limit");
        } catch {}
    }

    function worstGive(uint256 give, uint256 want, uint256 executed) private view returns (uint256 most) {
        most = give * executed / want;
        if (most == 0) return 0;
        (uint256 gave,) = one(intent(BUY, give, want), executed, 0, 0, executed, most);
        eq(gave, most, "accepted at the limit");
        try math.amounts(intent(BUY, give, want), 0, executed, 0, 0, list(executed), list(most + 1)) {
            yes(false, "accepted above the limit");
        } catch {}
    }

    function testFuzz_baskets_balance_by_less_than_one_atom_a_leg(uint256[6] memory seeds) public view {
        Intent memory i = intent(SELL, within(seeds[0], MILLION, 2 ** 80), 1);
        i.wants = new Leg[](3);
        uint256[] memory q = new uint256[](3);
        uint256 weight;
        for (uint256 k; k < 3; ++k) {
            i.wants[k] = Leg(address(uint160(2 + k)), 0, within(seeds[1 + k], 1, 2 ** 80));
            i.wants[k].start = i.wants[k].end;
            q[k] = within(seeds[1 + k] >> 100, 1, 2 ** 40);
            weight += q[k] * i.wants[k].end;
        }
        uint256 p = within(seeds[4], weight / i.gives[0].end + 1, weight / i.gives[0].end + 2 ** 40);
        uint256 up = seeds[5] % 8;
        try math.amounts(i, 0, i.gives[0].end, 0, up, list(p), q) returns (uint256[] memory, uint256[] memory wants) {
            uint256 value = i.gives[0].end * p;
            for (uint256 k; k < 3; ++k) {
                uint256 exact = i.wants[k].end * value; // in units of 1/weight atoms
                uint256 got = wants[k] * weight;
                yes(wants[k] >= i.wants[k].end, "limit");
                yes(
                    (up >> k) & 1 == 1 ? got >= exact && got - exact < weight : got <= exact && exact - got < weight,
                    "atom"
                );
            }
        } catch (bytes memory reason) {
            yes(_expected(reason), "unexpected error");
        }
    }

    function testFuzz_bounds_move_one_way_for_the_trader(uint256 low, uint256 high, uint48 from, uint48 span, uint256 t)
        public
        view
    {
        low = within(low, 1, type(uint128).max);
        high = within(high, low, type(uint128).max);
        uint256 to = uint256(from) + within(span, 1, 2 ** 32);
        t = within(t, from, to);
        uint256 give = math.giveBound(Leg(address(1), low, high), from, to, t);
        uint256 want = math.wantBound(Leg(address(1), high, low), from, to, t);
        yes(low <= give && give <= high && low <= want && want <= high, "within");
        uint256 exact = (high - low) * (t - from);
        yes((give - low) * (to - from) <= exact, "give rounded down");
        yes((high - want) * (to - from) <= exact, "want rounded up");
        eq(give - low, high - want, "mirror images");
        yes(math.giveBound(Leg(address(1), low, high), from, to, t + 1) >= give, "never falls");
    }
}
