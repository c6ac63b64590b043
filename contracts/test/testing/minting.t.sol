// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {World} from "../helpers/World.sol";

/// @dev The tokens of test networks.
contract MintingTest is World {
    function test_token_mints_for_its_minter() public {
        address[] memory accounts = new address[](2);
        uint256[] memory values = new uint256[](2);
        (accounts[0], accounts[1], values[0], values[1]) = (address(8), address(9), 1, 2);
        TestToken(c).mintBatch(accounts, values);
        eq(balance(c, address(8)), 1, "first");
        eq(balance(c, address(9)), 2, "second");
        eq(TestToken(c).decimals(), 6, "decimals");
        eq(bytes(TestToken(c).name()), "C", "name");
        eq(bytes(TestToken(c).symbol()), "C", "symbol");
        vm.expectRevert(abi.encodeWithSelector(LengthMismatch.selector, 1, 2));
        TestToken(c).mintBatch(accounts, new uint256[](1));
        vm.prank(address(9));
        vm.expectRevert(abi.encodeWithSelector(OnlyMinter.selector, address(9)));
        TestToken(c).mintBatch(accounts, values);
    }

    function test_wrapped_native_deposits_for_others() public {
        address[] memory accounts = new address[](2);
        uint256[] memory values = new uint256[](2);
        (accounts[0], accounts[1], values[0], values[1]) = (address(8), address(9), 1, 2);
        vm.deal(address(this), 10);
        weth.depositFor{value: 3}(accounts, values);
        eq(weth.balanceOf(address(8)), 1, "first");
        eq(weth.balanceOf(address(9)), 2, "second");
        vm.expectRevert(abi.encodeWithSelector(ValueMismatch.selector, 4, 3));
        weth.depositFor{value: 4}(accounts, values);
        vm.expectRevert(abi.encodeWithSelector(LengthMismatch.selector, 1, 2));
        weth.depositFor{value: 1}(accounts, new uint256[](1));
    }
}
