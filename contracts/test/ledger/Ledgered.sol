// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "../../src/Domain.sol";
import {LedgerTerms, Receipt} from "../../src/interfaces/ILedger.sol";
import {Ledger} from "../../src/Ledger.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {Base} from "../helpers/Base.sol";

/// @dev Stands for the settlement, whose domain receipts are signed in.
contract DomainHarness is Domain {}

/// @dev A ledger with a bond, a log of heads, and receipts for it.
abstract contract Ledgered is Base {
    uint256 internal constant ONE = 1e18;
    uint64 internal constant NOW = 1_800_000_000;
    uint64 internal constant EPOCH = 3;
    uint256 internal constant KEY = 0x4ece;
    uint256 internal constant NEXT_KEY = 0x4ecf;

    uint64 internal constant INCLUSION = 1 hours;
    uint64 internal constant CHALLENGE = 7 days;
    uint64 internal constant ANSWER = 1 days;
    uint64 internal constant NOTICE = 14 days;
    uint128 internal constant PENALTY = 100e18;
    uint128 internal constant REWARD = 30e18;
    uint128 internal constant STAKE = 1e18;

    address internal constant OWNER = address(0x0e4);
    address internal constant OPERATOR = address(0x09e4);
    address internal constant BENEFICIARY = address(0xbe7e);
    address internal constant CHALLENGER = address(0xc4a1);

    TestToken internal bond;
    address internal settlement;
    Ledger internal ledger;

    function setUp() public virtual {
        vm.warp(NOW);
        bond = TestToken(deploy("TestToken", abi.encode("BOND", "BOND", 18, this)));
        settlement = address(new DomainHarness());
        ledger = ledgerOf(address(bond));
        give(address(this), 1_000 * ONE);
        give(CHALLENGER, 1_000 * ONE);
        ledger.deposit(500 * ONE);
    }

    function terms() internal pure returns (LedgerTerms memory) {
        return LedgerTerms(INCLUSION, CHALLENGE, ANSWER, NOTICE, PENALTY, REWARD, STAKE);
    }

    function ledgerOf(address token) internal returns (Ledger) {
        return
            Ledger(deploy("Ledger", abi.encode(settlement, OWNER, OPERATOR, vm.addr(KEY), BENEFICIARY, token, terms())));
    }

    function give(address who, uint256 amount) internal {
        address[] memory accounts = new address[](1);
        uint256[] memory values = new uint256[](1);
        (accounts[0], values[0]) = (who, amount);
        bond.mintBatch(accounts, values);
        vm.prank(who);
        bond.approve(address(ledger), type(uint256).max);
    }

    // --- the log

    function headOf(uint64 sequence) internal pure returns (bytes32) {
        return sequence == 0 ? bytes32(0) : keccak256(abi.encode("head", sequence));
    }

    function receiptOf(uint64 sequence) internal pure returns (Receipt memory) {
        bytes32 uid = keccak256(abi.encode("uid", sequence));
        return Receipt(EPOCH, sequence, NOW, uid, headOf(sequence - 1), headOf(sequence));
    }

    function signed(Receipt memory receipt) internal view returns (bytes memory) {
        return signed(receipt, KEY);
    }

    function signed(Receipt memory receipt, uint256 key) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, ledger.receiptDigest(receipt));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The tree over leaves from..to, as RFC 6962 writes it down.
    function rootOf(uint64 from, uint64 to) internal pure returns (bytes32) {
        if (to - from == 1) return sha256(abi.encodePacked(hex"00", headOf(from + 1)));
        uint64 middle = from + half(to - from);
        return sha256(abi.encodePacked(hex"01", rootOf(from, middle), rootOf(middle, to)));
    }

    /// @dev The way from leaf `index` up to the tree over from..to.
    function pathOf(uint64 index, uint64 from, uint64 to) internal pure returns (bytes32[] memory path) {
        if (to - from == 1) return path;
        uint64 middle = from + half(to - from);
        return index < middle
            ? append(pathOf(index, from, middle), rootOf(middle, to))
            : append(pathOf(index, middle, to), rootOf(from, middle));
    }

    /// @dev Largest power of two below `size`.
    function half(uint64 size) internal pure returns (uint64 k) {
        k = 1;
        while (k * 2 < size) k *= 2;
    }

    function append(bytes32[] memory list, bytes32 last) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = last;
    }

    // --- what people do

    function post(uint64 size) internal {
        bytes32 root = rootOf(0, size);
        vm.prank(OPERATOR);
        ledger.post(EPOCH, size, root, keccak256("state"));
    }

    function challenge(Receipt memory receipt) internal returns (uint256) {
        bytes memory signature = signed(receipt);
        vm.prank(CHALLENGER);
        return ledger.challengeOmission(receipt, signature);
    }

    function answer(uint256 id, uint64 sequence, uint64 size) internal {
        ledger.answerOmission(id, size, pathOf(sequence - 1, 0, size));
    }
}
