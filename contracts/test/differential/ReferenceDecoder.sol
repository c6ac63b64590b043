// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import "../../src/Types.sol";

/// @dev Where reading goes on.
struct Cursor {
    uint256 at;
}

/// @title The packed form of a solution, read plainly
/// @dev Written from the description of the format alone, one slice at a time; it shares no code with src/Packed.sol. A
///      slice beyond the end reverts, as does a value that Solution has no room for.
contract ReferenceDecoder {
    error Bad(string what, uint256 at);

    struct Flags {
        bool buys;
        bool partially;
        bool receiver;
        bool from;
        bool moves;
        bool basket;
        bool roundUp;
        bool terms;
        uint256 scheme;
    }

    /// @notice The solution that `data` stands for; reverts if it is none.
    function decode(bytes calldata data) external pure returns (Solution memory s) {
        Cursor memory c;
        if (_uint(data, c, 1) != 1) revert Bad("format", 0);
        _tokens(data, c, s);
        uint256 fills = _uint(data, c, 2);
        // A fill has thirty bytes or more: no room is made for what can not be there.
        if (fills * 30 > data.length) revert Bad("fills", c.at);
        s.fills = new Fill[](fills);
        for (uint256 i; i < fills; ++i) {
            s.fills[i] = _fill(data, c, s.tokens);
        }
        s.interactions = new Interaction[](_uint(data, c, 1));
        for (uint256 i; i < s.interactions.length; ++i) {
            s.interactions[i] = _interaction(data, c, s.tokens);
        }
        if (c.at != data.length) revert Bad("rest", c.at);
    }

    function _tokens(bytes calldata data, Cursor memory c, Solution memory s) private pure {
        uint256 count = _uint(data, c, 1);
        if (count > 128) revert Bad("tokens", c.at);
        s.tokens = new address[](count);
        s.prices = new uint256[](count);
        s.cover = new uint256[](count);
        for (uint256 i; i < count; ++i) {
            s.tokens[i] = _address(data, c);
            s.prices[i] = _number(data, c);
            s.cover[i] = _number(data, c);
        }
    }

    function _fill(bytes calldata data, Cursor memory c, address[] memory tokens) private pure returns (Fill memory f) {
        Flags memory flags = _flags(_uint(data, c, 2));
        Intent memory i = f.intent;
        i.kind = flags.buys ? BUY : SELL;
        i.fill = flags.partially ? PARTIAL : WHOLE;
        i.owner = _address(data, c);
        if (flags.receiver) {
            i.receiver = _address(data, c);
            if (i.receiver == address(0)) revert Bad("receiver", c.at);
        }
        _sides(data, c, tokens, flags, f);
        _times(data, c, flags, i);
        if (flags.partially) {
            i.minFill = _number(data, c);
            f.executed = _number(data, c);
        } else {
            i.minFill = flags.buys ? i.wants[0].start : i.gives[0].start;
            f.executed = i.minFill;
        }
        f.fee = _number(data, c);
        if (flags.roundUp) {
            f.roundUp = _uint(data, c, 1);
            if (f.roundUp == 0) revert Bad("roundUp", c.at);
        }
        if (flags.terms) {
            f.terms = _blob(data, c);
            if (f.terms.length == 0) revert Bad("terms", c.at);
            i.terms = keccak256(f.terms);
        }
        _signature(data, c, flags.scheme, f);
    }

    function _flags(uint256 word) private pure returns (Flags memory flags) {
        if (word >= 2 ** 11) revert Bad("flags", word);
        flags.buys = word % 2 == 1;
        flags.partially = (word / 2) % 2 == 1;
        flags.receiver = (word / 4) % 2 == 1;
        flags.from = (word / 8) % 2 == 1;
        flags.moves = (word / 16) % 2 == 1;
        flags.basket = (word / 32) % 2 == 1;
        flags.roundUp = (word / 64) % 2 == 1;
        flags.terms = (word / 128) % 2 == 1;
        flags.scheme = word / 256;
    }

    function _sides(bytes calldata data, Cursor memory c, address[] memory tokens, Flags memory flags, Fill memory f)
        private
        pure
    {
        uint256 counts;
        if (flags.basket) {
            counts = _uint(data, c, 1);
            // One leg a side has its own form: without the byte.
            if (counts == 0 || counts / 16 > 7 || counts % 16 > 7) revert Bad("counts", c.at);
        }
        (f.intent.gives, f.giveTokens) = _legs(data, c, tokens, counts / 16 + 1, flags.moves && flags.buys, false);
        (f.intent.wants, f.wantTokens) = _legs(data, c, tokens, counts % 16 + 1, flags.moves && !flags.buys, true);
    }

    function _legs(
        bytes calldata data,
        Cursor memory c,
        address[] memory tokens,
        uint256 count,
        bool moves,
        bool mayBeNative
    ) private pure returns (Leg[] memory legs, uint8[] memory indices) {
        legs = new Leg[](count);
        indices = new uint8[](count);
        for (uint256 i; i < count; ++i) {
            uint256 place = _uint(data, c, 1);
            bool native = place >= 128;
            if (native && !mayBeNative) revert Bad("native", c.at);
            indices[i] = uint8(place % 128);
            if (indices[i] >= tokens.length) revert Bad("index", c.at);
            legs[i].token = native ? NATIVE : tokens[indices[i]];
            legs[i].start = _number(data, c);
            legs[i].end = moves ? _number(data, c) : legs[i].start;
        }
    }

    function _times(bytes calldata data, Cursor memory c, Flags memory flags, Intent memory i) private pure {
        if (flags.from) {
            i.validFrom = _time(data, c);
            if (i.validFrom == 0) revert Bad("validFrom", c.at);
        }
        i.decayTo = flags.moves ? _time(data, c) : i.validFrom;
        i.validTo = _time(data, c);
        uint256 epoch = _number(data, c);
        uint256 place = _number(data, c);
        if (epoch > type(uint64).max || place > type(uint192).max) revert Bad("nonce", c.at);
        i.nonce = epoch * 2 ** 192 + place;
    }

    function _signature(bytes calldata data, Cursor memory c, uint256 code, Fill memory f) private pure {
        if (code <= 1) (f.scheme, f.signature) = (ECDSA, _take(data, c, code == 0 ? 64 : 65));
        else if (code == 2) (f.scheme, f.signature) = (ERC1271, _blob(data, c));
        else if (code == 3) f.scheme = PRESIGNED;
        else if (code == 4) (f.scheme, f.signature) = (PERMIT2, _blob(data, c));
        else revert Bad("scheme", c.at);
    }

    function _interaction(bytes calldata data, Cursor memory c, address[] memory tokens)
        private
        pure
        returns (Interaction memory made)
    {
        made.target = _address(data, c);
        made.data = _blob(data, c);
        made.allowances = new Allowance[](_uint(data, c, 1));
        for (uint256 i; i < made.allowances.length; ++i) {
            uint256 place = _uint(data, c, 1);
            if (place >= tokens.length) revert Bad("allowance", c.at);
            made.allowances[i].token = tokens[place];
            made.allowances[i].spender = _address(data, c);
            made.allowances[i].amount = _number(data, c);
        }
        made.inputs = _amounts(data, c, tokens.length);
        made.outputs = _amounts(data, c, tokens.length);
    }

    /// @dev The plain form has another name for a place beyond the tokens; in the packed form it is malformed.
    function _amounts(bytes calldata data, Cursor memory c, uint256 tokens)
        private
        pure
        returns (TokenAmount[] memory items)
    {
        items = new TokenAmount[](_uint(data, c, 1));
        for (uint256 i; i < items.length; ++i) {
            items[i].token = uint8(_uint(data, c, 1));
            if (items[i].token >= tokens) revert Bad("declared", c.at);
            items[i].amount = _number(data, c);
        }
    }

    // --- the small parts

    function _take(bytes calldata data, Cursor memory c, uint256 length) private pure returns (bytes calldata part) {
        part = data[c.at:c.at + length];
        c.at += length;
    }

    function _uint(bytes calldata data, Cursor memory c, uint256 length) private pure returns (uint256 value) {
        bytes calldata part = _take(data, c, length);
        for (uint256 i; i < length; ++i) {
            value = value * 256 + uint8(part[i]);
        }
    }

    function _address(bytes calldata data, Cursor memory c) private pure returns (address) {
        return address(bytes20(_take(data, c, 20)));
    }

    function _number(bytes calldata data, Cursor memory c) private pure returns (uint256 value) {
        uint256 length = _uint(data, c, 1);
        if (length > 32) revert Bad("number", c.at);
        value = _uint(data, c, length);
        // It must not fit fewer bytes.
        if (length != 0 && value < 256 ** (length - 1)) revert Bad("number", c.at);
    }

    function _time(bytes calldata data, Cursor memory c) private pure returns (uint48 time) {
        uint256 value = _number(data, c);
        if (value > type(uint48).max) revert Bad("time", c.at);
        return uint48(value);
    }

    function _blob(bytes calldata data, Cursor memory c) private pure returns (bytes memory) {
        return _take(data, c, _uint(data, c, 2));
    }
}
