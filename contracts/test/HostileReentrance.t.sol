// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reentered} from "../src/Errors.sol";
import {ReentranceBase} from "./helpers/ReentranceBase.sol";

/// @dev A token that calls back while it is approved, moved or permitted, or as a trader's hook: from inside every
///      function that calls it, into every function of every contract. The functions are read from the compiled ABI, so
///      that a new one is called without being listed here; those that could be worth something get arguments that
///      would pay.
contract HostileReentranceTest is ReentranceBase {
    error Done(uint256 called);

    // --- every pair

    function tryPair(Act act, address door, bytes calldata data) external {
        (address from, address to, bytes memory doing) = prepare(act);
        uint256 wealth = wealthOf(address(hook));
        uint256 others = wealthOf(vm.addr(BOB)) + wealthOf(solver) + wealthOf(vm.addr(ALICE));
        hook.arm(door, data);
        vm.prank(from);
        (bool ok, bytes memory result) = to.call(doing);
        ok;
        result;
        uint256 called = hook.called();
        check(act, bytes4(data), door == to || (act <= Act.PREVIEW && door == address(vault)));
        hook.arm(address(0), "");
        yes(wealthOf(address(hook)) <= wealth, "the attacker gained");
        uint256 left = wealthOf(vm.addr(BOB)) + wealthOf(solver) + wealthOf(vm.addr(ALICE));
        yes(left >= others, "somebody lost");
        yes(vault.totalHeld(b) <= balance(b, address(vault)), "b: the vault owes more than it holds");
        yes(vault.totalHeld(address(hook)) <= hook.balanceOf(address(vault)), "the vault owes more than it holds");
        yes(posted() <= hook.balanceOf(address(bonds)), "the registry owes more than it holds");
        yes(ledger.bond() <= hook.balanceOf(address(ledger)), "the ledger owes more than it holds");
        mustBeEmpty();
        revert Done(called);
    }

    /// @dev Nobody but the settlement comes in, ever; and the same contract's locked functions are locked while it
    ///      works.
    function check(Act act, bytes4 selector, bool sameLock) private view {
        if (hook.called() == 0) return;
        if (isInner[selector]) yes(!hook.succeeded(), "an inner function let the token in");
        bool vaultLocked = act != Act.SETTLE_HOOK && act != Act.SETTLE_OUTSIDE && act != Act.RELAY_PERMITS;
        bool settles = selector == settlement.settle.selector || selector == settlement.preview.selector;
        if (!isLocked[selector] || !sameLock || !(vaultLocked || settles)) return;
        yes(!hook.succeeded(), "a locked function let the token in");
        eq(hook.returned(), abi.encodeWithSelector(Reentered.selector), "reason");
    }

    /// @dev In b, wherever it is. The token itself is worth what its maker says.
    function wealthOf(address who) private view returns (uint256) {
        return balance(b, who) + vault.balanceOf(who, b) + vault.coverOf(who, b);
    }

    function posted() private view returns (uint256) {
        return
            bonds.bondOf(vm.addr(ALICE)) + bonds.bondOf(vm.addr(BOB)) + bonds.bondOf(solver)
                + bonds.bondOf(address(hook));
    }

    function runAct(Act act) private {
        uint256 called;
        uint256 pairs;
        for (uint256 i; i < doors.length; ++i) {
            for (uint256 j; j < functions[i].length; ++j) {
                bytes4 selector = bytes4(keccak256(bytes(functions[i][j])));
                bytes memory data = worthwhile[selector];
                if (data.length == 0) data = abi.encodePacked(selector, new bytes(640));
                (, bytes memory result) = address(this).call(abi.encodeCall(this.tryPair, (act, doors[i], data)));
                if (bytes4(result) != Done.selector) revert NotEqualBytes(functions[i][j], result, "");
                ++pairs;
                if (uint256(bytes32(_tail(result))) != 0) ++called;
            }
        }
        yes(pairs > 120, "there are more functions than that");
        // A preview takes back the count, too; two settlements in a permit burn more gas than a permit may.
        uint256 expected = act == Act.PREVIEW ? 0 : act == Act.RELAY_PERMITS ? pairs - 2 : pairs;
        eq(called, expected, "the token called back in every pair");
    }

    function _tail(bytes memory result) private pure returns (bytes memory out) {
        out = new bytes(32);
        for (uint256 i; i < 32; ++i) {
            out[i] = result[i + 4];
        }
    }

    function test_during_settle() public {
        runAct(Act.SETTLE);
    }

    function test_during_settle_from_balances() public {
        runAct(Act.SETTLE_KEPT);
    }

    function test_during_settle_with_interactions() public {
        runAct(Act.SETTLE_OUTSIDE);
    }

    function test_during_hooks() public {
        runAct(Act.SETTLE_HOOK);
    }

    function test_during_preview() public {
        runAct(Act.PREVIEW);
    }

    function test_during_deposits_and_withdrawals() public {
        for (uint8 act = uint8(Act.DEPOSIT); act <= uint8(Act.WITHDRAW_COVER); ++act) {
            runAct(Act(act));
        }
    }

    function test_during_permits() public {
        runAct(Act.RELAY_PERMITS);
    }

    function test_during_bonds() public {
        for (uint8 act = uint8(Act.JOIN); act <= uint8(Act.EXECUTE); ++act) {
            runAct(Act(act));
        }
    }

    function test_during_the_operators_bond() public {
        runAct(Act.LEDGER_DEPOSIT);
        runAct(Act.LEDGER_WITHDRAW);
    }
}
