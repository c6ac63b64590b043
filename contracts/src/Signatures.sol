// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignatureLength, SignatureMalleable, SignatureRecoveryId} from "./Errors.sol";

/// @title Recovery of ECDSA signatures with exactly one accepted form for each length
library Signatures {
    /// @dev Half the order of secp256k1: a valid signature with a larger s has a twin below.
    uint256 internal constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The address that signed `digest`, or zero.
    /// @param signature 65 bytes (r, s, v with v 27 or 28) or 64 bytes (r, yParityAndS of EIP-2098).
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        bytes32 r;
        uint256 s;
        uint256 v;
        if (signature.length == 64) {
            assembly ("memory-safe") {
                r := calldataload(signature.offset)
                s := calldataload(add(signature.offset, 0x20))
                v := add(27, shr(255, s))
                s := shr(1, shl(1, s))
            }
        } else if (signature.length == 65) {
            assembly ("memory-safe") {
                r := calldataload(signature.offset)
                s := calldataload(add(signature.offset, 0x20))
                v := byte(0, calldataload(add(signature.offset, 0x40)))
            }
            if (v != 27 && v != 28) revert SignatureRecoveryId(uint8(v));
        } else {
            revert SignatureLength(signature.length);
        }
        if (s > HALF_ORDER) revert SignatureMalleable(s);
        return ecrecover(digest, uint8(v), r, bytes32(s));
    }
}
