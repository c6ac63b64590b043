// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LegTokenMismatch} from "../../src/Errors.sol";
import "../../src/Types.sol";
import {PackedFills} from "../helpers/PackedFills.sol";
import {Packer} from "../helpers/Packer.sol";

/// @dev One fill: every way to write one wrongly.
contract PackedMalformedFillTest is PackedFills {
    function test_unused_flags() public {
        for (uint256 bit = 11; bit < 16; ++bit) {
            refuses(raw(uint16(1 << bit), "", "", tail()), 0);
        }
    }

    function test_unused_schemes() public {
        for (uint16 code = 5; code < 8; ++code) {
            refuses(raw(code << 8, "", "", tail()), 33);
        }
    }

    function test_receiver_zero() public {
        refuses(raw(4, abi.encodePacked(address(0)), "", tail()), 22);
    }

    function test_validFrom_zero() public {
        refuses(raw(8, "", hex"00", tail()), 28);
    }

    function test_basket_counts() public {
        refuses(raw(32, hex"00", "", tail()), 22); // one leg each: that is no basket
        refuses(raw(32, hex"80", "", tail()), 22); // nine gives
        refuses(raw(32, hex"08", "", tail()), 22); // nine wants
        refuses(raw(32, hex"ff", "", tail()), 22);
    }

    function test_roundUp_zero() public {
        refuses(raw(64, "", "", abi.encodePacked(hex"00", hex"00", new bytes(64))), 33);
    }

    function test_terms_empty() public {
        refuses(raw(128, "", "", abi.encodePacked(hex"00", hex"0000", new bytes(64))), 33);
    }

    function test_index_beyond_the_tokens() public {
        bytes memory data = raw(0, "", "", tail());
        data[22] = 0x05;
        refuses(data, 22);
        data[22] = 0x7f;
        refuses(data, 22);
        data = raw(0, "", "", tail());
        data[25] = 0x85; // the native bit with an index beyond
        refuses(data, 25);
    }

    function test_native_flag_on_another_token() public {
        bytes memory data = raw(0, "", "", tail());
        data[25] = 0x81;
        vm.expectRevert(abi.encodeWithSelector(LegTokenMismatch.selector, NATIVE, address(0x20)));
        packed.fill(data);
    }

    function test_native_flag_on_a_give() public {
        bytes memory data = raw(0, "", "", tail());
        data[22] = 0x82; // the wrapped token, but nobody gives native coin
        vm.expectRevert(abi.encodeWithSelector(LegTokenMismatch.selector, NATIVE, WETH));
        packed.fill(data);
    }

    function test_nonce_out_of_range() public {
        bytes memory head = abi.encodePacked(hex"0000", OWNER, hex"000105", hex"010106", hex"01ff");
        refuses(abi.encodePacked(head, hex"09", uint72(1 << 64), hex"00", tail()), 30); // an epoch of 65 bits
        refuses(abi.encodePacked(head, hex"00", hex"19", uint200(1 << 192), tail()), 30); // a place of 193 bits
        packed.fill(abi.encodePacked(head, hex"08", type(uint64).max, hex"18", type(uint192).max, tail()));
    }

    function test_numbers_have_one_form() public {
        bytes memory head = abi.encodePacked(hex"0000", OWNER, hex"00");
        bytes memory rest = abi.encodePacked(hex"010106", hex"01ff", hex"0000", tail());
        refuses(abi.encodePacked(head, hex"0100", rest), 23); // a zero of one byte
        refuses(abi.encodePacked(head, hex"020005", rest), 23); // a leading zero
        refuses(abi.encodePacked(head, hex"21", bytes32(hex"05"), hex"00", rest), 23); // 33 bytes
        refuses(raw(0, "", "", abi.encodePacked(hex"0100", new bytes(64))), 32); // the fee
    }

    function testFuzz_numbers(uint256 value, uint8 length) public {
        length = uint8(within(length, 0, 40));
        bytes memory digits = new bytes(40);
        for (uint256 k; k < 40; ++k) {
            digits[k] = bytes1(uint8(value >> (8 * (k % 32))));
        }
        assembly ("memory-safe") {
            mstore(digits, length)
        }
        bytes memory data = raw(0, "", "", abi.encodePacked(length, digits, new bytes(64)));
        if (length > 32 || (length != 0 && digits[0] == 0)) return refuses(data, 32);
        uint256 expected;
        for (uint256 k; k < length; ++k) {
            expected = (expected << 8) | uint8(digits[k]);
        }
        eq(packed.fill(data).fee, expected, "number");
    }

    /// @dev Whatever is cut off, down to the last byte of the signature, is missed.
    function test_cut_off() public view {
        Fill memory f = least();
        f.intent.receiver = address(0xb2);
        f.roundUp = 1;
        f.terms = hex"0102";
        f.intent.terms = keccak256(f.terms);
        for (uint8 scheme; scheme < 4; ++scheme) {
            f.scheme = scheme;
            if (scheme == PRESIGNED) f.signature = "";
            bytes memory data = Packer.packFill(f);
            for (uint256 length; length < data.length; ++length) {
                bytes memory cut = new bytes(length);
                for (uint256 k; k < length; ++k) {
                    cut[k] = data[k];
                }
                (bool ok,) = address(packed).staticcall(abi.encodeCall(packed.fill, (cut)));
                yes(!ok, "decoded");
            }
        }
    }
}
