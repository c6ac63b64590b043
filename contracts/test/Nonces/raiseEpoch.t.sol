// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import {Nonces} from "../../src/Nonces.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {NoncesBase} from "../helpers/NoncesOpen.sol";

contract RaiseEpochTest is NoncesBase {
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
}
