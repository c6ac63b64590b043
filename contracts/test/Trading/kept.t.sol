// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ConstantProductPool} from "../../src/testing/ConstantProductPool.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Trading from balances in the vault and back into them.
contract KeptTest is Market {
    address private alice;

    function setUp() public override {
        super.setUp();
        alice = keep(ALICE, a, 10 * ONE);
    }

    function solvent() private view {
        for (uint256 i; i < tokens.length; ++i) {
            eq(balance(tokens[i], address(vault)), vault.totalHeld(tokens[i]), "the vault has what it owes");
        }
    }

    function transfers() private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == keccak256("Transfer(address,address,uint256)")) ++count;
        }
    }

    function test_kept_to_kept_moves_no_token() public {
        keep(BOB, b, 10 * ONE);
        Solution memory s = barterUnfunded(10 * ONE);
        vm.recordLogs();
        mustSettle(s);
        eq(transfers(), 0, "no transfer");
        eq(kept(ALICE, a) + kept(BOB, b), 0, "given");
        eq(kept(ALICE, b), 10 * ONE, "alice");
        eq(kept(BOB, a), 10 * ONE, "bob");
        eq(vault.totalHeld(a), 10 * ONE, "nothing left");
        solvent();
    }

    function test_kept_to_wallet_and_wallet_to_kept() public {
        fund(BOB, b, 10 * ONE);
        mustSettle(barterUnfunded(10 * ONE));
        eq(balance(a, vm.addr(BOB)), 10 * ONE, "bob has a in his wallet");
        eq(kept(ALICE, b), 10 * ONE, "alice has b in the vault");
        eq(balance(b, alice), 0, "and not in her wallet");
        solvent();
    }

    /// @dev Of several payers and receivers, those who keep their funds in the vault meet each other first.
    function test_keepers_meet_first() public {
        keep(BOB, b, 10 * ONE);
        fund(CAROL, a, 10 * ONE);
        fund(CAROL + 1, b, 10 * ONE);
        Solution memory s = solution(4, 0);
        s.fills[0] = fill(CAROL, sell(CAROL, a, 10 * ONE, b, 10 * ONE));
        s.fills[1] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        s.fills[2] = fill(CAROL + 1, sell(CAROL + 1, b, 10 * ONE, a, 10 * ONE));
        s.fills[3] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
        vm.recordLogs();
        mustSettle(s);
        eq(transfers(), 2, "only the wallets' tokens move");
        eq(kept(ALICE, b), 10 * ONE, "alice");
        eq(kept(BOB, a), 10 * ONE, "bob");
        solvent();
    }

    function test_more_than_the_balance() public {
        fund(ALICE, a, 10 * ONE); // what is in her wallet does not count
        fund(BOB, b, 11 * ONE);
        Solution memory s = barterUnfunded(11 * ONE);
        mustFail(s, abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 10 * ONE, 11 * ONE));
        eq(kept(ALICE, a), 10 * ONE, "untouched");
    }

    function test_an_explicit_receiver_is_paid_out() public {
        fund(BOB, b, 10 * ONE);
        Solution memory s = barterUnfunded(10 * ONE);
        s.fills[0].intent.receiver = address(0xbeef);
        sign(ALICE, s.fills[0]);
        mustSettle(s);
        eq(balance(b, address(0xbeef)), 10 * ONE, "paid out");
        eq(kept(ALICE, b) + vault.balanceOf(address(0xbeef), b), 0, "nothing kept");
        solvent();
    }

    /// @dev A receiver's choice is its own: what others send it goes to its wallet.
    function test_a_receiver_that_keeps_funds_is_paid_in_its_wallet() public {
        fund(BOB, b, 10 * ONE);
        keeps(address(0xbeef), true);
        Solution memory s = barterUnfunded(10 * ONE);
        s.fills[0].intent.receiver = address(0xbeef);
        sign(ALICE, s.fills[0]);
        mustSettle(s);
        eq(balance(b, address(0xbeef)), 10 * ONE, "paid out");
    }

    function test_naming_oneself_keeps() public {
        fund(BOB, b, 10 * ONE);
        Solution memory s = barterUnfunded(10 * ONE);
        s.fills[0].intent.receiver = alice;
        sign(ALICE, s.fills[0]);
        mustSettle(s);
        eq(kept(ALICE, b), 10 * ONE, "kept");
    }

    function test_native_coin_is_paid_out() public {
        fund(BOB, address(weth), 10 * ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, NATIVE, 10 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, address(weth), 10 * ONE, a, 10 * ONE));
        mustSettle(s);
        eq(alice.balance, 10 * ONE, "native coin");
        eq(kept(ALICE, address(weth)), 0, "nothing kept");
        solvent();
    }

    function test_a_keeper_sells_wrapped_coin_for_native_coin_to_another() public {
        keep(BOB, address(weth), 10 * ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, NATIVE, 10 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, address(weth), 10 * ONE, a, 10 * ONE));
        mustSettle(s);
        eq(alice.balance, 10 * ONE, "native coin out of the vault");
        eq(kept(BOB, a), 10 * ONE, "bob");
        solvent();
    }

    function test_a_pool_swap_pays_into_the_vault() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 10 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, out);
        price(s, b, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 19 * ONE));
        mustSettle(s);
        eq(kept(ALICE, b), out, "alice");
        eq(kept(ALICE, a), 0, "given");
        solvent();
    }

    /// @dev Half from another trader, half from a pool: one want, two sources.
    function test_a_want_from_a_trader_and_a_pool() public {
        ConstantProductPool p = pool(a, 1e6 * ONE, b, 1e6 * ONE);
        fund(BOB, b, 5 * ONE);
        Solution memory s = solution(2, 1);
        s.interactions[0] = swap(p, a, 5 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        s.cover[index(b)] = ONE;
        deposit(solver, b, ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, 5 * ONE, a, 5 * ONE));
        mustSettle(s);
        eq(kept(ALICE, b), 10 * ONE, "alice");
        eq(vault.coverOf(solver, b), ONE - (5 * ONE - out), "the solver adds what the pool's fee took");
        solvent();
    }

    function test_cover_pays_into_a_balance() public {
        deposit(solver, b, 10 * ONE);
        Solution memory s = solution(1, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        s.cover[index(b)] = 10 * ONE;
        mustSettle(s);
        eq(kept(ALICE, b), 10 * ONE, "alice");
        eq(vault.coverOf(solver, b), 0, "the solver");
        eq(balance(a, treasury), 10 * ONE, "what nobody wanted");
        solvent();
    }

    function test_fees_are_paid_out() public {
        fund(BOB, b, 9 * ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 9 * ONE), 10 * ONE, ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        mustSettle(s);
        eq(balance(a, treasury), ONE, "fee");
        eq(kept(ALICE, a), 0, "all given");
        solvent();
    }

    function test_a_treasury_that_keeps_its_funds_is_paid_in_the_vault() public {
        keeps(treasury, true);
        fund(BOB, b, 9 * ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 9 * ONE), 10 * ONE, ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        mustSettle(s);
        eq(vault.balanceOf(treasury, a), ONE, "fee");
        eq(balance(a, treasury), 0, "not in its wallet");
        solvent();
    }

    function test_fees_within_the_vault_move_no_token() public {
        keeps(treasury, true);
        keep(BOB, b, 9 * ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 9 * ONE), 10 * ONE, ONE);
        s.fills[1] = fill(BOB, sell(BOB, b, 9 * ONE, a, 9 * ONE));
        vm.recordLogs();
        mustSettle(s);
        eq(transfers(), 0, "no transfer");
        eq(vault.balanceOf(treasury, a), ONE, "fee");
        eq(kept(BOB, a), 9 * ONE, "bob");
        eq(vault.totalHeld(a), 10 * ONE, "the total stays");
        solvent();
    }

    /// @dev A preview tells what a trader gains wherever it keeps its funds.
    function test_previews_count_what_is_kept() public {
        fund(BOB, b, 10 * ONE);
        Entry[] memory entries = bundle(entry(barterUnfunded(10 * ONE)));
        Probe[] memory probes = new Probe[](3);
        (probes[0], probes[1], probes[2]) = (Probe(a, alice), Probe(b, alice), Probe(a, vm.addr(BOB)));
        vm.prank(house);
        (, bytes memory data) = address(settlement).call(abi.encodeCall(settlement.preview, (entries, probes)));
        bytes memory body = new bytes(data.length - 4);
        for (uint256 i; i < body.length; ++i) {
            body[i] = data[i + 4];
        }
        (Outcome[] memory outcomes, int256[] memory deltas) = abi.decode(body, (Outcome[], int256[]));
        yes(outcomes[0].settled, "settles");
        eq(deltas[0], -int256(10 * ONE), "gives");
        eq(deltas[1], int256(10 * ONE), "gets");
        eq(deltas[2], int256(10 * ONE), "bob");
    }

    function test_alternatives_of_a_keeper() public {
        fund(BOB, b, 10 * ONE);
        Solution memory s = barterUnfunded(4 * ONE);
        Intent memory other = sell(ALICE, a, 5 * ONE, b, 5 * ONE);
        other.nonce = s.fills[0].intent.nonce;
        mustSettle(s);
        s.fills[0] = fill(ALICE, other);
        s.fills[1] = fill(BOB, sell(BOB, b, 5 * ONE, a, 5 * ONE));
        mustFail(s, abi.encodeWithSelector(NonceTaken.selector, alice, other.nonce));
        eq(kept(ALICE, a), 6 * ONE, "the rest");
    }

    /// @dev An exit that an award did not reckon with fails the solution, and nothing else.
    function test_exit_before_the_settlement() public {
        fund(BOB, b, 10 * ONE);
        Solution memory s = barterUnfunded(10 * ONE);
        vm.prank(alice);
        vault.withdraw(a, 1, alice);
        mustFail(s, abi.encodeWithSelector(BalanceTooLow.selector, alice, a, 10 * ONE - 1, 10 * ONE));
    }

    function testFuzz_who_keeps_does_not_change_what_is_traded(uint256 amount, bool aliceKeeps, bool bobKeeps) public {
        amount = within(amount, 1, 10 * ONE);
        if (!aliceKeeps) {
            keeps(alice, false);
            fund(ALICE, a, amount);
        }
        if (bobKeeps) keep(BOB, b, amount);
        else fund(BOB, b, amount);
        uint256 before = kept(ALICE, a) + balance(a, alice);
        mustSettle(barterUnfunded(amount));
        eq(kept(ALICE, a) + balance(a, alice), before - amount, "alice gives");
        eq(aliceKeeps ? kept(ALICE, b) : balance(b, alice), amount, "alice gets");
        eq(bobKeeps ? kept(BOB, a) : balance(a, vm.addr(BOB)), amount, "bob gets");
        solvent();
    }
}
