"""Merkle trees over the house's log, as in Certificate Transparency: RFC 6962, verified as in RFC 9162 (2.1).

SHA-256; leaves are prefixed with ``00`` and inner nodes with ``01``, so that neither can pose as the other. The data of
a leaf is the 32-byte head of the log's hash chain: leaf ``i`` is the head after the entry with sequence ``i + 1``.
``MerkleLog.sol`` checks the same proofs on chain. A proof is a tuple of 32-byte hashes, from the leaves upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice

__all__ = ["EMPTY_ROOT", "MerkleTree", "leaf_hash", "leaf_index", "node_hash", "verify_consistency", "verify_inclusion"]

#: The root of no leaves at all.
EMPTY_ROOT = sha256(b"").digest()
_HASH = 32  # bytes of a node
_PAIR = 2 * _HASH
_CHUNK = 1024


def leaf_index(sequence: int) -> int:
    """Where the entry with this sequence number is in the tree. Sequence numbers start at 1, leaves at 0."""
    if sequence < 1:
        raise ValueError(f"sequence {sequence}: the first entry of a log has sequence 1")
    return sequence - 1


def leaf_hash(head: bytes) -> bytes:
    """The hash of the leaf that holds ``head``."""
    return sha256(b"\x00" + head).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two others."""
    return sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """A tree that grows at its end, and tells the root and the proofs of each size that it ever had.

    It keeps the hashes of all full subtrees, two of 32 bytes for each leaf: appending takes one hash on average,
    everything else a number of hashes that is logarithmic in the size, squared for a size that is no power of two.
    """

    def __init__(self, heads: Iterable[bytes] = ()) -> None:
        # Bytes 32i to 32i + 32 of _levels[k] are the hash of the 2^k leaves from i · 2^k on.
        self._levels: list[bytearray] = [bytearray()]
        self.extend(heads)

    def __len__(self) -> int:
        return len(self._levels[0]) // _HASH

    def append(self, head: bytes) -> None:
        """Add the next leaf."""
        self._add(leaf_hash(head))

    def extend(self, heads: Iterable[bytes]) -> None:
        """Add many leaves, in order; cheaper than one by one."""
        rest = iter(heads)
        while leaves := b"".join(map(leaf_hash, islice(rest, _CHUNK))):
            self._add(leaves)

    def _add(self, nodes: bytes) -> None:
        """Put leaf hashes behind the last, and above them every node whose two children are there now."""
        level = 0
        while nodes:
            if level == len(self._levels):
                self._levels.append(bytearray())
            below = self._levels[level]
            first = len(below) - len(below) % _PAIR  # a node without its sibling waits for it
            below += nodes
            starts = range(first, len(below) - _HASH, _PAIR)
            nodes = b"".join([sha256(b"\x01" + below[at : at + _PAIR]).digest() for at in starts])
            level += 1

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` leaves, or all of them. Raises ``ValueError`` if there are fewer."""
        size = self._size(size)
        return self._hash(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Shows that leaf ``index`` is one of the first ``size`` (RFC 9162, 2.1.3.1).

        Raises ``ValueError`` if it is not, or if the tree is smaller.
        """
        size = self._size(size)
        if not 0 <= index < size:
            raise ValueError(f"leaf {index} is not among the first {size}")
        return tuple(self._path(index, 0, size))

    def consistency_proof(self, old_size: int, size: int | None = None) -> tuple[bytes, ...]:
        """Shows that the first ``size`` leaves begin with the first ``old_size`` (RFC 9162, 2.1.4.1).

        Raises ``ValueError`` unless 0 < ``old_size`` ≤ ``size`` ≤ the size of the tree.
        """
        size = self._size(size)
        if not 0 < old_size <= size:
            raise ValueError(f"no proof leads from {old_size} leaves to {size}")
        return tuple(self._subproof(old_size, 0, size, known=True))

    def _size(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ValueError(f"the tree has {len(self)} leaves, not {size}")
        return size

    def _hash(self, start: int, end: int) -> bytes:
        """The hash over leaves start..end. ``start`` is a multiple of the least power of two that is ≥ end − start."""
        size = end - start
        if _is_power_of_two(size):
            level = size.bit_length() - 1
            at = (start >> level) * _HASH
            return bytes(self._levels[level][at : at + _HASH])
        middle = start + _split(size)
        return node_hash(self._hash(start, middle), self._hash(middle, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        """The siblings on the way from leaf ``index`` to the node over start..end."""
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(start, middle)]

    def _subproof(self, old: int, start: int, end: int, *, known: bool) -> list[bytes]:
        """As _path, down to the node that ends at leaf ``old``; ``known`` if that node is the whole old tree."""
        if old == end:
            return [] if known else [self._hash(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            return [*self._subproof(old, start, middle, known=known), self._hash(middle, end)]
        return [*self._subproof(old, middle, end, known=False), self._hash(start, middle)]


def _split(size: int) -> int:
    """The largest power of two below ``size``, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _is_power_of_two(size: int) -> bool:
    return size & (size - 1) == 0


def verify_inclusion(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the leaf with hash ``leaf`` is number ``index`` of the ``size`` under ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place % 2 or place == last:
            result = node_hash(sibling, result)
            place, last = _skip(place, last)
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(old_root: bytes, old_size: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
    """Whether the tree under ``root`` begins with the one under ``old_root`` (RFC 9162, 2.1.4.2).

    Equal sizes need equal roots and an empty proof; nothing is said to begin with an empty tree.
    """
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    place, last = old_size - 1, size - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    # If its size is a power of two, the old tree is a node of the new one: then its root needs no telling.
    path = [old_root, *proof] if _is_power_of_two(old_size) else list(proof)
    if not path:
        return False
    old_result = result = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place % 2 or place == last:
            old_result, result = node_hash(sibling, old_result), node_hash(sibling, result)
            place, last = _skip(place, last)
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_result == old_root and result == root


def _skip(place: int, last: int) -> tuple[int, int]:
    """On the right edge, pass the levels at which a node has no sibling."""
    while place and place % 2 == 0:
        place, last = place >> 1, last >> 1
    return place, last
