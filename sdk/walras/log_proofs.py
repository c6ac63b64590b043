"""What travels about the log as a whole: its root, the roots on chain, and proofs (RFC 6962, RFC 9162 section 2.1).

A proof is a list of 32-byte hashes from the leaves upwards, as :mod:`walras.merkle` makes and checks them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from walras.wire import Address, Hash, Wire

__all__ = ["ConsistencyProof", "InclusionProof", "LogRoot", "PostedRoot", "RootPage", "Size"]

#: A number of entries, or a sequence number.
Size = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


class PostedRoot(Wire):
    """The roots after the first ``size`` entries of an epoch's log, as the ``Ledger`` contract holds them.

    ``stateRoot`` is the hash of the newest round record among those entries, zero if there is none.
    """

    epoch: Size
    size: Size
    log_root: Hash
    state_root: Hash
    transaction: Hash
    block: Size


class LogRoot(Wire):
    """The log as it stands: how many entries, the root over them, and the newest root on chain.

    ``ledger`` is the contract that roots are posted to; absent if the house posts none.
    """

    epoch: Size
    size: Size
    root: Hash
    ledger: Address | None = None
    posted: PostedRoot | None = None


class RootPage(Wire):
    """Roots on chain by size; ``next`` is the ``after`` of the next page, absent at the end."""

    roots: tuple[PostedRoot, ...]
    next: int | None = None


class InclusionProof(Wire):
    """Shows that ``head``, the head after entry ``sequence``, is one of the first ``size`` leaves under ``root``."""

    epoch: Size
    sequence: Size
    size: Size
    head: Hash
    root: Hash
    proof: tuple[Hash, ...]


class ConsistencyProof(Wire):
    """Shows that the log of ``size`` entries under ``root`` begins with the one of ``from`` under ``fromRoot``."""

    epoch: Size
    start: Annotated[Size, Field(alias="from")]
    size: Size
    from_root: Hash
    root: Hash
    proof: tuple[Hash, ...]
