// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OnlyOwner, ZeroAddress} from "../../src/Errors.sol";
import {ILedger, LedgerTerms} from "../../src/interfaces/ILedger.sol";
import "../../src/LedgerErrors.sol";
import {Vm} from "../helpers/Base.sol";
import {Ledgered} from "./Ledgered.sol";

/// @dev Deployment, roles and roots.
contract RootsTest is Ledgered {
    function tryDeploy(address[6] calldata a, LedgerTerms calldata t) external {
        deploy("Ledger", abi.encode(a[0], a[1], a[2], a[3], a[4], a[5], t));
    }

    function parts() private view returns (address[6] memory) {
        return [settlement, OWNER, OPERATOR, vm.addr(KEY), BENEFICIARY, address(bond)];
    }

    function refused(LedgerTerms memory t, bytes memory reason) private {
        vm.expectRevert(reason);
        this.tryDeploy(parts(), t);
    }

    function test_no_part_is_missing() public {
        for (uint256 k = 1; k < 6; ++k) {
            address[6] memory list = parts();
            list[k] = address(0);
            vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
            this.tryDeploy(list, terms());
        }
        address[6] memory others = parts();
        others[0] = address(1);
        vm.expectRevert(abi.encodeWithSelector(SettlementWithoutCode.selector, address(1)));
        this.tryDeploy(others, terms());
        this.tryDeploy(parts(), terms());
    }

    function test_terms_have_an_order() public {
        bytes4 wrong = TermsOutOfOrder.selector;
        LedgerTerms memory t = terms();
        t.challengePeriod = INCLUSION;
        refused(t, abi.encodeWithSelector(wrong, INCLUSION, INCLUSION));
        t = terms();
        t.noticePeriod = CHALLENGE;
        refused(t, abi.encodeWithSelector(wrong, CHALLENGE, CHALLENGE));
        t = terms();
        t.answerPeriod = 0;
        refused(t, abi.encodeWithSelector(wrong, 0, 0));
        t.answerPeriod = 365 days + 1;
        refused(t, abi.encodeWithSelector(wrong, 365 days + 1, 365 days));
        t = terms();
        t.noticePeriod = 365 days + 1;
        refused(t, abi.encodeWithSelector(wrong, 365 days + 1, 365 days));
        t = terms();
        t.reward = PENALTY + 1;
        refused(t, abi.encodeWithSelector(RewardAbovePenalty.selector, PENALTY + 1, PENALTY));
    }

    function test_terms_are_public() public view {
        eq(ledger.inclusionPeriod(), INCLUSION, "inclusion");
        eq(ledger.challengePeriod(), CHALLENGE, "challenge");
        eq(ledger.answerPeriod(), ANSWER, "answer");
        eq(ledger.noticePeriod(), NOTICE, "notice");
        eq(ledger.penalty(), PENALTY, "penalty");
        eq(ledger.reward(), REWARD, "reward");
        eq(ledger.challengeStake(), STAKE, "stake");
    }

    function test_owner_rotates_roles() public {
        bytes[3] memory calls = [
            abi.encodeCall(ledger.setOperator, (address(1))),
            abi.encodeCall(ledger.setBeneficiary, (address(2))),
            abi.encodeCall(ledger.setReceiptSigner, (address(3)))
        ];
        for (uint256 k; k < 3; ++k) {
            (bool ok, bytes memory data) = address(ledger).call(calls[k]);
            yes(!ok, "not the owner");
            eq(data, abi.encodeWithSelector(OnlyOwner.selector, address(this)), "not the owner");
            vm.prank(OWNER);
            (ok,) = address(ledger).call(calls[k]);
            yes(ok, "owner");
        }
        eq(ledger.operator(), address(1), "operator");
        eq(ledger.beneficiary(), address(2), "beneficiary");
        eq(ledger.receiptSigner(), address(3), "signer");
        bytes[3] memory zeros = [
            abi.encodeCall(ledger.setOperator, (address(0))),
            abi.encodeCall(ledger.setBeneficiary, (address(0))),
            abi.encodeCall(ledger.setReceiptSigner, (address(0)))
        ];
        for (uint256 k; k < 3; ++k) {
            vm.prank(OWNER);
            (bool ok, bytes memory data) = address(ledger).call(zeros[k]);
            yes(!ok && bytes4(data) == ZeroAddress.selector, "zero");
        }
    }

    // --- roots

    function test_the_operator_posts() public {
        vm.expectRevert(abi.encodeWithSelector(OnlyOperator.selector, address(this)));
        ledger.post(EPOCH, 1, bytes32("log"), bytes32("state"));
        vm.recordLogs();
        vm.prank(OPERATOR);
        ledger.post(EPOCH, 5, bytes32("log"), bytes32("state"));
        Vm.Log memory log = vm.getRecordedLogs()[0];
        eq(log.topics[0], ILedger.RootPosted.selector, "event");
        eq(uint256(log.topics[1]), EPOCH, "epoch");
        eq(uint256(log.topics[2]), 5, "size");
        eq(log.data, abi.encode(bytes32("log"), bytes32("state")), "roots");
        (bytes32 root, bytes32 state) = ledger.roots(EPOCH, 5);
        yes(root == bytes32("log") && state == bytes32("state"), "stored");
        eq(ledger.latestSize(EPOCH), 5, "latest");
    }

    function test_a_log_only_grows() public {
        post(5);
        for (uint64 size = 0; size <= 5; ++size) {
            vm.prank(OPERATOR);
            vm.expectRevert(abi.encodeWithSelector(SizeNotGrowing.selector, EPOCH, size, 5));
            ledger.post(EPOCH, size, bytes32("other"), 0);
        }
        (bytes32 root,) = ledger.roots(EPOCH, 5);
        eq(root, rootOf(0, 5), "a root once posted stays");
        post(6);
        vm.prank(OPERATOR);
        ledger.post(EPOCH + 1, 1, bytes32("log"), 0);
        eq(ledger.latestSize(EPOCH), 6, "each epoch for itself");
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(SizeNotGrowing.selector, 9, 0, 0));
        ledger.post(9, 0, bytes32("log"), 0);
    }
}
