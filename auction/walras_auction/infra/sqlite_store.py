"""The store of record in one SQLite file."""

from __future__ import annotations

from pathlib import Path

from walras_auction.infra.record.dialect import StoreError
from walras_auction.infra.record.index import BACKLOG
from walras_auction.infra.record.sqlite import Connect, SqliteDialect, connect
from walras_auction.infra.record.store import RecordStore

__all__ = ["SqliteStore", "StoreError"]


class SqliteStore(RecordStore):
    """A record at ``path``. ``connector`` opens connections; tests pass one whose writes fail."""

    def __init__(self, path: str | Path, connector: Connect = connect, backlog: int = BACKLOG) -> None:
        super().__init__(SqliteDialect(path, connector), backlog)
