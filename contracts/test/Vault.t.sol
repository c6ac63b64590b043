// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {IVault} from "../src/interfaces/IVault.sol";
import {TestToken} from "../src/testing/TestToken.sol";
import "../src/Types.sol";
import {Vm} from "./helpers/Base.sol";
import {BurningToken, FeeToken, HookToken} from "./helpers/HostileTokens.sol";
import {World} from "./helpers/World.sol";

contract VaultTest is World {
    function test_deposit_and_withdraw() public {
        deposit(solver, a, 10);
        eq(vault.coverOf(solver, a), 10, "cover");
        eq(vault.totalCover(a), 10, "total");
        vm.prank(solver);
        vault.withdrawCover(a, 4);
        eq(vault.coverOf(solver, a), 6, "cover");
        eq(vault.totalCover(a), 6, "total");
        eq(balance(a, solver), 4, "solver");
        vm.prank(solver);
        vm.expectRevert(abi.encodeWithSelector(CoverTooLow.selector, solver, a, 6, 7));
        vault.withdrawCover(a, 7);
        vm.expectRevert(abi.encodeWithSelector(CoverTooLow.selector, address(this), a, 0, 1));
        vault.withdrawCover(a, 1);
    }

    function test_deposit_without_funds() public {
        vm.expectRevert(abi.encodeWithSelector(PullFailed.selector, a, address(this), address(vault), 1));
        vault.depositCover(a, 1);
        vm.expectRevert(abi.encodeWithSelector(NothingReceived.selector, a));
        vault.depositCover(a, 0);
    }

    function test_deposit_credits_what_arrived() public {
        FeeToken t = new FeeToken();
        t.mint(address(this), 1000);
        t.approve(address(vault), 1000);
        eq(vault.depositCover(address(t), 1000), 990, "received");
        eq(vault.coverOf(address(this), address(t)), 990, "cover");
    }

    function test_only_the_settlement_moves_approvals_and_cover() public {
        bytes memory e = abi.encodeWithSelector(OnlySettlement.selector, address(this));
        vm.expectRevert(e);
        vault.pull(new Transfer[](0));
        vm.expectRevert(e);
        vault.drawCover(solver, a, 0, address(this));
        vm.expectRevert(e);
        vault.creditCover(solver, a, 0);
    }

    function transfer(address t, address from, uint256 amount) private view returns (Transfer[] memory list) {
        list = new Transfer[](1);
        list[0] = Transfer(t, from, address(this), amount);
    }

    function test_pull() public {
        address alice = fund(ALICE, a, 10);
        vm.prank(address(settlement));
        vault.pull(transfer(a, alice, 3));
        eq(balance(a, address(this)), 3, "pulled");
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(PullFailed.selector, a, alice, address(this), 8));
        vault.pull(transfer(a, alice, 8));
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(VaultAsPayer.selector));
        vault.pull(transfer(a, address(vault), 1));
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(PullFailed.selector, address(1), alice, address(this), 1));
        vault.pull(transfer(address(1), alice, 1)); // no code there
    }

    function test_credit_needs_the_tokens() public {
        deposit(solver, a, 5);
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(CoverNotReceived.selector, a, 5, 6));
        vault.creditCover(solver, a, 1);
        mint(a, address(vault), 1);
        vm.prank(address(settlement));
        vault.creditCover(solver, a, 1);
        eq(vault.coverOf(solver, a), 6, "credited");
    }

    function test_draw() public {
        deposit(solver, a, 5);
        vm.prank(address(settlement));
        vault.drawCover(solver, a, 2, address(executor));
        eq(balance(a, address(executor)), 2, "drawn");
        vm.prank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(CoverTooLow.selector, solver, a, 3, 4));
        vault.drawCover(solver, a, 4, address(executor));
    }

    function test_cover_events() public {
        vm.recordLogs();
        deposit(solver, a, 5);
        vm.prank(solver);
        vault.withdrawCover(a, 2);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 seen;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IVault.CoverAdded.selector) {
                eq(logs[i].data, abi.encode(5), "added");
                ++seen;
            }
            if (logs[i].topics[0] == IVault.CoverRemoved.selector) {
                eq(logs[i].data, abi.encode(2), "removed");
                ++seen;
            }
        }
        eq(seen, 2, "events");
    }

    /// @dev A token whose hook calls back into the vault can not have one movement counted twice.
    function test_reentrance() public {
        HookToken t = new HookToken();
        t.mint(address(this), 100);
        t.approve(address(vault), 100);
        bytes[4] memory calls = [
            abi.encodeCall(vault.depositCover, (address(t), 1)),
            abi.encodeCall(vault.withdrawCover, (address(t), 1)),
            abi.encodeCall(vault.pull, (new Transfer[](0))),
            abi.encodeCall(vault.creditCover, (solver, address(t), 1))
        ];
        for (uint256 k; k < 4; ++k) {
            t.arm(address(vault), calls[k]);
            vault.depositCover(address(t), 10);
            yes(!t.succeeded(), "re-entered");
            if (k < 2) eq(t.returned(), abi.encodeWithSelector(Reentered.selector), "reason");
        }
        eq(vault.coverOf(address(this), address(t)), 40, "counted once each");
    }

    // --- permits

    function permit(uint256 key, address t, uint256 value) private view returns (Permit memory p) {
        p.token = t;
        p.owner = vm.addr(key);
        p.value = value;
        p.deadline = NOW + 60;
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                p.owner,
                address(vault),
                value,
                TestToken(t).nonces(p.owner),
                p.deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", TestToken(t).DOMAIN_SEPARATOR(), structHash));
        (p.v, p.r, p.s) = vm.sign(key, digest);
    }

    function test_relays_permits_in_isolation() public {
        Permit[] memory list = new Permit[](6);
        list[0] = permit(ALICE, a, 100);
        list[1] = permit(BOB, a, 100);
        list[1].value = 101; // not what was signed
        list[2] = permit(CAROL, address(weth), type(uint256).max);
        list[3] = permit(ALICE, b, 5);
        list[3].token = address(0xdead); // no code there
        list[4] = permit(ALICE, b, 5);
        list[4].token = address(new BurningToken());
        list[5] = permit(BOB, c, 7);
        vm.recordLogs();
        bool[] memory permitted = vault.relayPermits(list);
        for (uint256 k; k < 6; ++k) {
            yes(permitted[k] == (k == 0 || k == 2 || k == 5), "permitted");
        }
        eq(TestToken(a).allowance(vm.addr(ALICE), address(vault)), 100, "alice");
        eq(weth.allowance(vm.addr(CAROL), address(vault)), type(uint256).max, "carol");
        eq(TestToken(c).allowance(vm.addr(BOB), address(vault)), 7, "bob");
        uint256 failures;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IVault.PermitFailed.selector) ++failures;
        }
        eq(failures, 3, "failures");
    }

    function test_a_permit_that_was_relayed_before_holds() public {
        Permit[] memory list = new Permit[](1);
        list[0] = permit(ALICE, a, 100);
        yes(vault.relayPermits(list)[0], "first");
        yes(vault.relayPermits(list)[0], "again");
    }

    function test_a_token_that_swallows_permits_is_not_believed() public {
        Permit[] memory list = new Permit[](1);
        list[0] = permit(ALICE, a, 100);
        list[0].token = address(new FeeToken()); // has a fallback, but no permits
        yes(!vault.relayPermits(list)[0], "believed");
    }

    function test_permit_and_trade() public {
        Permit[] memory list = new Permit[](1);
        list[0] = permit(ALICE, a, ONE);
        vault.relayPermits(list);
        mint(a, vm.addr(ALICE), ONE);
        fund(BOB, b, ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, ONE, b, ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, ONE, a, ONE));
        mustSettle(s);
    }
}
