// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PaymentFailed} from "../src/Errors.sol";
import "../src/Types.sol";
import {HostileBase} from "./helpers/HostileBase.sol";
import {AnsweringToken, BurningToken, FalseToken, HugeToken, SilentToken} from "./helpers/HostileTokens.sol";

/// @dev What transfers return or throw.
contract HostileAnswersTest is HostileBase {
    function test_tokens_without_return_values() public {
        address t = list(new SilentToken());
        mustSettle(pair(t));
        eq(balance(t, vm.addr(BOB)), PART, "bob");
        mustSettle(routed(t));
        eq(balance(b, vm.addr(ALICE)), 2 * PART, "alice");
    }

    function test_tokens_that_return_false() public {
        FalseToken f = new FalseToken();
        address t = list(f);
        f.fail(vm.addr(ALICE));
        mustFailAlone(pair(t), pullFailed(t));
    }

    function test_executor_payments_that_return_false() public {
        FalseToken f = new FalseToken();
        address t = list(f);
        f.fail(address(executor));
        fund(BOB, b, PART);
        mustFailAlone(exchanged(BOB, b, t), abi.encodeWithSelector(PaymentFailed.selector, t, vm.addr(BOB), PART));
    }

    function test_answers_that_are_no_yes() public {
        bytes[7] memory answers = [
            bytes(hex"01"), // too short
            abi.encodePacked(uint248(1)), // a byte too short
            abi.encode(2),
            abi.encode(uint256(1) << 255),
            abi.encode(type(uint256).max),
            abi.encode(0),
            hex"08c379a0"
        ];
        for (uint256 i; i < answers.length; ++i) {
            AnsweringToken t = new AnsweringToken();
            t.answer(answers[i], false);
            this.answered(t, false);
            t.answer(answers[i], true);
            this.answered(t, false);
            t.answer(abi.encode(true, i), false); // more than was asked for
            this.answered(t, true);
        }
    }

    /// @dev In a call of its own, so that what it changes can be taken back.
    function answered(AnsweringToken t, bool settles) external {
        try this.answer(t, settles) {}
        catch (bytes memory reason) {
            eq(reason, "done", "what happened");
        }
    }

    function answer(AnsweringToken t, bool settles) external {
        Solution memory s = pair(list(t));
        if (settles) yes(besideHonest(s).settled, "settles");
        else mustFailAlone(s, pullFailed(address(t)));
        bytes memory done = "done";
        assembly {
            revert(add(done, 0x20), mload(done))
        }
    }

    function test_reverting_executor_payments_fail_alone() public {
        AnsweringToken t = new AnsweringToken();
        list(t);
        fund(BOB, b, PART);
        t.answer("out of order", true);
        // The exchange can not even pay the executor.
        mustFailAlone(exchanged(BOB, b, address(t)), "");
    }

    function test_huge_answers_are_not_copied() public {
        address t = list(new HugeToken(true));
        mustFailAlone(pair(t), pullFailed(t));
        eq(balance(t, vm.addr(ALICE)), 100 * ONE, "alice keeps hers");
    }

    function test_huge_yes_settles() public {
        address t = list(new HugeToken(false));
        Outcome memory outcome = besideHonest(pair(t));
        yes(outcome.settled, "settles");
        yes(outcome.gasUsed < 1_500_000, "it pays for its own memory only");
    }

    function test_gas_burning_tokens_fail_alone() public {
        address t = address(new BurningToken());
        addToken(t);
        mustFailAlone(pair(t), "");
    }
}
