// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import "../src/Types.sol";
import {BurningToken, FalseToken, FeeToken, HookToken, PlainToken, SilentToken} from "./helpers/HostileTokens.sol";
import {World} from "./helpers/World.sol";

/// @dev Pays `tokenOut` for whatever it was allowed to take of `tokenIn`, one for one.
contract Exchange {
    function trade(address tokenIn, address tokenOut, uint256 amount) external {
        (bool ok,) =
            tokenIn.call(abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, this, amount));
        require(ok, "in");
        (ok,) = tokenOut.call(abi.encodeWithSignature("transfer(address,uint256)", msg.sender, amount));
        require(ok, "out");
    }
}

/// @dev Burns what gas it is paid with.
contract GasBurner {
    receive() external payable {
        while (true) {}
    }
}

/// @dev Tokens and receivers that misbehave: a solution with them settles as signed or fails alone.
contract HostileTest is World {
    function list(PlainToken t) private returns (address at) {
        at = address(t);
        addToken(at);
        t.mint(vm.addr(ALICE), 100 * ONE);
        vm.prank(vm.addr(ALICE));
        (bool ok,) = at.call(abi.encodeCall(t.approve, (address(vault), 100 * ONE))); // may return nothing
        yes(ok, "approve");
    }

    /// @dev Alice sells the token to Bob for b.
    function pair(address t) private returns (Solution memory s) {
        fund(BOB, b, 10 * ONE);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, t, 10 * ONE, b, 10 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, t, 10 * ONE));
    }

    /// @dev Alice sells the token for b through an outside exchange.
    function routed(address t) private returns (Solution memory s) {
        Exchange x = new Exchange();
        mint(b, address(x), 100 * ONE);
        s = solution(1, 1);
        s.fills[0] = fill(ALICE, sell(ALICE, t, 10 * ONE, b, 10 * ONE));
        s.interactions[0].target = address(x);
        s.interactions[0].data = abi.encodeCall(x.trade, (t, b, 10 * ONE));
        s.interactions[0].allowances = new Allowance[](1);
        s.interactions[0].allowances[0] = Allowance(t, address(x), 10 * ONE);
        s.interactions[0].inputs = amounts(t, 10 * ONE);
        s.interactions[0].outputs = amounts(b, 10 * ONE);
    }

    function test_tokens_without_return_values() public {
        address t = list(new SilentToken());
        mustSettle(pair(t));
        eq(balance(t, vm.addr(BOB)), 10 * ONE, "bob");
        mustSettle(routed(t));
        eq(balance(b, vm.addr(ALICE)), 20 * ONE, "alice");
    }

    function test_tokens_that_return_false() public {
        FalseToken f = new FalseToken();
        address t = list(f);
        f.fail(vm.addr(ALICE));
        mustFail(pair(t), abi.encodeWithSelector(PullFailed.selector, t, vm.addr(ALICE), vm.addr(BOB), 10 * ONE));
    }

    function test_executor_payments_that_return_false() public {
        FalseToken f = new FalseToken();
        address t = list(f);
        Exchange x = new Exchange();
        f.mint(address(x), 10 * ONE);
        f.fail(address(executor));
        fund(BOB, b, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.fills[0] = fill(BOB, sell(BOB, b, 10 * ONE, t, 10 * ONE));
        s.interactions[0].target = address(x);
        s.interactions[0].data = abi.encodeCall(x.trade, (b, t, 10 * ONE));
        s.interactions[0].allowances = new Allowance[](1);
        s.interactions[0].allowances[0] = Allowance(b, address(x), 10 * ONE);
        s.interactions[0].inputs = amounts(b, 10 * ONE);
        s.interactions[0].outputs = amounts(t, 10 * ONE);
        mustFail(s, abi.encodeWithSelector(PaymentFailed.selector, t, vm.addr(BOB), 10 * ONE));
    }

    function test_fee_on_transfer_through_the_executor_costs_the_solver() public {
        address t = list(new FeeToken());
        // The exchange can not take its ten: one percent is missing in the executor.
        yes(!settle(routed(t)).settled, "settled");
        eq(balance(t, vm.addr(ALICE)), 100 * ONE, "alice keeps hers");
    }

    function test_gas_burning_tokens_fail_alone() public {
        address t = address(new BurningToken());
        addToken(t);
        fund(BOB, b, 10 * ONE);
        Solution memory bad = solution(2, 0);
        bad.fills[0] = fill(ALICE, sell(ALICE, t, 10 * ONE, b, 10 * ONE));
        bad.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, t, 10 * ONE));
        fund(ALICE, a, 10 * ONE);
        Solution memory good = solution(2, 0);
        good.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        good.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
        Entry[] memory entries = new Entry[](2);
        (entries[0], entries[1]) = (entry(bad), entry(good));
        Outcome[] memory outcomes = settle(entries);
        yes(!outcomes[0].settled && outcomes[1].settled, "failed, settled");
    }

    /// @dev A hook finds every door of the house shut while it settles.
    function test_reentrance_from_a_token() public {
        HookToken h = new HookToken();
        address t = list(h);
        deposit(solver, b, ONE);
        bytes memory e = abi.encodeWithSelector(Reentered.selector);
        Entry[] memory again = bundle(entry(solution(0, 0)));
        attempt(h, t, address(settlement), abi.encodeCall(settlement.settle, (again)), e);
        attempt(h, t, address(settlement), abi.encodeCall(settlement.preview, (again, new Probe[](0))), e);
        attempt(h, t, address(vault), abi.encodeCall(vault.depositCover, (b, 1)), e);
        attempt(h, t, address(vault), abi.encodeCall(vault.withdrawCover, (b, 1)), e);
        e = abi.encodeWithSelector(OnlySelf.selector, t);
        attempt(h, t, address(settlement), abi.encodeCall(settlement.execute, ("", solver)), e);
        e = abi.encodeWithSelector(OnlySettlement.selector, t);
        attempt(h, t, address(vault), abi.encodeCall(vault.pull, (new Transfer[](0))), e);
        attempt(h, t, address(vault), abi.encodeCall(vault.drawCover, (solver, b, 1, t)), e);
        attempt(h, t, address(vault), abi.encodeCall(vault.creditCover, (solver, b, 1)), e);
        attempt(h, t, address(executor), abi.encodeCall(executor.pay, (new Transfer[](0))), e);
        attempt(h, t, address(executor), abi.encodeCall(executor.run, (new Interaction[](0), new address[](0))), e);
    }

    function attempt(HookToken h, address t, address target, bytes memory data, bytes memory reason) private {
        h.arm(target, data);
        mustSettle(pair(t));
        yes(!h.succeeded(), "a hook got in");
        eq(h.returned(), reason, "reason");
    }

    /// @dev The owner of an intent may cancel it while it settles: what has begun goes on, nothing more begins.
    function test_two_settlements_in_one_transaction() public {
        address t = list(new SilentToken());
        mustSettle(pair(t));
        mustSettle(pair(t));
        eq(balance(t, vm.addr(BOB)), 20 * ONE, "both");
    }

    function test_native_receiver_that_burns_gas_fails_alone() public {
        fund(ALICE, a, ONE);
        fund(BOB, address(weth), ONE);
        Intent memory ask = sell(ALICE, a, ONE, NATIVE, ONE);
        ask.receiver = address(new GasBurner());
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, address(weth), ONE, a, ONE));
        Outcome memory outcome = settle(s);
        eq(outcome.reason, abi.encodeWithSelector(NativePaymentFailed.selector, ask.receiver), "reason");
        yes(outcome.gasUsed < 400_000, "it burned only its share");
    }
}
