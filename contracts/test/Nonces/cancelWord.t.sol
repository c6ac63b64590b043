// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {Nonces} from "../../src/Nonces.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {NoncesBase} from "../helpers/NoncesOpen.sol";

contract CancelWordTest is NoncesBase {
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

    function test_nothing_in_the_mask() public {
        vm.prank(OWNER);
        n.cancelWord(0, 0);
        eq(n.takenWord(OWNER, 0) | n.deadWord(OWNER, 0), 0, "nothing cancelled");
    }

    function testFuzz_exactly_the_mask(uint256 word, uint256 mask, uint256 other) public {
        word = within(word, 0, 2);
        vm.prank(OWNER);
        n.cancelWord(word, other);
        vm.prank(OWNER);
        n.cancelWord(word, mask);
        eq(n.takenWord(OWNER, word), mask | other, "taken");
        eq(n.deadWord(OWNER, word), mask | other, "dead");
        eq(n.takenWord(OWNER, word + 1) | n.deadWord(OWNER, word + 1), 0, "the next word is untouched");
        eq(n.epochOf(OWNER), 0, "and the epoch");
    }
}
