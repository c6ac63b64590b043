// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PullFailed} from "../../src/Errors.sol";
import "../../src/Types.sol";
import {PlainToken} from "./HostileTokens.sol";
import {World} from "./World.sol";

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

/// @dev Tokens and receivers that misbehave: a solution with them settles as signed or fails alone. Every bundle has an
///      honest solution after the other, which has to settle whatever happens.
abstract contract HostileBase is World {
    uint256 internal constant PART = 10 * ONE;

    function list(PlainToken t) internal returns (address at) {
        at = address(t);
        addToken(at);
        t.mint(vm.addr(ALICE), 100 * ONE);
        vm.prank(vm.addr(ALICE));
        (bool ok,) = at.call(abi.encodeCall(t.approve, (address(vault), 100 * ONE))); // may return nothing
        yes(ok, "approve");
    }

    /// @dev Alice sells the token to Bob for b.
    function pair(address t) internal returns (Solution memory s) {
        fund(BOB, b, PART);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, t, PART, b, PART));
        s.fills[1] = fill(BOB, sell(BOB, b, PART, t, PART));
    }

    /// @dev Alice sells the token for b through an outside exchange.
    function routed(address t) internal returns (Solution memory s) {
        s = exchanged(ALICE, t, b);
    }

    function exchanged(uint256 key, address give, address want) internal returns (Solution memory s) {
        Exchange x = new Exchange();
        if (want == b) mint(b, address(x), PART);
        else PlainToken(want).mint(address(x), PART);
        s = solution(1, 1);
        s.fills[0] = fill(key, sell(key, give, PART, want, PART));
        s.interactions[0].target = address(x);
        s.interactions[0].data = abi.encodeCall(x.trade, (give, want, PART));
        s.interactions[0].allowances = new Allowance[](1);
        s.interactions[0].allowances[0] = Allowance(give, address(x), PART);
        s.interactions[0].inputs = amounts(give, PART);
        s.interactions[0].outputs = amounts(want, PART);
    }

    /// @dev Settles `s` and an honest solution in one bundle; the honest one must settle.
    function besideHonest(Solution memory s) internal returns (Outcome memory) {
        fund(CAROL, a, ONE);
        fund(BOB + 1, c, ONE);
        Solution memory honest = solution(2, 0);
        honest.fills[0] = fill(CAROL, sell(CAROL, a, ONE, c, ONE));
        honest.fills[1] = fill(BOB + 1, sell(BOB + 1, c, ONE, a, ONE));
        Entry[] memory entries = new Entry[](2);
        (entries[0], entries[1]) = (entry(s), entry(honest));
        Outcome[] memory outcomes = settle(entries);
        yes(outcomes[1].settled, "the honest solution settles");
        eq(balance(c, vm.addr(CAROL)), ONE, "carol");
        return outcomes[0];
    }

    function mustFailAlone(Solution memory s, bytes memory reason) internal {
        uint256 had = balance(b, vm.addr(BOB));
        Outcome memory outcome = besideHonest(s);
        yes(!outcome.settled, "it settled");
        if (reason.length != 0) eq(outcome.reason, reason, "reason");
        eq(balance(b, vm.addr(BOB)), had, "bob keeps his");
    }

    function pullFailed(address t) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(PullFailed.selector, t, vm.addr(ALICE), vm.addr(BOB), PART);
    }
}
