// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Bounds that move with time, and the times of an intent.
contract DutchTest is Market {
    /// @dev Alice wants 20, falling to 10 within 100 seconds; Bob gives 15.
    function falling() private returns (Solution memory s) {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, b, 15 * ONE);
        Intent memory ask = sell(ALICE, a, 10 * ONE, b, 10 * ONE);
        ask.wants[0].start = 20 * ONE;
        ask.decayTo = uint48(NOW + 99);
        s = solution(2, 0);
        price(s, a, 15);
        price(s, b, 10);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, b, 15 * ONE, a, 10 * ONE));
    }

    function late(Solution memory s) private returns (Outcome memory) {
        Entry memory e = entry(s);
        (e.award.round, e.award.deadline) = (8, block.timestamp);
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        return settle(bundle(e))[0];
    }

    function test_a_want_that_has_fallen_halfway() public {
        Solution memory s = falling();
        mustFail(s, abi.encodeWithSelector(WantBelowLimit.selector, 0, 15 * ONE, 19.9e18));
        vm.warp(NOW + 48);
        mustFailNow(s, abi.encodeWithSelector(WantBelowLimit.selector, 0, 15 * ONE, 15.1e18));
        vm.warp(NOW + 49);
        eq(late(s).reason, "", "reason");
        eq(balance(b, vm.addr(ALICE)), 15 * ONE, "alice");
    }

    /// @dev Bob pays 10, rising to 20 within 100 seconds, for 10; at 15 a deal is possible.
    function test_a_give_that_has_risen_halfway() public {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, b, 20 * ONE);
        Intent memory bid = buy(BOB, b, 10 * ONE, a, 10 * ONE);
        bid.gives[0].end = 20 * ONE;
        bid.decayTo = uint48(NOW + 99);
        Solution memory s = solution(2, 0);
        price(s, a, 15);
        price(s, b, 10);
        s.fills[0] = fill(BOB, bid);
        s.fills[1] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 15 * ONE));
        mustFail(s, abi.encodeWithSelector(GiveAboveLimit.selector, 0, 15 * ONE, 10.1e18));
        vm.warp(NOW + 49);
        eq(late(s).reason, "", "reason");
        eq(balance(b, vm.addr(BOB)), 5 * ONE, "bob pays 15");
    }

    function test_after_the_decay_the_bound_stays() public {
        Solution memory s = falling();
        vm.warp(NOW + 1000);
        eq(late(s).reason, "", "reason");
        eq(balance(b, vm.addr(ALICE)), 15 * ONE, "alice has the better price all the same");
    }

    function test_not_before_and_not_after() public {
        Solution memory s = barter(ONE);
        vm.warp(NOW - 2);
        mustFail(s, abi.encodeWithSelector(NotYetValid.selector, NOW - 1, NOW - 2));
        vm.warp(NOW + 3601);
        eq(late(s).reason, abi.encodeWithSelector(Expired.selector, NOW + 3600, NOW + 3601), "expired");
        vm.warp(NOW + 3600);
        Entry memory e = entry(s);
        (e.award.round, e.award.deadline) = (9, NOW + 3600);
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        yes(settle(bundle(e))[0].settled, "in its last second");
    }
}
