// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FeeShare, Hook, Node, Terms} from "../../src/Terms.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import "../../src/Types.sol";
import {Market} from "./Market.sol";

/// @dev Writes down who called it in what order, and what the caller's trader had then.
contract Diary {
    error Refused(uint256 page);

    uint256[] public pages;
    uint256[] public balances;
    address public lastCaller;

    function note(uint256 page, address token, address who) external {
        pages.push(page);
        balances.push(TestToken(token).balanceOf(who));
        lastCaller = msg.sender;
    }

    function refuse(uint256 page) external pure {
        revert Refused(page);
    }

    function burn() external pure {
        while (true) {}
    }

    function give(address token, address to, uint256 amount) external {
        TestToken(token).transfer(to, amount);
    }

    function count() external view returns (uint256) {
        return pages.length;
    }

    function reenter(ISettlement settlement, Entry[] calldata entries) external {
        settlement.settle(entries);
    }
}

/// @dev A market in which Alice's intents come with terms.
abstract contract TermsMarket is Market {
    address internal constant PARTNER = address(0x9a47);
    address internal alice;
    Diary internal diary;

    function setUp() public override {
        super.setUp();
        alice = vm.addr(ALICE);
        diary = new Diary();
        fund(ALICE, a, 1000 * ONE);
        fund(BOB, b, 1000 * ONE);
    }

    function sharing(address receiver, uint16 bps) internal pure returns (Terms memory t) {
        t.shares = new FeeShare[](1);
        t.shares[0] = FeeShare(receiver, bps);
    }

    function condition(Node memory node) internal pure returns (Terms memory t) {
        t.condition = new Node[](1);
        t.condition[0] = node;
    }

    function hook(bool must, bytes memory data) internal view returns (Hook[] memory list) {
        list = new Hook[](1);
        list[0] = Hook(address(diary), 300_000, must, data);
    }

    function note(uint256 page, address token_) internal view returns (bytes memory) {
        return abi.encodeCall(diary.note, (page, token_, alice));
    }

    function fillWith(Terms memory terms, Intent memory i, uint256 executed, uint256 fee)
        internal
        view
        returns (Fill memory f)
    {
        bytes memory encoded = abi.encode(terms);
        i.terms = keccak256(encoded);
        f = fill(ALICE, i, executed, fee);
        f.terms = encoded;
    }

    /// @dev Alice sells 100 of a under the terms, less a fee, to Bob.
    function trade(Terms memory terms, uint256 fee) internal returns (Solution memory s) {
        uint256 rest = 100 * ONE - fee;
        s = solution(2, 0);
        s.fills[0] = fillWith(terms, sell(ALICE, a, 100 * ONE, b, rest), 100 * ONE, fee);
        s.fills[1] = fill(BOB, sell(BOB, b, rest, a, rest));
    }

    function uid(Solution memory s) internal view returns (bytes32) {
        return settlement.intentDigest(s.fills[0].intent);
    }
}
