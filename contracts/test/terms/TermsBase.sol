// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IHookRunner} from "../../src/interfaces/IHookRunner.sol";
import {BALANCE, CALL, FeeShare, Hook, Node, NOT, TIME, Terms} from "../../src/Terms.sol";
import {Base} from "../helpers/Base.sol";

/// @dev A runner whose settlement is the test, and builders of terms.
abstract contract TermsBase is Base {
    address internal constant VAULT = address(0x1001);
    address internal constant EXECUTOR = address(0x1002);
    address internal constant REGISTRY = address(0x1003);
    address internal constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;
    address internal constant SOLVER = address(0x50);
    bytes32 internal constant UID = keccak256("an intent");

    IHookRunner internal runner;

    function setUp() public virtual {
        runner = IHookRunner(deploy("HookRunner", abi.encode(address(this), VAULT, EXECUTOR, REGISTRY)));
    }

    function open(Terms memory terms) internal returns (uint256[] memory shares, bool hasAfter) {
        return runner.open(abi.encode(terms), UID, SOLVER);
    }

    function none() internal pure returns (Terms memory terms) {}

    function condition(Node memory node) internal pure returns (Terms memory terms) {
        terms.condition = new Node[](1);
        terms.condition[0] = node;
    }

    function before(Hook memory hook) internal pure returns (Terms memory terms) {
        terms.before = new Hook[](1);
        terms.before[0] = hook;
    }

    function afterwards(Hook memory hook) internal pure returns (Terms memory terms) {
        terms.afterwards = new Hook[](1);
        terms.afterwards[0] = hook;
    }

    function sharing(address receiver, uint16 bps) internal pure returns (Terms memory terms) {
        terms.shares = new FeeShare[](1);
        terms.shares[0] = FeeShare(receiver, bps);
    }

    function branch(uint8 op, uint256 children) internal pure returns (Node memory) {
        return Node(op, 0, address(0), op == NOT ? 0 : children, "");
    }

    function time(uint8 cmp, uint256 value) internal pure returns (Node memory) {
        return Node(TIME, cmp, address(0), value, "");
    }

    function balance(address token, address account, uint8 cmp, uint256 value) internal pure returns (Node memory) {
        return Node(BALANCE, cmp, token, value, abi.encode(account));
    }

    function call(address target, bytes memory data, uint8 cmp, uint256 value) internal pure returns (Node memory) {
        return Node(CALL, cmp, target, value, data);
    }
}
