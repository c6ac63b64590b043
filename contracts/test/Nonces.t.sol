// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import {Nonces} from "../src/Nonces.sol";
import "../src/Types.sol";
import {Base, Vm} from "./helpers/Base.sol";

contract NoncesOpen is Nonces {
    function mark(bytes32 uid, Intent calldata intent, uint256 executed) external {
        _mark(uid, intent, intent.kind == SELL ? intent.gives[0].start : intent.wants[0].start, executed);
    }
}

/// @dev What is left of an intent after fills and cancellations.
contract NoncesTest is Base {
    address private constant OWNER = address(0xa);
    NoncesOpen private n;

    function setUp() public {
        n = new NoncesOpen();
    }

    function intent(uint8 fill, uint256 nonce) private pure returns (Intent memory i) {
        i.owner = OWNER;
        i.fill = fill;
        i.minFill = fill == WHOLE ? 100 : 10;
        i.nonce = nonce;
        i.gives = new Leg[](1);
        i.wants = new Leg[](1);
        i.gives[0] = Leg(address(1), 100, 100);
        i.wants[0] = Leg(address(2), 50, 50);
    }

    function mark(Intent memory i, uint256 executed) private {
        n.mark(keccak256(abi.encode(i)), i, executed);
    }

    function refuses(Intent memory i, uint256 executed, bytes memory reason) private {
        vm.expectRevert(reason);
        mark(i, executed);
    }

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

    function test_cancel() public {
        vm.prank(OWNER);
        n.cancel(5);
        yes(n.taken(OWNER, 5) && n.dead(OWNER, 5), "both bits");
        yes(!n.taken(OWNER, 4) && !n.taken(OWNER, 6) && !n.taken(OWNER, 5 + 256), "no others");
        yes(!n.taken(address(this), 5), "nobody else's");
        refuses(intent(WHOLE, 5), 100, abi.encodeWithSelector(NonceTaken.selector, OWNER, 5));
        refuses(intent(PARTIAL, 5), 50, abi.encodeWithSelector(NonceTaken.selector, OWNER, 5));
        mark(intent(WHOLE, 6), 100);
    }

    function test_cancel_stops_a_started_intent() public {
        mark(intent(PARTIAL, 5), 50);
        vm.prank(OWNER);
        n.cancel(5);
        refuses(intent(PARTIAL, 5), 50, abi.encodeWithSelector(NonceDead.selector, OWNER, 5));
    }

    function test_cancel_word() public {
        vm.recordLogs();
        vm.prank(OWNER);
        n.cancelWord(7, 0x8001);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs[0].topics[0], Nonces.Cancelled.selector, "event");
        eq(logs[0].data, abi.encode(0x8001), "mask");
        yes(n.taken(OWNER, 7 * 256) && n.dead(OWNER, 7 * 256 + 15), "in the mask");
        yes(!n.taken(OWNER, 7 * 256 + 1), "not in the mask");
        eq(n.takenWord(OWNER, 7), 0x8001, "taken word");
        eq(n.deadWord(OWNER, 7), 0x8001, "dead word");
        vm.prank(OWNER);
        n.cancelWord(7, type(uint256).max);
        eq(n.deadWord(OWNER, 7), type(uint256).max, "all of them");
    }

    function test_epoch() public {
        refuses(intent(WHOLE, 1 << 192), 100, abi.encodeWithSelector(WrongEpoch.selector, OWNER, 1 << 192, 0));
        mark(intent(PARTIAL, 3), 50);
        vm.recordLogs();
        vm.prank(OWNER);
        n.raiseEpoch();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs[0].topics[0], Nonces.EpochRaised.selector, "event");
        eq(n.epochOf(OWNER), 1, "epoch");
        refuses(intent(PARTIAL, 3), 50, abi.encodeWithSelector(WrongEpoch.selector, OWNER, 3, 1));
        mark(intent(WHOLE, (1 << 192) | 3), 100);
    }

    /// @dev The first 192 nonces of an epoch live beside the epoch, the other 64 of their word elsewhere.
    function test_first_word_is_one_word() public {
        vm.prank(OWNER);
        n.cancelWord(0, type(uint256).max ^ (1 << 191) ^ (1 << 192));
        mark(intent(WHOLE, 191), 100);
        mark(intent(WHOLE, 192), 100);
        eq(n.takenWord(OWNER, 0), type(uint256).max, "all taken");
        eq(n.deadWord(OWNER, 0), type(uint256).max ^ (1 << 191) ^ (1 << 192), "all but two dead");
        for (uint256 k; k < 256; k += 51) {
            refuses(intent(WHOLE, k), 100, abi.encodeWithSelector(NonceTaken.selector, OWNER, k));
        }
        eq(n.epochOf(OWNER), 0, "the epoch is untouched");
        eq(n.takenWord(OWNER, 1), 0, "the next word is untouched");
    }

    function test_raising_the_epoch_frees_no_old_nonce() public {
        mark(intent(WHOLE, 3), 100);
        mark(intent(PARTIAL, 300), 50);
        vm.prank(OWNER);
        n.raiseEpoch();
        yes(n.taken(OWNER, 3) && n.taken(OWNER, 4) && n.taken(OWNER, 300), "everything old counts as taken");
        yes(n.dead(OWNER, 3) && n.dead(OWNER, 4) && n.dead(OWNER, 300), "and as dead");
        uint256 next = 1 << 192;
        yes(!n.taken(OWNER, next | 3) && !n.taken(OWNER, next | 300), "the new epoch starts empty");
        mark(intent(WHOLE, next | 3), 100);
        mark(intent(WHOLE, next | 300), 100);
        eq(n.epochOf(OWNER), 1, "epoch");
        refuses(intent(WHOLE, 5), 100, abi.encodeWithSelector(WrongEpoch.selector, OWNER, 5, 1));
    }

    function test_cancels_only_in_the_current_epoch() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(WrongEpoch.selector, OWNER, 1 << 192, 0));
        n.cancel(1 << 192);
        vm.prank(OWNER);
        n.raiseEpoch();
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(WrongEpoch.selector, OWNER, 0, 1));
        n.cancelWord(0, 1);
        vm.prank(OWNER);
        n.cancel((1 << 192) | 7);
        yes(n.taken(OWNER, (1 << 192) | 7), "cancelled");
    }

    function testFuzz_bitmaps_agree_with_a_set(uint256[8] memory nonces, uint8 cancels) public {
        for (uint256 k; k < 8; ++k) {
            nonces[k] = within(nonces[k], 0, 600); // few words, so that bits collide
        }
        for (uint256 k; k < 8; ++k) {
            bool before = n.taken(OWNER, nonces[k]);
            eq(before ? 1 : 0, _seen(nonces, k) ? 1 : 0, "taken iff met before");
            if ((cancels >> k) & 1 == 1) {
                vm.prank(OWNER);
                n.cancel(nonces[k]);
                yes(n.dead(OWNER, nonces[k]), "dead");
            } else if (before) {
                refuses(intent(WHOLE, nonces[k]), 100, abi.encodeWithSelector(NonceTaken.selector, OWNER, nonces[k]));
            } else {
                mark(intent(WHOLE, nonces[k]), 100);
                yes(!n.dead(OWNER, nonces[k]), "not dead");
            }
            yes(n.taken(OWNER, nonces[k]), "taken");
        }
    }

    function _seen(uint256[8] memory nonces, uint256 count) private pure returns (bool) {
        for (uint256 k; k < count; ++k) {
            if (nonces[k] == nonces[count]) return true;
        }
        return false;
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
}
