// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NativePaymentFailed, NotReceived, NothingReceived, PaymentFailed, PullFailed} from "../src/Errors.sol";
import "../src/Types.sol";
import {HostileBase} from "./helpers/HostileBase.sol";
import {BlocklistToken, CallbackToken, FeeToken, LyingToken, RescaledToken} from "./helpers/HostileTokens.sol";

/// @dev Burns what gas it is paid with.
contract GasBurner {
    receive() external payable {
        while (true) {}
    }
}

/// @dev Takes deposits of a 777-style token, and tries to have each counted twice.
contract Doubler {
    address private immutable vault;
    address private token;
    bool private busy;
    bool public doubled;

    constructor(address vault_) {
        vault = vault_;
    }

    function run(address token_, uint256 amount) external {
        token = token_;
        (bool ok,) = token_.call(abi.encodeWithSignature("approve(address,uint256)", vault, type(uint256).max));
        (ok,) = vault.call(abi.encodeWithSignature("deposit(address,uint256,address)", token_, amount, this));
        require(ok, "deposit");
        (ok,) = vault.call(abi.encodeWithSignature("withdraw(address,uint256,address)", token_, amount / 2, this));
        require(ok, "withdraw");
    }

    fallback() external {
        if (busy) return;
        busy = true;
        bytes memory more = abi.encodeWithSignature("deposit(address,uint256,address)", token, 1, this);
        (bool ok,) = vault.call(more);
        if (ok) doubled = true;
        (ok,) = vault.call(abi.encodeWithSignature("withdraw(address,uint256,address)", token, 1, this));
        if (ok) doubled = true;
        busy = false;
    }
}

