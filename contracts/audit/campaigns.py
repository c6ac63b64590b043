"""The campaigns by name, in the order in which they run."""

from __future__ import annotations

from typing import Protocol

from .forge import differential, fuzz, invariants
from .halmos import halmos
from .slither import slither
from .tools import Failure, project

__all__ = ["CAMPAIGNS", "Failure"]

SEED = "1"


class Campaign(Protocol):
    """Says what it ran; raises :class:`Failure` if that went wrong."""

    def __call__(self, *, short: bool) -> str: ...


def vectors(*, short: bool) -> str:
    """EIP-712 digests by five encoders; the short version needs no node."""
    return project("tests.audit.vectors", *(["--no-node"] if short else [])) + " seed=20261122"


def amounts(*, short: bool) -> str:
    """The SDK's amounts against the contract's."""
    count = "2000" if short else "100000"
    return project("tests.audit.amounts", "--count", count, "--seed", SEED) + f" seed={SEED}"


def gpv2(*, short: bool) -> str:
    """Our settlement against GPv2's bytecode."""
    size = ("--batches", "2", "--size", "10") if short else ("--batches", "15", "--size", "40")
    return project("tests.audit.gpv2", *size, "--seed", SEED) + f" seed={SEED}"


CAMPAIGNS: dict[str, Campaign] = {
    "vectors": vectors,
    "amounts": amounts,
    "gpv2": gpv2,
    "slither": slither,
    "halmos": halmos,
    "differential": differential,
    "fuzz": fuzz,
    "invariants": invariants,
}
