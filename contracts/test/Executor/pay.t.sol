// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {FalseToken} from "../helpers/HostileTokens.sol";
import {Market} from "../helpers/Market.sol";
import {Venue} from "../helpers/Venue.sol";

/// @dev Payments out of the executor, and what it takes in.
contract PayTest is Market {
    function payments(address t0, address to0, address t1, address to1) private view returns (Move[] memory list) {
        list = new Move[](2);
        list[0] = Move(t0, uint160(address(executor)), uint160(to0), 3);
        list[1] = Move(t1, uint160(address(executor)), uint160(to1), 4);
    }

    function refuses(Move[] memory list, bytes memory reason) private {
        vm.prank(address(settlement));
        vm.expectRevert(reason);
        executor.pay(list);
    }

    function test_only_for_the_settlement() public {
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, address(this)));
        executor.pay(new Move[](0));
    }

    function test_tokens() public {
        mint(a, address(executor), 3);
        mint(b, address(executor), 4);
        vm.prank(address(settlement));
        executor.pay(payments(a, address(8), b, address(9)));
        eq(balance(a, address(8)), 3, "a");
        eq(balance(b, address(9)), 4, "b");
    }

    function test_native_coin_is_unwrapped_once_for_all() public {
        mint(address(weth), address(executor), 7);
        address[2] memory to = [address(0xfee8), address(0xfee9)];
        vm.prank(address(settlement));
        executor.pay(payments(NATIVE, to[0], NATIVE, to[1]));
        eq(to[0].balance, 3, "first");
        eq(to[1].balance, 4, "second");
        eq(address(executor).balance, 0, "nothing left");
        eq(balance(address(weth), address(executor)), 0, "nothing left");
    }

    function test_native_and_wrapped() public {
        mint(address(weth), address(executor), 7);
        vm.prank(address(settlement));
        executor.pay(payments(NATIVE, address(0xfee8), address(weth), address(0xfee9)));
        eq(address(0xfee8).balance, 3, "native");
        eq(balance(address(weth), address(0xfee9)), 4, "wrapped");
    }

    function test_a_token_that_refuses() public {
        FalseToken f = new FalseToken();
        f.fail(address(executor));
        bytes memory reason = abi.encodeWithSelector(PaymentFailed.selector, address(f), address(8), 3);
        refuses(payments(address(f), address(8), a, address(9)), reason);
    }

    function test_a_receiver_that_refuses() public {
        mint(address(weth), address(executor), 7);
        bytes memory reason = abi.encodeWithSelector(NativePaymentFailed.selector, address(bond));
        refuses(payments(NATIVE, address(0xfee8), NATIVE, address(bond)), reason);
    }

    function test_native_coin_only_from_unwrapping() public {
        vm.deal(address(this), 1);
        (bool ok, bytes memory data) = address(executor).call{value: 1}("");
        yes(!ok, "accepted");
        eq(data, abi.encodeWithSelector(NativeNotAccepted.selector, address(this)), "reason");
        Venue venue = new Venue();
        vm.deal(address(venue), 1);
        Solution memory s = solution(0, 1);
        s.interactions[0].target = address(venue);
        s.interactions[0].data = abi.encodeCall(venue.payNative, (payable(address(executor))));
        yes(!settle(s).settled, "an interaction paid native coin");
    }
}
