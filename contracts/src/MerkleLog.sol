// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Merkle trees over an append-only log (RFC 6962; the verifications of RFC 9162, section 2.1)
/// @dev SHA-256, leaves prefixed with 0x00 and inner nodes with 0x01, so that neither can pose as the other. The leaf
///      data of this log are the 32-byte heads of its hash chain: leaf `i` is the head after the entry with sequence
///      number `i + 1`.
library MerkleLog {
    /// @notice The hash of the leaf that holds `head`.
    function leafHash(bytes32 head) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), head));
    }

    /// @notice The hash of the node over two others.
    function nodeHash(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Whether `leaf` is number `index`, from zero, of the `size` leaves under `root` (RFC 9162, 2.1.3.2).
    function includes(bytes32 root, uint256 size, uint256 index, bytes32 leaf, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false;
        (uint256 place, uint256 last) = (index, size - 1);
        bytes32 hash = leaf;
        for (uint256 i; i < proof.length; ++i) {
            if (last == 0) return false;
            if (place & 1 == 1 || place == last) {
                hash = nodeHash(proof[i], hash);
                // On the right edge the levels at which it has no sibling are skipped.
                while (place & 1 == 0 && place != 0) (place, last) = (place >> 1, last >> 1);
            } else {
                hash = nodeHash(hash, proof[i]);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        return last == 0 && hash == root;
    }

    /// @notice Whether the tree of `size` leaves under `root` begins with the tree of `oldSize` leaves under `oldRoot`
    ///         (RFC 9162, 2.1.4.2). Equal sizes need equal roots and an empty proof; nothing begins with an empty tree.
    function extends(bytes32 oldRoot, uint256 oldSize, bytes32 root, uint256 size, bytes32[] calldata proof)
        internal
        pure
        returns (bool)
    {
        if (oldSize == 0 || oldSize > size) return false;
        if (oldSize == size) return proof.length == 0 && oldRoot == root;
        (uint256 place, uint256 last) = (oldSize - 1, size - 1);
        while (place & 1 == 1) (place, last) = (place >> 1, last >> 1);
        // The old tree is a whole subtree of the new one if its size is a power of two: then its root needs no telling.
        uint256 next = oldSize & (oldSize - 1) == 0 ? 0 : 1;
        if (proof.length < next) return false;
        bytes32 oldHash = next == 0 ? oldRoot : proof[0];
        bytes32 hash = oldHash;
        for (uint256 i = next; i < proof.length; ++i) {
            if (last == 0) return false;
            if (place & 1 == 1 || place == last) {
                oldHash = nodeHash(proof[i], oldHash);
                hash = nodeHash(proof[i], hash);
                while (place & 1 == 0 && place != 0) (place, last) = (place >> 1, last >> 1);
            } else {
                hash = nodeHash(hash, proof[i]);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        return last == 0 && oldHash == oldRoot && hash == root;
    }
}
