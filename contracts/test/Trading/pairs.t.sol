// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Traders who meet without anybody else: from signed intents to balances.
contract PairsTest is Market {
    function pair() private returns (Solution memory s) {
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
            eq(logs[i].data, abi.encode((100 * ONE) << 128), "executed and no fee");
            found = true;
        }
        yes(found, "no Filled event");
    }
}
