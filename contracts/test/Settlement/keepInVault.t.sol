// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Nonces} from "../../src/Nonces.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

contract KeepInVaultTest is Market {
    function test_is_off_until_the_owner_says_so() public {
        yes(!settlement.keepsInVault(address(this)), "off");
        vm.recordLogs();
        settlement.keepInVault(true);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs[0].topics[0], Nonces.FundsKeptInVault.selector, "event");
        eq(logs[0].topics[1], bytes32(uint256(uint160(address(this)))), "owner");
        eq(logs[0].data, abi.encode(true), "kept");
        yes(settlement.keepsInVault(address(this)), "on");
        yes(!settlement.keepsInVault(vm.addr(ALICE)), "for nobody else");
        settlement.keepInVault(true);
        yes(settlement.keepsInVault(address(this)), "still on");
        settlement.keepInVault(false);
        yes(!settlement.keepsInVault(address(this)), "off");
    }

    /// @dev The choice shares a slot with the epoch and the first nonces: none of them disturbs another.
    function test_leaves_epoch_and_nonces_alone() public {
        settlement.raiseEpoch();
        settlement.cancel((1 << 192) | 191);
        settlement.keepInVault(true);
        eq(settlement.epochOf(address(this)), 1, "epoch");
        eq(settlement.takenWord(address(this), 1 << 184), 1 << 191, "taken");
        settlement.cancel((1 << 192) | 3);
        settlement.raiseEpoch();
        yes(settlement.keepsInVault(address(this)), "kept");
        eq(settlement.epochOf(address(this)), 2, "epoch");
        eq(settlement.takenWord(address(this), 2 << 184), 0, "nothing taken");
        settlement.keepInVault(false);
        eq(settlement.epochOf(address(this)), 2, "epoch");
    }

    function test_trading_does_not_change_it() public {
        keep(ALICE, a, ONE);
        keep(BOB, b, ONE);
        mustSettle(barterUnfunded(ONE));
        yes(settlement.keepsInVault(vm.addr(ALICE)), "alice keeps");
    }

    /// @dev Off again, the wallet pays, and what is in the vault stays there.
    function test_off_again() public {
        address alice = keep(ALICE, a, ONE);
        keeps(alice, false);
        mustSettle(barter(ONE));
        eq(kept(ALICE, a), ONE, "the balance is untouched");
        eq(balance(b, alice), ONE, "paid into the wallet");
    }
}
