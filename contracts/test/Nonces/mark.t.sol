// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {NoncesBase} from "../helpers/NoncesOpen.sol";

/// @dev What is left of an intent after fills.
contract MarkTest is NoncesBase {
    function test_whole() public {
        Intent memory i = intent(WHOLE, 5);
        refuses(i, 99, abi.encodeWithSelector(NotWhole.selector, 99, 100));
        mark(i, 100);
        yes(n.taken(OWNER, 5) && !n.dead(OWNER, 5), "taken, not dead");
        eq(n.filled(keccak256(abi.encode(i))), 0, "no slot for whole intents");
        refuses(i, 100, abi.encodeWithSelector(NonceTaken.selector, OWNER, 5));
    }

    function test_whole_buy_counts_the_wants() public {
        Intent memory i = intent(WHOLE, 5);
        i.kind = BUY;
        refuses(i, 100, abi.encodeWithSelector(NotWhole.selector, 100, 50));
        mark(i, 50);
    }

    function test_partial() public {
        Intent memory i = intent(PARTIAL, 5);
        bytes32 uid = keccak256(abi.encode(i));
        refuses(i, 9, abi.encodeWithSelector(FillTooSmall.selector, 9, 10, 100));
        refuses(i, 0, abi.encodeWithSelector(FillTooSmall.selector, 0, 10, 100));
        refuses(i, 101, abi.encodeWithSelector(Overfilled.selector, uid, 0, 101, 100));
        mark(i, 50);
        yes(n.taken(OWNER, 5), "taken");
        mark(i, 45);
        refuses(i, 6, abi.encodeWithSelector(Overfilled.selector, uid, 95, 6, 100));
        refuses(i, 4, abi.encodeWithSelector(FillTooSmall.selector, 4, 10, 5));
        mark(i, 5); // the remainder may be small
        eq(n.filled(uid), 100, "filled");
        refuses(i, 0, abi.encodeWithSelector(FillTooSmall.selector, 0, 10, 0));
        refuses(i, 1, abi.encodeWithSelector(Overfilled.selector, uid, 100, 1, 100));
    }

    function test_alternatives() public {
        Intent memory first = intent(PARTIAL, 5);
        Intent memory second = intent(PARTIAL, 5);
        second.minFill = 20;
        mark(first, 50);
        refuses(second, 50, abi.encodeWithSelector(NonceTaken.selector, OWNER, 5));
        mark(first, 50);
        refuses(intent(WHOLE, 5), 100, abi.encodeWithSelector(NonceTaken.selector, OWNER, 5));
    }

    function testFuzz_filled_is_the_sum_and_never_more_than_the_amount(uint256[6] memory fills) public {
        Intent memory i = intent(PARTIAL, 1);
        bytes32 uid = keccak256(abi.encode(i));
        uint256 sum;
        for (uint256 k; k < 6; ++k) {
            fills[k] = within(fills[k], 0, 60);
            bool fits = fills[k] > 0 && sum + fills[k] <= 100 && (fills[k] >= 10 || sum + fills[k] == 100);
            try n.mark(uid, i, fills[k]) {
                yes(fits, "marked what does not fit");
                sum += fills[k];
            } catch {
                yes(!fits, "refused what fits");
            }
            eq(n.filled(uid), sum, "sum");
        }
    }

    function test_says_whether_the_owner_keeps_its_funds() public {
        Intent memory i = intent(PARTIAL, 5);
        yes(!n.mark(keccak256(abi.encode(i)), i, 20), "not yet");
        vm.prank(OWNER);
        n.keepInVault(true);
        yes(n.mark(keccak256(abi.encode(i)), i, 20), "keeps");
        yes(n.mark(0, intent(WHOLE, 6), 100), "keeps");
        yes(n.keepsInVault(OWNER), "still");
        eq(n.takenWord(OWNER, 0), (1 << 5) | (1 << 6), "taken");
    }

    function test_minFill_of_all_is_all_or_nothing_in_one_go() public {
        Intent memory i = intent(PARTIAL, 5);
        i.minFill = 100;
        refuses(i, 99, abi.encodeWithSelector(FillTooSmall.selector, 99, 100, 100));
        mark(i, 100);
    }

    /// @dev Even without a minFill worth the name, nothing is executed by nothing.
    function testFuzz_zero_is_never_a_fill(uint256 nonce, bool started) public {
        Intent memory i = intent(PARTIAL, nonce & type(uint192).max);
        i.minFill = 1;
        if (started) mark(i, 1);
        refuses(i, 0, abi.encodeWithSelector(FillTooSmall.selector, 0, 1, started ? 99 : 100));
    }
}
