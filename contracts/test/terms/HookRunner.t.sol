// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NotEnoughGas, OnlySettlement, ZeroAddress} from "../../src/Errors.sol";
import {IHookRunner} from "../../src/interfaces/IHookRunner.sol";
import {FeeShare, Hook, Terms} from "../../src/Terms.sol";
import {
    ConditionNotMet,
    ExclusiveTo,
    ExclusivityIncomplete,
    HookFailed,
    HookGasTooHigh,
    HookSelectorForbidden,
    HookTargetForbidden,
    ImpactOutOfRange,
    ShareEmpty,
    ShareReceiverForbidden,
    SharesTooLarge,
    TooManyHooks,
    TooManyShares
} from "../../src/TermsErrors.sol";
import {Vm} from "../helpers/Base.sol";
import {Counter, Hostile} from "./Targets.sol";
import {TermsBase} from "./TermsBase.sol";

contract HookRunnerTest is TermsBase {
    Counter internal counter;

    function setUp() public override {
        super.setUp();
        counter = new Counter();
        vm.warp(1_000);
    }

    function bump(bool must) internal view returns (Hook memory) {
        return Hook(address(counter), 100_000, must, abi.encodeCall(Counter.bump, ()));
    }

    function hostile(Hostile.Way way, bool must) internal returns (Hook memory) {
        return Hook(address(new Hostile(way, runner)), 100_000, must, hex"12345678");
    }

    // ------------------------------------------------------------------ who may call, and how it is made

    function test_only_the_settlement_opens_and_closes() public {
        bytes memory terms = abi.encode(before(bump(true)));
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, SOLVER));
        runner.open(terms, UID, SOLVER);
        vm.prank(SOLVER);
        vm.expectRevert(abi.encodeWithSelector(OnlySettlement.selector, SOLVER));
        runner.close(terms, UID);
    }

    function test_it_is_not_made_without_its_neighbours() public {
        address[4] memory parts = [address(this), VAULT, EXECUTOR, REGISTRY];
        for (uint256 i; i < 4; ++i) {
            address[4] memory some = parts;
            some[i] = address(0);
            try this.make(abi.encode(some[0], some[1], some[2], some[3])) {
                yes(false, "made");
            } catch (bytes memory reason) {
                eq(reason, abi.encodeWithSelector(ZeroAddress.selector), "reason");
            }
        }
    }

    function make(bytes calldata arguments) external returns (address) {
        return deploy("HookRunner", arguments);
    }

    function test_terms_that_ask_nothing_cost_nothing() public {
        (uint256[] memory shares, bool hasAfter) = open(none());
        eq(shares.length, 0, "shares");
        yes(!hasAfter, "has no hooks after");
    }

    // ------------------------------------------------------------------ exclusivity

    function test_until_its_end_only_the_named_solver_settles() public {
        Terms memory terms = none();
        (terms.exclusiveSolver, terms.exclusiveUntil) = (address(0x51), 1_000);
        vm.expectRevert(abi.encodeWithSelector(ExclusiveTo.selector, address(0x51), 1_000, SOLVER));
        open(terms);
        runner.open(abi.encode(terms), UID, address(0x51));
        vm.warp(1_001);
        open(terms);
    }

    function test_exclusivity_is_whole_or_absent() public {
        Terms memory terms = none();
        terms.exclusiveSolver = address(0x51);
        vm.expectRevert(abi.encodeWithSelector(ExclusivityIncomplete.selector, address(0x51), 0));
        open(terms);
        (terms.exclusiveSolver, terms.exclusiveUntil) = (address(0), 7);
        vm.expectRevert(abi.encodeWithSelector(ExclusivityIncomplete.selector, address(0), 7));
        open(terms);
    }

    // ------------------------------------------------------------------ the condition

    function test_nothing_runs_while_the_condition_does_not_hold() public {
        Terms memory terms = before(bump(true));
        terms.condition = condition(time(4, 1_000)).condition;
        vm.expectRevert(abi.encodeWithSelector(ConditionNotMet.selector, UID));
        open(terms);
        eq(counter.count(), 0, "count");
        vm.warp(1_001);
        open(terms);
        eq(counter.count(), 1, "count");
    }

    // ------------------------------------------------------------------ shares and impact

    function test_shares_are_packed_in_order() public {
        Terms memory terms = none();
        terms.shares = new FeeShare[](2);
        terms.shares[0] = FeeShare(address(0xA1), 70);
        terms.shares[1] = FeeShare(address(0xA2), 30);
        (uint256[] memory shares,) = open(terms);
        eq(shares.length, 2, "shares");
        eq(shares[0], uint256(70) << 160 | 0xA1, "first");
        eq(shares[1], uint256(30) << 160 | 0xA2, "second");
    }

    function test_shares_are_capped() public {
        vm.expectRevert(abi.encodeWithSelector(SharesTooLarge.selector, 101, 100));
        open(sharing(address(0xA1), 101));
        Terms memory terms = none();
        terms.shares = new FeeShare[](5);
        for (uint256 i; i < 5; ++i) {
            terms.shares[i] = FeeShare(address(0xA1), 1);
        }
        vm.expectRevert(abi.encodeWithSelector(TooManyShares.selector, 5, 4));
        open(terms);
    }

    function test_an_empty_share_is_refused() public {
        vm.expectRevert(abi.encodeWithSelector(ShareEmpty.selector, 0));
        open(sharing(address(0), 1));
        vm.expectRevert(abi.encodeWithSelector(ShareEmpty.selector, 0));
        open(sharing(address(0xA1), 0));
    }

    function test_contracts_of_the_house_get_no_share() public {
        address[6] memory all = [address(this), VAULT, EXECUTOR, REGISTRY, PERMIT2, address(runner)];
        for (uint256 i; i < all.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ShareReceiverForbidden.selector, all[i]));
            open(sharing(all[i], 1));
        }
    }

    function test_impact_is_a_part_of_the_whole() public {
        Terms memory terms = none();
        terms.maxImpactBps = 10_000;
        open(terms);
        terms.maxImpactBps = 10_001;
        vm.expectRevert(abi.encodeWithSelector(ImpactOutOfRange.selector, 10_001));
        open(terms);
    }

    // ------------------------------------------------------------------ hooks

    function test_hooks_run_before_or_after_from_the_runner() public {
        Terms memory terms = before(bump(true));
        terms.afterwards = afterwards(bump(false)).afterwards;
        (, bool hasAfter) = open(terms);
        yes(hasAfter, "has hooks after");
        eq(counter.count(), 1, "before");
        eq(counter.lastCaller(), address(runner), "caller");
        runner.close(abi.encode(terms), UID);
        eq(counter.count(), 2, "after");
    }

    function test_a_must_hook_that_fails_says_why() public {
        Hook memory refusing = Hook(address(counter), 100_000, true, abi.encodeCall(Counter.refuse, ()));
        bytes memory reason = abi.encodeWithSelector(Counter.Refused.selector, 0);
        vm.expectRevert(abi.encodeWithSelector(HookFailed.selector, UID, 0, reason));
        open(before(refusing));
        Terms memory terms = afterwards(refusing);
        terms.before = before(bump(true)).before;
        open(terms);
        reason = abi.encodeWithSelector(Counter.Refused.selector, 1);
        vm.expectRevert(abi.encodeWithSelector(HookFailed.selector, UID, 1, reason));
        runner.close(abi.encode(terms), UID);
    }

    function test_a_may_hook_that_fails_is_noted() public {
        Terms memory terms = none();
        terms.before = new Hook[](2);
        terms.before[0] = Hook(address(counter), 100_000, false, abi.encodeCall(Counter.refuse, ()));
        terms.before[1] = bump(true);
        vm.recordLogs();
        open(terms);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        eq(logs.length, 1, "logs");
        eq(logs[0].topics[0], IHookRunner.HookFailedQuietly.selector, "event");
        eq(logs[0].topics[1], UID, "uid");
        eq(logs[0].data, abi.encode(uint256(0)), "index");
        eq(counter.count(), 1, "the next one ran");
    }

    function test_a_hook_without_code_behind_it_fails() public {
        vm.expectRevert(abi.encodeWithSelector(HookFailed.selector, UID, 0, ""));
        open(before(Hook(address(0x77), 100_000, true, hex"12345678")));
    }

    function test_hooks_reach_no_contract_of_the_house() public {
        address[6] memory all = [address(this), VAULT, EXECUTOR, REGISTRY, PERMIT2, address(runner)];
        for (uint256 i; i < all.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(HookTargetForbidden.selector, all[i]));
            open(before(Hook(all[i], 1, false, hex"12345678")));
            // Those after are looked at before anything is paid.
            vm.expectRevert(abi.encodeWithSelector(HookTargetForbidden.selector, all[i]));
            open(afterwards(Hook(all[i], 1, false, hex"12345678")));
        }
    }

    function test_hooks_move_no_tokens() public {
        bytes4[3] memory forbidden = [bytes4(0xa9059cbb), bytes4(0x23b872dd), bytes4(0x095ea7b3)];
        for (uint256 i; i < forbidden.length; ++i) {
            bytes memory data = abi.encodePacked(forbidden[i], new bytes(96));
            bytes memory refusal =
                abi.encodeWithSelector(HookSelectorForbidden.selector, address(counter), forbidden[i]);
            vm.expectRevert(refusal);
            open(before(Hook(address(counter), 1, false, data)));
        }
        vm.expectRevert(abi.encodeWithSelector(HookSelectorForbidden.selector, address(counter), bytes4(hex"1234")));
        open(before(Hook(address(counter), 1, false, hex"1234")));
    }

    function test_hooks_are_few_and_bounded() public {
        Terms memory terms = none();
        terms.before = new Hook[](5);
        for (uint256 i; i < 5; ++i) {
            terms.before[i] = bump(true);
        }
        vm.expectRevert(abi.encodeWithSelector(TooManyHooks.selector, 5, 4));
        open(terms);
        Hook memory dear = bump(true);
        dear.gasLimit = 1_000_001;
        vm.expectRevert(abi.encodeWithSelector(HookGasTooHigh.selector, 0, 1_000_001, 1_000_000));
        open(afterwards(dear));
    }

    // ------------------------------------------------------------------ gas

    /// forge-config: default.fuzz.runs = 256
    function test_fuzz_no_hook_is_starved(uint256 gasGiven) public {
        gasGiven = within(gasGiven, 20_000, 400_000);
        bytes memory call = abi.encodeCall(runner.open, (abi.encode(before(bump(false))), UID, SOLVER));
        (bool ok, bytes memory reason) = address(runner).call{gas: gasGiven}(call);
        // It ran as it would with all the gas of the world, or not at all.
        eq(counter.count(), ok ? 1 : 0, "count");
        if (!ok && reason.length != 0) eq(bytes32(bytes4(reason)), bytes32(NotEnoughGas.selector), "reason");
    }

    function test_a_hook_gets_what_it_signed_for() public {
        GasMeter meter = new GasMeter();
        open(before(Hook(address(meter), 77_000, true, abi.encodeCall(GasMeter.note, ()))));
        yes(meter.seen() <= 77_000 && meter.seen() > 76_000, "gas");
    }

    // ------------------------------------------------------------------ hostile targets

    function test_what_hooks_return_is_not_read() public {
        open(before(hostile(Hostile.Way.OneByte, true)));
        Hook memory megabyte = hostile(Hostile.Way.Megabyte, true);
        megabyte.gasLimit = 1_000_000;
        vm.expectPartialRevert(HookFailed.selector); // a megabyte of memory costs more than any hook may use
        open(before(megabyte));
        megabyte.must = false;
        open(before(megabyte));
    }

    function test_a_long_reason_is_cut() public {
        Hook memory hook = Hook(address(new LongReason()), 1_000_000, true, hex"12345678");
        bytes memory cut = new bytes(96);
        vm.expectRevert(abi.encodeWithSelector(HookFailed.selector, UID, 0, cut));
        open(before(hook));
    }

    function test_a_hook_that_burns_its_gas_stops_no_other() public {
        Terms memory terms = none();
        terms.before = new Hook[](2);
        terms.before[0] = hostile(Hostile.Way.BurnGas, false);
        terms.before[1] = bump(true);
        open(terms);
        eq(counter.count(), 1, "count");
    }

    function test_no_hook_gets_back_in() public {
        Hook memory hook = hostile(Hostile.Way.Reenter, true);
        Hostile target = Hostile(hook.target);
        target.arm(abi.encode(before(bump(true))));
        hook.gasLimit = 1_000_000;
        open(before(hook));
        yes(!target.reentered(), "kept out");
        eq(counter.count(), 0, "count");
    }
}

contract GasMeter {
    uint256 public seen;

    function note() external {
        seen = gasleft();
    }
}

contract LongReason {
    fallback() external {
        assembly ("memory-safe") {
            revert(0x80, 4096)
        }
    }
}
