"""What the open intents of each owner could still take of each token, all together: sums kept in memory.

Two parts make a sum: what the book of open intents says, and what this process has taken in since the book was last
brought up to date. The book is the truth; the other part goes as soon as the book has come to its place in the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

import msgspec

from walras_auction.infra.record.entries import Standing

#: Key of owner and token, and atoms.
Item = tuple[int, int]


class _Leg(msgspec.Struct, gc=False):
    end: str
    start: str
    token: str


class _Intent(msgspec.Struct, gc=False):
    gives: tuple[_Leg, ...]
    kind: str
    owner: str
    wants: tuple[_Leg, ...]


class _Payload(msgspec.Struct, gc=False):
    intent: _Intent


class _Entry(msgspec.Struct, gc=False):
    payload: _Payload


_entry = msgspec.json.Decoder(_Entry)


def claim_key(owner: str, token: str) -> int:
    """A keyed hash that lives as long as the process: small, and nobody can look for two pairs that share one."""
    return hash((owner, token))


def items_of(body: bytes, standing: Standing) -> list[Item]:
    """What an open intent could still take, rounded up."""
    intent = _entry.decode(body).payload.intent
    executed = int(standing[1] or 0)
    if not executed:
        return [(claim_key(intent.owner, leg.token), int(leg.end)) for leg in intent.gives]
    full = int((intent.gives if intent.kind == "sell" else intent.wants)[0].start)
    left = full - executed
    return [(claim_key(intent.owner, leg.token), -(-int(leg.end) * left // full)) for leg in intent.gives]


class Claims:
    """The sums. ``catch_up`` brings the book up to date. Any thread may call."""

    def __init__(self, catch_up: Callable[[], None]) -> None:
        self.catch_up = catch_up
        self._lock = threading.Lock()
        self._sums: dict[int, int] = {}
        # What was added and the book has not come to: keys and amounts in turn. Tuples of numbers cost the garbage
        # collector nothing.
        self._ahead: dict[str, tuple[int, ...]] = {}
        self._places: dict[str, int] = {}  # of those of them that are in the log
        self._reached = 0

    def __len__(self) -> int:
        """Intents that the book has still to come to."""
        return len(self._ahead)

    def total(self, owner: str, token: str) -> int:
        """Atoms of ``token`` that open intents of ``owner`` could take."""
        return self._sums.get(claim_key(owner, token), 0)

    def claim(self, uid: str, owner: str, token: str, amount: int, most: int) -> bool | None:
        """Add what an intent gives, or nothing if the sum would be above ``most``. None if it was added before."""
        key = hash((owner, token))
        with self._lock:
            if uid in self._ahead:
                return None
            total = self._sums.get(key, 0) + amount
            if total > most:
                return False
            self._sums[key] = total
            self._ahead[uid] = (key, amount)
            return True

    def claim_all(self, uid: str, owner: str, gives: Sequence[tuple[str, int, int]]) -> bool | None:
        """The same of an intent with several gives: token, atoms, and what the sum may be."""
        items = [(claim_key(owner, token), amount) for token, amount, _ in gives]
        with self._lock:
            if uid in self._ahead:
                return None
            for (key, amount), (_, _, most) in zip(items, gives, strict=True):
                if self._sums.get(key, 0) + amount > most:
                    return False
            self._add(items)
            self._ahead[uid] = tuple(number for item in items for number in item)
            return True

    def keep(self, placed: Iterable[tuple[str, int]]) -> None:
        """Intents that were added have their places in the log."""
        with self._lock:
            for uid, sequence in placed:
                if sequence <= self._reached:
                    self._give_up(uid)
                elif uid in self._ahead:
                    self._places[uid] = sequence

    def release(self, uids: Iterable[str]) -> None:
        """Intents that were added have not come into the log."""
        with self._lock:
            for uid in uids:
                self._give_up(uid)

    def changed(self, before: list[Item], after: list[Item]) -> None:
        """The book has another word of an intent."""
        with self._lock:
            self._add(after)
            self._remove(before)

    def reached(self, sequence: int) -> None:
        """The book has come to that place in the log."""
        with self._lock:
            self._reached = sequence
            for uid in [uid for uid, place in self._places.items() if place <= sequence]:
                self._give_up(uid)

    def _give_up(self, uid: str) -> None:
        self._places.pop(uid, None)
        numbers = self._ahead.pop(uid, ())
        self._remove(list(zip(numbers[::2], numbers[1::2], strict=True)))

    def _add(self, items: list[Item]) -> None:
        sums = self._sums
        for key, amount in items:
            sums[key] = sums.get(key, 0) + amount

    def _remove(self, items: list[Item]) -> None:
        for key, amount in items:
            left = self._sums.get(key, 0) - amount
            if left:
                self._sums[key] = left
            else:
                self._sums.pop(key, None)
