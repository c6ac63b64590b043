// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";
import {PackedFills} from "../helpers/PackedFills.sol";
import {Packer} from "../helpers/Packer.sol";

/// @dev One fill: every flag.
contract PackedFillTest is PackedFills {
    function test_the_least() public view {
        bytes memory data = same(least());
        eq(data, abi.encodePacked(raw(0, "", "", hex"00"), new bytes(63), uint8(0x99)), "by hand");
    }

    function test_buy() public view {
        Fill memory f = least();
        (f.intent.kind, f.intent.minFill, f.executed) = (BUY, 6, 6);
        same(f);
    }

    function test_partial() public view {
        Fill memory f = least();
        (f.intent.fill, f.intent.minFill, f.executed) = (PARTIAL, 2, 3);
        same(f);
        (f.intent.kind, f.intent.minFill, f.executed) = (BUY, 0, type(uint256).max);
        same(f);
    }

    function test_receiver() public view {
        Fill memory f = least();
        f.intent.receiver = address(0xb2);
        same(f);
    }

    function test_validFrom() public view {
        Fill memory f = least();
        (f.intent.validFrom, f.intent.decayTo) = (77, 77);
        same(f);
    }

    function test_moves() public view {
        Fill memory f = least();
        (f.intent.validFrom, f.intent.decayTo) = (77, 300);
        f.intent.wants[0].end = 4;
        same(f);
        f.intent.wants[0].end = 6;
        (f.intent.kind, f.intent.minFill, f.executed) = (BUY, 6, 6);
        f.intent.gives[0].end = 9;
        same(f);
        (f.intent.validFrom, f.intent.decayTo) = (0, 300);
        same(f);
    }

    function test_baskets() public view {
        for (uint256 gives = 1; gives <= 4; ++gives) {
            Fill memory f = least();
            (f.intent.gives, f.giveTokens) = (new Leg[](gives), new uint8[](gives));
            for (uint256 k; k < gives; ++k) {
                (f.intent.gives[k], f.giveTokens[k]) = (Leg(tokens[k], 5 + k, 5 + k), uint8(k));
            }
            (f.intent.wants[0].token, f.wantTokens[0]) = (tokens[4], 4);
            same(f);
        }
    }

    function test_eight_legs_a_side() public view {
        Fill memory f = least();
        (f.intent.gives, f.giveTokens) = (new Leg[](8), new uint8[](8));
        (f.intent.wants, f.wantTokens) = (new Leg[](8), new uint8[](8));
        for (uint256 k; k < 8; ++k) {
            (f.intent.gives[k], f.giveTokens[k]) = (Leg(tokens[k % 5], 5, 5), uint8(k % 5));
            (f.intent.wants[k], f.wantTokens[k]) = (Leg(tokens[k % 3], 2 + k, 1 + k), uint8(k % 3));
        }
        (f.intent.validFrom, f.intent.decayTo) = (1, 2);
        same(f); // that a token is on one leg only is checked later
    }

    function test_native_wants() public view {
        Fill memory f = least();
        (f.intent.wants[0].token, f.wantTokens[0]) = (NATIVE, 2);
        bytes memory data = same(f);
        eq(uint8(data[25]), 0x82, "top bit and index");
        f.intent.wants[0].token = WETH;
        same(f);
    }

    function test_roundUp() public view {
        Fill memory f = least();
        f.roundUp = 0xff;
        same(f);
        f.roundUp = 1;
        same(f);
    }

    function test_terms() public view {
        Fill memory f = least();
        f.terms = new bytes(700);
        f.terms[699] = 0x42;
        f.intent.terms = keccak256(f.terms);
        same(f);
    }

    function test_schemes() public view {
        Fill memory f = least();
        f.signature = new bytes(65);
        f.signature[64] = 0x1b;
        same(f);
        (f.scheme, f.signature) = (ERC1271, hex"010203");
        same(f);
        f.signature = "";
        same(f);
        f.signature = new bytes(65_535);
        same(f);
        (f.scheme, f.signature) = (PRESIGNED, "");
        same(f);
        (f.scheme, f.signature) = (PERMIT2, hex"0405");
        same(f);
    }

    function test_fee_nonce_and_big_numbers() public view {
        Fill memory f = least();
        f.fee = type(uint256).max;
        f.intent.nonce = type(uint256).max;
        f.intent.gives[0] = Leg(address(0x10), type(uint256).max, type(uint256).max);
        (f.intent.minFill, f.executed) = (type(uint256).max, type(uint256).max);
        (f.intent.validFrom, f.intent.decayTo, f.intent.validTo) =
        (type(uint48).max, type(uint48).max, type(uint48).max);
        same(f);
        f.intent.nonce = 1 << 192;
        same(f);
        f.intent.nonce = (1 << 192) - 1;
        same(f);
    }

    /// @dev Fills share memory: nothing of one must be left in the next.
    function test_nothing_is_left_of_the_fill_before() public view {
        Fill memory f = least();
        Intent memory i = f.intent;
        (i.receiver, i.validFrom, i.decayTo, i.nonce) = (address(0xb2), 77, 300, type(uint256).max);
        (i.kind, i.fill, i.minFill, f.executed) = (BUY, PARTIAL, 1, 2);
        i.gives[0].end = 9;
        (f.fee, f.roundUp, f.terms, f.scheme, f.signature) = (4, 1, hex"11", ERC1271, hex"2233");
        i.terms = keccak256(f.terms);
        bytes memory first = Packer.packFill(f);
        Fill memory g = least();
        bytes memory data = abi.encodePacked(first, Packer.packFill(g));
        check(packed.second(data), g, data.length);
    }

    function testFuzz_any_fill(Fill memory f, uint256 seed) public view {
        Intent memory i = f.intent;
        (i.kind, i.fill, f.scheme) = (i.kind % 2, i.fill % 2, f.scheme % 4);
        i.gives = _legs(seed, i.kind == BUY && seed & 1 == 1);
        i.wants = _legs(seed >> 8, i.kind == SELL && seed & 1 == 1);
        (f.giveTokens, f.wantTokens) = (_places(i.gives), _places(i.wants));
        if (seed & 1 == 0) i.decayTo = i.validFrom;
        else if (i.decayTo == i.validFrom) i.decayTo = i.validFrom ^ 1;
        if (seed & 2 == 0 && i.wants[0].token == WETH) i.wants[0].token = NATIVE;
        if (i.fill == WHOLE) {
            f.executed = (i.kind == SELL ? i.gives : i.wants)[0].start;
            i.minFill = f.executed;
        }
        f.roundUp &= 0xff;
        i.terms = f.terms.length == 0 ? bytes32(0) : keccak256(f.terms);
        if (f.scheme == ECDSA) f.signature = new bytes(64 + (seed >> 250) % 2);
        if (f.scheme == PRESIGNED) f.signature = "";
        same(f);
    }

    function _legs(uint256 seed, bool moves) private view returns (Leg[] memory list) {
        list = new Leg[](1 + (seed >> 16) % 8);
        for (uint256 k; k < list.length; ++k) {
            uint256 word = uint256(keccak256(abi.encode(seed, k)));
            uint256 start = word >> (word % 256);
            list[k] = Leg(tokens[word % 5], start, moves ? word >> (word % 251) : start);
        }
    }

    function _places(Leg[] memory list) private view returns (uint8[] memory places) {
        places = new uint8[](list.length);
        for (uint256 k; k < list.length; ++k) {
            while (tokens[places[k]] != list[k].token) {
                ++places[k];
            }
        }
    }
}
