"""What a maker holds and what it has promised: every live quote reserves what it gives and a nonce."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Seconds after its end for which a quote still counts as live: a block may be late.
GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Promise:
    """A live quote: what it gives at most, in atoms, for at least what, and until when (Unix seconds)."""

    uid: str
    give: str
    gives: int
    want: str
    wants: int
    nonce: int
    valid_to: int


class Inventory:
    """Atoms by token, and promises. Not thread-safe: the desk has one lock for all of it."""

    def __init__(self, held: Mapping[str, int], first_nonce: int = 0) -> None:
        self._held = dict(held)
        self._promises: dict[str, Promise] = {}
        self._done: dict[str, tuple[int, int]] = {}  # uid → atoms given and got so far
        self._free_nonces: list[int] = []
        self._next_nonce = first_nonce

    @property
    def held(self) -> Mapping[str, int]:
        """What the maker has, promised or not."""
        return dict(self._held)

    @property
    def promises(self) -> tuple[Promise, ...]:
        return tuple(self._promises.values())

    def free(self, token: str) -> int:
        """What is held and not promised."""
        promised = sum(
            promise.gives - self._done.get(promise.uid, (0, 0))[0]
            for promise in self._promises.values()
            if promise.give == token
        )
        return max(self._held.get(token, 0) - promised, 0)

    def nonce(self) -> int:
        """A nonce that no live quote has; those of expired quotes come back, so that they share words on chain."""
        if self._free_nonces:
            return heapq.heappop(self._free_nonces)
        self._next_nonce += 1
        return self._next_nonce - 1

    def promise(self, promise: Promise) -> None:
        self._promises[promise.uid] = promise

    def filled(self, uid: str, gave: int, got: int) -> None:
        """A live quote has given and got so much so far, in all its fills."""
        promise = self._promises.get(uid)
        if promise is not None:
            before = self._done.get(uid, (0, 0))
            self._held[promise.give] = self._held.get(promise.give, 0) - (gave - before[0])
            self._held[promise.want] = self._held.get(promise.want, 0) + (got - before[1])
            self._done[uid] = (gave, got)

    def expired(self, now: int) -> Iterable[Promise]:
        """Forget quotes whose time is over. Nonces of those that were never filled are free again."""
        over = [promise for promise in self._promises.values() if promise.valid_to + GRACE_SECONDS < now]
        for promise in over:
            del self._promises[promise.uid]
            if self._done.pop(promise.uid, (0, 0)) == (0, 0):
                heapq.heappush(self._free_nonces, promise.nonce)
        return over
