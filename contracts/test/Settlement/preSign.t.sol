// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Authority} from "../../src/Authority.sol";
import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Vm} from "../helpers/Base.sol";
import {Market} from "../helpers/Market.sol";

contract PreSignTest is Market {
    function preSigned() private returns (Solution memory s, address alice, bytes32 uid) {
        s = barter(ONE);
        (alice, uid) = (vm.addr(ALICE), settlement.intentDigest(s.fills[0].intent));
        s.fills[0].scheme = PRESIGNED;
        s.fills[0].signature = "";
    }

    function preSign(address who, bytes32 uid, bool on) private {
        vm.prank(who);
        settlement.preSign(uid, on);
    }

    function test_signs_on_chain() public {
        (Solution memory s, address alice, bytes32 uid) = preSigned();
        mustFail(s, abi.encodeWithSelector(NotPreSigned.selector, alice, uid));
        vm.recordLogs();
        preSign(alice, uid, true);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs[0].topics[0], Authority.PreSigned.selector, "event");
        eq(logs[0].topics[1], bytes32(uint256(uint160(alice))), "owner");
        eq(logs[0].topics[2], uid, "uid");
        eq(logs[0].data, abi.encode(true), "signed");
        yes(settlement.preSigned(alice, uid), "signed");
        mustSettleNow(s);
        eq(balance(b, alice), ONE, "alice");
    }

    function test_can_be_withdrawn() public {
        (Solution memory s, address alice, bytes32 uid) = preSigned();
        preSign(alice, uid, true);
        preSign(alice, uid, false);
        yes(!settlement.preSigned(alice, uid), "withdrawn");
        mustFail(s, abi.encodeWithSelector(NotPreSigned.selector, alice, uid));
    }

    function test_nobody_signs_for_another() public {
        (Solution memory s, address alice, bytes32 uid) = preSigned();
        preSign(vm.addr(BOB), uid, true);
        mustFail(s, abi.encodeWithSelector(NotPreSigned.selector, alice, uid));
    }

    function test_is_for_one_intent() public {
        (Solution memory s, address alice, bytes32 uid) = preSigned();
        preSign(alice, uid, true);
        s.fills[0].intent.validTo -= 1;
        uid = settlement.intentDigest(s.fills[0].intent);
        mustFail(s, abi.encodeWithSelector(NotPreSigned.selector, alice, uid));
    }

    function test_does_not_outlive_a_fill_or_a_cancellation() public {
        (Solution memory s, address alice, bytes32 uid) = preSigned();
        preSign(alice, uid, true);
        vm.prank(alice);
        settlement.cancel(s.fills[0].intent.nonce);
        mustFail(s, abi.encodeWithSelector(NonceTaken.selector, alice, s.fills[0].intent.nonce));
    }
}
