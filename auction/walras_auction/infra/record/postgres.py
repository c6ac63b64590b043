"""A record in Postgres: any number of machines write, one at a time, under the lock of one row."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from walras_auction.infra.record.dialect import Connection, StoreError
from walras_auction.infra.record.guard import Guard
from walras_auction.infra.record.postgres_connection import SILENCE_SECONDS, PostgresConnection, driver
from walras_auction.infra.record.schema import FIRST_TAIL, FIRST_VALUES, SCHEMA_VERSION, statements

#: Opens a connection to a url; true for one that only reads.
Connect = Callable[[str, Guard, bool], PostgresConnection]

_TYPES = {"integer": "INTEGER", "bigint": "BIGINT", "bytes": "BYTEA", "key": "BIGINT PRIMARY KEY", "compact": ""}
#: Besides what all records have: two entries after one head can not be written, whatever went wrong before.
_FORKS = "CREATE UNIQUE INDEX IF NOT EXISTS log_by_previous ON log (previous)"
_VERSION = "CREATE TABLE IF NOT EXISTS walras_schema (version INTEGER PRIMARY KEY)"
#: Advisory lock under which tables are created: two processes that start at once would both try.
_CREATING = 0x77616C726173
#: Each writer's newest transaction, so that it can find out what became of it. (``pg_xact_status`` does not serve: a
#: server that crashed gives the number of a transaction that it lost to another one.)
_WRITERS = (
    "CREATE TABLE IF NOT EXISTS writers (writer TEXT PRIMARY KEY, newest BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL)"
)
_FORGET = "DELETE FROM writers WHERE at < now() - interval '30 days'"
#: The lock of the one who writes, and the name of the transaction, in one statement.
_BEGIN = (
    "WITH named AS (INSERT INTO writers VALUES (?, ?, now())"
    " ON CONFLICT (writer) DO UPDATE SET newest = excluded.newest, at = excluded.at)"
    " SELECT 1 FROM tail WHERE id = 1 FOR UPDATE"
)
#: Waits for a transaction that the server is still at.
_NEWEST = "SELECT newest FROM writers WHERE writer = ? FOR UPDATE"
_ASK_AGAIN_SECONDS = 0.1


class PostgresDialect:
    """Postgres 14 or later at a ``postgresql://`` address. Commits are flushed (``synchronous_commit`` on).

    A server that stands still holds a caller for at most ``silence_seconds``. ``connector`` opens connections; tests
    pass one whose writes fail.
    """

    readers = 8

    def __init__(
        self, url: str, connector: Connect = PostgresConnection, silence_seconds: float = SILENCE_SECONDS
    ) -> None:
        psycopg = driver()
        self.failures: tuple[type[Exception], ...] = (psycopg.Error,)
        self.conflict: type[Exception] = psycopg.errors.UniqueViolation
        self._url = url
        self._connector = connector
        self._guard = Guard(silence_seconds)
        self._silence_seconds = silence_seconds
        self._writer = uuid.uuid4().hex
        self._transactions = 0

    def open_writer(self) -> Connection:
        connection = self._connector(self._url, self._guard, False)
        try:
            self._prepare(connection)
        except self.failures as error:
            connection.close()
            raise StoreError(f"the database can not be written: {error}") from error
        except StoreError:
            connection.close()
            raise
        return connection

    def open_reader(self) -> Connection:
        return self._connector(self._url, self._guard, True)

    def usable(self, connection: Connection) -> bool:
        return not (isinstance(connection, PostgresConnection) and connection.lost)

    def begin(self, connection: Connection) -> int:
        self._transactions += 1
        connection.execute("BEGIN")
        connection.execute(_BEGIN, (self._writer, self._transactions))
        return self._transactions

    def ended(self) -> None:
        """The lock of the row went with the transaction."""

    def begin_reading(self, connection: Connection) -> None:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def committed(self, transaction: object) -> bool | None:
        """Asked on a new connection; while the server is still at it, or can not be reached, again and again."""
        clock, waiting = self._guard.clock, threading.Event()
        deadline = clock.monotonic() + self._silence_seconds
        while True:
            newest = self._newest()
            if newest is not None:
                return newest == transaction
            if clock.monotonic() >= deadline:
                return None
            waiting.wait(_ASK_AGAIN_SECONDS)

    def _newest(self) -> int | None:
        """The newest transaction of this writer that is on disk; None if that can not be said now."""
        try:
            connection = self._connector(self._url, self._guard, False)
        except StoreError:
            return None
        try:
            row = connection.execute(_NEWEST, (self._writer,)).fetchone()
        except self.failures:
            return None
        finally:
            connection.close()
        return 0 if row is None else int(row[0])

    def _prepare(self, connection: Connection) -> None:
        connection.execute("BEGIN")
        connection.execute("SELECT pg_advisory_xact_lock(?)", (_CREATING,))
        connection.execute(_VERSION)
        (version,) = connection.execute("SELECT max(version) FROM walras_schema").fetchone()
        if version is None:
            for statement in (*statements(_TYPES), _FORKS, _WRITERS):
                connection.execute(statement)
            connection.execute(FIRST_TAIL, FIRST_VALUES)
            connection.execute("INSERT INTO walras_schema VALUES (?)", (SCHEMA_VERSION,))
        elif version == SCHEMA_VERSION:
            connection.execute(_FORGET)
        connection.execute("COMMIT")
        if version not in (None, SCHEMA_VERSION):
            raise StoreError(f"the store has schema version {version}; this program reads {SCHEMA_VERSION}")
