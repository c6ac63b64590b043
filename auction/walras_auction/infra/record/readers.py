"""Connections that read, kept for the next reader, and no more at once than the database likes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from walras_auction.infra.record.dialect import Connection, Dialect, StoreError


class Readers:
    """Lends connections, each to one thread at a time. Nobody may borrow a second one while holding a first."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._room = threading.BoundedSemaphore(dialect.readers)

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """A connection for the while. Raises :class:`StoreError` if the database fails."""
        with self._room:
            connection = self._open()
            try:
                yield connection
            except self._dialect.failures as error:
                connection.close()
                raise StoreError(f"the store can not be read: {error}") from error
            except BaseException:
                self._idle.put(connection)
                raise
            self._idle.put(connection)

    def close(self) -> None:
        """Close what is idle; what is lent out is closed with its process."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _open(self) -> Connection:
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                break
            if self._dialect.usable(connection):
                return connection
            connection.close()
        try:
            return self._dialect.open_reader()
        except self._dialect.failures as error:
            raise StoreError(f"the store can not be read: {error}") from error
