// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SignatureLength, SignatureMalleable, SignatureRecoveryId} from "./Errors.sol";

/// @title Recovery of ECDSA signatures with exactly one accepted form each
library Signatures {
    /// @dev Half the order of secp256k1: a valid signature with a larger s has a twin below.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The address that signed `digest`, or zero.
    /// @param signature 65 bytes (r, s, v with v 27 or 28) or 64 bytes (r, yParityAndS of EIP-2098).
    function recover(bytes32 digest, bytes calldata signature) internal pure returns (address) {
        (bytes32 r, uint256 s, uint8 v) = _split(signature);
        if (s > HALF_ORDER) revert SignatureMalleable(s);
        return ecrecover(digest, v, r, bytes32(s));
    }

    function _split(bytes calldata signature) private pure returns (bytes32 r, uint256 s, uint8 v) {
        if (signature.length == 65) {
            r = bytes32(signature[:32]);
            s = uint256(bytes32(signature[32:64]));
            v = uint8(signature[64]);
            if (v != 27 && v != 28) revert SignatureRecoveryId(v);
        } else if (signature.length == 64) {
            r = bytes32(signature[:32]);
            uint256 parityAndS = uint256(bytes32(signature[32:64]));
            s = parityAndS & (type(uint256).max >> 1);
            v = uint8(27 + (parityAndS >> 255));
        } else {
            revert SignatureLength(signature.length);
        }
    }
}
