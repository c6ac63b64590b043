"""Why a pool is left out of the batch."""

from __future__ import annotations

from enum import StrEnum


class Drop(StrEnum):
    """One member a reason; its sentence says what the operator can do about it."""

    NO_ANSWER = "no_answer"
    """The contract reverted, is not there, or is none of this kind."""
    SHORT_ANSWER = "short_answer"
    """The answer is no whole number of words, or fewer than the interface returns."""
    LONG_ANSWER = "long_answer"
    """The answer is larger than anything the interface returns."""
    ABSURD = "absurd"
    """A number is out of its type's range, or a list longer than the house reads."""
    FOREIGN = "foreign"
    """The factory or the vault does not know the contract as that pool."""
    WRONG_ROUTER = "wrong_router"
    """The configured router belongs to another factory or vault."""
    RATED = "rated"
    """A token is scaled by a rate, and such rates are not followed."""
    PAUSED = "paused"
    """The pool refuses swaps."""
    EMPTY = "empty"
    """There is nothing in it to trade against."""
    TOO_MANY = "too_many"
    """More pools were found than the configuration keeps."""
    INCONSISTENT = "inconsistent"
    """Its numbers contradict each other; the detail says how."""


class Dropped(Exception):
    """A pool cannot be used."""

    def __init__(self, reason: Drop, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
