// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev The plain twin: what can be written in ABI encoding and not in packed form is refused by name.
contract SettlementPlainTest is Market {
    function settlementName() internal pure override returns (string memory) {
        return "SettlementPlain";
    }

    function encode(Solution memory made) internal pure override returns (bytes memory) {
        return abi.encode(made);
    }

    function one(Intent memory i) private view returns (Solution memory s) {
        s = solution(1, 0);
        s.fills[0] = fill(ALICE, i);
    }

    function test_settles_like_the_packed_one() public {
        mustSettle(barter(ONE));
        eq(balance(b, vm.addr(ALICE)), ONE, "alice");
        eq(balance(a, vm.addr(BOB)), ONE, "bob");
    }

    function test_malformed_solution() public {
        mustFailBytes(hex"1234", abi.encodeWithSelector(SolutionMalformed.selector, 0));
        mustFailBytes(
            abi.encodePacked(uint256(0x40), new bytes(0x200)), abi.encodeWithSelector(SolutionMalformed.selector, 0)
        );
    }

    function testFuzz_truncated_solution_fails(uint256 length) public {
        bytes memory cut = encode(barter(ONE));
        length = within(length, 0, (cut.length - 32) / 32) * 32;
        assembly ("memory-safe") {
            mstore(cut, length)
        }
        yes(!tryBytes(cut).settled, "settled");
    }

    /// @dev Whatever one word of a solution is changed to, no one pays more or gets less than signed.
    function testFuzz_corrupted_solution_keeps_the_limits(uint256 position, uint256 value) public {
        bytes memory encoded = encode(barter(ONE));
        position = within(position, 0, encoded.length / 32 - 1);
        if (value % 4 != 0) value = within(value >> 2, 0, 2 * encoded.length); // mostly what could be an offset
        assembly ("memory-safe") {
            mstore(add(add(encoded, 0x20), mul(position, 0x20)), value)
        }
        bool settled = tryBytes(encoded).settled;
        eq(balance(a, vm.addr(ALICE)) + balance(b, vm.addr(ALICE)), ONE, "alice");
        eq(balance(a, vm.addr(BOB)) + balance(b, vm.addr(BOB)), ONE, "bob");
        eq(balance(b, vm.addr(ALICE)), settled && balance(b, vm.addr(ALICE)) != 0 ? ONE : 0, "all or nothing");
    }

    function test_lengths_must_agree() public {
        Solution memory s = barter(ONE);
        s.prices = new uint256[](3);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 3, 4));
        s = barter(ONE);
        s.cover = new uint256[](5);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 5, 4));
        s = barter(ONE);
        s.fills[0].giveTokens = new uint8[](2);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 2, 1));
        s = barter(ONE);
        s.fills[0].wantTokens = new uint8[](0);
        mustFail(s, abi.encodeWithSelector(LengthMismatch.selector, 0, 1));
    }

    function test_too_many_tokens() public {
        Solution memory s;
        (s.tokens, s.prices, s.cover) = (new address[](129), new uint256[](129), new uint256[](129));
        for (uint256 k; k < 129; ++k) {
            (s.tokens[k], s.prices[k]) = (address(uint160(k + 1)), 1);
        }
        mustFail(s, abi.encodeWithSelector(SolutionMalformed.selector, 128));
    }

    function test_tokens_must_ascend() public {
        Solution memory s = barter(ONE);
        s.tokens[2] = s.tokens[1];
        mustFail(s, abi.encodeWithSelector(TokensNotAscending.selector, 2));
        s.tokens[0] = address(0);
        mustFail(s, abi.encodeWithSelector(TokensNotAscending.selector, 0));
    }

    function test_prices_and_cover_must_be_in_range() public {
        Solution memory s = barter(ONE);
        s.prices[1] = 0;
        mustFail(s, abi.encodeWithSelector(PriceOutOfRange.selector, 1, 0));
        s.prices[1] = uint256(type(uint128).max) + 1;
        mustFail(s, abi.encodeWithSelector(PriceOutOfRange.selector, 1, s.prices[1]));
        s.prices[1] = 1;
        s.cover[3] = uint256(type(uint128).max) + 1;
        mustFail(s, abi.encodeWithSelector(AmountTooLarge.selector, s.cover[3]));
    }

    function test_legs_must_point_at_their_tokens() public {
        Solution memory s = barter(ONE);
        s.fills[0].giveTokens[0] = index(b);
        mustFail(s, abi.encodeWithSelector(LegTokenMismatch.selector, a, b));
        s.fills[0].giveTokens[0] = 4;
        mustFail(s, abi.encodeWithSelector(TokenIndexOutOfRange.selector, 4, 4));
        s = one(sell(ALICE, a, ONE, NATIVE, ONE));
        s.fills[0].wantTokens[0] = index(b);
        mustFail(s, abi.encodeWithSelector(LegTokenMismatch.selector, address(weth), b));
    }

    function test_native_coin_is_not_given() public {
        fund(ALICE, address(weth), ONE);
        mustFail(one(sell(ALICE, NATIVE, ONE, a, ONE)), abi.encodeWithSelector(NativeGive.selector));
    }

    function test_counts_of_legs() public {
        Solution memory s = barter(ONE);
        s.fills[0].intent.gives = new Leg[](9);
        s.fills[0].giveTokens = new uint8[](9);
        mustFail(s, abi.encodeWithSelector(LegCount.selector, 9, 1));
        s = barter(ONE);
        s.fills[0].intent.wants = new Leg[](0);
        s.fills[0].wantTokens = new uint8[](0);
        mustFail(s, abi.encodeWithSelector(LegCount.selector, 1, 0));
    }

    function test_kinds_fills_and_schemes_without_a_name() public {
        Solution memory s = barter(ONE);
        s.fills[0].intent.kind = 2;
        mustFail(s, abi.encodeWithSelector(UnknownKind.selector, 2));
        s = barter(ONE);
        s.fills[0].intent.fill = 2;
        mustFail(s, abi.encodeWithSelector(UnknownFill.selector, 2));
        s = barter(ONE);
        s.fills[0].scheme = 4;
        mustFail(s, abi.encodeWithSelector(UnknownScheme.selector, 4));
    }

    function test_whole_is_whole() public {
        Solution memory s = barter(ONE);
        s.fills[0].executed = ONE - 1;
        mustFail(s, abi.encodeWithSelector(NotWhole.selector, ONE - 1, ONE));
        s.fills[0].executed = 2 * ONE;
        mustFail(s, abi.encodeWithSelector(NotWhole.selector, 2 * ONE, ONE));
        s.fills[0].intent.minFill = ONE - 1;
        mustFail(s, abi.encodeWithSelector(MinFillOutOfRange.selector, ONE - 1, ONE));
    }

    function test_rounding_of_legs_that_are_not_there() public {
        Solution memory s = barter(ONE);
        s.fills[0].roundUp = 2;
        mustFail(s, abi.encodeWithSelector(RoundUpOutOfRange.selector, 2, 1));
    }

    function test_signature_lengths() public {
        Solution memory s = barter(ONE);
        uint8[4] memory lengths = [0, 63, 66, 130];
        for (uint256 k; k < 4; ++k) {
            s.fills[0].signature = new bytes(lengths[k]);
            mustFail(s, abi.encodeWithSelector(SignatureLength.selector, lengths[k]));
        }
        s.fills[0].scheme = PRESIGNED;
        mustFail(s, abi.encodeWithSelector(SignatureNotEmpty.selector, 130));
    }

    function test_terms_and_their_hash() public {
        Solution memory s = barter(ONE);
        s.fills[0].terms = "x";
        mustFail(s, abi.encodeWithSelector(TermsMismatch.selector, 0, keccak256("x")));
        s.fills[0].intent.terms = keccak256("y");
        mustFail(s, abi.encodeWithSelector(TermsMismatch.selector, keccak256("y"), keccak256("x")));
        s.fills[0].terms = "";
        mustFail(s, abi.encodeWithSelector(TermsMismatch.selector, keccak256("y"), 0));
        s.fills[0].intent.terms = keccak256("");
        mustFail(s, abi.encodeWithSelector(TermsMismatch.selector, keccak256(""), 0));
    }

    function test_schemes_work_here_too() public {
        Solution memory s = barter(ONE);
        bytes32 uid = settlement.intentDigest(s.fills[0].intent);
        vm.prank(vm.addr(ALICE));
        settlement.preSign(uid, true);
        (s.fills[0].scheme, s.fills[0].signature) = (PRESIGNED, "");
        s.fills[1].signature = compact(s.fills[1].signature);
        mustSettle(s);
    }
}
