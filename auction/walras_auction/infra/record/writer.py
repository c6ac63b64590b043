"""One thread that writes, in groups: callers wait for the commit that holds their job (group commit).

A commit costs a flush to disk whatever its size, so everything that is waiting shares the next one. A job that
raises is undone alone; a write that fails undoes its whole group, and every caller of the group gets the error.
Other processes may write to the same record: where it ends is read in each transaction.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import structlog

from walras_auction.faultpoints import reach
from walras_auction.infra.record.ahead import Ahead
from walras_auction.infra.record.dialect import Connection, Dialect, StoreError
from walras_auction.infra.record.index import Added, Index
from walras_auction.infra.record.tail import Tail, read_tail, write_tail
from walras_auction.ports import UnknownOutcome

Result = TypeVar("Result")

#: Jobs that share a commit at most; the wait of the first is bounded by the work of the others.
GROUP_LIMIT = 1024
_COUNT = "INSERT INTO counts VALUES (?, ?) ON CONFLICT (state) DO UPDATE SET count = counts.count + excluded.count"


@dataclass(slots=True)
class Transaction:
    """What a job works on. ``counts`` are changes of the number of intents by state; ``added`` are new intents."""

    connection: Connection
    tail: Tail
    index: Index
    ahead: Ahead
    counts: Counter[str] = field(default_factory=Counter)
    added: list[Added] = field(default_factory=list)


Job = Callable[[Transaction], Any]
#: What a job returned, or why it refused.
Outcome = tuple[Any, Exception | None]


class GroupWriter:
    """Runs jobs in order, each atomic, many to a commit. ``on_commit`` gets the new tail, once it is on disk."""

    def __init__(self, dialect: Dialect, index: Index, on_commit: Callable[[Tail], None]) -> None:
        self._dialect = dialect
        self._index = index
        self._ahead = Ahead()
        self._on_commit = on_commit
        self._connection: Connection | None = dialect.open_writer()
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
            try:
                before, transaction, outcomes = self._write(group)
            finally:
                self._dialect.ended()
        except Exception as error:
            failure = error if isinstance(error, UnknownOutcome) else StoreError(f"nothing was written: {error}")
            for _, future in group:
                future.set_exception(failure)
            return
        self._index.extend(transaction.added, transaction.tail)
        self._ahead.learn(transaction.tail)
        for (_, future), (result, refusal) in zip(group, outcomes, strict=True):
            if refusal is None:
                future.set_result(result)
            else:
                future.set_exception(refusal)
        if transaction.tail.event > before.event:
            self._announce(transaction.tail)

    def _write(self, group: list[tuple[Job, Future[Any]]]) -> tuple[Tail, Transaction, list[Outcome]]:
        """All jobs in one transaction: where the record ended before it, and what came of each."""
        connection = self._connected()
        try:
            name = self._dialect.begin(connection)
            before = read_tail(connection)
            self._index.sync(connection, before)
            self._ahead.sync(connection, before)
            transaction = Transaction(connection, replace(before), self._index, self._ahead)
            outcomes = [self._attempt(job, transaction) for job, _ in group]
            self._index.merge(connection, transaction.tail, before.sequence, len(transaction.added))
            _write_end(transaction, before)
        except Exception:
            self._recover()
            raise
        self._end(connection, name)
        return before, transaction, outcomes

    def _connected(self) -> Connection:
        if self._connection is not None and not self._dialect.usable(self._connection):
            self._drop()
        if self._connection is None:
            self._connection = self._dialect.open_writer()
        return self._connection

    def _end(self, connection: Connection, name: object) -> None:
        """Commit. A server that is lost in the middle of it is asked afterwards what it did."""
        reach("before-commit")
        try:
            connection.execute("COMMIT")
        except Exception as error:
            self._recover()
            committed = self._dialect.committed(name)
            if committed is None:
                raise UnknownOutcome(f"the database was lost in a commit: {error}") from error
            if not committed:
                raise
        reach("after-commit")

    def _announce(self, tail: Tail) -> None:
        try:
            self._on_commit(tail)
        except Exception:  # a listener that fails may not stop the writer
            structlog.get_logger().exception("store_listener_failed", newest=tail.event)

    def _recover(self) -> None:
        """Back to what is on disk; a connection that cannot roll back is replaced by the next group."""
        connection = self._connection
        if connection is None:
            return
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except Exception:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def _attempt(self, job: Job, transaction: Transaction) -> Outcome:
        """Run one job; undo it alone if it refuses. A failing database is raised: it concerns the whole group."""
        before, counts, added = replace(transaction.tail), Counter(transaction.counts), len(transaction.added)
        transaction.connection.execute("SAVEPOINT job")
        try:
            result = job(transaction)
        except Exception as error:
            if isinstance(error, self._dialect.failures) and not isinstance(error, self._dialect.conflict):
                raise
            transaction.connection.execute("ROLLBACK TO SAVEPOINT job")
            transaction.connection.execute("RELEASE SAVEPOINT job")
            transaction.tail, transaction.counts = before, counts
            del transaction.added[added:]
            return None, error
        transaction.connection.execute("RELEASE SAVEPOINT job")
        return result, None


def _write_end(transaction: Transaction, before: Tail) -> None:
    tail = transaction.tail
    if tail == before:
        return
    write_tail(transaction.connection, tail)
    for state, change in transaction.counts.items():
        if change:
            transaction.connection.execute(_COUNT, (state, change))
