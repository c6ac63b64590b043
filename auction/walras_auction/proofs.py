"""Merkle proofs over the log (RFC 6962): a tree that is kept in step with the store, for the API and for the ledger."""

from __future__ import annotations

import threading
from typing import Protocol

from walras.log_proofs import ConsistencyProof, InclusionProof
from walras.merkle import MerkleTree, leaf_index
from walras.rejections import Reason, Rejection

#: Heads that are read from the store at once.
_PAGE = 10_000


class HeadSource(Protocol):
    """The part of the store that a tree is made of."""

    def heads(self, start: int, limit: int) -> list[bytes]:
        """The 32-byte heads after the entries with sequence >= start; the first is 1."""
        ...


class LogProofs:
    """Roots and proofs of an epoch's log at any size it ever had. Safe to use from many threads.

    It costs 64 bytes an entry. The first question after a start reads all heads from the store, later ones what was
    logged since.
    """

    def __init__(self, source: HeadSource, epoch: int) -> None:
        self.epoch = epoch
        self._source = source
        self._tree = MerkleTree()
        self._lock = threading.Lock()

    def root(self, size: int | None = None) -> tuple[int, bytes]:
        """(size, root) of the log as it stands, or when it had ``size`` entries.

        Raises :class:`walras.Rejection` (``not_in_log``) if it never had as many.
        """
        with self._lock:
            size = self._reach(size)
            return size, self._tree.root(size)

    def inclusion(self, sequence: int, size: int | None = None) -> InclusionProof:
        """Shows that entry ``sequence`` is one of the first ``size``, or of all.

        Raises :class:`walras.Rejection` (``not_in_log``) if it is not, or if the log has fewer.
        """
        with self._lock:
            size = self._reach(size)
            if not 1 <= sequence <= size:
                raise Rejection(Reason.NOT_IN_LOG, "sequence", f"entry {sequence} is not one of the first {size}")
            root, proof = self._tree.root(size), self._tree.inclusion_proof(leaf_index(sequence), size)
        (head,) = self._source.heads(sequence, 1)
        return InclusionProof(
            epoch=self.epoch, sequence=sequence, size=size, head=_hex(head), root=_hex(root), proof=_words(proof)
        )

    def consistency(self, start: int, size: int | None = None) -> ConsistencyProof:
        """Shows that the log of ``size`` entries begins with the one of ``start``.

        Raises :class:`walras.Rejection` (``not_in_log``) unless 1 ≤ ``start`` ≤ ``size`` ≤ the log's size.
        """
        with self._lock:
            size = self._reach(size)
            if not 1 <= start <= size:
                raise Rejection(Reason.NOT_IN_LOG, "from", f"no log of {start} entries grew to one of {size}")
            before, root = self._tree.root(start), self._tree.root(size)
            proof = self._tree.consistency_proof(start, size)
        return ConsistencyProof(
            epoch=self.epoch, start=start, size=size, from_root=_hex(before), root=_hex(root), proof=_words(proof)
        )

    def _reach(self, size: int | None) -> int:
        """Grow with the store as far as is asked for; the size that is meant."""
        if size is None or size > len(self._tree):
            self._grow()
        if size is not None and size > len(self._tree):
            raise Rejection(Reason.NOT_IN_LOG, "size", f"the log has {len(self._tree)} entries, not {size}")
        return len(self._tree) if size is None else size

    def _grow(self) -> None:
        while heads := self._source.heads(len(self._tree) + 1, _PAGE):
            self._tree.extend(heads)
            if len(heads) < _PAGE:
                return


def _words(proof: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(_hex(word) for word in proof)


def _hex(word: bytes) -> str:
    return "0x" + word.hex()
