// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";

/// @dev Writes solutions in the packed form, plainly: the counterpart of src/Packed.sol, sharing no code with it.
library Packer {
    function pack(Solution memory s) internal pure returns (bytes memory out) {
        out = abi.encodePacked(uint8(1), uint8(s.tokens.length));
        for (uint256 i; i < s.tokens.length; ++i) {
            out = abi.encodePacked(out, s.tokens[i], number(s.prices[i]), number(s.cover[i]));
        }
        out = abi.encodePacked(out, uint16(s.fills.length));
        bytes[] memory parts = new bytes[](s.fills.length);
        for (uint256 i; i < s.fills.length; ++i) {
            parts[i] = packFill(s.fills[i]);
        }
        out = abi.encodePacked(out, concat(parts), uint8(s.interactions.length));
        for (uint256 i; i < s.interactions.length; ++i) {
            out = abi.encodePacked(out, packInteraction(s.interactions[i], s.tokens));
        }
    }

    /// @dev In pairs, so that long lists do not copy quadratically.
    function concat(bytes[] memory parts) internal pure returns (bytes memory) {
        if (parts.length == 0) return "";
        for (uint256 step = 1; step < parts.length; step *= 2) {
            for (uint256 i; i + step < parts.length; i += 2 * step) {
                parts[i] = abi.encodePacked(parts[i], parts[i + step]);
            }
        }
        return parts[0];
    }

    function number(uint256 value) internal pure returns (bytes memory out) {
        uint256 length;
        for (uint256 rest = value; rest != 0; rest >>= 8) {
            ++length;
        }
        out = new bytes(length + 1);
        out[0] = bytes1(uint8(length));
        for (uint256 i; i < length; ++i) {
            out[length - i] = bytes1(uint8(value >> (8 * i)));
        }
    }

    function blob(bytes memory data) internal pure returns (bytes memory) {
        return abi.encodePacked(uint16(data.length), data);
    }

    function packFill(Fill memory f) internal pure returns (bytes memory) {
        Intent memory i = f.intent;
        bytes memory head = abi.encodePacked(flags(f), i.owner);
        if (i.receiver != address(0)) head = abi.encodePacked(head, i.receiver);
        if (_basket(i)) {
            head = abi.encodePacked(head, uint8(((i.gives.length - 1) << 4) | (i.wants.length - 1)));
        }
        bool moves = i.decayTo != i.validFrom;
        head = abi.encodePacked(head, _sides(f, moves));
        if (i.validFrom != 0) head = abi.encodePacked(head, number(i.validFrom));
        if (moves) head = abi.encodePacked(head, number(i.decayTo));
        return abi.encodePacked(head, number(i.validTo), _rest(f));
    }

    function _sides(Fill memory f, bool moves) private pure returns (bytes memory) {
        Intent memory i = f.intent;
        bytes memory gives = _legs(i.gives, f.giveTokens, moves && i.kind == BUY);
        return abi.encodePacked(gives, _legs(i.wants, f.wantTokens, moves && i.kind == SELL));
    }

    function flags(Fill memory f) internal pure returns (uint16 bits) {
        Intent memory i = f.intent;
        if (i.kind == BUY) bits |= 1;
        if (i.fill == PARTIAL) bits |= 2;
        if (i.receiver != address(0)) bits |= 4;
        if (i.validFrom != 0) bits |= 8;
        if (i.decayTo != i.validFrom) bits |= 16;
        if (_basket(i)) bits |= 32;
        if (f.roundUp != 0) bits |= 64;
        if (f.terms.length != 0) bits |= 128;
        bits |= uint16(schemeCode(f)) << 8;
    }

    function schemeCode(Fill memory f) internal pure returns (uint8) {
        if (f.scheme == ECDSA) return f.signature.length == 65 ? 1 : 0;
        return f.scheme + 1;
    }

    function packInteraction(Interaction memory i, address[] memory tokens) internal pure returns (bytes memory out) {
        out = abi.encodePacked(i.target, blob(i.data), uint8(i.allowances.length));
        for (uint256 j; j < i.allowances.length; ++j) {
            Allowance memory a = i.allowances[j];
            out = abi.encodePacked(out, _index(tokens, a.token), a.spender, number(a.amount));
        }
        out = abi.encodePacked(out, _amounts(i.inputs), _amounts(i.outputs));
    }

    function _basket(Intent memory i) private pure returns (bool) {
        return i.gives.length != 1 || i.wants.length != 1;
    }

    function _legs(Leg[] memory legs, uint8[] memory indices, bool moves) private pure returns (bytes memory out) {
        for (uint256 j; j < legs.length; ++j) {
            uint8 place = indices[j] | (legs[j].token == NATIVE ? 0x80 : 0);
            out = abi.encodePacked(out, place, number(legs[j].start));
            if (moves) out = abi.encodePacked(out, number(legs[j].end));
        }
    }

    function _rest(Fill memory f) private pure returns (bytes memory out) {
        Intent memory i = f.intent;
        out = abi.encodePacked(number(i.nonce >> 192), number(i.nonce & type(uint192).max));
        if (i.fill == PARTIAL) out = abi.encodePacked(out, number(i.minFill), number(f.executed));
        out = abi.encodePacked(out, number(f.fee));
        if (f.roundUp != 0) out = abi.encodePacked(out, uint8(f.roundUp));
        if (f.terms.length != 0) out = abi.encodePacked(out, blob(f.terms));
        if (f.scheme == ECDSA) return abi.encodePacked(out, f.signature);
        if (f.scheme == PRESIGNED) return out;
        return abi.encodePacked(out, blob(f.signature));
    }

    function _amounts(TokenAmount[] memory items) private pure returns (bytes memory out) {
        out = abi.encodePacked(uint8(items.length));
        for (uint256 j; j < items.length; ++j) {
            out = abi.encodePacked(out, items[j].token, number(items[j].amount));
        }
    }

    function _index(address[] memory tokens, address token) private pure returns (uint8) {
        for (uint256 i; i < tokens.length; ++i) {
            if (tokens[i] == token) return uint8(i);
        }
        return 255;
    }
}
