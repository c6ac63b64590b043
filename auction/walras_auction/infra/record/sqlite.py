"""A record in one SQLite file: WAL, flushed commits, any number of processes on one machine."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from walras_auction.infra.record.dialect import Connection, StoreError
from walras_auction.infra.record.schema import FIRST_TAIL, FIRST_VALUES, SCHEMA_VERSION, statements

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Connect = Callable[[str], sqlite3.Connection]

#: How long a process waits for the one that is writing.
BUSY_SECONDS = 30.0
_TYPES = {
    "integer": "INTEGER",
    "bigint": "INTEGER",
    "bytes": "BLOB",
    "key": "INTEGER PRIMARY KEY",
    "compact": " WITHOUT ROWID",
}


def connect(path: str) -> sqlite3.Connection:
    """A connection with explicit transactions, usable from any one thread at a time."""
    return sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=BUSY_SECONDS
    )


class Turn:
    """Whose turn it is to write, among the processes on one file.

    SQLite's own lock does the excluding, but who waits for it sleeps and looks again, up to 100 ms later; the kernel
    wakes who waits here at once. The lock goes with its process. Where there is no ``flock`` SQLite's has to do.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> None:
        """Wait for the turn."""
        if fcntl is not None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._file, fcntl.LOCK_EX)

    def pass_on(self) -> None:
        """Let the next one write; does nothing if the turn was not taken."""
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)


class SqliteDialect:
    """SQLite. ``connector`` opens connections; tests pass one whose writes fail."""

    failures: tuple[type[Exception], ...] = (sqlite3.Error,)
    conflict: type[Exception] = sqlite3.IntegrityError
    readers = 64

    def __init__(self, path: str | Path, connector: Connect = connect) -> None:
        self._path = str(path)
        self._connector = connector
        self._turn = Turn(f"{path}-turn")

    def open_writer(self) -> Connection:
        connection = self._connector(self._path)
        connection.execute("PRAGMA page_size=16384")  # of a new file: entries are long, and only appended
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")  # 64 MiB
        self._prepare(connection)
        return connection

    def open_reader(self) -> Connection:
        connection = self._connector(self._path)
        connection.execute("PRAGMA query_only=ON")
        return connection

    def usable(self, connection: Connection) -> bool:
        return True

    def begin(self, connection: Connection) -> None:
        self._turn.take()
        connection.execute("BEGIN IMMEDIATE")

    def ended(self) -> None:
        self._turn.pass_on()

    def committed(self, transaction: object) -> bool:
        """SQLite says that a commit failed only if it did not happen."""
        return False

    def begin_reading(self, connection: Connection) -> None:
        connection.execute("BEGIN")

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Create what is missing. Raises :class:`StoreError` for a file of another version."""
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == SCHEMA_VERSION:
            return
        if version != 0:
            raise StoreError(f"the store has schema version {version}; this program reads {SCHEMA_VERSION}")
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements(_TYPES):
            connection.execute(statement)
        connection.execute(FIRST_TAIL, FIRST_VALUES)
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