/// @dev What transfers and receivers do.
contract HostileTest is HostileBase {
    /// @dev Payers pay receivers directly: what the token takes is the receiver's loss, and the vault does not account
    ///      for it.
    function test_fee_on_transfer_between_wallets() public {
        address t = list(new FeeToken());
        yes(besideHonest(pair(t)).settled, "settles");
        eq(balance(t, vm.addr(BOB)), PART - PART / 100, "bob");
    }

    function test_fee_on_transfer_through_the_executor_fails() public {
        address t = list(new FeeToken());
        // The exchange can not take its ten: one percent is missing in the executor.
        mustFailAlone(routed(t), "");
        eq(balance(t, vm.addr(ALICE)), 100 * ONE, "alice keeps hers");
    }

    function test_fee_on_transfer_into_the_vault_counts_what_arrives() public {
        FeeToken f = new FeeToken();
        address t = list(f);
        vm.prank(vm.addr(ALICE));
        eq(vault.deposit(t, PART, vm.addr(ALICE)), PART - PART / 100, "received");
        eq(vault.totalHeld(t), f.balanceOf(address(vault)), "the vault is exact");
    }

    /// @dev Bob keeps his funds in the vault: what he is due has to arrive there in full.
    function test_fee_on_transfer_to_a_keeper_fails() public {
        address t = list(new FeeToken());
        Solution memory s = pair(t);
        vm.prank(vm.addr(BOB));
        settlement.keepInVault(true);
        vm.prank(vm.addr(BOB));
        vault.deposit(b, PART, vm.addr(BOB));
        Outcome memory outcome = besideHonest(s);
        yes(!outcome.settled, "it settled");
        eq(uint32(bytes4(outcome.reason)), uint32(NotReceived.selector), "reason");
        eq(vault.balanceOf(vm.addr(BOB), b), PART, "bob keeps his");
    }

    function test_blocked_payers_and_receivers_fail_alone() public {
        BlocklistToken t = new BlocklistToken();
        list(t);
        t.blockAccount(vm.addr(BOB));
        mustFailAlone(pair(address(t)), pullFailed(address(t)));
    }

    function test_a_blocked_treasury_fails_only_solutions_that_owe_it() public {
        BlocklistToken t = new BlocklistToken();
        list(t);
        t.blockAccount(treasury);
        Solution memory s = pair(address(t));
        s.fills[0] = fill(ALICE, sell(ALICE, address(t), PART, b, PART - 2), PART, 1);
        s.fills[1] = fill(BOB, sell(BOB, b, PART - 1, address(t), PART - 1));
        mustFailAlone(s, "");
    }

    function test_a_blocked_vault_lets_everything_else_go_on() public {
        BlocklistToken t = new BlocklistToken();
        list(t);
        t.blockAccount(address(vault));
        mustSettle(pair(address(t)));
        vm.prank(vm.addr(ALICE));
        vm.expectPartialRevert(PullFailed.selector);
        vault.deposit(address(t), 1, vm.addr(ALICE));
    }

    /// @dev Atoms that become another amount over night: limits count atoms, whatever they are called, and nobody's
    ///      share of the vault is paid from another token.
    function test_rescaled_balances() public {
        RescaledToken t = new RescaledToken();
        list(t);
        vm.prank(vm.addr(ALICE));
        vault.deposit(address(t), PART, vm.addr(ALICE));
        t.rescale(6);
        eq(vault.totalHeld(address(t)), PART, "the vault owes what it owed");
        vm.prank(vm.addr(ALICE));
        vm.expectPartialRevert(PaymentFailed.selector);
        vault.withdraw(address(t), PART, vm.addr(ALICE));
        mustFailAlone(pair(address(t)), pullFailed(address(t)));
        t.rescale(18);
        vm.prank(vm.addr(ALICE));
        vault.withdraw(address(t), PART, vm.addr(ALICE));
        mustSettle(pair(address(t)));
    }

    function test_balances_that_lie() public {
        LyingToken t = new LyingToken();
        list(t);
        t.mint(address(this), PART);
        t.approve(address(vault), type(uint256).max);
        t.lie(1e30);
        // What arrived can not be told: nothing counts.
        vm.expectPartialRevert(NothingReceived.selector);
        vault.deposit(address(t), PART, address(this));
        // The executor seems to have a fortune; the treasury would be paid it, and the token can not.
        mustFailAlone(routed(address(t)), "");
        eq(vault.totalHeld(address(t)), 0, "nothing is owed");
        yes(settle(pair(address(t))).settled, "between wallets nobody asks for balances");
    }

    /// @dev Another token's lies cost nobody anything: it is only ever accounted for by itself.
    function test_lies_stay_with_their_token() public {
        LyingToken t = new LyingToken();
        list(t);
        deposit(solver, b, PART);
        Solution memory s = routed(address(t));
        t.lie(1);
        s.cover[index(b)] = PART;
        besideHonest(s);
        eq(vault.coverOf(solver, b), PART, "cover");
        eq(vault.totalHeld(b), balance(b, address(vault)), "the vault is exact");
    }

    function test_a_deposit_is_counted_once_whatever_the_token_tells() public {
        CallbackToken t = new CallbackToken();
        addToken(address(t));
        Doubler d = new Doubler(address(vault));
        t.mint(address(d), PART);
        d.run(address(t), PART - 2);
        yes(!d.doubled(), "a callback got in");
        eq(vault.balanceOf(address(d), address(t)), (PART - 2) / 2, "balance");
        eq(vault.totalHeld(address(t)), t.balanceOf(address(vault)), "the vault is exact");
    }

    // --- receivers

    function test_native_receiver_that_burns_gas_fails_alone() public {
        fund(ALICE, a, ONE);
        fund(BOB, address(weth), ONE);
        Intent memory ask = sell(ALICE, a, ONE, NATIVE, ONE);
        ask.receiver = address(new GasBurner());
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, address(weth), ONE, a, ONE));
        Outcome memory outcome = besideHonest(s);
        eq(outcome.reason, abi.encodeWithSelector(NativePaymentFailed.selector, ask.receiver), "reason");
        yes(outcome.gasUsed < 400_000, "it burned only its share");
    }
}
