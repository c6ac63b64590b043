// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../src/Errors.sol";
import "../src/Types.sol";
import {World} from "./helpers/World.sol";

/// @dev The shape of a solution, and how its fills fit their intents.
contract SolutionsTest is World {
    function pair(uint256 amount) private returns (Solution memory s) {
        fund(ALICE, a, amount);
        fund(BOB, b, amount);
        s = solution(2, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, amount, b, amount));
        s.fills[1] = fill(BOB, sell(BOB, b, amount, a, amount));
    }

    function test_malformed_solution() public {
        Entry memory e = entry(pair(ONE));
        e.solution = hex"1234";
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        eq(settle(bundle(e))[0].reason, abi.encodeWithSelector(SolutionMalformed.selector), "too short");
        e.solution = abi.encodePacked(uint256(0x40), new bytes(0x200));
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        eq(settle(bundle(e))[0].reason, abi.encodeWithSelector(SolutionMalformed.selector), "no struct");
    }

    /// @dev No byte of an encoded solution can be changed so that it settles to more than was signed: here, cut off.
    function testFuzz_truncated_solution_fails(uint256 length) public {
        Entry memory e = entry(pair(ONE));
        bytes memory cut = e.solution;
        length = within(length, 0, (cut.length - 32) / 32) * 32;
        assembly ("memory-safe") {
            mstore(cut, length)
        }
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        yes(!settle(bundle(e))[0].settled, "settled");
    }

    /// @dev Whatever one word of a solution is changed to, no one pays more or gets less than signed.
    function testFuzz_corrupted_solution_keeps_the_limits(uint256 position, uint256 value) public {
        Entry memory e = entry(pair(ONE));
        bytes memory encoded = e.solution;
        position = within(position, 0, encoded.length / 32 - 1);
        if (value % 4 != 0) value = within(value >> 2, 0, 2 * encoded.length); // mostly what could be an offset
        assembly ("memory-safe") {
            mstore(add(add(encoded, 0x20), mul(position, 0x20)), value)
        }
        e.award.signature = signed(SIGNER_KEY, digestOf(e));
        bool settled = settle(bundle(e))[0].settled;
        eq(balance(a, vm.addr(ALICE)) + balance(b, vm.addr(ALICE)), ONE, "alice");
        eq(balance(a, vm.addr(BOB)) + balance(b, vm.addr(BOB)), ONE, "bob");
        eq(balance(b, vm.addr(ALICE)), settled && balance(b, vm.addr(ALICE)) != 0 ? ONE : 0, "all or nothing");
    }

    function test_lengths_must_agree() public {
        Solution memory s = pair(ONE);
        s.prices = new uint256[](3);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 3, 4));
        s = pair(ONE);
        s.cover = new uint256[](5);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 5, 4));
        s = pair(ONE);
        s.fills[0].giveTokens = new uint8[](2);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 2, 1));
        s = pair(ONE);
        s.fills[0].wantTokens = new uint8[](0);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 0, 1));
    }

    function test_tokens_must_ascend() public {
        Solution memory s = pair(ONE);
        s.tokens[2] = s.tokens[1];
        mustFail(s, abi.encodeWithSelector(TokensNotAscending.selector, 2));
        s.tokens[0] = address(0);
        mustFail(s, abi.encodeWithSelector(TokensNotAscending.selector, 0));
    }

    function test_prices_and_cover_must_be_in_range() public {
        Solution memory s = pair(ONE);
        s.prices[1] = 0;
        mustFail(s, abi.encodeWithSelector(PriceOutOfRange.selector, 1, 0));
        s.prices[1] = uint256(type(uint128).max) + 1;
        mustFail(s, abi.encodeWithSelector(PriceOutOfRange.selector, 1, s.prices[1]));
        s.prices[1] = 1;
        s.cover[3] = uint256(type(uint128).max) + 1;
        mustFail(s, abi.encodeWithSelector(AmountTooLarge.selector, s.cover[3]));
    }

    function test_legs_must_point_at_their_tokens() public {
        Solution memory s = pair(ONE);
        s.fills[0].giveTokens[0] = index(b);
        mustFail(s, abi.encodeWithSelector(LegTokenMismatch.selector, a, b));
        s.fills[0].giveTokens[0] = 4;
        mustFail(s, abi.encodeWithSelector(TokenIndexOutOfRange.selector, 4, 4));
    }

    function test_tokens_of_an_intent_must_differ() public {
        fund(ALICE, a, ONE);
        Solution memory s = solution(1, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, ONE, a, ONE));
        mustFail(s, abi.encodeWithSelector(LegTokenRepeated.selector, a));
        Intent memory i = sell(ALICE, a, ONE, b, ONE);
        i.wants = legs(NATIVE, ONE, address(weth), ONE);
        s.fills[0] = fill(ALICE, i);
        mustFail(s, abi.encodeWithSelector(LegTokenRepeated.selector, address(weth)));
    }

    function test_receiver_must_not_be_the_house() public {
        address[4] memory list = [address(settlement), address(vault), address(executor), address(registry)];
        for (uint256 k; k < 4; ++k) {
            Solution memory s = pair(ONE);
            s.fills[0].intent.receiver = list[k];
            s.fills[0].signature = signed(ALICE, settlement.intentDigest(s.fills[0].intent));
            mustFail(s, abi.encodeWithSelector(ReceiverForbidden.selector, list[k]));
        }
    }

    function test_intent_must_be_in_time() public {
        Solution memory s = pair(ONE);
        vm.warp(NOW - 2);
        mustFail(s, abi.encodeWithSelector(NotYetValid.selector, NOW - 1, NOW - 2));
    }

    function test_the_same_intent_twice() public {
        Solution memory s = pair(ONE);
        s.fills[1] = s.fills[0];
        mustFail(s, abi.encodeWithSelector(NonceTaken.selector, vm.addr(ALICE), s.fills[0].intent.nonce));
    }
}
