"""One thread that writes, in groups: callers wait for the commit that holds their job (group commit).

A commit costs a flush to disk whatever its size, so everything that is waiting shares the next one. A job that
raises is undone alone; a write that fails undoes its whole group, and every caller of the group gets the error.
"""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import structlog

from walras_auction.infra.sqlite_schema import StoreError
from walras_auction.log import GENESIS
from walras_auction.ports import Event

Result = TypeVar("Result")

#: Jobs that share a commit at most; the wait of the first is bounded by the work of the others.
GROUP_LIMIT = 1024


@dataclass(slots=True)
class Tail:
    """Where the log and the feed end."""

    sequence: int
    head: str
    event: int


@dataclass(slots=True)
class Transaction:
    """What a job works on. ``after`` runs once the group is on disk, never otherwise."""

    connection: sqlite3.Connection
    tail: Tail
    after: list[Callable[[], None]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


Job = Callable[[Transaction], Any]


class GroupWriter:
    """Runs jobs in order, each atomic, many to a commit."""

    def __init__(
        self, open_connection: Callable[[], sqlite3.Connection], on_events: Callable[[list[Event]], None]
    ) -> None:
        self._open = open_connection
        self._on_events = on_events
        self._connection: sqlite3.Connection | None = open_connection()
        self._tail = read_tail(self._connection)
        self._jobs: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="walras-store", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[Transaction], Result]) -> Future[Result]:
        """Queue ``job``; the future resolves when it is durable, or raises and nothing of it was written."""
        future: Future[Result] = Future()
        with self._gate:
            if self._closed:
                raise StoreError("the store is closed")
            self._jobs.put((job, future))
        return future

    def run(self, job: Callable[[Transaction], Result]) -> Result:
        """Queue ``job`` and wait for its commit."""
        return self.submit(job).result()

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _loop(self) -> None:
        while (group := self._next_group()) is not None:
            self._commit(group)
        if self._connection is not None:
            self._connection.close()

    def _next_group(self) -> list[tuple[Job, Future[Any]]] | None:
        first = self._jobs.get()
        if first is None:
            return None
        group = [first]
        while len(group) < GROUP_LIMIT:
            try:
                item = self._jobs.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._jobs.put(None)  # stop after this group
                break
            group.append(item)
        return group

    def _commit(self, group: list[tuple[Job, Future[Any]]]) -> None:
        try:
            if self._connection is None:
                self._connection = self._open()
            transaction = Transaction(self._connection, replace(self._tail))
            transaction.connection.execute("BEGIN IMMEDIATE")
            outcomes = [_attempt(job, transaction) for job, _ in group]
            transaction.connection.execute("COMMIT")
        except Exception as error:
            self._recover()
            for _, future in group:
                future.set_exception(StoreError(f"nothing was written: {error}"))
            return
        self._tail = transaction.tail
        for action in transaction.after:
            action()
        for (_, future), (result, failure) in zip(group, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)
        if transaction.events:
            self._announce(transaction.events)

    def _announce(self, events: list[Event]) -> None:
        try:
            self._on_events(events)
        except Exception:  # a listener that fails may not stop the writer
            structlog.get_logger().exception("event_listener_failed", first=events[0].id)

    def _recover(self) -> None:
        """Back to what is on disk; a connection that cannot roll back is replaced by the next group."""
        connection = self._connection
        try:
            if connection is not None and connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._connection = None
            with contextlib.suppress(sqlite3.Error):
                cast(sqlite3.Connection, connection).close()


def _attempt(job: Job, transaction: Transaction) -> tuple[Any, Exception | None]:
    """Run one job; undo it alone if it refuses. A failing write is raised: it concerns the whole group."""
    before, actions, events = replace(transaction.tail), len(transaction.after), len(transaction.events)
    transaction.connection.execute("SAVEPOINT job")
    try:
        result = job(transaction)
    except Exception as error:
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            raise
        transaction.connection.execute("ROLLBACK TO job")
        transaction.connection.execute("RELEASE job")
        transaction.tail = before
        del transaction.after[actions:], transaction.events[events:]
        return None, error
    transaction.connection.execute("RELEASE job")
    return result, None


def read_tail(connection: sqlite3.Connection) -> Tail:
    """Where log and feed end on disk."""
    row = connection.execute("SELECT sequence, head FROM log ORDER BY sequence DESC LIMIT 1").fetchone()
    (event,) = connection.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()
    sequence, head = row or (0, GENESIS)
    return Tail(sequence, head, event)
