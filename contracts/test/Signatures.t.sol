// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import "../src/Types.sol";
import {World} from "./helpers/World.sol";

/// @dev Whose signature counts, and in which form.
contract SignaturesTest is World {
    function trade() private returns (Solution memory s) {
        fund(ALICE, a, 10 * ONE);
        fund(BOB, b, 10 * ONE);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, 10 * ONE, b, 10 * ONE));
        s.fills[1] = fill(BOB, sell(BOB, b, 10 * ONE, a, 10 * ONE));
    }

    function parts(bytes memory signature) private pure returns (bytes32 r, uint256 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    function test_compact_signature() public {
        Solution memory t = trade();
        (bytes32 r, uint256 s, uint8 v) = parts(t.fills[0].signature);
        t.fills[0].signature = abi.encodePacked(r, s | (uint256(v - 27) << 255));
        mustSettle(t);
    }

    function test_signature_of_another() public {
        Solution memory t = trade();
        t.fills[0].signature = signed(BOB, settlement.intentDigest(t.fills[0].intent));
        mustFail(t, abi.encodeWithSelector(WrongSigner.selector, vm.addr(BOB), vm.addr(ALICE)));
    }

    function test_owner_zero_is_not_what_a_bad_signature_recovers_to() public {
        Solution memory t = trade();
        t.fills[0].intent.owner = address(0);
        t.fills[0].signature = abi.encodePacked(bytes32(0), bytes32(0), uint8(27));
        mustFail(t, abi.encodeWithSelector(WrongSigner.selector, address(0), address(0)));
    }

    function test_signature_length() public {
        Solution memory t = trade();
        t.fills[0].signature = abi.encodePacked(t.fills[0].signature, uint8(0));
        mustFail(t, abi.encodeWithSelector(SignatureLength.selector, 66));
    }

    function test_malleable_signature() public {
        Solution memory t = trade();
        (bytes32 r, uint256 s, uint8 v) = parts(t.fills[0].signature);
        s = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - s;
        t.fills[0].signature = abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27));
        mustFail(t, abi.encodeWithSelector(SignatureMalleable.selector, s));
    }

    function test_recovery_id() public {
        Solution memory t = trade();
        (bytes32 r, uint256 s, uint8 v) = parts(t.fills[0].signature);
        t.fills[0].signature = abi.encodePacked(r, s, v - 27);
        mustFail(t, abi.encodeWithSelector(SignatureRecoveryId.selector, v - 27));
    }

    function testFuzz_no_other_signature_moves_funds(bytes32 r, uint256 s, uint8 v) public {
        Solution memory t = trade();
        t.fills[0].signature = abi.encodePacked(r, s >> 1, 27 + v % 2);
        yes(!settle(t).settled, "settled with a made-up signature");
    }

    function testFuzz_any_changed_member_breaks_the_signature(uint8 member, uint256 by) public {
        Solution memory t = trade();
        Intent memory i = t.fills[0].intent;
        by = within(by, 1, 1000);
        member %= 5;
        if (member == 0) i.receiver = address(uint160(by));
        if (member == 1) i.wants[0].start = i.wants[0].end = i.wants[0].end - by;
        if (member == 2) i.validTo += uint48(by);
        if (member == 3) i.nonce += by;
        if (member == 4) (i.validFrom, i.decayTo) = (i.validFrom - uint48(by), i.decayTo - uint48(by));
        Outcome memory outcome = settle(t);
        yes(!outcome.settled && bytes4(outcome.reason) == WrongSigner.selector, "signature holds");
    }
}
