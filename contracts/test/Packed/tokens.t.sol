// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AmountTooLarge, PriceOutOfRange, TokensNotAscending} from "../../src/Errors.sol";
import {Flow} from "../../src/Flow.sol";
import {PackedBase} from "../helpers/PackedBase.sol";

/// @dev The head of a solution: format, tokens, prices, cover.
contract PackedTokensTest is PackedBase {
    function refuses(bytes memory data, bytes memory reason) private {
        vm.expectRevert(reason);
        packed.tokens(data);
    }

    function refusesAt(bytes memory data, uint256 offset) private {
        refuses(data, malformed(offset));
    }

    function test_none() public view {
        (Flow[] memory flows, uint256 length) = packed.tokens(hex"0100");
        eq(flows.length, 0, "tokens");
        eq(length, 2, "length");
    }

    function test_prices_and_cover() public view {
        bytes memory data = abi.encodePacked(
            hex"0102", address(7), hex"0105", hex"00", address(8), hex"020100", hex"10", type(uint128).max
        );
        (Flow[] memory flows, uint256 length) = packed.tokens(data);
        eq(length, data.length, "length");
        eq(flows[0].token, address(7), "token");
        eq(flows[0].price, 5, "price");
        eq(flows[0].cover, 0, "cover");
        eq(flows[1].token, address(8), "token");
        eq(flows[1].price, 256, "price");
        eq(flows[1].cover, type(uint128).max, "cover");
        eq(flows[0].gives + flows[0].wants + flows[0].payers + flows[0].receivers + flows[0].parties, 0, "clean");
    }

    function test_format() public {
        refusesAt(hex"0000", 0);
        refusesAt(hex"0200", 0);
        refusesAt(hex"ff00", 0);
        refusesAt("", 0);
    }

    function test_token_count() public {
        bytes memory data = hex"0180";
        for (uint256 k = 1; k <= 128; ++k) {
            data = abi.encodePacked(data, address(uint160(k)), hex"010100");
        }
        (Flow[] memory flows,) = packed.tokens(data);
        eq(flows.length, 128, "most");
        data[1] = 0x81;
        refusesAt(data, 1);
        data[1] = 0xff;
        refusesAt(data, 1);
    }

    function test_numbers_have_one_form() public {
        refusesAt(abi.encodePacked(hex"0101", address(7), hex"0100", hex"00"), 22); // a zero of one byte
        refusesAt(abi.encodePacked(hex"0101", address(7), hex"020001", hex"00"), 22); // a leading zero
        refusesAt(abi.encodePacked(hex"0101", address(7), hex"21", bytes32(hex"01"), hex"00", hex"00"), 22); // 33 bytes
        refusesAt(abi.encodePacked(hex"0101", address(7), hex"ff01", hex"00"), 22);
        refusesAt(abi.encodePacked(hex"0101", address(7), hex"0101", hex"0100"), 24); // the cover
    }

    function test_tokens_ascend() public {
        bytes memory end = hex"010100";
        refuses(abi.encodePacked(hex"0101", address(0), end), abi.encodeWithSelector(TokensNotAscending.selector, 0));
        bytes memory data = abi.encodePacked(hex"0102", address(8), end, address(8), end);
        refuses(data, abi.encodeWithSelector(TokensNotAscending.selector, 1));
        data = abi.encodePacked(hex"0102", address(8), end, address(7), end);
        refuses(data, abi.encodeWithSelector(TokensNotAscending.selector, 1));
    }

    function test_prices_are_in_range() public {
        bytes memory reason = abi.encodeWithSelector(PriceOutOfRange.selector, 0, 0);
        refuses(abi.encodePacked(hex"0101", address(7), hex"0000"), reason);
        uint256 big = uint256(type(uint128).max) + 1;
        reason = abi.encodeWithSelector(PriceOutOfRange.selector, 0, big);
        refuses(abi.encodePacked(hex"0101", address(7), hex"11", uint136(big), hex"00"), reason);
        reason = abi.encodeWithSelector(PriceOutOfRange.selector, 0, type(uint256).max);
        refuses(abi.encodePacked(hex"0101", address(7), hex"20", type(uint256).max, hex"00"), reason);
    }

    function test_cover_is_in_range() public {
        uint256 big = uint256(type(uint128).max) + 1;
        bytes memory reason = abi.encodeWithSelector(AmountTooLarge.selector, big);
        refuses(abi.encodePacked(hex"0101", address(7), hex"0101", hex"11", uint136(big)), reason);
    }

    /// @dev Beyond the data there are zeros, which make no token.
    function test_cut_off() public view {
        bytes memory data = abi.encodePacked(hex"0101", address(7), hex"0101", hex"00");
        for (uint256 length; length < data.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 k; k < length; ++k) {
                cut[k] = data[k];
            }
            (bool ok,) = address(packed).staticcall(abi.encodeCall(packed.tokens, (cut)));
            yes(!ok, "decoded");
        }
    }

    function test_fill_count() public view {
        (uint256 fills, uint256 length) = packed.count(hex"0102");
        eq(fills, 258, "big endian");
        eq(length, 2, "length");
    }
}
