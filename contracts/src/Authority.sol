// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {
    NotPreSigned,
    SignatureNotEmpty,
    SignatureRefused,
    SignerWithoutCode,
    UnknownScheme,
    WrongSigner
} from "./Errors.sol";
import {Order, Orders} from "./Order.sol";
import {Signatures} from "./Signatures.sol";
import {ECDSA, ERC1271, PERMIT2, PRESIGNED} from "./Types.sol";

/// @title Whether the owner signed
abstract contract Authority {
    using Orders for Order;

    /// @dev Gas that an owner's contract may use to check a signature.
    uint256 internal constant ERC1271_GAS = 300_000;

    /// @notice What owners have signed on chain.
    mapping(address owner => mapping(bytes32 uid => bool)) public preSigned;

    /// @notice An owner signed an intent on chain, or withdrew that.
    event PreSigned(address indexed owner, bytes32 indexed uid, bool signed);

    /// @notice Signs the intent `uid` of the caller on chain, or withdraws that. An intent of anyone else is not affected:
    ///         it names its owner.
    function preSign(bytes32 uid, bool signed) external {
        preSigned[msg.sender][uid] = signed;
        emit PreSigned(msg.sender, uid, signed);
    }

    /// @dev Reverts unless the order carries its owner's signature, or one that Permit2 is going to check.
    function _checkSigned(bytes32 uid, Order memory order) internal view {
        uint256 scheme = order.scheme;
        if (scheme == ECDSA) {
            // The key of the owner's address is good enough whether or not the account has code (EIP-7702).
            address signer = Signatures.recover(uid, order.signature());
            if (signer == address(0) || signer != order.owner) revert WrongSigner(signer, order.owner);
        } else if (scheme == ERC1271) {
            _checkContractSigned(uid, order.owner, order.signature());
        } else if (scheme == PRESIGNED) {
            if (order.signatureLength != 0) revert SignatureNotEmpty(order.signatureLength);
            if (!preSigned[order.owner][uid]) revert NotPreSigned(order.owner, uid);
        } else if (scheme != PERMIT2) {
            revert UnknownScheme(scheme);
        }
    }

    /// @dev The answer has to be at least a word, and the first word exactly the magic value: some contracts answer anything.
    function _checkContractSigned(bytes32 uid, address owner, bytes calldata signature) private view {
        if (owner.code.length == 0) revert SignerWithoutCode(owner);
        bytes memory data = abi.encodeWithSelector(0x1626ba7e, uid, signature);
        bool good;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            good := staticcall(ERC1271_GAS, owner, add(data, 0x20), mload(data), 0x00, 0x20)
            good := and(good, gt(returndatasize(), 0x1f))
            good := and(good, eq(mload(0x00), shl(224, 0x1626ba7e)))
        }
        if (!good) revert SignatureRefused(owner);
    }
}
