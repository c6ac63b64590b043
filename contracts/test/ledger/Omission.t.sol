// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PullFailed, Reentered} from "../../src/Errors.sol";
import {ILedger, Receipt} from "../../src/interfaces/ILedger.sol";
import "../../src/LedgerErrors.sol";
import {Vm} from "../helpers/Base.sol";
import {FeeToken, HookToken} from "../helpers/HostileTokens.sol";
import {Ledgered} from "./Ledgered.sol";

/// @dev A receipt whose entry is not in the log.
contract OmissionTest is Ledgered {
    uint64 private constant DUE = NOW + INCLUSION + 1;

    function setUp() public override {
        super.setUp();
        vm.warp(DUE);
    }

    // --- claiming

    function test_a_claim_takes_a_stake() public {
        vm.recordLogs();
        uint256 id = challenge(receiptOf(4));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        eq(log.topics[0], ILedger.OmissionClaimed.selector, "event");
        eq(uint256(log.topics[1]), id, "id");
        eq(uint256(log.topics[2]), EPOCH, "epoch");
        eq(uint256(log.topics[3]), 4, "sequence");
        bytes memory said = abi.encode(receiptOf(4).uid, headOf(4), CHALLENGER, STAKE, DUE + ANSWER);
        eq(log.data, said, "the claim");
        eq(bond.balanceOf(CHALLENGER), 1_000 * ONE - STAKE, "stake");
        eq(ledger.openChallenges(), 1, "open");
        eq(ledger.challengeCount(), 1, "count");
        eq(challenge(receiptOf(5)), 1, "ids count up");
    }

    function test_not_before_its_time() public {
        vm.warp(DUE - 1);
        bytes memory signature = signed(receiptOf(4));
        vm.expectRevert(abi.encodeWithSelector(NotYetDue.selector, DUE - 1, DUE - 1));
        ledger.challengeOmission(receiptOf(4), signature);
    }

    function test_not_long_after() public {
        bytes memory signature = signed(receiptOf(4));
        uint256 until = NOW + CHALLENGE;
        vm.warp(until + 1);
        vm.expectRevert(abi.encodeWithSelector(ReceiptTooOld.selector, NOW, until, until + 1));
        ledger.challengeOmission(receiptOf(4), signature);
        vm.warp(until);
        ledger.challengeOmission(receiptOf(4), signature);
    }

    function test_a_time_without_end_is_never_due() public {
        Receipt memory receipt = receiptOf(4);
        receipt.time = type(uint64).max;
        bytes memory signature = signed(receipt);
        uint256 due = uint256(type(uint64).max) + INCLUSION;
        vm.expectRevert(abi.encodeWithSelector(NotYetDue.selector, due, DUE));
        ledger.challengeOmission(receipt, signature);
    }

    function test_each_receipt_once() public {
        uint256 id = challenge(receiptOf(4));
        bytes memory signature = signed(receiptOf(4));
        bytes memory reason = abi.encodeWithSelector(AlreadyChallenged.selector, ledger.receiptDigest(receiptOf(4)));
        vm.expectRevert(reason);
        ledger.challengeOmission(receiptOf(4), signature);
        post(7);
        answer(id, 4, 7);
        vm.expectRevert(reason);
        ledger.challengeOmission(receiptOf(4), signature);
    }

    function test_only_the_operators_own_word() public {
        bytes memory signature = signed(receiptOf(4), 1);
        vm.expectRevert(abi.encodeWithSelector(NotReceiptSigner.selector, vm.addr(1)));
        ledger.challengeOmission(receiptOf(4), signature);
    }

    function test_no_claim_without_a_stake() public {
        bytes memory signature = signed(receiptOf(4));
        vm.prank(address(1));
        vm.expectRevert(
            abi.encodeWithSelector(PullFailed.selector, address(bond), address(1), address(ledger), uint256(STAKE))
        );
        ledger.challengeOmission(receiptOf(4), signature);
    }

    // --- answering

    function test_an_entry_that_was_there_costs_the_challenger_its_stake() public {
        post(7);
        uint256 id = challenge(receiptOf(4));
        vm.warp(DUE + ANSWER);
        vm.recordLogs();
        answer(id, 4, 7);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        eq(log.topics[0], ILedger.OmissionAnswered.selector, "event");
        eq(log.data, abi.encode(uint64(7), true), "by which root, and when");
        eq(ledger.owed(OPERATOR), STAKE, "stake");
        eq(ledger.owed(CHALLENGER), 0, "nothing back");
        eq(ledger.bond(), 500 * ONE, "bond");
        eq(ledger.openChallenges(), 0, "closed");
    }

    function test_an_entry_that_came_late_gives_the_stake_back() public {
        post(3);
        uint256 id = challenge(receiptOf(4));
        post(7);
        answer(id, 4, 7);
        eq(ledger.owed(CHALLENGER), STAKE, "the claim was right");
        eq(ledger.owed(OPERATOR), 0, "nothing gained");
        eq(ledger.bond(), 500 * ONE, "nothing lost");
    }

    function test_any_later_root_will_do() public {
        post(4);
        post(9);
        uint256 id = challenge(receiptOf(4));
        answer(id, 4, 9);
        id = challenge(receiptOf(3));
        answer(id, 3, 4);
    }

    function test_another_entry_is_no_answer() public {
        post(7);
        Receipt memory receipt = receiptOf(4);
        receipt.head = keccak256("rewritten");
        uint256 id = challenge(receipt);
        bytes32[] memory path = pathOf(3, 0, 7);
        vm.expectRevert(abi.encodeWithSelector(NotIncluded.selector, EPOCH, 4, 7));
        ledger.answerOmission(id, 7, path);
        // Nor is the same head in another place.
        receipt = receiptOf(4);
        receipt.sequence = 5;
        id = challenge(receipt);
        vm.expectRevert(abi.encodeWithSelector(NotIncluded.selector, EPOCH, 5, 7));
        ledger.answerOmission(id, 7, path);
    }

    function test_only_posted_roots_answer() public {
        post(7);
        uint256 id = challenge(receiptOf(4));
        bytes32[] memory path = pathOf(3, 0, 6);
        vm.expectRevert(abi.encodeWithSelector(RootUnknown.selector, EPOCH, 6));
        ledger.answerOmission(id, 6, path);
        vm.expectRevert(abi.encodeWithSelector(RootUnknown.selector, EPOCH, 8));
        ledger.answerOmission(id, 8, path);
        vm.expectRevert(abi.encodeWithSelector(RootUnknown.selector, EPOCH, 0));
        ledger.answerOmission(id, 0, path);
    }

    function test_nobody_answers_for_a_place_that_no_log_has() public {
        post(7);
        Receipt memory receipt = Receipt(EPOCH, 0, NOW, 0, 0, headOf(1));
        uint256 id = challenge(receipt);
        bytes32[] memory path = pathOf(0, 0, 7);
        vm.expectRevert(abi.encodeWithSelector(NotIncluded.selector, EPOCH, 0, 7));
        ledger.answerOmission(id, 7, path);
    }

    function test_an_answer_has_its_time() public {
        post(7);
        uint256 id = challenge(receiptOf(4));
        bytes32[] memory path = pathOf(3, 0, 7);
        vm.warp(DUE + ANSWER + 1);
        vm.expectRevert(abi.encodeWithSelector(AnswerTooLate.selector, id, DUE + ANSWER, DUE + ANSWER + 1));
        ledger.answerOmission(id, 7, path);
    }

    function testFuzz_every_entry_under_every_root(uint64 seed, uint64 place) public {
        uint64 size = uint64(within(seed, 1, 300));
        uint64 sequence = uint64(within(place, 1, size));
        post(size);
        uint256 id = challenge(receiptOf(sequence));
        answer(id, sequence, size);
        eq(ledger.owed(OPERATOR), STAKE, "answered");
    }

    // --- resolving

    function test_an_omission_costs_the_bond() public {
        post(3);
        uint256 id = challenge(receiptOf(4));
        vm.warp(DUE + ANSWER);
        vm.expectRevert(abi.encodeWithSelector(AnswerTimeRunning.selector, id, DUE + ANSWER, DUE + ANSWER));
        ledger.resolve(id);
        vm.warp(DUE + ANSWER + 1);
        vm.recordLogs();
        ledger.resolve(id);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory log = logs[logs.length - 1];
        eq(log.topics[0], ILedger.OmissionResolved.selector, "event");
        eq(log.data, abi.encode(PENALTY), "penalty");
        eq(ledger.owed(CHALLENGER), STAKE + REWARD, "stake and reward");
        eq(ledger.owed(BENEFICIARY), PENALTY - REWARD, "the rest");
        eq(ledger.bond(), 500 * ONE - PENALTY, "slashed");
        eq(ledger.openChallenges(), 0, "closed");
    }

    function test_a_claim_is_decided_once() public {
        post(7);
        uint256 id = challenge(receiptOf(4));
        bytes32[] memory path = pathOf(3, 0, 7);
        answer(id, 4, 7);
        bytes memory closed = abi.encodeWithSelector(ChallengeNotOpen.selector, id);
        vm.expectRevert(closed);
        ledger.answerOmission(id, 7, path);
        vm.warp(DUE + ANSWER + 1);
        vm.expectRevert(closed);
        ledger.resolve(id);
        vm.expectRevert(abi.encodeWithSelector(ChallengeNotOpen.selector, 99));
        ledger.resolve(99);
    }

    // --- other people's tokens

    function test_a_stake_is_what_arrived() public {
        FeeToken token = new FeeToken();
        ledger = ledgerOf(address(token));
        token.mint(CHALLENGER, STAKE);
        vm.prank(CHALLENGER);
        token.approve(address(ledger), STAKE);
        uint256 id = challenge(receiptOf(4));
        vm.warp(DUE + ANSWER + 1);
        ledger.resolve(id);
        eq(ledger.owed(CHALLENGER), uint256(STAKE) * 99 / 100, "what arrived goes back");
        eq(token.balanceOf(address(ledger)), uint256(STAKE) * 99 / 100, "and is there");
    }

    function test_a_token_that_calls_back_gets_nowhere() public {
        HookToken token = new HookToken();
        ledger = ledgerOf(address(token));
        token.mint(CHALLENGER, 10 * ONE);
        vm.prank(CHALLENGER);
        token.approve(address(ledger), 10 * ONE);
        token.arm(address(ledger), abi.encodeCall(ledger.deposit, (1)));
        challenge(receiptOf(4));
        yes(!token.succeeded(), "no way back in");
        eq(token.returned(), abi.encodeWithSelector(Reentered.selector), "reason");
    }
}
