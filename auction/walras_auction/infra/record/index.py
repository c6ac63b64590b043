"""Who finds an intent by its uid or its owner: the newest in memory, the others in two sorted tables.

Uids and owners come in no order, and a database that sorts them in one by one writes a page of its file for each. So
new ones are kept in memory, from the log, until there are enough of them to be merged into the tables in their order,
a slice with every commit. Where that has come to stands in the tail, for all processes alike.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from walras_auction.infra.record import rows
from walras_auction.infra.record.dialect import Connection
from walras_auction.infra.record.tail import Tail

#: Entries in memory before a merge begins; a merge of more costs less for each.
BACKLOG = 65_536
#: Least rows that a commit merges, once a merge has begun. Each entry makes two.
SLICE = 512
_MANY = 128
_NEW = "SELECT sequence, uid_key, owner_key FROM log WHERE sequence > ? AND uid_key IS NOT NULL ORDER BY sequence"

#: Sequence, uid key, owner key.
Added = tuple[int, int, int]


class Index:
    """Where intents stand in the log. Any thread may ask."""

    def __init__(self, backlog: int = BACKLOG) -> None:
        self._backlog = backlog
        self._least = min(SLICE, backlog // 4)
        self._lock = threading.Lock()
        self._recent: dict[int, tuple[int, int]] = {}  # by sequence
        self._uids: dict[int, list[int]] = {}
        self._owners: dict[int, list[int]] = {}
        self._indexed = 0
        self._known = 0
        self._work: tuple[tuple[int, int], list[tuple[bool, int, int]]] | None = None

    def sync(self, connection: Connection, tail: Tail) -> None:
        """Learn what others added and merged."""
        with self._lock:
            if tail.indexed > self._indexed:
                self._forget(tail.indexed)
            if tail.sequence > self._known:
                self._add(connection.execute(_NEW, (max(self._known, tail.indexed),)))
                self._known = tail.sequence

    def extend(self, added: Sequence[Added], tail: Tail) -> None:
        """Learn what this process added; :meth:`sync` was called in the same transaction."""
        with self._lock:
            self._add(added)
            self._known = max(self._known, tail.sequence)

    def known(self, connection: Connection, keys: Sequence[int]) -> set[int]:
        """Those of the uid keys that are taken."""
        with self._lock:
            found = {key for key in keys if key in self._uids}
        for start in range(0, len(keys), _MANY):
            part = keys[start : start + _MANY]
            marks = ",".join("?" * len(part))
            found.update(
                key
                for (key,) in connection.execute(f"SELECT key FROM uid_index WHERE key IN ({marks})", part)  # noqa: S608
            )
        return found

    def places(self, connection: Connection, keys: Iterable[int]) -> list[int]:
        """The places of intents whose uids have one of ``keys``."""
        wanted = list(keys)
        with self._lock:
            found = {at for key in wanted for at in self._uids.get(key, ())}
        for start in range(0, len(wanted), _MANY):
            part = wanted[start : start + _MANY]
            sql = f"SELECT sequence FROM uid_index WHERE key IN ({','.join('?' * len(part))})"  # noqa: S608
            found.update(at for (at,) in connection.execute(sql, part))
        return sorted(found)

    def find(self, connection: Connection, uid: str) -> rows.Row | None:
        """The row of ``rows.INTENTS`` with this uid; keys are short, so that two may share one."""
        key = rows.uid_key(uid)
        with self._lock:
            places = list(self._uids.get(key, ()))
        places += [at for (at,) in connection.execute("SELECT sequence FROM uid_index WHERE key = ?", (key,))]
        for sequence in places:
            row = connection.execute(f"{rows.INTENTS} WHERE log.sequence = ?", (sequence,)).fetchone()
            if row is not None and rows.uid_of(row[1]) == uid:
                return row  # type: ignore[no-any-return]
        return None

    def of_owner(self, connection: Connection, owner: str, after: int) -> list[int]:
        """The places after ``after`` of intents whose owner has the key of ``owner``, in order."""
        key = rows.owner_key(owner)
        with self._lock:
            places = {at for at in self._owners.get(key, ()) if at > after}
        sql = "SELECT sequence FROM owner_index WHERE key = ? AND sequence > ?"
        places.update(at for (at,) in connection.execute(sql, (key, after)))
        return sorted(places)

    def merge(self, connection: Connection, tail: Tail, committed: int, added: int) -> None:
        """Merge a slice, if it is time; ``committed`` is where the log ended before this transaction."""
        if not tail.merging:
            if committed - tail.indexed < self._backlog:
                return
            tail.merging, tail.merged = committed, 0
        work = self._sorted(tail)
        part = work[tail.merged : tail.merged + max(self._least, 4 * added)]
        _insert(connection, "uid_index", [row[1:] for row in part if not row[0]])
        _insert(connection, "owner_index", [row[1:] for row in part if row[0]])
        tail.merged += len(part)
        if tail.merged >= len(work):
            tail.indexed, tail.merging, tail.merged = tail.merging, 0, 0

    def _sorted(self, tail: Tail) -> list[tuple[bool, int, int]]:
        """All rows of the merge under way, those of uids first; the same in every process."""
        span = (tail.indexed, tail.merging)
        if self._work is None or self._work[0] != span:
            with self._lock:
                entries = [(at, *keys) for at, keys in self._recent.items() if span[0] < at <= span[1]]
            work = [(False, uid, at) for at, uid, _ in entries] + [(True, owner, at) for at, _, owner in entries]
            self._work = (span, sorted(work))
        return self._work[1]

    def _add(self, entries: Iterable[Sequence[int]]) -> None:
        for sequence, uid, owner in entries:
            if sequence not in self._recent:
                self._recent[sequence] = (uid, owner)
                self._uids.setdefault(uid, []).append(sequence)
                self._owners.setdefault(owner, []).append(sequence)

    def _forget(self, indexed: int) -> None:
        kept = [(at, *keys) for at, keys in self._recent.items() if at > indexed]
        self._recent, self._uids, self._owners = {}, {}, {}
        self._add(kept)
        self._indexed = indexed


def _insert(connection: Connection, table: str, pairs: Sequence[Sequence[int]]) -> None:
    for start in range(0, len(pairs), _MANY):
        part = pairs[start : start + _MANY]
        marks = ",".join(["(?,?)"] * len(part))
        values = [value for pair in part for value in pair]
        connection.execute(f"INSERT INTO {table} VALUES {marks} ON CONFLICT DO NOTHING", values)  # noqa: S608
