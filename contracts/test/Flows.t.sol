// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ConstantProductPool} from "../src/testing/ConstantProductPool.sol";
import "../src/Types.sol";
import {Vm} from "./helpers/Base.sol";
import {World} from "./helpers/World.sol";

/// @dev Whole settlements, from signed intents to balances.
contract FlowsTest is World {
    function pair() internal returns (Solution memory s) {
        fund(ALICE, a, 100 * ONE);
        fund(BOB, b, 200 * ONE);
        s = solution(2, 0);
        price(s, a, 2);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 100 * ONE, b, 190 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, 200 * ONE, a, 99 * ONE));
    }

    function test_pair_trades_directly() public {
        mustSettle(pair());
        eq(balance(b, vm.addr(ALICE)), 200 * ONE, "alice gets b");
        eq(balance(a, vm.addr(BOB)), 100 * ONE, "bob gets a");
        eq(balance(a, treasury) + balance(b, treasury), 0, "no leftovers");
    }

    function test_sell_meets_buy_with_another_receiver() public {
        fund(ALICE, a, 100 * ONE);
        fund(BOB, b, 300 * ONE);
        Intent memory bid = buy(BOB, b, 250 * ONE, a, 100 * ONE);
        bid.receiver = address(0xbeef);
        Solution memory s = solution(2, 0);
        price(s, a, 2);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 100 * ONE, b, 190 * ONE));
        s.fills[1] = fill(BOB, bid);
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 200 * ONE, "alice gets b");
        eq(balance(a, address(0xbeef)), 100 * ONE, "receiver gets a");
        eq(balance(b, vm.addr(BOB)), 100 * ONE, "bob keeps the surplus");
    }

    function test_ring_of_three() public {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, b, 20 * ONE);
        fund(CAROL, c, 40 * ONE);
        Solution memory s = solution(3, 0);
        price(s, a, 4);
        price(s, b, 2);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 15 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, 20 * ONE, c, 35 * ONE));
        s.fills[2] = fill(CAROL, sell(CAROL, c, 40 * ONE, a, 8 * ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 20 * ONE, "alice");
        eq(balance(c, vm.addr(BOB)), 40 * ONE, "bob");
        eq(balance(a, vm.addr(CAROL)), 10 * ONE, "carol");
    }

    function test_many_to_many_nets_without_the_executor() public {
        Solution memory s = solution(6, 0);
        for (uint256 i; i < 3; ++i) {
            fund(100 + i, a, 9 * ONE);
            fund(200 + i, b, 9 * ONE);
            s.fills[i] = fill(100 + i, sell(100 + i, a, (4 + i) * ONE, b, 1 * ONE));
            s.fills[3 + i] = fill(200 + i, sell(200 + i, b, (6 - i) * ONE, a, 1 * ONE));
        }
        mustSettle(s);
        for (uint256 i; i < 3; ++i) {
            eq(balance(b, vm.addr(100 + i)), (4 + i) * ONE, "a sellers");
            eq(balance(a, vm.addr(200 + i)), (6 - i) * ONE, "b sellers");
        }
    }

    function test_fees_go_to_the_treasury() public {
        fund(ALICE, a, 100 * ONE);
        fund(BOB, b, 200 * ONE);
        Solution memory s = solution(2, 0);
        price(s, a, 2);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 100 * ONE, b, 190 * ONE), 100 * ONE, ONE);
        s.fills[1] = fill(BOB, buy(BOB, b, 200 * ONE, a, 99 * ONE), 99 * ONE, 2 * ONE);
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), 198 * ONE, "alice gets the value less her fee");
        eq(balance(a, vm.addr(BOB)), 99 * ONE, "bob gets what he asked for");
        eq(balance(b, vm.addr(BOB)), 0, "bob pays 198 and a fee of 2");
        eq(balance(a, treasury), ONE, "alice's fee");
        eq(balance(b, treasury), 2 * ONE, "bob's fee");
    }

    function test_one_pool() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 10 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, out);
        price(s, b, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 19 * ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out, "alice gets what the pool pays");
        eq(balance(a, address(p)), 1010 * ONE, "pool gets a");
    }

    function test_pool_with_fee_out_of_the_give() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 1);
        s.interactions[0] = swap(p, a, 9 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, out);
        price(s, b, 9 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 17 * ONE), 10 * ONE, ONE);
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), out, "alice");
        eq(balance(a, treasury), ONE, "fee");
    }

    function test_two_hops() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        ConstantProductPool q = pool(b, 3000 * ONE, c, 6000 * ONE);
        fund(ALICE, a, 10 * ONE);
        Solution memory s = solution(1, 2);
        s.interactions[0] = swap(p, a, 10 * ONE);
        s.interactions[1] = swap(q, b, s.interactions[0].outputs[0].amount);
        uint256 out = s.interactions[1].outputs[0].amount;
        price(s, a, out);
        price(s, c, 10 * ONE);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, c, 35 * ONE));
        mustSettle(s);
        eq(balance(c, vm.addr(ALICE)), out, "alice");
    }

    /// @dev A token that one interaction needs before another one brings it has to come from the payers.
    function test_input_before_output_of_the_same_token() public {
        ConstantProductPool p = pool(a, 1000 * ONE, b, 2000 * ONE);
        ConstantProductPool q = pool(c, 1000 * ONE, a, 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        fund(CAROL, c, 10 * ONE);
        Solution memory s = solution(2, 2);
        s.interactions[0] = swap(p, a, 10 * ONE); // a -> b
        s.interactions[1] = swap(q, c, 10 * ONE); // c -> a
        uint256 outB = s.interactions[0].outputs[0].amount;
        uint256 outA = s.interactions[1].outputs[0].amount;
        price(s, a, outB);
        price(s, b, 10 * ONE);
        price(s, c, outA * outB / (10 * ONE));
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 19 * ONE));
        s.fills[1] = fill(CAROL, sell(CAROL, c, 10 * ONE, a, 19 * ONE));
        mustSettle(s);
        eq(balance(b, vm.addr(ALICE)), outB, "alice");
        yes(balance(a, vm.addr(CAROL)) > 19 * ONE, "carol");
        eq(balance(a, vm.addr(CAROL)) + balance(a, treasury), outA, "nothing of a is lost");
    }

    function test_native_want_from_a_trader_and_from_a_pool() public {
        ConstantProductPool p = pool(a, 1000 * ONE, address(weth), 2000 * ONE);
        fund(ALICE, a, 10 * ONE);
        fund(BOB, address(weth), 5 * ONE);
        Solution memory s = solution(2, 1);
        s.interactions[0] = swap(p, a, 8 * ONE);
        uint256 out = s.interactions[0].outputs[0].amount;
        price(s, a, 2);
        Intent memory ask = sell(ALICE, a, 10 * ONE, NATIVE, 19 * ONE);
        ask.receiver = address(0xfee1);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, address(weth), 4 * ONE, a, 2 * ONE));
        s.cover[index(address(weth))] = 20 * ONE - 4 * ONE - out;
        deposit(solver, address(weth), ONE);
        mustSettle(s);
        eq(address(0xfee1).balance, 20 * ONE, "alice's receiver has native coin");
        eq(balance(a, vm.addr(BOB)), 2 * ONE, "bob");
    }

    function test_native_receiver_that_refuses() public {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, address(weth), 10 * ONE);
        Intent memory ask = sell(ALICE, a, 10 * ONE, NATIVE, 10 * ONE);
        ask.receiver = address(registry.bondToken());
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, address(weth), 10 * ONE, a, 10 * ONE));
        mustFail(s, abi.encodeWithSelector(NativePaymentFailed.selector, ask.receiver));
    }

    function test_basket_for_basket() public {
        fund(ALICE, a, 10 * ONE);
        fund(ALICE, b, 20 * ONE);
        fund(BOB, c, 100 * ONE);
        fund(BOB, address(weth), 100 * ONE);
        Intent memory ask = sell(ALICE, a, 10 * ONE, c, 1);
        ask.gives = legs(a, 10 * ONE, b, 20 * ONE);
        ask.wants = legs(c, 30 * ONE, address(weth), 10 * ONE);
        Intent memory bid = buy(BOB, c, 1, a, 10 * ONE);
        bid.gives = legs(c, 30 * ONE, address(weth), 10 * ONE);
        bid.wants = legs(a, 10 * ONE, b, 20 * ONE);
        Solution memory s = solution(2, 0);
        price(s, a, 2);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, bid);
        mustSettle(s);
        eq(balance(c, vm.addr(ALICE)), 30 * ONE, "value 40 in the proportion 3 to 1");
        eq(balance(address(weth), vm.addr(ALICE)), 10 * ONE, "value 40 in the proportion 3 to 1");
        eq(balance(a, vm.addr(BOB)), 10 * ONE, "bob a");
        eq(balance(b, vm.addr(BOB)), 20 * ONE, "bob b");
    }

    function test_rounding_leftover_goes_to_the_treasury() public {
        fund(ALICE, a, 3_000_001);
        fund(BOB, b, 1_000_001);
        Solution memory s = solution(2, 0);
        price(s, b, 3);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 3_000_001, b, 1_000_000)); // 1_000_000.33 rounded down
        s.fills[1] = fill(BOB, sell(BOB, b, 1_000_000, a, 3_000_000));
        s.cover[index(a)] = 10; // no claim to what is left over by the declared figures
        mustSettle(s);
        eq(balance(a, treasury), 1, "leftover");
        eq(vault.coverOf(solver, a), 0, "not the solver's");
    }

    function test_partial_then_cancelled() public {
        fund(ALICE, a, 100 * ONE);
        fund(BOB, b, 100 * ONE);
        Intent memory ask = partially(sell(ALICE, a, 100 * ONE, b, 100 * ONE), 10 * ONE);
        bytes32 uid = settlement.intentDigest(ask);
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, ask, 30 * ONE, 0);
        s.fills[1] = fill(BOB, sell(BOB, b, 30 * ONE, a, 30 * ONE));
        mustSettle(s);
        eq(settlement.filled(uid), 30 * ONE, "filled once");

        s.fills[0] = fill(ALICE, ask, 20 * ONE, 0);
        s.fills[1] = fill(BOB, sell(BOB, b, 20 * ONE, a, 20 * ONE));
        mustSettle(s);
        eq(settlement.filled(uid), 50 * ONE, "filled twice");

        vm.prank(vm.addr(ALICE));
        settlement.cancel(ask.nonce);
        s.fills[1] = fill(BOB, sell(BOB, b, 20 * ONE, a, 20 * ONE));
        mustFail(s, abi.encodeWithSelector(NonceDead.selector, ask.owner, ask.nonce));
        eq(settlement.filled(uid), 50 * ONE, "filled no more");
    }

    function test_alternatives_share_a_nonce() public {
        fund(ALICE, a, 100 * ONE);
        fund(BOB, b, 100 * ONE);
        Intent memory one = sell(ALICE, a, 10 * ONE, b, 10 * ONE);
        Intent memory two = partially(sell(ALICE, a, 20 * ONE, b, 20 * ONE), ONE);
        two.nonce = one.nonce;
        Solution memory s = solution(2, 0);
        s.fills[0] = fill(ALICE, one);
        s.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
        mustSettle(s);
        s.fills[0] = fill(ALICE, two, 10 * ONE, 0);
        s.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
        mustFail(s, abi.encodeWithSelector(NonceTaken.selector, two.owner, two.nonce));
    }

    function test_dutch_want_has_fallen_halfway() public {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, b, 15 * ONE);
        Intent memory ask = sell(ALICE, a, 10 * ONE, b, 10 * ONE);
        ask.wants[0].start = 20 * ONE;
        ask.decayTo = uint48(NOW + 99);
        Solution memory s = solution(2, 0);
        price(s, a, 15);
        price(s, b, 10);
        s.fills[0] = fill(ALICE, ask);
        s.fills[1] = fill(BOB, sell(BOB, b, 15 * ONE, a, 10 * ONE));
        mustFail(s, abi.encodeWithSelector(WantBelowLimit.selector, 0, 15 * ONE, 19.9e18));
        vm.warp(NOW + 49);
        mustSettleAt(s);
        eq(balance(b, vm.addr(ALICE)), 15 * ONE, "alice");
    }

    function mustSettleAt(Solution memory s) internal {
        Entry memory e = entry(s);
        e.award.round = 8; // the award of the failed try is spent
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        Outcome memory outcome = settle(bundle(e))[0];
        eq(outcome.reason, "", "reason");
    }

    function test_house_never_pays() public {
        Solution memory s = pair();
        s.fills[1] = fill(BOB, sell(BOB, b, 199 * ONE, a, 99 * ONE));
        mustFail(s, abi.encodeWithSelector(NotConserved.selector, b, 199 * ONE, 200 * ONE));
    }

    function test_payer_without_funds() public {
        Solution memory s = pair();
        address bob = vm.addr(BOB);
        vm.prank(bob);
        (bool ok,) = b.call(abi.encodeWithSignature("transfer(address,uint256)", address(1), 1));
        yes(ok, "transfer");
        mustFail(s, abi.encodeWithSelector(PullFailed.selector, b, bob, vm.addr(ALICE), 200 * ONE));
    }

    function test_empty_solution() public {
        mustSettle(solution(0, 0));
    }

    function test_filled_event() public {
        Solution memory s = pair();
        vm.recordLogs();
        mustSettle(s);
        bytes32 uid = settlement.intentDigest(s.fills[0].intent);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bool found;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != ISettlement.Filled.selector || logs[i].topics[1] != uid) continue;
            eq(logs[i].topics[2], bytes32(uint256(uint160(s.fills[0].intent.owner))), "owner");
            eq(logs[i].data, abi.encode(100 * ONE, 0), "executed and fee");
            found = true;
        }
        yes(found, "no Filled event");
    }
}
