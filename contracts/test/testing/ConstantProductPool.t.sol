// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {World} from "../helpers/World.sol";

/// @dev The pool of test networks.
contract PoolTest is World {
    ConstantProductPool private p;

    function setUp() public override {
        super.setUp();
        p = pool(a, 1000 * ONE, b, 2000 * ONE);
        mint(a, address(this), 100 * ONE);
        TestToken(a).approve(address(p), type(uint256).max);
    }

    function test_pool_swaps_by_the_formula() public {
        uint256 afterFee = 10 * ONE * (1e6 - 3000);
        uint256 expected = 2000 * ONE * afterFee / (1000 * ONE * 1e6 + afterFee);
        eq(p.quote(a, 10 * ONE), expected, "quote");
        eq(p.swap(a, 10 * ONE, expected, address(9)), expected, "out");
        eq(balance(b, address(9)), expected, "received");
        (uint256 r0, uint256 r1) = p.getReserves();
        eq(r0, 1010 * ONE, "reserve 0");
        eq(r1, 2000 * ONE - expected, "reserve 1");
    }

    function test_pool_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(UnknownPoolToken.selector, c));
        p.quote(c, 1);
        uint256 out = p.quote(a, ONE);
        vm.expectRevert(abi.encodeWithSelector(OutputTooLow.selector, out, out + 1));
        p.swap(a, ONE, out + 1, address(9));
        vm.prank(address(9));
        vm.expectRevert(abi.encodeWithSelector(OnlyOwner.selector, address(9)));
        p.addLiquidity(1, 1);
        uint256 big = uint256(type(uint128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(AmountTooLarge.selector, big));
        p.quote(a, big);
        vm.expectRevert(abi.encodeWithSelector(AmountTooLarge.selector, 1000 * ONE + type(uint128).max));
        p.addLiquidity(type(uint128).max, 1);
        ConstantProductPool empty = ConstantProductPool(deploy("ConstantProductPool", abi.encode(a, c, 0)));
        vm.expectRevert(abi.encodeWithSelector(EmptyReserves.selector));
        empty.quote(a, 1);
    }

    function tryPool(address x, address y, uint256 fee) external {
        deploy("ConstantProductPool", abi.encode(x, y, fee));
    }

    function test_pool_constructor_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(UnknownPoolToken.selector, a));
        this.tryPool(a, a, 0);
        vm.expectRevert(abi.encodeWithSelector(AmountTooLarge.selector, 1e6));
        this.tryPool(a, b, 1e6);
    }

    function testFuzz_product_never_falls(uint256 r0, uint256 r1, uint256 amount, uint256 fee, bool forward) public {
        r0 = within(r0, 1, type(uint128).max / 2);
        r1 = within(r1, 1, type(uint128).max / 2);
        amount = within(amount, 0, type(uint128).max / 2);
        ConstantProductPool q =
            ConstantProductPool(deploy("ConstantProductPool", abi.encode(a, b, within(fee, 0, 1e6 - 1))));
        address[2] memory pair = [a, b];
        for (uint256 k; k < 2; ++k) {
            mint(pair[k], address(this), type(uint128).max);
            TestToken(pair[k]).approve(address(q), type(uint256).max);
        }
        q.addLiquidity(r0, r1);
        address tokenIn = forward ? a : b;
        uint256 out = q.swap(tokenIn, amount, 0, address(9));
        (uint256 s0, uint256 s1) = q.getReserves();
        yes(s0 * s1 >= r0 * r1, "product");
        eq(balance(a, address(q)), s0, "reserve 0 is held");
        eq(balance(b, address(q)), s1, "reserve 1 is held");
        eq(forward ? r1 - s1 : r0 - s0, out, "out");
    }
}
