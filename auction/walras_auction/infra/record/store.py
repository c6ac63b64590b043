"""The store of record over a SQL database: one thread that writes, many that read."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from walras.rejections import Rejection
from walras.wire import FillReport

from walras_auction.infra.record import cancels, jobs, leader, rows
from walras_auction.infra.record.book import Book
from walras_auction.infra.record.claims import Claims
from walras_auction.infra.record.dialect import Connection, Dialect
from walras_auction.infra.record.events import read_events
from walras_auction.infra.record.index import BACKLOG, Index
from walras_auction.infra.record.readers import Readers
from walras_auction.infra.record.snapshot import read_rounds, read_snapshot
from walras_auction.infra.record.tail import Tail, read_tail
from walras_auction.infra.record.writer import GroupWriter, Transaction
from walras_auction.log import verify_chain
from walras_auction.ports import (
    Amendment,
    Cancelled,
    Event,
    IntentUpdate,
    LogEntry,
    NewEntry,
    Place,
    Placed,
    RoundSummary,
    Snapshot,
    SolverTally,
    State,
    StoredIntent,
    Wish,
)

Result = TypeVar("Result")

_PAGE = 500


class RecordStore:
    """The :class:`~walras_auction.ports.Store` port on a database that ``dialect`` reaches.

    Any number of processes may open the same record. ``backlog``: see ``index.py``.
    """

    def __init__(self, dialect: Dialect, backlog: int = BACKLOG) -> None:
        self._dialect = dialect
        self._readers = Readers(dialect)
        self._reader = self._readers.one
        self._listeners: list[Callable[[int], None]] = []
        self._token: Callable[[], int | None] | None = None
        self._index = Index(backlog)
        self._writer = GroupWriter(dialect, self._index, self._announce)
        self._book = Book(dialect)
        self._claims: Claims | None = None

    # ------------------------------------------------------------ leading

    def take_over(self, token: int) -> None:
        """Begin to lead: whatever an earlier leader still writes through its :meth:`fenced` store is refused from now
        on. Raises :class:`~walras_auction.ports.StaleLeader` if a later one has taken over."""
        self._writer.run(lambda tx: leader.take_over(tx, token))

    def fenced(self, token: Callable[[], int | None]) -> RecordStore:
        """The same store for a leader. What only a leader writes (rounds, settlements, standings) is refused with
        :class:`~walras_auction.ports.StaleLeader` unless ``token()`` is the newest that took over."""
        fenced = copy.copy(self)
        fenced._token = token
        return fenced

    def _lead(self, job: Callable[[Transaction], Result]) -> Result:
        if self._token is None:
            return self._writer.run(job)
        token = self._token()

        def checked(transaction: Transaction) -> Result:
            leader.check(transaction, token)
            return job(transaction)

        return self._writer.run(checked)

    # ------------------------------------------------------------ writing

    def accept(self, entries: Sequence[NewEntry], time: int) -> list[Placed | Rejection]:
        return self._writer.run(lambda tx: jobs.accept(tx, entries, time))

    def cancel_many(self, wishes: Sequence[Wish], time: int) -> list[Cancelled | Rejection]:
        return self._writer.run(lambda tx: cancels.cancel_many(tx, wishes, time))

    def amend(self, entry: NewEntry, wish: Wish, time: int) -> Amendment:
        return self._writer.run(lambda tx: cancels.amend(tx, entry, wish, time))

    def begin_round(self, time: int) -> int:
        return self._lead(lambda tx: jobs.begin_round(tx, time))

    def publish_round(
        self,
        summary: RoundSummary,
        record: bytes,
        updates: Sequence[IntentUpdate],
        time: int,
        tallies: Sequence[SolverTally] = (),
    ) -> LogEntry:
        return self._lead(lambda tx: jobs.publish_round(tx, summary, record, updates, time, tallies))

    def update_intents(self, updates: Sequence[IntentUpdate]) -> None:
        self._lead(lambda tx: jobs.update_intents(tx, updates))

    def append_event(self, kind: str, data: dict[str, Any], time: int) -> Event:
        return self.append_event_soon(kind, data, time).result()

    def append_event_soon(self, kind: str, data: dict[str, Any], time: int) -> Future[Event]:
        """Queue an event behind what is queued already, without waiting for the disk."""
        return self._writer.submit(lambda tx: jobs.append_event(tx, kind, data, time))

    def journal_settlement(self, round_id: int, transaction_hash: str, raw: bytes, record: bytes) -> None:
        def job(transaction: Transaction) -> None:
            jobs.journal_settlement(transaction, round_id, transaction_hash, raw, record)

        self._lead(job)

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call ``listener`` from the writer's thread with the id of the newest event that is on disk."""
        self._listeners.append(listener)

    def close(self) -> None:
        self._writer.close()
        self._readers.close()

    # ------------------------------------------------------------ reading

    def get(self, uid: str) -> StoredIntent | None:
        with self._reader() as connection:
            row = self._find(connection, uid)
        return None if row is None else rows.intent_of_row(row)

    def places(self, uids: Sequence[str]) -> dict[str, Place]:
        with self._reader() as connection:
            found = [self._find(connection, uid) for uid in uids]
        return {place.uid: place for place in map(rows.place_of, filter(None, found))}

    def cancels_of(self, intents: Sequence[StoredIntent]) -> dict[str, Cancelled]:
        with self._reader() as connection:
            found = {stored.uid: cancels.cancel_of(connection, stored) for stored in intents}
        return {uid: cancelled for uid, cancelled in found.items() if cancelled is not None}

    def fills(self, uid: str) -> tuple[FillReport, ...]:
        with self._reader() as connection:
            row = self._find(connection, uid)
            if row is None:
                return ()
            found = connection.execute("SELECT report FROM fills WHERE sequence = ? ORDER BY round", (row[0],))
            return tuple(FillReport.model_validate_json(bytes(report)) for (report,) in found)

    def open_intents(self) -> list[StoredIntent]:
        with self._reader() as connection:
            self._book.sync(connection)
        return self._book.all()

    def open_count(self) -> int:
        with self._reader() as connection:
            self._book.sync(connection)
        return len(self._book)

    def claims(self) -> Claims:
        """Sums over all open intents; they are counted from the first call on."""
        if self._claims is None:
            self._claims = Claims(self._catch_up)
            self._catch_up()
            self._book.count_claims(self._claims)
        return self._claims

    def _catch_up(self) -> None:
        with self._reader() as connection:
            self._book.sync(connection)

    def shortlist(self, limit: int, prices: Mapping[str, float]) -> list[StoredIntent]:
        return self._book.chosen(lambda columns: columns.best(limit, prices))

    def open_after(self, sequence: int, limit: int) -> list[StoredIntent]:
        return self._book.chosen(lambda columns: columns.after(sequence, limit))

    def open_at(self, sequences: Sequence[int]) -> list[StoredIntent]:
        return self._book.chosen(lambda columns: columns.still(sequences))

    def ending_before(self, time: int) -> list[StoredIntent]:
        return self._book.chosen(lambda columns: columns.ended(time))

    def learn_funding(self, funded: Mapping[int, float]) -> None:
        self._book.learn(funded)

    def list_intents(self, owner: str | None, state: State | None, after: int, limit: int) -> list[StoredIntent]:
        found: list[StoredIntent] = []
        with self._reader() as connection:
            for row in self._listed(connection, owner, state, after, limit):
                stored = rows.intent_of_row(row)
                if owner is None or stored.intent.owner == owner:  # others may share the short key
                    found.append(stored)
                if len(found) == limit:
                    break
        return found

    def _listed(
        self, connection: Connection, owner: str | None, state: State | None, after: int, limit: int
    ) -> Iterator[rows.Row]:
        wanted, values = _in_state(state)
        if owner is None:
            sql = f"{rows.INTENTS} WHERE log.uid_key IS NOT NULL AND log.sequence > ?{wanted}"
            sql += " ORDER BY log.sequence LIMIT ?"
            yield from connection.execute(sql, (after, *values, limit))
            return
        self._index.sync(connection, read_tail(connection))
        for sequence in self._index.of_owner(connection, owner, after):
            row = connection.execute(f"{rows.INTENTS} WHERE log.sequence = ?{wanted}", (sequence, *values)).fetchone()
            if row is not None:
                yield row

    def round_record(self, round_id: int) -> bytes | None:
        found = self._select("SELECT record FROM rounds WHERE id = ?", (round_id,))
        return bytes(found[0][0]) if found and found[0][0] is not None else None

    def rounds(self, before: int | None, limit: int) -> list[RoundSummary]:
        with self._reader() as connection:
            return read_rounds(connection, before, limit)

    def log(self, start: int, limit: int) -> list[LogEntry]:
        sql = f"SELECT {rows.ENTRY} FROM log WHERE sequence >= ? ORDER BY sequence LIMIT ?"  # noqa: S608
        return [rows.log_entry(row) for row in self._select(sql, (start, limit))]

    def heads(self, start: int, limit: int) -> list[bytes]:
        sql = "SELECT head FROM log WHERE sequence >= ? ORDER BY sequence LIMIT ?"
        return [bytes(head) for (head,) in self._select(sql, (start, limit))]

    def verify_chain(self) -> str:
        """Recompute the whole log; its head. Raises :class:`walras_auction.log.BrokenLogError`."""
        return verify_chain(self._whole_log())

    def events(self, after: int, limit: int) -> list[Event]:
        with self._reader() as connection:
            return read_events(connection, after, limit)

    def log_epoch(self) -> int:
        """The epoch of the log; another one begins only with another log."""
        with self._reader() as connection:
            return read_tail(connection).epoch

    def last_event(self) -> int:
        with self._reader() as connection:
            return read_tail(connection).event

    def counts(self) -> dict[str, int]:
        return self.snapshot(0).counts

    def refusals(self) -> dict[str, int]:
        return self.snapshot(0).refusals

    def league(self) -> list[SolverTally]:
        return list(self.snapshot(0).league)

    def snapshot(self, rounds: int) -> Snapshot:
        with self._reader() as connection:
            return read_snapshot(connection, self._dialect, rounds)

    def unfinished_settlements(self) -> list[tuple[int, str, bytes, bytes]]:
        found = self._select(
            "SELECT settlements.round, hash, raw, draft FROM settlements JOIN rounds ON rounds.id = settlements.round"
            " WHERE rounds.summary IS NULL ORDER BY settlements.id",
            (),
        )
        return [(round_id, transaction, bytes(raw), bytes(draft)) for round_id, transaction, raw, draft in found]

    # ------------------------------------------------------------ inside

    def _find(self, connection: Connection, uid: str) -> rows.Row | None:
        self._index.sync(connection, read_tail(connection))
        return self._index.find(connection, uid)

    def _whole_log(self) -> Iterator[LogEntry]:
        start = 1
        while page := self.log(start, _PAGE):
            yield from page
            start = page[-1].sequence + 1

    def _select(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with self._reader() as connection:
            return connection.execute(sql, values).fetchall()

    def _announce(self, tail: Tail) -> None:
        for listener in self._listeners:
            listener(tail.event)


def _in_state(state: State | None) -> tuple[str, tuple[str, ...]]:
    """A further condition, and its value. An intent without a standing is open."""
    if state is None:
        return "", ()
    if state == "open":
        return " AND (standing.state IS NULL OR standing.state = 'open')", ()
    return " AND standing.state = ?", (state,)
