// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "./Domain.sol";
import {Flow} from "./Flow.sol";
import {IntentHash} from "./IntentHash.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Nonces} from "./Nonces.sol";
import {Signatures} from "./Signatures.sol";

/// @dev A simple fill: what its intent's EIP-712 encoding holds, then the encoding of one leg, then the bytes that the
///      signature signs, then the input of the recovery. `receiver` and `terms` stay zero. The assembly below counts on the
///      order.
struct Simple {
    bytes32 typeHash;
    uint256 owner; // 0x20
    uint256 receiver;
    bytes32 givesHash; // 0x60
    bytes32 wantsHash; // 0x80
    bytes32 kindHash; // 0xa0
    bytes32 fillHash;
    uint256 minFill; // 0xe0
    uint256 validFrom; // 0x100
    uint256 decayTo; // 0x120
    uint256 validTo; // 0x140
    uint256 nonce; // 0x160
    bytes32 terms;
    bytes32 legTypeHash; // 0x1a0
    uint256 legToken; // 0x1c0
    uint256 legStart; // 0x1e0
    uint256 legEnd; // 0x200
    bytes32 prefix; // 0x220: two bytes, the domain separator, the struct hash
    bytes32 prefix1;
    bytes32 prefix2;
    bytes32 digest; // 0x280: the digest, v, r, s
    uint256 v;
    bytes32 r;
    bytes32 s;
}

