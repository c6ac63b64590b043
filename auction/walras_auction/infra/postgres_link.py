"""One connection to Postgres whose calls are bounded in time, opened when it is needed and again after a failure."""

from __future__ import annotations

import contextlib
import math
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from walras_auction.infra.missing import of_stack
from walras_auction.ports_lease import LeaseError

if TYPE_CHECKING:
    from psycopg import Connection


class PostgresLink:
    """Runs single statements, each its own transaction. For one thread at a time. Failures are :class:`LeaseError`.

    ``prepare`` is run once on every new connection. A statement that the server has not answered after ``call_seconds``
    fails here; the server may have carried it out.
    """

    def __init__(self, conninfo: str, call_seconds: float, prepare: str) -> None:
        self._psycopg = of_stack("psycopg")
        self._conninfo = conninfo
        self._call_seconds = call_seconds
        self._prepare = prepare
        self._connection: Connection[Any] | None = None

    def one(self, sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row of ``sql``, if it returns any."""
        try:
            connection = self._open()
            with self._bounded(connection):
                cursor = connection.execute(sql.encode(), parameters)
                return cursor.fetchone() if cursor.description else None
        except self._psycopg.Error as error:
            self.close()
            raise LeaseError(f"Postgres: {type(error).__name__}: {str(error)[:200]}") from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            connection: Connection[Any] = self._psycopg.connect(
                self._conninfo, autocommit=True, connect_timeout=max(2, math.ceil(self._call_seconds))
            )
            self._connection = connection
            milliseconds = max(1, int(1000 * self._call_seconds))
            with self._bounded(connection):
                # The server gives up as well, so that nothing of ours waits there for a lock after we have gone.
                connection.execute(f"SET statement_timeout = {milliseconds}")
                connection.execute(self._prepare.encode())
        return self._connection

    @contextlib.contextmanager
    def _bounded(self, connection: Connection[Any]) -> Iterator[None]:
        """Cut the connection after ``call_seconds``: libpq itself waits for ever for a server that is merely silent."""
        wire = socket.socket(fileno=os.dup(connection.fileno()))
        guard = threading.Timer(self._call_seconds, _cut, (wire,))
        guard.daemon = True
        guard.start()
        try:
            yield
        finally:
            guard.cancel()
            guard.join()
            wire.close()


def _cut(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
