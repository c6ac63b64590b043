"""A connection to Postgres whose waits are bounded, and which takes ``?`` for values as SQLite does."""

from __future__ import annotations

import select
from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Any

from walras_auction.infra.missing import of_stack
from walras_auction.infra.record.dialect import Cursor, StoreError
from walras_auction.infra.record.guard import Guard

CONNECT_SECONDS = 10
#: Settings of every session, in milliseconds unless said: nothing of ours waits for ever in the server either, and a
#: transaction whose client is gone gives back the lock under which everybody writes.
SETTINGS = {
    "statement_timeout": "30000",
    "lock_timeout": "15000",
    "idle_in_transaction_session_timeout": "15000",
    "synchronous_commit": "on",
    "tcp_keepalives_idle": "10",  # seconds; the server's side of a connection that was cut in half
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "application_name": "walras",
}
#: A statement that the server neither answers nor gives up; more than it gives itself.
SILENCE_SECONDS = 35.0


def driver() -> ModuleType:
    """psycopg. Raises :class:`~walras_auction.infra.missing.MissingExtra` if it is not installed."""
    return of_stack("psycopg")


@lru_cache(maxsize=512)
def _numbered(sql: str) -> bytes:
    return sql.replace("%", "%%").replace("?", "%s").encode()


class PostgresConnection:
    """For one thread at a time. Raises :class:`StoreError` if the server does not let us in."""

    def __init__(self, url: str, guard: Guard, read_only: bool = False) -> None:
        psycopg = driver()
        settings = {**SETTINGS, "default_transaction_read_only": "on" if read_only else "off"}
        try:
            self._inner = psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_SECONDS)
        except psycopg.Error as error:
            raise StoreError(f"the database does not answer: {error}") from error
        self._idle_status = psycopg.pq.TransactionStatus.IDLE
        self._guarded = guard.watch(self._inner.fileno())
        try:
            names = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())
            self.execute(f"SELECT {names}")
        except psycopg.Error as error:
            self.close()
            raise StoreError(f"the database does not answer: {error}") from error

    @property
    def in_transaction(self) -> bool:
        """Also of a connection that is lost: it can not be rolled back, and has to be replaced."""
        return bool(self._inner.info.transaction_status != self._idle_status)

    @property
    def lost(self) -> bool:
        """Whether the server has hung up meanwhile: nothing is to be read from a connection that asked for nothing."""
        if self._inner.closed:
            return True
        poll = select.poll()
        poll.register(self._inner.fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Cursor:
        self._guarded.begin()
        try:
            return self._inner.execute(_numbered(sql), values, binary=True)  # type: ignore[no-any-return]
        finally:
            self._guarded.end()

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Any:
        self._guarded.begin()
        try:
            with self._inner.cursor() as cursor:
                cursor.executemany(_numbered(sql), rows)
        finally:
            self._guarded.end()

    def close(self) -> None:
        self._inner.close()
        self._guarded.close()
