"""The lease in Postgres: a server that crashes or stands still, and rows that are locked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import ModuleType

import psycopg
import pytest
from support.engines import PostgresServer
from walras_auction.infra import missing
from walras_auction.infra.lease_postgres import PostgresLease
from walras_auction.infra.missing import MissingExtra
from walras_auction.ports_lease import LeaseError

TTL = 600.0
LONG = 60.0
NAME = "auctioneer"


@pytest.fixture
def lease(database: str) -> Iterator[PostgresLease]:
    with closing(PostgresLease(database, NAME)) as lease:
        yield lease


def expire(conninfo: str) -> None:
    with psycopg.connect(conninfo) as admin:
        admin.execute("UPDATE lease SET until = '-infinity'")


def lock(transaction: psycopg.Connection) -> None:
    """Hold the lease's row against whoever wants to write it."""
    transaction.execute("SELECT 1 FROM lease FOR UPDATE")


def test_leases_of_other_names_are_others(database: str, lease: PostgresLease) -> None:
    with closing(PostgresLease(database, "other")) as other:
        assert lease.acquire("a", TTL) == 1
        assert other.acquire("a", TTL) == 1


def test_a_wait_for_a_lock_is_bounded(database: str, lease: PostgresLease) -> None:
    old = lease.acquire("a", TTL)
    assert old is not None
    with closing(PostgresLease(database, NAME, call_seconds=0.2)) as second, psycopg.connect(database) as store:
        expire(database)
        lock(store)
        with pytest.raises(LeaseError):
            second.acquire("b", TTL)
        store.commit()
        assert second.acquire("b", TTL) == old + 1, "and nothing of the failed attempt was left"


def test_many_that_create_the_table_at_once(database: str) -> None:
    barrier = threading.Barrier(8)

    def contend(number: int) -> int | None:
        with closing(PostgresLease(database, NAME, call_seconds=LONG)) as lease:
            barrier.wait(LONG)
            return lease.acquire(str(number), TTL)

    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(contend, range(8)))
    assert sorted(token for token in tokens if token is not None) == [1]


def test_a_crash_keeps_the_token_and_the_lease(own_postgres: PostgresServer) -> None:
    with closing(PostgresLease(own_postgres.url, NAME)) as lease:
        token = lease.acquire("a", TTL)
        assert token is not None
        own_postgres.kill()
        for call in (lease.check, lease.renew, lease.release):
            with pytest.raises(LeaseError):
                call(token)
        with pytest.raises(LeaseError):
            lease.acquire("a", TTL)
        own_postgres.start()
        assert lease.check(token)
        assert lease.acquire("b", TTL) is None
        lease.release(token)
        assert lease.acquire("b", TTL) == token + 1


def test_a_silent_server_holds_nobody(own_postgres: PostgresServer) -> None:
    with (
        closing(PostgresLease(own_postgres.url, NAME, call_seconds=0.2)) as known,
        closing(PostgresLease(own_postgres.url, NAME, call_seconds=0.2)) as fresh,
    ):
        token = known.acquire("a", TTL)
        assert token is not None
        own_postgres.pause()
        with pytest.raises(LeaseError):
            known.renew(token)
        with pytest.raises(LeaseError):
            fresh.acquire("b", TTL)
        own_postgres.resume()
        assert known.check(token)


def test_a_server_that_is_none() -> None:
    with closing(PostgresLease("postgresql://nobody@127.0.0.1:1/none")) as lease, pytest.raises(LeaseError):
        lease.check(1)


def test_without_the_client_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(missing, "import_module", gone)
    with pytest.raises(MissingExtra, match=r"walras\[stack\]"):
        PostgresLease("postgresql://127.0.0.1:1/none")
