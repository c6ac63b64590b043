// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {Vm} from "../helpers/Base.sol";
import {FeeToken} from "../helpers/HostileTokens.sol";
import {World} from "../helpers/World.sol";

contract DepositTest is World {
    function setUp() public override {
        super.setUp();
        mint(a, address(this), 100);
        TestToken(a).approve(address(vault), type(uint256).max);
    }

    function test_for_oneself_and_for_another() public {
        vm.recordLogs();
        eq(vault.deposit(a, 10, address(this)), 10, "received");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory last = logs[logs.length - 1];
        eq(last.topics[0], IVault.Deposited.selector, "event");
        eq(last.topics[1], bytes32(uint256(uint160(address(this)))), "owner");
        eq(last.topics[2], bytes32(uint256(uint160(a))), "token");
        eq(last.data, abi.encode(10), "amount");
        vault.deposit(a, 5, address(9));
        eq(vault.balanceOf(address(this), a), 10, "mine");
        eq(vault.balanceOf(address(9), a), 5, "theirs");
        eq(vault.totalHeld(a), 15, "total");
        eq(vault.coverOf(address(this), a), 0, "a balance is no cover");
        eq(vault.balanceOf(address(this), b), 0, "nor one of another token");
    }

    function test_needs_a_receiver() public {
        vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
        vault.deposit(a, 1, address(0));
    }

    function test_needs_funds() public {
        vm.expectRevert(abi.encodeWithSelector(PullFailed.selector, a, address(this), address(vault), 101));
        vault.deposit(a, 101, address(this));
        vm.expectRevert(abi.encodeWithSelector(NothingReceived.selector, a));
        vault.deposit(a, 0, address(this));
        vm.expectRevert(abi.encodeWithSelector(PullFailed.selector, address(1), address(this), address(vault), 1));
        vault.deposit(address(1), 1, address(this)); // no code there
    }

    function test_credits_what_arrived() public {
        FeeToken t = new FeeToken();
        t.mint(address(this), 1000);
        t.approve(address(vault), 1000);
        eq(vault.deposit(address(t), 1000, address(9)), 990, "received");
        eq(vault.balanceOf(address(9), address(t)), 990, "credited");
        eq(vault.totalHeld(address(t)), 990, "total");
    }

    /// @dev Tokens that someone sends to the vault without a word are nobody's.
    function test_gifts_are_nobodys() public {
        mint(a, address(vault), 7);
        vault.deposit(a, 10, address(this));
        eq(vault.balanceOf(address(this), a), 10, "credited");
        eq(vault.totalHeld(a), 10, "total");
    }
}
