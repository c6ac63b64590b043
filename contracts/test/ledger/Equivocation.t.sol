// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignatureLength} from "../../src/Errors.sol";
import {ILedger, Receipt} from "../../src/interfaces/ILedger.sol";
import "../../src/LedgerErrors.sol";
import {Vm} from "../helpers/Base.sol";
import {Ledgered} from "./Ledgered.sol";

/// @dev Two receipts for one place, and whose receipts count.
contract EquivocationTest is Ledgered {
    function twin(uint64 sequence) private pure returns (Receipt memory other) {
        other = receiptOf(sequence);
        other.head = keccak256("another history");
    }

    function prove(Receipt memory a, Receipt memory b) private {
        prove(a, KEY, b, KEY);
    }

    function prove(Receipt memory a, uint256 keyA, Receipt memory b, uint256 keyB) private {
        (bytes memory sigA, bytes memory sigB) = (signed(a, keyA), signed(b, keyB));
        vm.prank(CHALLENGER);
        ledger.proveEquivocation(a, sigA, b, sigB);
    }

    function refused(Receipt memory a, uint256 keyA, Receipt memory b, uint256 keyB, bytes memory reason) private {
        (bytes memory sigA, bytes memory sigB) = (signed(a, keyA), signed(b, keyB));
        vm.expectRevert(reason);
        ledger.proveEquivocation(a, sigA, b, sigB);
    }

    function test_the_digest_is_that_of_the_settlements_domain() public view {
        Receipt memory r = receiptOf(4);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Walras"),
                keccak256("1"),
                block.chainid,
                settlement
            )
        );
        bytes32 typehash =
            keccak256("Receipt(uint64 epoch,uint64 sequence,uint64 time,bytes32 uid,bytes32 previous,bytes32 head)");
        bytes32 hash = keccak256(abi.encode(typehash, r.epoch, r.sequence, r.time, r.uid, r.previous, r.head));
        eq(ledger.receiptDigest(r), keccak256(abi.encodePacked(hex"1901", domain, hash)), "digest");
    }

    function test_two_receipts_for_one_place_cost_the_bond() public {
        vm.recordLogs();
        prove(receiptOf(4), twin(4));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        eq(log.topics[0], ILedger.EquivocationProven.selector, "event");
        eq(uint256(log.topics[1]), EPOCH, "epoch");
        eq(uint256(log.topics[2]), 4, "sequence");
        eq(address(uint160(uint256(log.topics[3]))), CHALLENGER, "by");
        eq(log.data, abi.encode(headOf(4), keccak256("another history"), PENALTY), "heads and penalty");
        eq(ledger.bond(), 500 * ONE - PENALTY, "slashed");
        eq(ledger.owed(CHALLENGER), REWARD, "reward");
        eq(ledger.owed(BENEFICIARY), PENALTY - REWARD, "the rest");
    }

    function test_any_difference_is_one() public {
        for (uint64 k; k < 4; ++k) {
            Receipt memory other = receiptOf(10 + k);
            if (k == 0) ++other.time;
            if (k == 1) other.uid = 0;
            if (k == 2) other.previous = 0;
            if (k == 3) other.head = 0;
            prove(receiptOf(10 + k), other);
        }
        eq(ledger.owed(CHALLENGER), 4 * uint256(REWARD), "four lies");
    }

    function test_once_for_each_place() public {
        prove(receiptOf(4), twin(4));
        Receipt memory third = twin(4);
        third.uid = 0;
        refused(third, KEY, twin(4), KEY, abi.encodeWithSelector(AlreadyProven.selector, EPOCH, 4));
        prove(receiptOf(5), twin(5));
    }

    function test_what_is_no_contradiction() public {
        Receipt memory a = receiptOf(4);
        refused(a, KEY, a, KEY, abi.encodeWithSelector(SameReceipt.selector, ledger.receiptDigest(a)));
        Receipt memory b = twin(5);
        refused(a, KEY, b, KEY, abi.encodeWithSelector(DifferentPlaces.selector, EPOCH, 4, EPOCH, 5));
        b = twin(4);
        ++b.epoch;
        refused(a, KEY, b, KEY, abi.encodeWithSelector(DifferentPlaces.selector, EPOCH, 4, EPOCH + 1, 4));
    }

    function test_a_bond_that_is_too_small_pays_what_it_has() public {
        ledger = ledgerOf(address(bond));
        bond.approve(address(ledger), type(uint256).max);
        ledger.deposit(40 * ONE);
        prove(receiptOf(4), twin(4));
        eq(ledger.bond(), 0, "all of it");
        eq(ledger.owed(CHALLENGER), REWARD, "the reward first");
        eq(ledger.owed(BENEFICIARY), 10 * ONE, "the rest");
        prove(receiptOf(5), twin(5));
        eq(ledger.owed(CHALLENGER), REWARD, "nothing left to pay");
        yes(ledger.equivocated(EPOCH, 5), "but on record");
    }

    // --- whose receipts

    function test_strangers_bind_nobody() public {
        bytes memory reason = abi.encodeWithSelector(NotReceiptSigner.selector, vm.addr(1));
        refused(receiptOf(4), KEY, twin(4), 1, reason);
        refused(receiptOf(4), 1, twin(4), KEY, reason);
        bytes memory zero = abi.encodePacked(bytes32(0), bytes32(uint256(1)), uint8(27));
        bytes memory good = signed(receiptOf(4));
        vm.expectRevert(abi.encodeWithSelector(NotReceiptSigner.selector, address(0)));
        ledger.proveEquivocation(receiptOf(4), good, twin(4), zero);
        vm.expectRevert(abi.encodeWithSelector(SignatureLength.selector, 3));
        ledger.proveEquivocation(receiptOf(4), good, twin(4), "abc");
    }

    function test_receipts_of_another_chain_bind_nobody() public {
        bytes memory sigA = signed(receiptOf(4));
        bytes memory sigB = signed(twin(4));
        vm.chainId(99);
        vm.expectPartialRevert(NotReceiptSigner.selector);
        ledger.proveEquivocation(receiptOf(4), sigA, twin(4), sigB);
    }

    function replaceSigner() private {
        vm.prank(OWNER);
        ledger.setReceiptSigner(vm.addr(NEXT_KEY));
    }

    function test_a_removed_key_answers_for_its_time() public {
        vm.warp(NOW + 10);
        replaceSigner();
        eq(ledger.signerUntil(vm.addr(KEY)), NOW + 10, "until");
        eq(ledger.signerUntil(vm.addr(NEXT_KEY)), type(uint256).max, "current");
        prove(receiptOf(4), twin(4));
        prove(receiptOf(5), KEY, twin(5), NEXT_KEY);
        Receipt memory late = twin(6);
        late.time = NOW + 11;
        bytes4 removed = SignerRemoved.selector;
        refused(receiptOf(6), KEY, late, KEY, abi.encodeWithSelector(removed, vm.addr(KEY), NOW + 10, NOW + 11));
    }

    function test_a_removed_key_is_forgotten_in_the_end() public {
        replaceSigner();
        vm.warp(NOW + CHALLENGE);
        prove(receiptOf(4), twin(4));
        vm.warp(NOW + CHALLENGE + 1);
        Receipt memory fresh = twin(5);
        fresh.time = NOW + CHALLENGE + 1;
        bytes memory reason = abi.encodeWithSelector(SignerRemoved.selector, vm.addr(KEY), NOW, NOW);
        refused(receiptOf(5), KEY, fresh, NEXT_KEY, reason);
        vm.prank(OWNER);
        ledger.setReceiptSigner(vm.addr(KEY));
        prove(receiptOf(5), KEY, fresh, NEXT_KEY);
    }

    // --- how long

    function test_old_receipts_are_let_be() public {
        vm.warp(NOW + CHALLENGE);
        prove(receiptOf(4), twin(4));
        vm.warp(NOW + CHALLENGE + 1);
        uint256 until = NOW + CHALLENGE;
        refused(receiptOf(5), KEY, twin(5), KEY, abi.encodeWithSelector(ReceiptTooOld.selector, NOW, until, until + 1));
        Receipt memory later = twin(5);
        later.time = NOW + 1;
        prove(receiptOf(5), later);
        prove(twin(6), _at(receiptOf(6), NOW + 1));
    }

    function _at(Receipt memory receipt, uint64 time) private pure returns (Receipt memory) {
        receipt.time = time;
        return receipt;
    }
}
