"""A record on each database, for tests that hold for all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest
from walras_auction.infra.postgres_store import PostgresStore
from walras_auction.infra.record.dialect import Dialect
from walras_auction.infra.record.guard import Guard
from walras_auction.infra.record.postgres import PostgresDialect
from walras_auction.infra.record.postgres_connection import PostgresConnection
from walras_auction.infra.record.sqlite import SqliteDialect, connect
from walras_auction.infra.record.store import RecordStore
from walras_auction.infra.sqlite_store import SqliteStore

DATABASES = ("sqlite", "postgres")
#: What a watcher gets before each statement runs and, true, after it did; it may raise :attr:`Record.failure`.
Watcher = Callable[[str, bool], None]


def unwatched(sql: str, done: bool) -> None:
    """Nobody looks."""


class Record(Protocol):
    """One record in one database. ``failure`` is what its client raises when it fails."""

    failure: type[Exception]
    where: str

    def dialect(self, watcher: Watcher = unwatched) -> Dialect: ...

    def open(self, watcher: Watcher = unwatched, backlog: int = 65_536) -> RecordStore: ...

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Change the database behind the store's back; values are marked by ``?``."""
        ...


class SqliteRecord:
    failure: type[Exception] = sqlite3.OperationalError

    def __init__(self, path: Path) -> None:
        self.where = str(path)

    def dialect(self, watcher: Watcher = unwatched) -> Dialect:
        return SqliteDialect(self.where, _watching(watcher))

    def open(self, watcher: Watcher = unwatched, backlog: int = 65_536) -> RecordStore:
        return SqliteStore(self.where, _watching(watcher), backlog)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        with closing(sqlite3.connect(self.where)) as connection:
            connection.execute(sql, values)
            connection.commit()


class PostgresRecord:
    failure: type[Exception] = psycopg.OperationalError

    def __init__(self, url: str, silence_seconds: float = 20.0) -> None:
        self.where = url
        self._silence_seconds = silence_seconds

    def dialect(self, watcher: Watcher = unwatched) -> Dialect:
        return PostgresDialect(self.where, _watched(watcher), self._silence_seconds)

    def open(self, watcher: Watcher = unwatched, backlog: int = 65_536) -> RecordStore:
        return PostgresStore(self.where, _watched(watcher), self._silence_seconds, backlog)

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        with psycopg.connect(self.where, autocommit=True) as connection:
            connection.execute(sql.replace("?", "%s").encode(), values or None)


@pytest.fixture(params=DATABASES)
def record(request: pytest.FixtureRequest, tmp_path: Path) -> Record:
    """An empty record, on each database in turn."""
    return record_on(request.param, request, tmp_path)


def record_on(name: str, request: pytest.FixtureRequest, folder: Path) -> Record:
    """An empty record on the database of that name."""
    if name == "sqlite":
        return SqliteRecord(folder / "store.db")
    return PostgresRecord(request.getfixturevalue("database"))


@pytest.fixture
def store(record: Record) -> Iterator[RecordStore]:
    """An open store on each database in turn."""
    with closing(record.open()) as store:
        yield store


def _watching(watcher: Watcher) -> Callable[[str], sqlite3.Connection]:
    if watcher is unwatched:
        return connect

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            watcher(sql, False)
            cursor = super().execute(sql, *values)
            watcher(sql, True)
            return cursor

    return lambda path: sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)


def _watched(watcher: Watcher) -> Callable[[str, Guard, bool], PostgresConnection]:
    class Connection(PostgresConnection):
        def execute(self, sql: str, values: Sequence[Any] = (), /) -> Any:
            watcher(sql, False)
            cursor = super().execute(sql, values)
            watcher(sql, True)
            return cursor

    return Connection
