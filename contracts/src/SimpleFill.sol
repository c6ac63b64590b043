// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Domain} from "./Domain.sol";
import {Flow} from "./Flow.sol";
import {IntentHash} from "./IntentHash.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {Nonces} from "./Nonces.sol";
import {Signatures} from "./Signatures.sol";

/// @dev A simple fill: what its intent's EIP-712 encoding holds, then the encoding of one leg, then the rest, and at last
///      room for the bytes that the signature signs. `receiver` and `terms` stay zero. The assembly below counts on the order.
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
    uint256 giveIndex; // 0x220
    uint256 give; // 0x240
    uint256 wantIndex; // 0x260
    uint256 want; // 0x280
    uint256 fee; // 0x2a0
    uint256 signatureAt; // 0x2c0
    bytes32 prefix; // 0x2e0: two bytes, the domain separator, the struct hash
    bytes32 prefix1;
    bytes32 prefix2;
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
            mstore(add(s, 0x2e0), shl(240, 0x1901))
            mstore(add(s, 0x2e2), separator)
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
        next = _readSimple(s, at, flags);
        if (next > end) return 0;
        (uint256 gives, uint256 wants) = _flowsOf(s, flows);
        if (gives == 0) return 0;
        bytes32 uid = _hashSimple(s, flags, gives, wants);
        if (!_setSimpleAmounts(s, flags, gives, wants) || !_isSigned(s, uid)) return 0;
        address owner_ = address(uint160(s.owner));
        (bool took, bool keeps) = _tryTake(owner_, s.nonce);
        if (!took) return 0;
        if (keeps) _addKept(s, gives, wants);
        else _addSimple(s, gives, wants);
        emit Filled(uid, owner_, s.minFill, s.fee);
    }

    /// @dev Packed's numbers, written out one after the other because a function would cost more than what it does. A number
    ///      is one word: its length, and up to 31 bytes of which the first is not zero. One that may not be zero needs no
    ///      more than that first byte looked at: with a length of zero, or above 32, it comes out as zero, and of 32 as far
    ///      too large, which is found later.
    /// @return next Beyond everything if a number has not its one form.
    function _readSimple(Simple memory s, uint256 at, uint256 flags) private pure returns (uint256 next) {
        assembly ("memory-safe") {
            let word := calldataload(at)
            mstore(add(s, 0x20), shr(96, shl(16, word))) // owner
            mstore(add(s, 0x220), byte(22, word)) // giveIndex
            next := add(at, 23)
            let length, bad, value
            word := calldataload(next)
            length := byte(0, word)
            if iszero(byte(1, word)) { bad := 1 }
            mstore(add(s, 0x240), shr(sub(256, shl(3, length)), shl(8, word))) // give
            next := add(next, add(length, 1))
            mstore(add(s, 0x260), byte(0, calldataload(next))) // wantIndex
            word := calldataload(add(next, 1))
            length := byte(0, word)
            if iszero(byte(1, word)) { bad := 1 }
            mstore(add(s, 0x280), shr(sub(256, shl(3, length)), shl(8, word))) // want
            next := add(next, add(length, 2))
            if and(flags, 8) {
                word := calldataload(next)
                length := byte(0, word)
                if iszero(byte(1, word)) { bad := 1 }
                value := shr(sub(256, shl(3, length)), shl(8, word))
                next := add(next, add(length, 1))
                if iszero(value) { bad := 1 }
            }
            mstore(add(s, 0x100), value) // validFrom
            mstore(add(s, 0x120), value) // decayTo
            word := calldataload(next)
            length := byte(0, word)
            if iszero(byte(1, word)) { bad := 1 }
            mstore(add(s, 0x140), shr(sub(256, shl(3, length)), shl(8, word))) // validTo
            next := add(next, add(length, 1))
            word := calldataload(next)
            length := byte(0, word)
            // An epoch has at most eight bytes.
            if or(gt(length, 8), lt(byte(1, word), iszero(iszero(length)))) { bad := 1 }
            value := shl(192, shr(sub(256, shl(3, length)), shl(8, word)))
            next := add(next, add(length, 1))
            word := calldataload(next)
            length := byte(0, word)
            // The places in question have at most one.
            if or(gt(length, 1), lt(byte(1, word), iszero(iszero(length)))) { bad := 1 }
            mstore(add(s, 0x160), or(value, mul(length, byte(1, word)))) // nonce
            next := add(next, add(length, 1))
            word := calldataload(next)
            length := byte(0, word)
            if or(gt(length, 31), lt(byte(1, word), iszero(iszero(length)))) { bad := 1 }
            mstore(add(s, 0x2a0), shr(sub(256, shl(3, length)), shl(8, word))) // fee
            next := add(next, add(length, 1))
            if and(flags, 0x40) {
                // One moving leg: the byte can only be 1.
                if xor(1, byte(0, calldataload(next))) { bad := 1 }
                next := add(next, 1)
            }
            mstore(add(s, 0x2c0), next) // signatureAt
            next := or(add(next, 64), sub(0, bad))
        }
    }

    /// @dev Where the two flows are in memory; zeros unless they are two.
    function _flowsOf(Simple memory s, Flow[] memory flows) private pure returns (uint256 gives, uint256 wants) {
        assembly ("memory-safe") {
            let count := mload(flows)
            let giveIndex := mload(add(s, 0x220))
            let wantIndex := mload(add(s, 0x260))
            if gt(and(lt(giveIndex, count), lt(wantIndex, count)), eq(giveIndex, wantIndex)) {
                gives := mload(add(add(flows, 0x20), shl(5, giveIndex)))
                wants := mload(add(add(flows, 0x20), shl(5, wantIndex)))
            }
        }
    }

    /// @dev The intent's EIP-712 digest.
    function _hashSimple(Simple memory s, uint256 flags, uint256 gives, uint256 wants)
        private
        pure
        returns (bytes32 uid)
    {
        bytes32 kind = flags & 1 == 0 ? IntentHash.SELL_HASH : IntentHash.BUY_HASH;
        assembly ("memory-safe") {
            let leg := add(s, 0x1a0)
            mstore(add(s, 0xa0), kind)
            let bound := mload(add(s, 0x280))
            mstore(add(s, 0x1c0), mload(wants)) // the token
            mstore(add(s, 0x1e0), bound)
            mstore(add(s, 0x200), bound)
            mstore(0x00, keccak256(leg, 0x80))
            mstore(add(s, 0x80), keccak256(0x00, 0x20))
            let fixed_ := bound
            bound := mload(add(s, 0x240))
            mstore(add(s, 0x1c0), mload(gives))
            mstore(add(s, 0x1e0), bound)
            mstore(add(s, 0x200), bound)
            mstore(0x00, keccak256(leg, 0x80))
            mstore(add(s, 0x60), keccak256(0x00, 0x20))
            if iszero(and(flags, 1)) { fixed_ := bound }
            mstore(add(s, 0xe0), fixed_) // minFill
            mstore(add(s, 0x302), keccak256(s, 0x1a0))
            uid := keccak256(add(s, 0x2e0), 0x42)
        }
    }

    /// @dev FillMath for one leg a side, filled whole at bounds that do not move, and IntentRules as far as the packed form
    ///      leaves anything open. Replaces the moving side's bound by its amount.
    /// @return good False if anything is out of bounds, or the moving side so small that rounding has to be looked at.
    function _setSimpleAmounts(Simple memory s, uint256 flags, uint256 gives, uint256 wants)
        private
        view
        returns (bool good)
    {
        assembly ("memory-safe") {
            let give := mload(add(s, 0x240))
            let want := mload(add(s, 0x280))
            let fee := mload(add(s, 0x2a0))
            let validTo := mload(add(s, 0x140))
            let givePrice := mload(add(gives, 0x20))
            let wantPrice := mload(add(wants, 0x20))
            // Amounts and prices below 2^128: no product overflows.
            if iszero(or(shr(128, or(or(give, want), fee)), or(iszero(want), shr(48, validTo)))) {
                good := iszero(or(gt(mload(add(s, 0x100)), timestamp()), lt(validTo, timestamp())))
            }
            let up := iszero(iszero(and(flags, 0x40)))
            let amount
            switch and(flags, 1)
            case 0 {
                let value := mul(sub(give, fee), givePrice)
                amount := div(value, wantPrice)
                amount := add(amount, and(up, gt(value, mul(amount, wantPrice))))
                mstore(add(s, 0x280), amount)
                if or(iszero(lt(fee, give)), lt(amount, want)) { good := 0 }
            }
            default {
                let value := mul(want, wantPrice)
                let sum := add(value, mul(fee, givePrice))
                if lt(sum, value) { good := 0 }
                amount := div(sum, givePrice)
                amount := add(amount, and(up, gt(sum, mul(amount, givePrice))))
                mstore(add(s, 0x240), amount)
                if or(gt(amount, give), iszero(lt(fee, amount))) { good := 0 }
            }
            // FillMath.ROUNDING_FLOOR
            if or(lt(amount, 1000000), shr(128, amount)) { good := 0 }
        }
    }

    function _isSigned(Simple memory s, bytes32 uid) private pure returns (bool) {
        bytes32 r;
        uint256 vs;
        uint256 at = s.signatureAt;
        assembly ("memory-safe") {
            r := calldataload(at)
            vs := calldataload(add(at, 0x20))
        }
        uint256 sOnly = vs & (type(uint256).max >> 1);
        if (sOnly > Signatures.HALF_ORDER) return false;
        address signer = ecrecover(uid, uint8(27 + (vs >> 255)), r, bytes32(sOnly));
        return signer != address(0) && uint160(signer) == s.owner;
    }

    /// @dev Adds a payer to the flow of the give and a receiver to that of the want: two nodes of Parties.
    function _addSimple(Simple memory s, uint256 gives, uint256 wants) private pure {
        assembly ("memory-safe") {
            let owner_ := mload(add(s, 0x20))
            let amount := mload(add(s, 0x240))
            let node := mload(0x40)
            mstore(0x40, add(node, 0xc0))
            mstore(node, owner_)
            mstore(add(node, 0x20), amount)
            let place := add(gives, 0x160) // payers
            mstore(add(node, 0x40), mload(place))
            mstore(place, node)
            place := add(gives, 0x60) // gives
            mstore(place, add(mload(place), amount))
            place := add(gives, 0xc0) // fees
            mstore(place, add(mload(place), mload(add(s, 0x2a0))))
            place := add(gives, 0x280) // parties
            mstore(place, add(mload(place), 1))
            node := add(node, 0x60)
            amount := mload(add(s, 0x280))
            mstore(node, owner_)
            mstore(add(node, 0x20), amount)
            place := add(wants, 0x1e0) // receivers
            mstore(add(node, 0x40), mload(place))
            mstore(place, node)
            place := add(wants, 0x80) // wants
            mstore(place, add(mload(place), amount))
            place := add(wants, 0x280) // parties
            mstore(place, add(mload(place), 1))
        }
    }

    /// @dev The same for an owner whose funds are in the vault.
    function _addKept(Simple memory s, uint256 gives, uint256 wants) private pure {
        assembly ("memory-safe") {
            let owner_ := or(mload(add(s, 0x20)), shl(255, 1)) // BALANCE
            let amount := mload(add(s, 0x240))
            let node := mload(0x40)
            mstore(0x40, add(node, 0xc0))
            mstore(node, owner_)
            mstore(add(node, 0x20), amount)
            let place := add(gives, 0x180) // keepers
            mstore(add(node, 0x40), mload(place))
            mstore(place, node)
            if iszero(mload(add(node, 0x40))) { mstore(add(gives, 0x1a0), node) } // lastKeeper
            place := add(gives, 0x1c0) // kept
            mstore(place, add(mload(place), amount))
            place := add(gives, 0x60) // gives
            mstore(place, add(mload(place), amount))
            place := add(gives, 0xc0) // fees
            mstore(place, add(mload(place), mload(add(s, 0x2a0))))
            place := add(gives, 0x280) // parties
            mstore(place, add(mload(place), 1))
            node := add(node, 0x60)
            amount := mload(add(s, 0x280))
            mstore(node, owner_)
            mstore(add(node, 0x20), amount)
            place := add(wants, 0x200) // savers
            mstore(add(node, 0x40), mload(place))
            mstore(place, node)
            if iszero(mload(add(node, 0x40))) { mstore(add(wants, 0x220), node) } // lastSaver
            place := add(wants, 0x240) // saved
            mstore(place, add(mload(place), amount))
            place := add(wants, 0x80) // wants
            mstore(place, add(mload(place), amount))
            place := add(wants, 0x280) // parties
            mstore(place, add(mload(place), 1))
        }
    }
}
