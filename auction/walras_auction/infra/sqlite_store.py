"""The store of record in one SQLite file: WAL, flushed commits, one writer, many readers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from walras.intent import Intent
from walras.wire import FillReport, PermitMessage, Receipt

from walras_auction.infra import sqlite_jobs as jobs
from walras_auction.infra import sqlite_rows as rows
from walras_auction.infra.sqlite_open import OpenIntents
from walras_auction.infra.sqlite_schema import Connect, StoreError, connect, open_writer
from walras_auction.infra.sqlite_snapshot import read_rounds, read_snapshot
from walras_auction.infra.sqlite_writer import GroupWriter, Transaction
from walras_auction.log import Notary, receipt_of, verify_chain
from walras_auction.ports import (
    Event,
    IntentUpdate,
    LogEntry,
    NewEntry,
    RoundSummary,
    Snapshot,
    SolverTally,
    State,
    StoredIntent,
)

__all__ = ["SqliteStore", "StoreError"]

_FIRST_EPOCH = 1


class SqliteStore:
    """The :class:`~walras_auction.ports.Store` port on SQLite.

    ``notary`` signs the receipts. ``connector`` opens connections; tests pass one whose writes fail.
    """

    def __init__(self, path: str | Path, notary: Notary, connector: Connect = connect) -> None:
        self._path = str(path)
        self._notary = notary
        self._connector = connector
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._listeners: list[Callable[[list[Event]], None]] = []
        self.log_epoch = _FIRST_EPOCH
        self._writer = GroupWriter(lambda: open_writer(self._path, connector), self._announce)
        self._open = OpenIntents(self._select_intents("state IN ('open', 'parked')", ()))

    # ------------------------------------------------------------ writing

    def accept(
        self, intents: Sequence[tuple[NewEntry, Intent, str, tuple[PermitMessage, ...]]], time: int
    ) -> list[Receipt]:
        return self._writer.run(lambda tx: jobs.accept(tx, intents, time, self.log_epoch, self._notary, self._open))

    def cancel(self, entry: NewEntry, time: int) -> Receipt:
        return self._writer.run(lambda tx: jobs.cancel(tx, entry, time, self.log_epoch, self._notary, self._open))

    def begin_round(self, time: int) -> int:
        def job(tx: Transaction) -> int:
            cursor = tx.connection.execute("INSERT INTO rounds (time) VALUES (?)", (time,))
            return int(cursor.lastrowid or 0)

        return self._writer.run(job)

    def publish_round(
        self,
        summary: RoundSummary,
        record: bytes,
        updates: Sequence[IntentUpdate],
        time: int,
        tallies: Sequence[SolverTally] = (),
    ) -> LogEntry:
        return self._writer.run(
            lambda tx: jobs.publish_round(tx, summary, record, updates, time, tallies, self.log_epoch, self._open)
        )

    def update_intents(self, updates: Sequence[IntentUpdate]) -> None:
        self._writer.run(lambda tx: jobs.update_intents(tx, updates, self._open))

    def append_event(self, kind: str, data: dict[str, Any], time: int) -> Event:
        return self.append_event_soon(kind, data, time).result()

    def append_event_soon(self, kind: str, data: dict[str, Any], time: int) -> Future[Event]:
        """Queue an event behind what is queued already, without waiting for the disk."""
        return self._writer.submit(lambda tx: jobs.append_event(tx, kind, data, time))

    def journal_settlement(self, round_id: int, transaction_hash: str, raw: bytes, record: bytes) -> None:
        def job(tx: Transaction) -> None:
            tx.connection.execute(
                "INSERT OR REPLACE INTO settlements VALUES (?,?,?,?)", (round_id, transaction_hash, raw, record)
            )

        self._writer.run(job)

    def subscribe(self, listener: Callable[[list[Event]], None]) -> None:
        """Call ``listener`` from the writer's thread with events that are on disk, in order."""
        self._listeners.append(listener)

    def close(self) -> None:
        self._writer.close()
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    # ------------------------------------------------------------ reading

    def get(self, uid: str) -> StoredIntent | None:
        return self._open.get(uid) or next(iter(self._select_intents("intents.uid = ?", (uid,))), None)

    def receipts(self, uids: Sequence[str]) -> dict[str, Receipt]:
        sql = (
            f"SELECT {rows.LOG_COLUMNS}, log.signature FROM intents JOIN log ON log.sequence = intents.sequence"  # noqa: S608
            " WHERE intents.uid = ?"
        )
        with self._reader() as connection:
            found = (connection.execute(sql, (uid,)).fetchone() for uid in uids)
            return {row[4]: receipt_of(LogEntry(*row[:8]), row[8]) for row in found if row is not None}

    def fills(self, uid: str) -> tuple[FillReport, ...]:
        found = self._select("SELECT report FROM fills WHERE uid = ? ORDER BY id", (uid,))
        return tuple(FillReport.model_validate_json(report) for (report,) in found)

    def open_intents(self) -> list[StoredIntent]:
        return self._open.all()

    def list_intents(self, owner: str | None, state: State | None, after: int, limit: int) -> list[StoredIntent]:
        conditions, values = ["intents.sequence > ?"], [after]
        for column, value in (("owner", owner), ("state", state)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)  # type: ignore[arg-type]
        return self._select_intents(" AND ".join(conditions), (*values,), limit)

    def round_record(self, round_id: int) -> bytes | None:
        found = self._select("SELECT record FROM rounds WHERE id = ?", (round_id,))
        return found[0][0] if found else None

    def rounds(self, before: int | None, limit: int) -> list[RoundSummary]:
        with self._reader() as connection:
            return read_rounds(connection, before, limit)

    def log(self, start: int, limit: int) -> list[tuple[LogEntry, Receipt | None]]:
        found = self._select(
            f"SELECT {rows.LOG_COLUMNS}, signature FROM log WHERE sequence >= ? ORDER BY sequence LIMIT ?",  # noqa: S608
            (start, limit),
        )
        entries = [(LogEntry(*row[:8]), row[8]) for row in found]
        return [(entry, receipt_of(entry, signature) if signature else None) for entry, signature in entries]

    def verify_chain(self) -> str:
        """Recompute the whole log; its head. Raises :class:`walras_auction.log.BrokenLogError`."""
        with self._reader() as connection:
            cursor = connection.execute(f"SELECT {rows.LOG_COLUMNS} FROM log ORDER BY sequence")  # noqa: S608
            return verify_chain(LogEntry(*row) for row in cursor)

    def events(self, after: int, limit: int) -> list[Event]:
        found = self._select("SELECT id, time, kind, data FROM events WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return [rows.event(row) for row in found]

    def last_event(self) -> int:
        """The id of the newest event, 0 if there is none."""
        return int(self._select("SELECT coalesce(max(id), 0) FROM events", ())[0][0])

    def counts(self) -> dict[str, int]:
        return self.snapshot(0).counts

    def refusals(self) -> dict[str, int]:
        return self.snapshot(0).refusals

    def league(self) -> list[SolverTally]:
        return list(self.snapshot(0).league)

    def snapshot(self, rounds: int) -> Snapshot:
        with self._reader() as connection:
            return read_snapshot(connection, rounds)

    def unfinished_settlements(self) -> list[tuple[int, str, bytes, bytes]]:
        return self._select(
            "SELECT round, hash, raw, draft FROM settlements JOIN rounds ON rounds.id = settlements.round"
            " WHERE rounds.summary IS NULL ORDER BY settlements.rowid",
            (),
        )

    # ------------------------------------------------------------ inside

    def _select_intents(self, condition: str, values: Sequence[Any], limit: int = -1) -> list[StoredIntent]:
        sql = f"{rows.INTENTS} WHERE {condition} ORDER BY intents.sequence LIMIT ?"
        return [rows.stored_intent(row) for row in self._select(sql, (*values, limit))]

    def _select(self, sql: str, values: Sequence[Any]) -> list[Any]:
        with self._reader() as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own for the while; connections are kept for the next reader."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._connector(self._path)
            connection.execute("PRAGMA query_only=ON")
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def _announce(self, events: list[Event]) -> None:
        for listener in self._listeners:
            listener(events)
