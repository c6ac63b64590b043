// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Intents with several legs a side, and what the legs of one intent may be.
contract BasketsTest is Market {
    function test_basket_for_basket() public {
        fund(ALICE, a, 10 * ONE);
        fund(ALICE, b, 20 * ONE);
        fund(BOB, c, 100 * ONE);
        fund(BOB, address(weth), 100 * ONE);
        Intent memory ask = sell(ALICE, a, 10 * ONE, c, 1);
        ask.gives = legs(a, 10 * ONE, b, 20 * ONE);
        ask.wants = legs(c, 30 * ONE, address(weth), 10 * ONE);
        Intent memory bid = buy(BOB, c, 1, a, 10 * ONE);
        bid.gives = legs(c, 30 * ONE, address(weth), 10 * ONE);
        bid.wants = legs(a, 10 * ONE, b, 20 * ONE);
        Solution memory s = solution(2, 0);
        price(s, a, 2);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, bid);
        mustSettle(s);
        eq(balance(c, vm.addr(ALICE)), 30 * ONE, "value 40 in the proportion 3 to 1");
        eq(balance(address(weth), vm.addr(ALICE)), 10 * ONE, "value 40 in the proportion 3 to 1");
        eq(balance(a, vm.addr(BOB)), 10 * ONE, "bob a");
        eq(balance(b, vm.addr(BOB)), 20 * ONE, "bob b");
    }

    /// @dev Surplus is shared in the proportion of the wants' last bounds.
    function test_surplus_is_shared_in_proportion() public {
        fund(ALICE, a, 30 * ONE);
        fund(BOB, b, 20 * ONE);
        fund(CAROL, c, 10 * ONE);
        Intent memory ask = sell(ALICE, a, 30 * ONE, b, 1);
        ask.wants = legs(b, 18 * ONE, c, 9 * ONE);
        Solution memory s = solution(3, 0);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, b, 20 * ONE, a, 20 * ONE));
        s.fills[2] = fill(CAROL, sell(CAROL, c, 10 * ONE, a, 10 * ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 20 * ONE, "two parts");
        eq(balance(c, vm.addr(ALICE)), 10 * ONE, "one part");
    }

    function test_each_leg_has_its_own_limit() public {
        fund(ALICE, a, 30 * ONE);
        Intent memory ask = sell(ALICE, a, 30 * ONE, b, 1);
        ask.wants = legs(b, 20 * ONE, c, 10 * ONE + 3);
        Solution memory s = solution(1, 0);
        s.fills[0] = fill(ALICE, ask);
        mustFail(s, abi.encodeWithSelector(WantBelowLimit.selector, 0, 20 * ONE - 2, 20 * ONE));
    }

    function test_eight_legs_a_side() public {
        while (tokens.length < 16) {
            addToken(address(token("T", 18)));
        }
        Intent memory ask = sell(ALICE, a, 1, b, 1);
        (ask.gives, ask.wants) = (new Leg[](8), new Leg[](8));
        for (uint256 k; k < 8; ++k) {
            (address give, address want) = (tokens[2 * k], tokens[2 * k + 1]);
            (ask.gives[k], ask.wants[k]) = (Leg(give, (k + 1) * ONE, (k + 1) * ONE), Leg(want, ONE, ONE));
            fund(ALICE, give, (k + 1) * ONE);
            fund(BOB, want, 9 * ONE / 2);
        }
        ask.minFill = ONE;
        Intent memory bid = buy(BOB, b, 1, a, 1);
        (bid.gives, bid.wants) = (new Leg[](8), ask.gives);
        for (uint256 k; k < 8; ++k) {
            bid.gives[k] = Leg(ask.wants[k].token, 9 * ONE / 2, 9 * ONE / 2);
        }
        bid.minFill = ONE;
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, bid);
        mustSettle(s);
        for (uint256 k; k < 8; ++k) {
            eq(balance(ask.wants[k].token, vm.addr(ALICE)), 9 * ONE / 2, "value 36 in eight equal parts");
            eq(balance(ask.gives[k].token, vm.addr(BOB)), (k + 1) * ONE, "all that she gave");
        }
    }

    function test_a_token_is_on_one_leg_only() public {
        fund(ALICE, a, ONE);
        Solution memory s = solution(1, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, ONE, a, ONE));
        mustFail(s, abi.encodeWithSelector(LegTokenRepeated.selector, a));
        Intent memory i = sell(ALICE, a, ONE, b, ONE);
        i.wants = legs(NATIVE, ONE, address(weth), ONE);
        s.fills[0] = fill(ALICE, i);
        mustFail(s, abi.encodeWithSelector(LegTokenRepeated.selector, address(weth)));
        i.gives = legs(a, ONE, a, ONE);
        s.fills[0] = fill(ALICE, i);
        mustFail(s, abi.encodeWithSelector(LegTokenRepeated.selector, a));
    }
}
