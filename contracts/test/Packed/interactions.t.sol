// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AmountTooLarge} from "../../src/Errors.sol";
import {Flow} from "../../src/Flow.sol";
import "../../src/Types.sol";
import {PackedBase} from "../helpers/PackedBase.sol";
import {Packer} from "../helpers/Packer.sol";

/// @dev The tail of a solution: what its interactions are declared to take and to bring. The executor reads the rest.
contract PackedInteractionsTest is PackedBase {
    function some() private view returns (Interaction memory i) {
        (i.target, i.data) = (address(0x77), hex"aabbccdd0011");
        i.allowances = new Allowance[](2);
        i.allowances[0] = Allowance(tokens[1], address(0x78), 5);
        i.allowances[1] = Allowance(tokens[4], address(0x79), type(uint256).max);
        i.inputs = new TokenAmount[](1);
        i.inputs[0] = TokenAmount(1, 5);
        i.outputs = new TokenAmount[](2);
        (i.outputs[0], i.outputs[1]) = (TokenAmount(0, 0), TokenAmount(4, type(uint128).max));
    }

    function list(Interaction memory i) private view returns (bytes memory) {
        return abi.encodePacked(uint8(1), Packer.packInteraction(i, tokens));
    }

    function refuses(bytes memory data, uint256 offset) private {
        vm.expectRevert(malformed(offset));
        packed.interactions(data);
    }

    function test_none() public view {
        (uint256 count, Flow[] memory flows, uint256 length) = packed.interactions(hex"00");
        eq(count, 0, "none");
        eq(length, 1, "length");
        eq(flows[1].inputs + flows[1].outputs + flows[1].deficit, 0, "nothing declared");
    }

    function test_declared_amounts_add_up() public view {
        Interaction memory i = some();
        bytes memory bare = abi.encodePacked(address(0x77), hex"0000", hex"00", hex"00", hex"00");
        bytes memory one = Packer.packInteraction(i, tokens);
        bytes memory data = abi.encodePacked(uint8(3), one, bare, one);
        (uint256 count, Flow[] memory flows, uint256 length) = packed.interactions(data);
        eq(length, data.length, "length");
        eq(count, 3, "three");
        eq(flows[1].inputs, 10, "inputs");
        eq(flows[1].deficit, 10, "which nothing brings");
        eq(flows[4].outputs, 2 * uint256(type(uint128).max), "outputs");
        eq(flows[0].outputs + flows[2].inputs + flows[3].inputs + flows[4].inputs + flows[4].deficit, 0, "the others");
    }

    /// @dev What one interaction takes before another brings it has to be there before.
    function test_deficit_is_the_most_that_is_ever_missing() public view {
        Interaction memory i;
        (i.inputs, i.outputs) = (new TokenAmount[](1), new TokenAmount[](1));
        (i.inputs[0], i.outputs[0]) = (TokenAmount(1, 5), TokenAmount(1, 4));
        bytes memory one = Packer.packInteraction(i, tokens);
        (, Flow[] memory flows,) = packed.interactions(abi.encodePacked(uint8(3), one, one, one));
        eq(flows[1].deficit, 7, "5, then 1 + 5, then 2 + 5");
    }

    function test_index_beyond_the_tokens() public {
        bytes memory data = list(some());
        // After the count: target, length of data, data, count of allowances.
        uint256 at = 1 + 20 + 2 + 6 + 1;
        data[at] = 0x05;
        refuses(data, at);
        data = list(some());
        at += (1 + 20 + 2) + (1 + 20 + 33) + 1; // the allowances, and the count of inputs
        data[at] = 0x05;
        refuses(data, at);
        data[at] = 0x01;
        at += 1 + 2 + 1; // the input, and the count of outputs
        data[at] = 0xff;
        refuses(data, at);
    }

    function test_declared_amounts_are_in_range() public {
        Interaction memory i = some();
        i.inputs[0].amount = uint256(type(uint128).max) + 1;
        bytes memory data = list(i);
        vm.expectRevert(abi.encodeWithSelector(AmountTooLarge.selector, i.inputs[0].amount));
        packed.interactions(data);
    }

    function test_numbers_have_one_form() public {
        bytes memory head = abi.encodePacked(uint8(1), address(0x77), hex"0000");
        refuses(abi.encodePacked(head, hex"01", hex"00", address(1), hex"0100", hex"0000"), 23 + 1 + 21);
        refuses(abi.encodePacked(head, hex"00", hex"01", hex"00", hex"020001", hex"00"), 23 + 3);
        refuses(abi.encodePacked(head, hex"00", hex"00", hex"01", hex"00", hex"0100"), 23 + 4);
    }

    /// @dev What is cut off reads as zeros; the settlement then finds that the end is not where it was.
    function test_cut_off_is_read_beyond_the_end_or_refused() public view {
        bytes memory data = list(some());
        for (uint256 length; length < data.length; ++length) {
            bytes memory cut = new bytes(length);
            for (uint256 k; k < length; ++k) {
                cut[k] = data[k];
            }
            (bool ok, bytes memory result) = address(packed).staticcall(abi.encodeCall(packed.interactions, (cut)));
            if (!ok) continue;
            (,, uint256 read) = abi.decode(result, (uint256, Flow[], uint256));
            yes(read != length, "taken for whole");
        }
    }

    /// @dev One in sixteen as long as it comes, the others short: long ones take long, and say little more.
    function testFuzz_any_interaction(Interaction memory i) public view {
        if (uint160(i.target) & 15 != 0) _shorten(i);
        if (i.allowances.length > 255) return;
        for (uint256 k; k < i.allowances.length; ++k) {
            i.allowances[k].token = tokens[uint160(i.allowances[k].token) % 5];
        }
        uint256[5] memory inputs = _fit(i.inputs);
        uint256[5] memory outputs = _fit(i.outputs);
        bytes memory data = list(i);
        (uint256 count, Flow[] memory flows, uint256 length) = packed.interactions(data);
        eq(count, 1, "count");
        eq(length, data.length, "length");
        for (uint256 k; k < 5; ++k) {
            eq(flows[k].inputs, inputs[k], "inputs");
            eq(flows[k].deficit, inputs[k], "outputs come later");
            eq(flows[k].outputs, outputs[k], "outputs");
        }
    }

    function _shorten(Interaction memory i) private pure {
        (Allowance[] memory allowances, TokenAmount[] memory inputs, TokenAmount[] memory outputs) =
            (i.allowances, i.inputs, i.outputs);
        assembly ("memory-safe") {
            mstore(allowances, and(mload(allowances), 15))
            mstore(inputs, and(mload(inputs), 15))
            mstore(outputs, and(mload(outputs), 15))
        }
    }

    /// @dev Of known tokens and amounts in range; their sums.
    function _fit(TokenAmount[] memory items) private pure returns (uint256[5] memory sums) {
        for (uint256 k; k < items.length; ++k) {
            (items[k].token, items[k].amount) = (items[k].token % 5, items[k].amount & type(uint128).max);
            sums[items[k].token] += items[k].amount;
        }
    }
}
