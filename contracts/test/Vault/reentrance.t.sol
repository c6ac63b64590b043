// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {HookToken} from "../helpers/HostileTokens.sol";
import {World} from "../helpers/World.sol";

/// @dev A token whose hook calls back into the vault can not have one movement counted twice.
contract VaultReentranceTest is World {
    HookToken private t;
    bytes[] private calls;

    function setUp() public override {
        super.setUp();
        t = new HookToken();
        t.mint(address(this), 1000);
        t.approve(address(vault), 1000);
        vault.deposit(address(t), 100, address(this));
        vault.deposit(address(t), 100, address(t));
        vault.depositCover(address(t), 100);
        vault.announceExit(address(t));
        vm.prank(address(t));
        vault.announceExit(address(t));
        vm.warp(NOW + 1 days);
        calls.push(abi.encodeCall(vault.deposit, (address(t), 1, address(t))));
        calls.push(abi.encodeCall(vault.withdraw, (address(t), 1, address(t))));
        calls.push(abi.encodeCall(vault.exit, (address(t), address(t))));
        calls.push(abi.encodeCall(vault.depositCover, (address(t), 1)));
        calls.push(abi.encodeCall(vault.withdrawCover, (address(t), 1)));
    }

    function inner(bytes memory data, bytes memory reason) private {
        yes(!t.succeeded(), "re-entered");
        eq(t.returned(), reason, "reason");
        t.arm(address(vault), data);
    }

    /// @dev Each door from within each other: what the inner call is refused with, and that the outer one counts once.
    function test_every_door_from_within_every_other() public {
        bytes memory reason = abi.encodeWithSelector(Reentered.selector);
        for (uint256 k; k < calls.length; ++k) {
            t.arm(address(vault), calls[k]);
            vault.deposit(address(t), 10, address(this));
            inner(calls[k], reason);
            vault.withdraw(address(t), 5, address(this));
            inner(calls[k], reason);
            vault.depositCover(address(t), 10);
            inner(calls[k], reason);
            vault.withdrawCover(address(t), 5);
            inner(calls[k], reason);
        }
        t.arm(address(vault), calls[2]);
        eq(vault.exit(address(t), address(this)), 125, "a hundred and five times five");
        inner("", reason);
        eq(vault.coverOf(address(this), address(t)), 125, "the same of cover");
        eq(vault.balanceOf(address(t), address(t)), 100, "the hook got nothing");
        eq(vault.totalHeld(address(t)), 225, "total");
        eq(balance(address(t), address(vault)), 225, "held");
    }

    function test_the_settlements_doors_are_shut_to_a_token() public {
        bytes memory reason = abi.encodeWithSelector(OnlySettlement.selector, address(t));
        Permitted memory none;
        bytes[3] memory list = [
            abi.encodeCall(vault.pull, (new Move[](0))),
            abi.encodeCall(vault.credit, (new Move[](0))),
            abi.encodeCall(vault.pullPermitted, (none, address(t)))
        ];
        for (uint256 k; k < 3; ++k) {
            t.arm(address(vault), list[k]);
            vault.deposit(address(t), 10, address(this));
            inner("", reason);
        }
    }
}