/// @title The short way of the most common fill
/// @dev One give, one want, whole, at fixed bounds, for the owner, without terms, signed with 64 bytes by the owner's key,
///      under one of the first 192 nonces: all in one go, for a fraction of the gas. Whatever is not so, or not right, has no
///      effect here and is left to {Fills}, which also has the words for what is wrong. What is done here {Fills} would do
///      likewise: the differential tests hold the two together.
abstract contract SimpleFill is ISettlement, Domain, Nonces {
    /// @dev Which of the packed form's flags a simple fill may have: buy, validFrom, roundUp.
    uint256 internal constant SIMPLE_FLAGS = 0x49;

    /// @dev Room for one simple fill after another.
    function _newSimple() internal view returns (Simple memory s) {
        (s.typeHash, s.legTypeHash) = (IntentHash.INTENT_TYPEHASH, IntentHash.LEG_TYPEHASH);
        s.fillHash = IntentHash.WHOLE_HASH;
        bytes32 separator = domainSeparator();
        assembly ("memory-safe") {
            mstore(add(s, 0x220), shl(240, 0x1901))
            mstore(add(s, 0x222), separator)
        }
    }

    /// @dev Settles the fill at `at` if it is simple and nothing is wrong with it.
    /// @return next Where the next one begins; zero if nothing was done.
    function _trySimple(Simple memory s, uint256 at, uint256 end, Flow[] memory flows) internal returns (uint256 next) {
        uint256 flags;
        assembly ("memory-safe") {
            flags := shr(240, calldataload(at))
        }
        if (flags & ~SIMPLE_FLAGS != 0) return 0;
        (uint256 done, uint256 gives, uint256 wants, uint256 give, uint256 want, uint256 fee) =
            _readSimple(s, at, flags, flows);
        if (done > end) return 0;
        bytes32 uid = _hashSimple(s, flags, gives, wants, give, want);
        uint256 executed = s.minFill;
        (give, want) = _simpleAmounts(s, flags, gives, wants, give, want, fee);
        address owner_ = address(uint160(s.owner));
        if (give == 0 || !_isSigned(s, uid, done)) return 0;
        (bool took, bool keeps) = _tryTake(owner_, s.nonce);
        if (!took) return 0;
        _addSimple(owner_, keeps, gives, wants, give, want, fee);
        emit Filled(uid, owner_, (executed << 128) | fee);
        return done;
    }

    /// @dev Packed's numbers, written out one after the other because a function would cost more than what it does. The word
    ///      that begins with a number also has the byte after it, if it is of no more than 31 bytes. One that may not be zero
    ///      needs no more than its first byte looked at: with a length of zero, or above 32, it comes out as zero, and of 32
    ///      as far too large, which is found later.
    /// @return next Beyond everything if a number has not its one form, or a token is none or both are the same.
    /// @return gives Where the flow of the give is in memory.
    /// @return wants Likewise.
    function _readSimple(Simple memory s, uint256 at, uint256 flags, Flow[] memory flows)
        private
        pure
        returns (uint256 next, uint256 gives, uint256 wants, uint256 give, uint256 want, uint256 fee)
    {
        assembly ("memory-safe") {
            let count := mload(flows)
            let places := add(flows, 0x20)
            let word := calldataload(at)
            mstore(add(s, 0x20), shr(96, shl(16, word))) // owner
            let index := byte(22, word)
            let bad := iszero(lt(index, count))
            gives := mload(add(places, shl(5, index)))
            let length := byte(23, word)
            next := add(at, 24)
            word := calldataload(next)
            bad := or(bad, iszero(byte(0, word)))
            give := shr(sub(256, shl(3, length)), word)
            next := add(next, length)
            word := calldataload(next)
            index := byte(0, word)
            bad := or(bad, iszero(lt(index, count)))
            wants := mload(add(places, shl(5, index)))
            bad := or(bad, eq(gives, wants))
            length := byte(1, word)
            next := add(next, 2)
            word := calldataload(next)
            bad := or(bad, iszero(byte(0, word)))
            want := shr(sub(256, shl(3, length)), word)
            next := add(next, add(length, 1))
            length := byte(length, word)
            let value
            if and(flags, 8) {
                word := calldataload(next)
                value := shr(sub(256, shl(3, length)), word)
                bad := or(bad, or(iszero(byte(0, word)), iszero(value)))
                next := add(next, add(length, 1))
                length := byte(length, word)
            }
            mstore(add(s, 0x100), value) // validFrom
            mstore(add(s, 0x120), value) // decayTo
            word := calldataload(next)
            bad := or(bad, iszero(byte(0, word)))
            mstore(add(s, 0x140), shr(sub(256, shl(3, length)), word)) // validTo
            next := add(next, add(length, 1))
            length := byte(length, word)
            value := 0
            if length {
                // An epoch has at most eight bytes.
                word := calldataload(next)
                bad := or(bad, or(gt(length, 8), iszero(byte(0, word))))
                value := shl(192, shr(sub(256, shl(3, length)), word))
                next := add(next, length)
            }
            word := calldataload(next)
            length := byte(0, word)
            // The places in question have at most one.
            bad := or(bad, or(gt(length, 1), lt(byte(1, word), length)))
            mstore(add(s, 0x160), or(value, mul(length, byte(1, word)))) // nonce
            length := add(length, 1)
            next := add(next, add(length, 1))
            length := byte(length, word)
            word := calldataload(next)
            bad := or(bad, or(gt(length, 31), lt(byte(0, word), iszero(iszero(length)))))
            fee := shr(sub(256, shl(3, length)), word)
            next := add(next, length)
            if and(flags, 0x40) {
                // One moving leg: the byte can only be 1.
                bad := or(bad, xor(1, byte(0, calldataload(next))))
                next := add(next, 1)
            }
            // A signature of 64 bytes is the last.
            next := or(add(next, 64), sub(0, bad))
        }
    }

    /// @dev The intent's EIP-712 digest.
    function _hashSimple(Simple memory s, uint256 flags, uint256 gives, uint256 wants, uint256 give, uint256 want)
        private
        pure
        returns (bytes32 uid)
    {
        bytes32 kind = IntentHash.SELL_HASH;
        uint256 executed = give;
        if (flags & 1 != 0) (kind, executed) = (IntentHash.BUY_HASH, want);
        assembly ("memory-safe") {
            let leg := add(s, 0x1a0)
            mstore(add(s, 0x1c0), mload(wants)) // the token
            mstore(add(s, 0x1e0), want)
            mstore(add(s, 0x200), want)
            mstore(0x00, keccak256(leg, 0x80))
            mstore(add(s, 0x80), keccak256(0x00, 0x20))
            mstore(add(s, 0x1c0), mload(gives))
            mstore(add(s, 0x1e0), give)
            mstore(add(s, 0x200), give)
            mstore(0x00, keccak256(leg, 0x80))
            mstore(add(s, 0x60), keccak256(0x00, 0x20))
            mstore(add(s, 0xa0), kind)
            mstore(add(s, 0xe0), executed) // minFill
            mstore(add(s, 0x242), keccak256(s, 0x1a0))
            uid := keccak256(add(s, 0x220), 0x42)
        }
    }

    /// @dev FillMath for one leg a side, filled whole at bounds that do not move, and IntentRules as far as the packed form
    ///      leaves anything open.
    /// @return paid What the owner gives; zero if anything is out of bounds, or the moving side so small that rounding has to
    ///         be looked at.
    /// @return got What it gets.
    function _simpleAmounts(
        Simple memory s,
        uint256 flags,
        uint256 gives,
        uint256 wants,
        uint256 give,
        uint256 want,
        uint256 fee
    ) private view returns (uint256 paid, uint256 got) {
        assembly ("memory-safe") {
            let validTo := mload(add(s, 0x140))
            let givePrice := mload(add(gives, 0x20))
            let wantPrice := mload(add(wants, 0x20))
            // Amounts and prices below 2^128: no product overflows.
            let bad := or(shr(128, or(or(give, want), fee)), or(iszero(want), shr(48, validTo)))
            bad := or(bad, or(gt(mload(add(s, 0x100)), timestamp()), lt(validTo, timestamp())))
            let up := and(shr(6, flags), 1)
            let amount
            switch and(flags, 1)
            case 0 {
                let value := mul(sub(give, fee), givePrice)
                amount := div(value, wantPrice)
                amount := add(amount, and(up, gt(value, mul(amount, wantPrice))))
                bad := or(bad, or(iszero(lt(fee, give)), lt(amount, want)))
                paid := give
                got := amount
            }
            default {
                let value := mul(want, wantPrice)
                let sum := add(value, mul(fee, givePrice))
                bad := or(bad, lt(sum, value))
                amount := div(sum, givePrice)
                amount := add(amount, and(up, gt(sum, mul(amount, givePrice))))
                bad := or(bad, or(gt(amount, give), iszero(lt(fee, amount))))
                paid := amount
                got := want
            }
            // FillMath.ROUNDING_FLOOR
            if or(bad, or(lt(amount, 1000000), shr(128, amount))) { paid := 0 }
        }
    }

    /// @param next The end of the signature.
    function _isSigned(Simple memory s, bytes32 uid, uint256 next) private view returns (bool good) {
        uint256 halfOrder = Signatures.HALF_ORDER;
        assembly ("memory-safe") {
            let input := add(s, 0x280)
            let vs := calldataload(sub(next, 0x20))
            let sOnly := shr(1, shl(1, vs))
            mstore(input, uid)
            mstore(add(input, 0x20), add(27, shr(255, vs)))
            mstore(add(input, 0x40), calldataload(sub(next, 0x40)))
            mstore(add(input, 0x60), sOnly)
            // What is no signature gets no answer, and leaves zero.
            mstore(0x00, 0)
            pop(staticcall(gas(), 1, input, 0x80, 0x00, 0x20))
            let signer := mload(0x00)
            good := and(iszero(gt(sOnly, halfOrder)), and(eq(signer, mload(add(s, 0x20))), iszero(iszero(signer))))
        }
    }

    /// @dev Adds a payer to the flow of the give and a receiver to that of the want: two nodes of Parties. The lists of those
    ///      who keep their funds in the vault come after those of the others.
    function _addSimple(
        address owner_,
        bool keeps,
        uint256 gives,
        uint256 wants,
        uint256 paid,
        uint256 got,
        uint256 fee
    ) private pure {
        assembly ("memory-safe") {
            let party := or(owner_, shl(255, keeps)) // BALANCE
            let node := mload(0x40)
            mstore(0x40, add(node, 0xc0))
            mstore(node, party)
            mstore(add(node, 0x20), paid)
            let list := add(gives, add(0x160, shl(5, keeps))) // payers or keepers
            let rest := mload(list)
            mstore(add(node, 0x40), rest)
            mstore(list, node)
            list := add(gives, 0x60) // gives
            mstore(list, add(mload(list), paid))
            list := add(gives, 0xc0) // fees
            mstore(list, add(mload(list), fee))
            list := add(gives, 0x280) // parties: both are counted here
            mstore(list, add(mload(list), 2))
            if keeps {
                if iszero(rest) { mstore(add(gives, 0x1a0), node)} // lastKeeper
                list := add(gives, 0x1c0) // kept
                mstore(list, add(mload(list), paid))
            }
            node := add(node, 0x60)
            mstore(node, party)
            mstore(add(node, 0x20), got)
            list := add(wants, add(0x1e0, shl(5, keeps))) // receivers or savers
            rest := mload(list)
            mstore(add(node, 0x40), rest)
            mstore(list, node)
            list := add(wants, 0x80) // wants
            mstore(list, add(mload(list), got))
            if keeps {
                if iszero(rest) { mstore(add(wants, 0x220), node)} // lastSaver
                list := add(wants, 0x240) // saved
                mstore(list, add(mload(list), got))
            }
        }
    }
}
