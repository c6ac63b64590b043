// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {IVault} from "../../src/interfaces/IVault.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {FeeToken} from "../helpers/HostileTokens.sol";
import {Market} from "../helpers/Market.sol";

/// @dev The settlement's movements between wallets, balances and cover.
contract PullTest is Market {
    address private alice;
    address private bob;

    function setUp() public override {
        super.setUp();
        alice = fund(ALICE, a, 10);
        bob = vm.addr(BOB);
    }

    function wallet(address who) private pure returns (uint256) {
        return uint160(who);
    }

    function balanceAt(address who) private pure returns (uint256) {
        return uint160(who) | BALANCE;
    }

    function coverAt(address who) private pure returns (uint256) {
        return uint160(who) | COVER;
    }

    function move(address t, uint256 from, uint256 to, uint256 amount) private pure returns (Move[] memory list) {
        list = new Move[](1);
        list[0] = Move(t, from, to, amount);
    }

    function pull(Move[] memory list) private {
        vm.prank(address(settlement));
        vault.pull(list);
        mustBeSolvent(a);
    }

    function refuses(Move[] memory list, bytes memory reason) private {
        vm.prank(address(settlement));
        vm.expectRevert(reason);
        vault.pull(list);
    }

    function test_only_for_the_settlement() public {
        address[4] memory list = [address(this), owner, house, address(executor)];
        for (uint256 k; k < 4; ++k) {
            vm.prank(list[k]);
            vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, list[k]));
            vault.pull(move(a, wallet(alice), wallet(list[k]), 1));
        }
    }

    function test_wallet_to_wallet() public {
        pull(move(a, wallet(alice), wallet(bob), 3));
        eq(balance(a, bob), 3, "pulled");
        refuses(move(a, wallet(alice), wallet(bob), 8), abi.encodeWithSelector(PullFailed.selector, a, alice, bob, 8));
        bytes memory reason = abi.encodeWithSelector(PullFailed.selector, address(1), alice, bob, 1);
        refuses(move(address(1), wallet(alice), wallet(bob), 1), reason); // no code there
    }

    function test_the_vault_itself_is_no_payer() public {
        keep(ALICE, a, 5);
        bytes memory reason = abi.encodeWithSelector(VaultAsPayer.selector);
        refuses(move(a, wallet(address(vault)), wallet(bob), 1), reason);
        refuses(move(a, wallet(address(vault)), balanceAt(bob), 1), reason);
    }

    function test_balance_to_balance() public {
        keep(ALICE, a, 5);
        pull(move(a, balanceAt(alice), balanceAt(bob), 2));
        eq(kept(ALICE, a), 3, "alice");
        eq(kept(BOB, a), 2, "bob");
        eq(vault.totalHeld(a), 5, "the total stays");
        bytes memory reason = abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 3, 4);
        refuses(move(a, balanceAt(alice), balanceAt(bob), 4), reason);
    }

    function test_balance_to_itself() public {
        keep(ALICE, a, 5);
        pull(move(a, balanceAt(alice), balanceAt(alice), 5));
        eq(kept(ALICE, a), 5, "alice");
        bytes memory reason = abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 5, 6);
        refuses(move(a, balanceAt(alice), balanceAt(alice), 6), reason);
    }

    function test_balance_to_wallet() public {
        keep(ALICE, a, 5);
        pull(move(a, balanceAt(alice), wallet(bob), 2));
        eq(kept(ALICE, a), 3, "alice");
        eq(balance(a, bob), 2, "bob");
        eq(vault.totalHeld(a), 3, "total");
    }

    function test_wallet_to_balance() public {
        pull(move(a, wallet(alice), balanceAt(bob), 2));
        eq(balance(a, alice), 8, "alice");
        eq(kept(BOB, a), 2, "bob");
        eq(vault.totalHeld(a), 2, "total");
    }

    function test_cover_to_balance_and_to_wallet() public {
        deposit(solver, a, 5);
        vm.recordLogs();
        pull(move(a, coverAt(solver), balanceAt(bob), 2));
        Vm.Log memory first = vm.getRecordedLogs()[0];
        eq(first.topics[0], IVault.CoverRemoved.selector, "event");
        eq(first.data, abi.encode(2), "amount");
        pull(move(a, coverAt(solver), wallet(bob), 1));
        eq(vault.coverOf(solver, a), 2, "cover");
        eq(kept(BOB, a), 2, "balance");
        eq(balance(a, bob), 1, "wallet");
        eq(vault.totalHeld(a), 4, "total");
        bytes memory reason = abi.encodeWithSelector(CoverTooLow.selector, solver, a, 2, 3);
        refuses(move(a, coverAt(solver), wallet(address(executor)), 3), reason);
    }

    function test_balance_to_cover() public {
        keep(ALICE, a, 5);
        vm.recordLogs();
        pull(move(a, balanceAt(alice), coverAt(solver), 5));
        eq(vm.getRecordedLogs()[0].topics[0], IVault.CoverAdded.selector, "event");
        eq(vault.coverOf(solver, a), 5, "cover");
        eq(vault.totalHeld(a), 5, "total");
    }

    function test_one_failure_reverts_all() public {
        Move[] memory list = new Move[](2);
        list[0] = Move(a, wallet(alice), wallet(bob), 3);
        list[1] = Move(a, balanceAt(bob), wallet(bob), 1);
        refuses(list, abi.encodeWithSelector(BalanceTooLow.selector, bob, a, 0, 1));
        eq(balance(a, bob), 0, "nothing moved");
    }

    /// @dev What does not arrive is not credited at the expense of the others who keep that token here.
    function test_a_token_that_keeps_a_part() public {
        FeeToken t = new FeeToken();
        t.mint(alice, 1000);
        vm.prank(alice);
        t.approve(address(vault), 1000);
        Move[] memory list = move(address(t), wallet(alice), balanceAt(bob), 1000);
        refuses(list, abi.encodeWithSelector(NotReceived.selector, address(t), 990, 1000));
    }
}
