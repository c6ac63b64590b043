// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {NoncesBase} from "../helpers/NoncesOpen.sol";

contract CancelTest is NoncesBase {
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
}
