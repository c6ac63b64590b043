// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Receipt} from "../../src/interfaces/ILedger.sol";
import {Ledgered} from "./Ledgered.sol";

/// @dev Posts, lies, complains, answers and pays, in any order.
contract LedgerInvariant is Ledgered {
    uint64 private time = NOW;
    uint64 private size;

    function setUp() public override {
        super.setUp();
        give(OWNER, 1_000 * ONE);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(this);
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(this);
        targets[0].selectors = new bytes4[](9);
        targets[0].selectors[0] = this.doWait.selector;
        targets[0].selectors[1] = this.doPost.selector;
        targets[0].selectors[2] = this.doEquivocate.selector;
        targets[0].selectors[3] = this.doChallenge.selector;
        targets[0].selectors[4] = this.doAnswer.selector;
        targets[0].selectors[5] = this.doResolve.selector;
        targets[0].selectors[6] = this.doCollect.selector;
        targets[0].selectors[7] = this.doDeposit.selector;
        targets[0].selectors[8] = this.doWithdraw.selector;
    }

    function doWait(uint64 seconds_) external {
        time += uint64(within(seconds_, 0, 4 days));
        vm.warp(time);
    }

    function doPost(uint64 more) external {
        size += uint64(within(more, 1, 3));
        post(size);
    }

    function _receipt(uint64 sequence) private view returns (Receipt memory receipt) {
        receipt = receiptOf(uint64(within(sequence, 1, size + 5)));
        receipt.time = time - INCLUSION - 1;
    }

    function doEquivocate(uint64 sequence) external {
        Receipt memory a = _receipt(sequence);
        Receipt memory b = _receipt(sequence);
        b.head = 0;
        (bytes memory sigA, bytes memory sigB) = (signed(a), signed(b));
        vm.prank(CHALLENGER);
        ledger.proveEquivocation(a, sigA, b, sigB);
    }

    function doChallenge(uint64 sequence) external {
        challenge(_receipt(sequence));
    }

    function _claim(uint256 seed) private view returns (uint256) {
        uint256 count = ledger.challengeCount();
        return count == 0 ? 0 : count - 1 - within(seed, 0, count < 4 ? count - 1 : 3);
    }

    function doAnswer(uint256 seed) external {
        uint256 id = _claim(seed);
        (,,,, uint64 sequence,,,) = ledger.challenges(id);
        if (sequence <= size) answer(id, sequence, size);
    }

    function doResolve(uint256 seed) external {
        ledger.resolve(_claim(seed));
    }

    function doCollect(uint256 seed) external {
        address[3] memory accounts = [CHALLENGER, BENEFICIARY, OPERATOR];
        address account = accounts[seed % 3];
        vm.prank(account);
        ledger.collect(account);
    }

    function doDeposit(uint256 amount) external {
        vm.prank(OWNER);
        ledger.deposit(within(amount, 0, 10 * ONE));
    }

    function doWithdraw(uint256 amount) external {
        bool announced = ledger.withdrawsAt() != 0;
        vm.prank(OWNER);
        if (announced) ledger.withdraw(OWNER);
        else ledger.announceWithdrawal(within(amount, 0, 50 * ONE));
    }

    function invariant_the_ledger_holds_bond_stakes_and_debts() public view {
        uint256 sum = ledger.bond() + ledger.owed(CHALLENGER) + ledger.owed(BENEFICIARY) + ledger.owed(OPERATOR);
        uint256 open;
        for (uint256 id; id < ledger.challengeCount(); ++id) {
            (,, bool isOpen,,,,, uint256 stake) = ledger.challenges(id);
            if (isOpen) (sum, open) = (sum + stake, open + 1);
        }
        eq(bond.balanceOf(address(ledger)), sum, "held");
        eq(ledger.openChallenges(), open, "open claims are counted");
    }

    function invariant_roots_once_posted_stay() public view {
        if (size == 0) return;
        (bytes32 root,) = ledger.roots(EPOCH, size);
        eq(root, rootOf(0, size), "root");
        eq(ledger.latestSize(EPOCH), size, "latest");
    }
}
