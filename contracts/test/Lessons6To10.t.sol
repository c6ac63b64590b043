// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import "../src/Types.sol";
import {FeeToken, FalseToken, HookToken, PlainToken, SilentToken} from "./helpers/HostileTokens.sol";
import {Market} from "./helpers/Market.sol";

/// @dev Reads transient storage of whatever account has its code.
contract Peek {
    function peek(uint256 slot) external view returns (uint256 word) {
        assembly ("memory-safe") {
            word := tload(slot)
        }
    }
}

/// @dev Forgets to clear a slot.
contract Careless {
    uint256 private transient _left;

    function leave() external {
        _left = 1;
    }
}

/// @title What went wrong elsewhere, as properties: bytes, locks, tokens, conservation
/// @dev Properties for each lesson of real incidents with settlement contracts; its number is in their names.
contract Lessons6To10Test is Market {
    // --- 6. Hand-packed calldata is bounds-checked.

    function testFuzz_lesson_6_no_bytes_move_more_than_was_signed(bytes calldata noise, uint256 position, bool grow)
        public
    {
        bytes memory encoded = encode(barter(ONE));
        if (grow) encoded = abi.encodePacked(encoded, noise);
        position = within(position, 0, encoded.length - 1);
        for (uint256 k; k < noise.length && position + k < encoded.length; ++k) {
            encoded[position + k] = noise[k];
        }
        tryBytes(encoded);
        for (uint256 key = ALICE; key != 0; key = key == ALICE ? BOB : 0) {
            address who = vm.addr(key);
            eq(balance(a, who) + balance(b, who), ONE, "one for one or nothing");
        }
        eq(balance(a, treasury) + balance(b, treasury), 0, "nothing left over");
    }

    function test_lesson_6_trailing_and_short_bytes_are_refused() public {
        bytes memory encoded = encode(barter(ONE));
        bytes memory reason = abi.encodeWithSelector(SolutionMalformed.selector, START + encoded.length);
        mustFailBytes(abi.encodePacked(encoded, bytes1(0)), reason);
        bytes memory cut = encode(barter(ONE));
        assembly ("memory-safe") {
            mstore(cut, sub(mload(cut), 1))
        }
        Outcome memory outcome = tryBytes(cut);
        yes(!outcome.settled && bytes4(outcome.reason) == SolutionMalformed.selector, "short");
    }

    // --- 7. Transient slots have one meaning and are clear on the way out.

    function peek(address account) private returns (uint256 sum) {
        bytes memory code = account.code;
        vm.etch(account, address(new Peek()).code);
        for (uint256 slot; slot < 64; ++slot) {
            if (Peek(account).peek(slot) != 0) ++sum;
        }
        vm.etch(account, code);
    }

    function test_lesson_7_transient_slots_are_clear() public {
        mustSettle(barter(ONE));
        keep(ALICE, a, ONE);
        mustSettle(barter(ONE));
        (Solution memory bad, bytes memory reason) = broken();
        mustFail(bad, reason);
        address[5] memory accounts =
            [address(settlement), address(vault), address(executor), address(runner), address(registry)];
        for (uint256 k; k < 5; ++k) {
            eq(peek(accounts[k]), 0, "a slot is set");
        }
        Careless careless = new Careless();
        careless.leave();
        eq(peek(address(careless)), 1, "and would be seen");
    }

    function test_lesson_7_two_settlements_in_one_transaction_are_like_two() public {
        mustSettle(barter(ONE));
        Solution memory s = barter(2 * ONE);
        Entry[] memory entries = bundle(entry(s));
        vm.prank(house);
        (bool ok,) = address(settlement).call(abi.encodeCall(settlement.preview, (entries, new Probe[](0))));
        yes(!ok, "previews revert");
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 3 * ONE, "both");
    }

    // --- 8. One lock for every door, and it is in the bytes that are shipped.

    function test_lesson_8_no_token_gets_in_while_the_house_settles() public {
        HookToken h = new HookToken();
        address t = address(h);
        addToken(t);
        h.mint(vm.addr(ALICE), 100 * ONE);
        approve(vm.addr(ALICE), t, address(vault), 100 * ONE);
        fund(BOB, b, 100 * ONE);
        bytes[] memory doors = settlementDoors();
        for (uint256 k; k < doors.length; ++k) {
            knock(h, address(settlement), doors[k], k < 2 ? Reentered.selector : OnlySelf.selector);
        }
        doors = vaultDoors(t);
        for (uint256 k; k < doors.length; ++k) {
            knock(h, address(vault), doors[k], k < 5 ? Reentered.selector : OnlySettlement.selector);
        }
        bytes4 only = OnlySettlement.selector;
        knock(h, address(executor), abi.encodeCall(executor.pay, (new Move[](0))), only);
        knock(h, address(executor), abi.encodeCall(executor.run, (new Interaction[](0), new address[](0))), only);
        knock(h, address(executor), abi.encodeCall(executor.runPacked, (hex"00", new address[](0))), only);
        knock(h, address(runner), abi.encodeCall(runner.open, ("", 0, t)), only);
        knock(h, address(runner), abi.encodeCall(runner.close, ("", 0)), only);
    }

    function settlementDoors() private view returns (bytes[] memory doors) {
        Entry[] memory again = bundle(entry(solution(0, 0)));
        doors = new bytes[](3);
        doors[0] = abi.encodeCall(settlement.settle, (again));
        doors[1] = abi.encodeCall(settlement.preview, (again, new Probe[](0)));
        doors[2] = abi.encodeCall(settlement.execute, ("", solver));
    }

    /// @dev Those with a lock first.
    function vaultDoors(address t) private view returns (bytes[] memory doors) {
        doors = new bytes[](8);
        doors[0] = abi.encodeCall(vault.deposit, (t, 1, t));
        doors[1] = abi.encodeCall(vault.withdraw, (t, 0, t));
        doors[2] = abi.encodeCall(vault.exit, (t, t));
        doors[3] = abi.encodeCall(vault.depositCover, (t, 1));
        doors[4] = abi.encodeCall(vault.withdrawCover, (t, 0));
        doors[5] = abi.encodeCall(vault.pull, (new Move[](0)));
        doors[6] = abi.encodeCall(vault.credit, (new Move[](0)));
        Permitted memory none;
        doors[7] = abi.encodeCall(vault.pullPermitted, (none, t));
    }

    /// @dev Alice sells the token to Bob; its hook knocks at one door, and finds it shut.
    function knock(HookToken h, address target, bytes memory data, bytes4 reason) private {
        address t = address(h);
        h.arm(target, data);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, t, ONE, b, ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, ONE, t, ONE));
        mustSettle(s);
        yes(!h.succeeded(), "got in");
        eq(bytes4(h.returned()), reason, "reason");
    }

    // --- 9. What counts is what arrives; a bad order fails alone; a permit that does nothing is not believed.

    function test_lesson_9_what_arrives_counts() public {
        FeeToken t = new FeeToken();
        t.mint(address(this), 1000);
        t.approve(address(vault), 1000);
        vault.deposit(address(t), 500, address(this));
        vault.depositCover(address(t), 500);
        eq(vault.balanceOf(address(this), address(t)), 495, "balance");
        eq(vault.coverOf(address(this), address(t)), 495, "cover");
        eq(vault.totalHeld(address(t)), balance(address(t), address(vault)), "exactly");
    }

    function test_lesson_9_a_bad_token_fails_alone() public {
        FalseToken f = new FalseToken();
        Solution memory bad = trading(f);
        f.fail(vm.addr(ALICE));
        Entry[] memory entries = new Entry[](3);
        entries[0] = entry(barter(ONE));
        entries[1] = entry(bad);
        SilentToken quiet = new SilentToken();
        entries[2] = entry(trading(quiet));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[0].settled && !outcomes[1].settled && outcomes[2].settled, "one of three failed");
        eq(bytes4(outcomes[1].reason), PullFailed.selector, "by name");
        eq(balance(address(quiet), vm.addr(BOB)), ONE, "a token that returns nothing is one all the same");
    }

    function trading(PlainToken t) private returns (Solution memory s) {
        addToken(address(t));
        t.mint(vm.addr(ALICE), ONE);
        vm.prank(vm.addr(ALICE));
        (bool ok,) = address(t).call(abi.encodeCall(t.approve, (address(vault), ONE))); // may return nothing
        yes(ok, "approve");
        fund(BOB, b, ONE);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, address(t), ONE, b, ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, ONE, address(t), ONE));
    }

    function test_lesson_9_phantom_permits() public {
        Permit[] memory permits = new Permit[](2);
        (permits[0].token, permits[0].owner, permits[0].value) = (address(new FeeToken()), vm.addr(ALICE), 1);
        permits[1] = permits[0];
        (permits[1].token, permits[1].style) = (permits[0].token, PERMIT_DAI);
        bool[] memory permitted = vault.relayPermits(permits);
        yes(!permitted[0] && !permitted[1], "believed");
    }

    // --- 10. Nothing is made or lost, nothing is used twice.

    function testFuzz_lesson_10_conservation(uint256 amount, uint256 fee, bool keepA, bool keepB, bool again) public {
        amount = within(amount, 1e6, 100 * ONE);
        fee = within(fee, 0, amount / 100);
        if (keepA) keep(ALICE, a, amount);
        else fund(ALICE, a, amount);
        if (keepB) keep(BOB, b, amount);
        else fund(BOB, b, amount);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, amount, b, amount - fee), amount, fee);
        s.fills[1] = fill(BOB, sell(BOB, b, amount, a, amount - fee), amount, fee);
        mustSettle(s);
        if (again) yes(!tryAgain(s).settled, "twice");
        for (uint256 k; k < 2; ++k) {
            address t = k == 0 ? a : b;
            uint256 sum = balance(t, treasury) + balance(t, vm.addr(ALICE)) + balance(t, vm.addr(BOB));
            eq(sum + balance(t, address(vault)), amount, "nothing made, nothing lost");
            eq(balance(t, address(vault)), vault.totalHeld(t), "the vault is exact");
            eq(kept(ALICE, t) + kept(BOB, t), vault.totalHeld(t), "and owes it to the two");
            eq(balance(t, treasury), fee, "the fee");
        }
    }

    /// @dev Each wei of native coin is paid once, to whom it is due.
    function test_lesson_10_native_coin_is_paid_once() public {
        Solution memory s = solution(4, 0);
        address[3] memory to = [address(0xfee1), address(0xfee2), address(0xfee3)];
        fund(BOB, address(weth), 6 * ONE);
        for (uint256 k; k < 3; ++k) {
            fund(ALICE, a, (k + 1) * ONE);
            Intent memory ask = sell(ALICE, a, (k + 1) * ONE, NATIVE, (k + 1) * ONE);
            ask.receiver = to[k];
            s.fills[k] = fill(ALICE, ask);
        }
        s.fills[3] = fill(BOB, sell(BOB, address(weth), 6 * ONE, a, 6 * ONE));
        mustSettle(s);
        for (uint256 k; k < 3; ++k) {
            eq(to[k].balance, (k + 1) * ONE, "each its own");
        }
        eq(balance(address(weth), vm.addr(BOB)), 0, "bob paid for all");
    }

    function test_lesson_10_single_use() public {
        Solution memory s = barter(ONE);
        Entry memory e = entry(s);
        yes(settle(bundle(e))[0].settled, "once");
        fund(ALICE, a, ONE);
        fund(BOB, b, ONE);
        yes(!settle(bundle(e))[0].settled, "the award is spent");
        mustFailNow(s, abi.encodeWithSelector(NonceTaken.selector, vm.addr(ALICE), s.fills[0].intent.nonce));
        vm.prank(vm.addr(ALICE));
        settlement.cancel(77);
        s.fills[0].intent.nonce = 77;
        sign(ALICE, s.fills[0]);
        mustFailNow(s, abi.encodeWithSelector(NonceTaken.selector, vm.addr(ALICE), 77));
        s.fills[0].intent.nonce = 78;
        s.fills[0].intent.validTo = uint48(NOW - 1);
        sign(ALICE, s.fills[0]);
        mustFailNow(s, abi.encodeWithSelector(Expired.selector, NOW - 1, NOW));
    }
}
