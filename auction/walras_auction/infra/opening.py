"""Which database, which bus and which lease: told by an address."""

from __future__ import annotations

from pathlib import Path

from walras_auction.infra.bus_redis import RedisBus
from walras_auction.infra.lease_local import LocalLease
from walras_auction.infra.lease_postgres import PostgresLease
from walras_auction.infra.postgres_store import PostgresStore
from walras_auction.infra.record.store import RecordStore
from walras_auction.infra.sqlite_store import SqliteStore
from walras_auction.ports import Clock
from walras_auction.ports_bus import Bus
from walras_auction.ports_lease import Lease

_POSTGRES = ("postgresql://", "postgres://")
_REDIS = ("redis://", "rediss://", "unix://")


def is_postgres(where: str | Path) -> bool:
    """Whether the record at ``where`` is in Postgres; otherwise it is a file of SQLite."""
    return isinstance(where, str) and where.startswith(_POSTGRES)


def open_store(where: str | Path) -> RecordStore:
    """The record at a ``postgresql://`` address, or in the SQLite file at a path; it is created if it is missing.

    Raises :class:`~walras_auction.ports.StoreError`, or ``ValueError`` for an address of another kind.
    """
    if is_postgres(where):
        return PostgresStore(str(where))
    if isinstance(where, str) and "://" in where:
        raise ValueError(f"a store is postgresql://… or a path, not {where.split('://')[0]}://…")
    return SqliteStore(where)


def open_bus(url: str, clock: Clock) -> Bus:
    """The bus at a ``redis://`` address. Raises ``ValueError`` for another kind."""
    if not url.startswith(_REDIS):
        raise ValueError(f"a bus is redis://…, not {url.split('://')[0]}://…")
    return RedisBus(url, clock)


def open_lease(where: str | Path, folder: Path) -> Lease:
    """The lease of who leads the house with the record at ``where``: beside it in Postgres, or in ``folder``."""
    return PostgresLease(str(where)) if is_postgres(where) else LocalLease(folder)
