// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {World} from "./World.sol";

/// @dev A world with the trades that most tests start from.
abstract contract Market is World {
    /// @dev Where a solution starts in the calldata of `execute`: after selector, offset, solver and length.
    uint256 internal constant START = 100;

    uint256 private _round = 100;

    /// @dev Alice sells `amount` of a for as much b, Bob the other way round.
    function barter(uint256 amount) internal returns (Solution memory s) {
        fund(ALICE, a, amount);
        fund(BOB, b, amount);
        return barterUnfunded(amount);
    }

    /// @dev The same by traders who have what they have.
    function barterUnfunded(uint256 amount) internal returns (Solution memory s) {
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, amount, b, amount));
        s.fills[1] = fill(BOB, sell(BOB, b, amount, a, amount));
    }

    /// @dev A barter in which Alice's intent is filled twice, and what becomes of it.
    function broken() internal returns (Solution memory s, bytes memory reason) {
        s = barter(ONE);
        s.fills[1] = s.fills[0];
        reason = abi.encodeWithSignature("NonceTaken(address,uint256)", vm.addr(ALICE), s.fills[0].intent.nonce);
    }

    function sign(uint256 key, Fill memory f) internal view {
        f.signature = signed(key, settlement.intentDigest(f.intent));
    }

    /// @dev Gives a trader a balance in the vault, from which it trades from now on.
    function keep(uint256 key, address token_, uint256 amount) internal returns (address who) {
        who = fund(key, token_, amount);
        vm.prank(who);
        vault.deposit(token_, amount, who);
        keeps(who, true);
    }

    function keeps(address who, bool on) internal {
        vm.prank(who);
        settlement.keepInVault(on);
    }

    function kept(uint256 key, address token_) internal view returns (uint256) {
        return vault.balanceOf(vm.addr(key), token_);
    }

    /// @dev Settles under an award of its own, so that the same solution can be tried again.
    function tryAgain(Solution memory s) internal returns (Outcome memory) {
        return tryBytes(encode(s));
    }

    function tryBytes(bytes memory encoded) internal returns (Outcome memory) {
        return settle(bundle(awarded(encoded, solver, 5_000_000, ++_round)))[0];
    }

    function mustFailNow(Solution memory s, bytes memory reason) internal {
        mustFailBytes(encode(s), reason);
    }

    function mustFailBytes(bytes memory encoded, bytes memory reason) internal {
        Outcome memory outcome = tryBytes(encoded);
        yes(!outcome.settled, "solution settled, but should have failed");
        eq(outcome.reason, reason, "reason");
        mustBeEmpty();
    }

    function mustSettleNow(Solution memory s) internal {
        eq(tryAgain(s).reason, "", "reason");
        mustBeEmpty();
    }

    /// @dev The vault has every token that it owes.
    function mustBeSolvent(address token_) internal view {
        yes(balance(token_, address(vault)) >= vault.totalHeld(token_), "the vault owes more than it has");
    }

    function approve(address who, address token_, address spender, uint256 amount) internal {
        vm.prank(who);
        TestToken(token_).approve(spender, amount);
    }
}
