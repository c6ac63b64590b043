// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVault} from "../../src/interfaces/IVault.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {BurningToken, FeeToken} from "../helpers/HostileTokens.sol";
import {DaiToken} from "../helpers/DaiToken.sol";
import {Market} from "../helpers/Market.sol";

contract RelayPermitsTest is Market {
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

    function relay(Permit memory p) private returns (bool) {
        Permit[] memory list = new Permit[](1);
        list[0] = p;
        return vault.relayPermits(list)[0];
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
        Permit memory p = permit(ALICE, a, 100);
        yes(relay(p), "first");
        yes(relay(p), "again");
    }

    function test_a_token_that_swallows_permits_is_not_believed() public {
        Permit memory p = permit(ALICE, a, 100);
        p.token = address(new FeeToken()); // has a fallback, but no permits
        yes(!relay(p), "believed");
    }

    function test_anyone_may_relay_and_nobody_may_redirect() public {
        Permit memory p = permit(ALICE, a, 100);
        p.owner = vm.addr(BOB);
        yes(!relay(p), "another owner");
        p.owner = vm.addr(ALICE);
        vm.prank(address(0xa11));
        Permit[] memory list = new Permit[](1);
        list[0] = p;
        yes(vault.relayPermits(list)[0], "relayed by a stranger");
    }

    function test_a_late_permit() public {
        Permit memory p = permit(ALICE, a, 100);
        vm.warp(NOW + 61);
        yes(!relay(p), "late");
        eq(TestToken(a).allowance(vm.addr(ALICE), address(vault)), 0, "nothing allowed");
    }

    function test_permit_and_trade() public {
        relay(permit(ALICE, a, ONE));
        mint(a, vm.addr(ALICE), ONE);
        fund(BOB, b, ONE);
        mustSettle(barterUnfunded(ONE));
    }

    // --- the older style

    function daiPermit(DaiToken t, uint256 nonce, uint256 expiry) private view returns (Permit memory p) {
        (p.token, p.owner, p.nonce, p.deadline, p.style) = (address(t), vm.addr(ALICE), nonce, expiry, PERMIT_DAI);
        bytes32 digest = t.digest(p.owner, address(vault), nonce, expiry, true);
        (p.v, p.r, p.s) = vm.sign(ALICE, digest);
    }

    function test_dai_permit() public {
        DaiToken t = new DaiToken();
        yes(relay(daiPermit(t, 0, NOW + 60)), "permitted");
        eq(t.allowance(vm.addr(ALICE), address(vault)), type(uint256).max, "everything");
        yes(relay(daiPermit(t, 0, NOW + 60)), "used before, and holds");
    }

    function test_dai_permit_without_expiry() public {
        yes(relay(daiPermit(new DaiToken(), 0, 0)), "permitted");
    }

    function test_dai_permits_that_fail() public {
        DaiToken t = new DaiToken();
        yes(!relay(daiPermit(t, 1, NOW + 60)), "another nonce");
        yes(!relay(daiPermit(t, 0, NOW - 1)), "late");
        Permit memory p = daiPermit(t, 0, NOW + 60);
        p.owner = vm.addr(BOB);
        yes(!relay(p), "another owner");
        p = daiPermit(t, 0, NOW + 60);
        p.style = PERMIT_EIP2612;
        p.value = 1;
        yes(!relay(p), "another style");
        eq(t.allowance(vm.addr(ALICE), address(vault)), 0, "nothing allowed");
    }

    function test_dai_permit_and_trade() public {
        DaiToken t = new DaiToken();
        addToken(address(t));
        t.mint(vm.addr(ALICE), ONE);
        relay(daiPermit(t, 0, NOW + 60));
        fund(BOB, b, ONE);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, address(t), ONE, b, ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, ONE, address(t), ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), ONE, "alice");
    }
}
