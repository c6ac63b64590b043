// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Errors.sol";
import "../../src/Types.sol";
import {Market} from "../helpers/Market.sol";

/// @dev Packed solutions through the settlement: shape, ends, and what a changed byte can do.
contract PackedSolutionTest is Market {
    function malformed(uint256 offset) private pure returns (bytes memory) {
        return abi.encodeWithSelector(SolutionMalformed.selector, START + offset);
    }

    function test_nothing_at_all() public {
        mustSettle(solution(0, 0));
        eq(tryBytes(hex"0100000000").reason, "", "not even tokens");
        mustFailBytes("", malformed(0));
    }

    function test_unknown_format() public {
        mustFailBytes(hex"0200000000", malformed(0));
        mustFailBytes(abi.encode(solution(0, 0)), malformed(0)); // the plain form
    }

    function test_trailing_bytes() public {
        bytes memory encoded = encode(barter(ONE));
        mustFailBytes(abi.encodePacked(encoded, uint8(0)), malformed(encoded.length));
        mustFailBytes(abi.encodePacked(encoded, new bytes(64)), malformed(encoded.length));
    }

    function test_cut_off_anywhere() public {
        bytes memory encoded = encode(barter(ONE));
        for (uint256 length; length < encoded.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 k; k < length; ++k) {
                cut[k] = encoded[k];
            }
            Outcome memory outcome = tryBytes(cut);
            yes(!outcome.settled && outcome.reason.length >= 36, "settled, or failed without a name");
        }
        eq(tryBytes(encoded).reason, "", "and the whole is good");
    }

    function test_too_many_tokens() public {
        mustFailBytes(hex"01810000", malformed(1));
    }

    function test_a_fill_that_reaches_beyond_the_end() public {
        Solution memory s = barter(ONE);
        s.fills[1].scheme = ERC1271;
        s.fills[1].signature = "";
        bytes memory encoded = encode(s);
        encoded[encoded.length - 2] = 0xff; // the length of the last signature
        mustFailBytes(encoded, malformed(encoded.length));
    }

    function test_count_of_fills_beyond_the_fills() public {
        bytes memory encoded = encode(solution(0, 0));
        uint256 at = encoded.length - 3;
        (encoded[at], encoded[at + 1]) = (0xff, 0xff);
        Outcome memory outcome = tryBytes(encoded);
        yes(!outcome.settled && bytes4(outcome.reason) == SolutionMalformed.selector, "settled");
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

    /// @dev A leg's token is what its index says, so another index is another intent, which nobody signed.
    function test_a_leg_that_points_elsewhere() public {
        Solution memory s = barter(ONE);
        s.fills[0].giveTokens[0] = index(c);
        Outcome memory outcome = settle(s);
        yes(!outcome.settled && bytes4(outcome.reason) == WrongSigner.selector, "settled");
    }

    /// @dev Times that a packed solution can write and the signed type can not.
    function test_times_beyond_the_signed_type() public {
        Solution memory s = solution(1, 0);
        s.fills[0] = fill(ALICE, sell(ALICE, a, ONE, b, ONE));
        (s.fills[0].intent.validFrom, s.fills[0].intent.decayTo) = (0, 0);
        s.fills[0].intent.validTo = 0xeeeeeeeeeeee;
        bytes memory encoded = encode(s);
        bytes memory longer;
        for (uint256 k; k < encoded.length; ++k) {
            bool here = encoded[k] == 0x06 && encoded[k + 1] == 0xee && encoded[k + 6] == 0xee;
            longer = abi.encodePacked(longer, here ? bytes(hex"0711") : abi.encodePacked(encoded[k]));
        }
        mustFailBytes(longer, abi.encodeWithSelector(TimeOutOfRange.selector, 0, 0x11eeeeeeeeeeee));
    }

    function testFuzz_truncated_solution_fails(uint256 length) public {
        bytes memory cut = encode(barter(ONE));
        length = within(length, 0, cut.length - 1);
        assembly ("memory-safe") {
            mstore(cut, length)
        }
        yes(!tryBytes(cut).settled, "settled");
    }

    /// @dev Whatever some bytes of a solution are changed to, no one pays more or gets less than signed.
    function testFuzz_corrupted_solution_keeps_the_limits(uint256 position, uint256 value, uint256 length) public {
        bytes memory encoded = encode(barter(ONE));
        length = within(length, 1, 32);
        position = within(position, 0, encoded.length - length);
        for (uint256 k; k < length; ++k) {
            encoded[position + k] = bytes1(uint8(value >> (8 * k)));
        }
        keepsTheLimits(encoded);
    }

    function testFuzz_inserted_bytes_keep_the_limits(uint256 position, bytes calldata more) public {
        bytes memory encoded = encode(barter(ONE));
        position = within(position, 0, encoded.length);
        bytes memory longer = new bytes(encoded.length + more.length);
        for (uint256 k; k < longer.length; ++k) {
            if (k < position) longer[k] = encoded[k];
            else if (k < position + more.length) longer[k] = more[k - position];
            else longer[k] = encoded[k - more.length];
        }
        keepsTheLimits(longer);
    }

    function keepsTheLimits(bytes memory encoded) private {
        bool settled = tryBytes(encoded).settled;
        eq(balance(a, vm.addr(ALICE)) + balance(b, vm.addr(ALICE)), ONE, "alice");
        eq(balance(a, vm.addr(BOB)) + balance(b, vm.addr(BOB)), ONE, "bob");
        eq(balance(b, vm.addr(ALICE)), settled && balance(b, vm.addr(ALICE)) != 0 ? ONE : 0, "all or nothing");
    }
}
