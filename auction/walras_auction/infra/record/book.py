"""The open intents in memory, brought up to date from the record, whoever wrote to it.

An intent is held as its log entry's bytes and read when it is asked for: a million of them fit into a gigabyte.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from walras_auction.infra.record import rows
from walras_auction.infra.record.claims import Claims, Item, items_of
from walras_auction.infra.record.columns import Columns
from walras_auction.infra.record.dialect import Connection, Dialect
from walras_auction.infra.record.entries import Standing, needs, stored_intent
from walras_auction.infra.record.tail import read_tail
from walras_auction.ports import StoredIntent

OPEN_STATES = frozenset(("open", "parked"))
_OPEN = (
    f"{rows.INTENTS} WHERE log.uid_key IS NOT NULL AND log.sequence > ?"
    " AND (standing.state IS NULL OR standing.state IN ('open', 'parked')) ORDER BY log.sequence"
)
_CHANGED = (
    f"SELECT {rows.ENTRY}, standing.state, standing.executed, standing.reason, standing.detail"  # noqa: S608
    " FROM standing JOIN log ON log.sequence = standing.sequence WHERE standing.version > ? ORDER BY standing.version"
)
#: Intents that are kept as objects, besides as bytes.
PARSED = 20_000


class Held(Struct, gc=False):
    """An open or parked intent: its entry, and its standing as in its row (Nones if nothing happened to it)."""

    body: bytes
    standing: Standing


_FRESH: Standing = (None, None, None, None)


class Book:
    """Intents in state open or parked, by sequence."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._held: dict[int, Held] = {}
        self._columns = Columns()
        self._parsed: dict[int, StoredIntent] = {}
        self._sequence = 0
        self._version = 0
        self._lock = threading.Lock()
        self._claims: Claims | None = None

    def __len__(self) -> int:
        return len(self._held)

    def sync(self, connection: Connection) -> None:
        """Read what happened since the last time."""
        with self._lock:
            self._dialect.begin_reading(connection)
            try:
                tail = read_tail(connection)
                if tail.version > self._version:
                    # Old ones that changed; new ones come below with their standing.
                    for row in connection.execute(_CHANGED, (self._version,)):
                        if row[0] <= self._sequence:
                            self._put(row[0], row[1], row[4:8])
                if tail.sequence > self._sequence:
                    for row in connection.execute(_OPEN, (self._sequence,)):
                        self._put(row[0], row[1], row[4:8])
                self._sequence, self._version = tail.sequence, tail.version
                if self._claims is not None:
                    self._claims.reached(tail.sequence)
            finally:
                connection.execute("COMMIT")

    def count_claims(self, claims: Claims) -> None:
        """Tell ``claims`` of all that is open, now and from now on."""
        with self._lock:
            self._claims = claims
            for held in self._held.values():
                claims.changed([], items_of(held.body, held.standing))
            claims.reached(self._sequence)

    def all(self) -> list[StoredIntent]:
        """By sequence."""
        with self._lock:
            return [self._intent(sequence) for sequence in sorted(self._held)]

    def chosen(self, choose: Callable[[Columns], Iterable[int]]) -> list[StoredIntent]:
        """Those that ``choose`` names, in its order."""
        with self._lock:
            return [self._intent(sequence) for sequence in choose(self._columns)]

    def learn(self, funded: Mapping[int, float]) -> None:
        with self._lock:
            self._columns.learn(funded)

    def _put(self, sequence: int, body: Any, standing: Sequence[Any]) -> None:
        self._parsed.pop(sequence, None)
        held = self._held.get(sequence)
        if standing[0] is None or standing[0] in OPEN_STATES:
            kept: Standing = _FRESH if standing[0] is None else tuple(standing)
            self._held[sequence] = Held(bytes(body), kept)
            self._columns.put(sequence, *needs(body))
        else:
            self._held.pop(sequence, None)
            self._columns.drop(sequence)
        if self._claims is not None:
            now = self._held.get(sequence)
            self._claims.changed(_items(held), _items(now))

    def _intent(self, sequence: int) -> StoredIntent:
        found = self._parsed.get(sequence)
        if found is None:
            held = self._held[sequence]
            found = stored_intent(sequence, held.body, held.standing)
            if len(self._parsed) >= PARSED:
                self._parsed.clear()
            self._parsed[sequence] = found
        return found


def _items(held: Held | None) -> list[Item]:
    return [] if held is None else items_of(held.body, held.standing)
