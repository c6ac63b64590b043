// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NotEnoughGas} from "../../src/Errors.sol";
import {ALL, ANY, CALL, NOT, Node, Terms} from "../../src/Terms.sol";
import {ConditionUnreadable, NodeMalformed, TooManyCalls, TooManyNodes} from "../../src/TermsErrors.sol";
import {NATIVE} from "../../src/Types.sol";
import {Counter, Hostile} from "./Targets.sol";
import {TermsBase} from "./TermsBase.sol";

contract ConditionsTest is TermsBase {
    Counter internal counter;
    address internal constant ALICE = address(0xA11CE);

    function setUp() public override {
        super.setUp();
        counter = new Counter();
        counter.set(ALICE, 500);
        vm.deal(ALICE, 7);
        vm.warp(1_000);
    }

    function holds(Node memory node) internal view returns (bool) {
        return runner.holds(abi.encode(condition(node)));
    }

    function holds(Node[] memory nodes) internal view returns (bool) {
        Terms memory terms;
        terms.condition = nodes;
        return runner.holds(abi.encode(terms));
    }

    function malformed(Node[] memory nodes, uint256 at) internal {
        vm.expectRevert(abi.encodeWithSelector(NodeMalformed.selector, at));
        this.tryHolds(nodes);
    }

    function malformed(Node memory node) internal {
        malformed(list(node), 0);
    }

    function unreadable(Node[] memory nodes, uint256 at) internal {
        vm.expectRevert(abi.encodeWithSelector(ConditionUnreadable.selector, at));
        this.tryHolds(nodes);
    }

    function tryHolds(Node[] memory nodes) external view returns (bool) {
        return holds(nodes);
    }

    function list(Node memory a) internal pure returns (Node[] memory nodes) {
        nodes = new Node[](1);
        nodes[0] = a;
    }

    function list(Node memory a, Node memory b) internal pure returns (Node[] memory nodes) {
        nodes = new Node[](2);
        (nodes[0], nodes[1]) = (a, b);
    }

    function list(Node memory a, Node memory b, Node memory c) internal pure returns (Node[] memory nodes) {
        nodes = new Node[](3);
        (nodes[0], nodes[1], nodes[2]) = (a, b, c);
    }

    // ------------------------------------------------------------------ leaves

    function test_each_comparison() public view {
        bool[3][6] memory table = [
            [true, false, false],
            [true, true, false],
            [false, true, false],
            [false, true, true],
            [false, false, true],
            [true, false, true]
        ];
        for (uint8 cmp; cmp < 6; ++cmp) {
            for (uint256 i; i < 3; ++i) {
                // The time is 1,000: below, at and above.
                yes(holds(time(cmp, 1_001 - i)) == table[cmp][i], "comparison");
            }
        }
    }

    function test_balances_of_tokens_and_of_the_native_coin() public view {
        yes(holds(balance(address(counter), ALICE, 2, 500)), "token");
        yes(!holds(balance(address(counter), ALICE, 4, 500)), "not more");
        yes(holds(balance(NATIVE, ALICE, 2, 7)), "native");
    }

    function test_calls_compare_the_first_word() public {
        counter.bump();
        yes(holds(call(address(counter), abi.encodeCall(counter.count, ()), 2, 1)), "count");
    }

    function test_no_nodes_hold() public view {
        yes(holds(new Node[](0)), "empty");
    }

    // ------------------------------------------------------------------ branches

    function test_all_any_and_not() public view {
        (Node memory t, Node memory f) = (time(2, 1_000), time(2, 1));
        yes(holds(list(branch(ALL, 2), t, t)), "all");
        yes(!holds(list(branch(ALL, 2), t, f)), "not all");
        yes(!holds(list(branch(ALL, 2), f, t)), "not all");
        yes(holds(list(branch(ANY, 2), f, t)), "any");
        yes(holds(list(branch(ANY, 2), t, f)), "any");
        yes(!holds(list(branch(ANY, 2), f, f)), "none");
        yes(holds(list(branch(NOT, 1), f)), "not");
        yes(!holds(list(branch(NOT, 1), t)), "not");
    }

    function test_malformed_trees() public {
        Node memory t = time(2, 1_000);
        malformed(list(t, t), 1); // something follows the root
        malformed(list(branch(ALL, 2), t), 2); // a child is missing
        malformed(branch(ALL, 0));
        malformed(branch(ANY, type(uint256).max), 1);
        malformed(Node(NOT, 0, address(0), 1, ""));
        malformed(Node(ALL, 1, address(0), 1, ""));
        malformed(Node(ALL, 0, ALICE, 1, ""));
        malformed(Node(ALL, 0, address(0), 1, "x"));
        malformed(Node(6, 0, address(0), 1, ""));
        malformed(time(6, 1));
        malformed(Node(3, 0, ALICE, 1, ""));
        malformed(Node(3, 0, address(0), 1, "x"));
        malformed(Node(4, 0, address(counter), 1, abi.encodePacked(ALICE)));
        malformed(Node(4, 0, address(counter), 1, abi.encode(uint256(1) << 160)));
    }

    function malformed(Node memory node, uint256 at) internal {
        malformed(list(node), at);
    }

    function test_trees_are_bounded() public {
        Node[] memory deep = new Node[](8);
        for (uint256 i; i < 7; ++i) {
            deep[i] = branch(NOT, 1);
        }
        deep[7] = time(2, 1);
        yes(holds(deep), "eight deep");
        Node[] memory deeper = new Node[](9);
        for (uint256 i; i < 8; ++i) {
            deeper[i] = branch(NOT, 1);
        }
        deeper[8] = time(2, 1);
        malformed(deeper, 8);
        Node[] memory many = new Node[](33);
        vm.expectRevert(abi.encodeWithSelector(TooManyNodes.selector, 33, 32));
        this.tryHolds(many);
        Node[] memory calls = new Node[](6);
        calls[0] = branch(ALL, 5);
        for (uint256 i = 1; i < 6; ++i) {
            calls[i] = call(address(counter), abi.encodeCall(counter.count, ()), 2, 0);
        }
        vm.expectRevert(abi.encodeWithSelector(TooManyCalls.selector, 5, 4));
        this.tryHolds(calls);
    }

    // ------------------------------------------------------------------ what cannot be read

    function test_unreadable_leaves_fail_the_whole_condition() public {
        Node memory t = time(2, 1_000);
        Node memory nobody = call(address(0xDEAD), hex"12345678", 5, 0);
        unreadable(list(nobody), 0);
        unreadable(list(branch(NOT, 1), nobody), 1);
        unreadable(list(branch(ANY, 2), t, nobody), 2);
        unreadable(list(branch(ANY, 2), nobody, t), 1);
        unreadable(list(balance(address(0xDEAD), ALICE, 0, 1)), 0);
        unreadable(list(call(address(counter), abi.encodeCall(counter.refuse, ()), 5, 0)), 0);
        // A function that changes something cannot be read.
        unreadable(list(call(address(counter), abi.encodeCall(counter.bump, ()), 5, 0)), 0);
    }

    function test_hostile_targets_are_unreadable() public {
        Hostile.Way[4] memory ways =
            [Hostile.Way.OneByte, Hostile.Way.Short, Hostile.Way.Megabyte, Hostile.Way.RevertMegabyte];
        for (uint256 i; i < ways.length; ++i) {
            unreadable(list(call(address(new Hostile(ways[i], runner)), hex"12345678", 5, 0)), 0);
        }
        Node memory burner = call(address(new Hostile(Hostile.Way.BurnGas, runner)), hex"12345678", 5, 0);
        uint256 gasBefore = gasleft();
        unreadable(list(burner), 0);
        yes(gasBefore - gasleft() < 300_000, "a read burns no more than it may");
    }

    /// forge-config: default.fuzz.runs = 256
    function test_fuzz_little_gas_makes_no_read_answer_otherwise(uint256 gasGiven) public {
        gasGiven = within(gasGiven, 20_000, 300_000);
        Node memory node = call(address(new Hostile(Hostile.Way.SelfReportGas, runner)), hex"12345678", 4, 98_000);
        bytes memory data = abi.encodeCall(runner.holds, (abi.encode(condition(node))));
        (bool ok, bytes memory answer) = address(runner).staticcall{gas: gasGiven}(data);
        if (ok) yes(abi.decode(answer, (bool)), "it saw all its gas");
        else if (answer.length != 0) eq(bytes32(bytes4(answer)), bytes32(NotEnoughGas.selector), "reason");
    }

    // ------------------------------------------------------------------ against an independent evaluator

    Node[] internal tree;
    uint256 internal dice;

    function test_fuzz_trees_hold_as_an_independent_evaluator_says(uint256 seed, uint64 now_, uint128 held) public {
        vm.warp(now_);
        counter.set(ALICE, held);
        vm.deal(ALICE, held / 2);
        dice = seed;
        delete tree;
        bool expected = grow(1, 30);
        Node[] memory nodes = new Node[](tree.length);
        uint256 calls;
        for (uint256 i; i < nodes.length; ++i) {
            nodes[i] = tree[i];
            if (nodes[i].op == CALL) ++calls;
        }
        if (calls > 4) return;
        yes(holds(nodes) == expected, "holds");
    }

    /// @dev Grows a random subtree of at most `room` nodes and says what it comes to.
    function grow(uint256 depth, uint256 room) internal returns (bool) {
        uint256 kind = depth == 8 || room < 3 ? 3 + roll(3) : roll(6);
        if (kind == 2) {
            tree.push(branch(NOT, 1));
            return !grow(depth + 1, room - 1);
        }
        if (kind > 2) return growLeaf(kind);
        uint256 children = 1 + roll(room - 1 > 3 ? 3 : room - 1);
        tree.push(branch(uint8(kind), children));
        uint256 trues;
        for (uint256 i; i < children; ++i) {
            if (grow(depth + 1, (room - 1) / children)) ++trues;
        }
        return kind == ALL ? trues == children : trues > 0;
    }

    function growLeaf(uint256 kind) internal returns (bool) {
        uint256 found = block.timestamp;
        uint8 cmp = uint8(roll(6));
        uint256 near = roll(3);
        bool native = roll(2) == 0;
        if (kind == 4) found = native ? ALICE.balance : counter.balanceOf(ALICE);
        if (kind == 5) found = uint256(uint160(ALICE)) + 1;
        uint256 value = found + near == 0 ? 0 : found + near - 1;
        if (kind == 3) tree.push(time(cmp, value));
        if (kind == 4) tree.push(balance(native ? NATIVE : address(counter), ALICE, cmp, value));
        if (kind == 5) tree.push(call(address(this), abi.encodeCall(this.successor, (ALICE)), cmp, value));
        if (cmp == 0) return found < value;
        if (cmp == 5) return found != value;
        if (cmp == 2) return !(found != value);
        if (cmp == 3) return !(found < value);
        return cmp == 4 ? value < found : !(value < found);
    }

    function successor(address account) external pure returns (uint256) {
        return uint256(uint160(account)) + 1;
    }

    function roll(uint256 sides) internal returns (uint256) {
        dice = uint256(keccak256(abi.encode(dice)));
        return dice % sides;
    }
}
