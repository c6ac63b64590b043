// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Traders who trade with outside liquidity, and native coin.
contract PoolsTest is Market {
    function test_one_pool() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 10 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, out);
        price(s, b, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 19 * ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out, "alice gets what the pool pays");
        eq(balance(a, address(p)), 1010 * ONE, "pool gets a");
    }

    function test_pool_with_fee_out_of_the_give() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 9 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, out);
        price(s, b, 9 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 17 * ONE), 10 * ONE, ONE);
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out, "alice");
        eq(balance(a, treasury), ONE, "fee");
    }

    function test_two_hops() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        ConstantProductPool q = pool(b, 3000 * ONE, c, 6000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 2);
        s.interactions[0] = swap(p, a, 10 * ONE);
        s.interactions[1] = swap(q, b, s.interactions[0].outputs[0].amount);
        uint256 out = s.interactions[1].outputs[0].amount;
        price(s, a, out);
        price(s, c, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, c, 35 * ONE));
        mustSettle(s);
        eq(balance(c, vm.addr(ALICE)), out, "alice");
    }

    /// @dev A token that one interaction needs before another one brings it has to come from the payers.
    function test_input_before_output_of_the_same_token() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        ConstantProductPool q = pool(c, 1000 * ONE, a, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        fund(CAROL, c, 10 * ONE);
        Solution memory s = solution(2, 2);
        s.interactions[0] = swap(p, a, 10 * ONE); // a -> b
        s.interactions[1] = swap(q, c, 10 * ONE); // c -> a
        uint256 outB = s.interactions[0].outputs[0].amount;
        uint256 outA = s.interactions[1].outputs[0].amount;
        price(s, a, outB);
        price(s, b, 10 * ONE);
        price(s, c, outA * outB / (10 * ONE));
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 19 * ONE));
        s.fills[1] = fill(CAROL, sell(CAROL, c, 10 * ONE, a, 19 * ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), outB, "alice");
        yes(balance(a, vm.addr(CAROL)) > 19 * ONE, "carol");
        eq(balance(a, vm.addr(CAROL)) + balance(a, treasury), outA, "nothing of a is lost");
    }

    function test_native_want_from_a_trader_and_from_a_pool() public {
        ConstantProductPool p = pool(a, 1000 * ONE, address(weth), 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        fund(BOB, address(weth), 5 * ONE);
        Solution memory s = solution(2, 1);
        s.interactions[0] = swap(p, a, 8 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, 2);
        Intent memory ask = sell(ALICE, a, 10 * ONE, NATIVE, 19 * ONE);
        ask.receiver = address(0xfee1);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, address(weth), 4 * ONE, a, 2 * ONE));
        s.cover[index(address(weth))] = 20 * ONE - 4 * ONE - out;
        deposit(solver, address(weth), ONE);
        mustSettle(s);
        eq(address(0xfee1).balance, 20 * ONE, "alice's receiver has native coin");
        eq(balance(a, vm.addr(BOB)), 2 * ONE, "bob");
    }

    function test_native_receiver_that_refuses() public {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, address(weth), 10 * ONE);
        Intent memory ask = sell(ALICE, a, 10 * ONE, NATIVE, 10 * ONE);
        ask.receiver = address(registry.bondToken());
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, address(weth), 10 * ONE, a, 10 * ONE));
        mustFail(s, abi.encodeWithSelector(NativePaymentFailed.selector, ask.receiver));
    }
}
