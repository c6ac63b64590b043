"""The store of record in Postgres: for a house of many machines."""

from __future__ import annotations

from walras_auction.infra.record.index import BACKLOG
from walras_auction.infra.record.postgres import Connect, PostgresDialect
from walras_auction.infra.record.postgres_connection import SILENCE_SECONDS, PostgresConnection
from walras_auction.infra.record.store import RecordStore


class PostgresStore(RecordStore):
    """A record in the database at ``url``. ``connector`` opens connections; tests pass one whose writes fail.

    Raises :class:`~walras_auction.infra.missing.MissingExtra` where psycopg is not installed.
    """

    def __init__(
        self,
        url: str,
        connector: Connect = PostgresConnection,
        silence_seconds: float = SILENCE_SECONDS,
        backlog: int = BACKLOG,
    ) -> None:
        super().__init__(PostgresDialect(url, connector, silence_seconds), backlog)
