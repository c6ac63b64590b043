"""Postgres crashing, restarting and standing still under the store: what was acknowledged is there, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from house_fakes import DOMAIN, NOW, an_intent, key
from support.engines import PostgresServer
from support.stores import PostgresRecord
from walras.digest import intent_uid
from walras_auction.infra import missing
from walras_auction.infra.postgres_store import PostgresStore
from walras_auction.infra.record.guard import Guard
from walras_auction.infra.record.postgres_connection import PostgresConnection
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import intent_entry
from walras_auction.ports import Place, Placed, StoreError


def put(store: RecordStore, number: int) -> Place:
    intent = an_intent(key(number))
    (placed,) = store.accept([intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")], NOW)
    assert isinstance(placed, Placed)
    return placed.place


class AtCommit:
    """Acts once, before a commit reaches the server or after the server has carried it out."""

    def __init__(self, act: Callable[[], None], after: bool) -> None:
        self._act, self._after = act, after
        self.armed = False

    def watch(self, sql: str, done: bool) -> None:
        if self.armed and sql == "COMMIT" and done == self._after:
            self.armed = False
            self._act()
            if done:
                raise psycopg.OperationalError("the answer was lost")


def restart(server: PostgresServer) -> None:
    server.kill()
    server.start()


def test_a_server_lost_before_a_commit_has_not_written_it(own_postgres: PostgresServer) -> None:
    fault = AtCommit(lambda: restart(own_postgres), after=False)
    with closing(PostgresRecord(own_postgres.url).open(fault.watch)) as store:
        first = put(store, 1)
        fault.armed = True
        with pytest.raises(StoreError, match="nothing was written"):
            put(store, 2)
        assert store.verify_chain() == first.head
        assert put(store, 2).sequence == 2


def test_a_server_lost_after_a_commit_has_written_it(own_postgres: PostgresServer) -> None:
    fault = AtCommit(lambda: restart(own_postgres), after=True)
    with closing(PostgresRecord(own_postgres.url).open(fault.watch)) as store:
        put(store, 1)
        fault.armed = True
        second = put(store, 2)
        assert (second.sequence, store.verify_chain()) == (2, second.head)
        assert put(store, 2) == second


def test_a_restart_that_nobody_was_waiting_for_is_not_noticed(own_postgres: PostgresServer) -> None:
    with closing(PostgresRecord(own_postgres.url).open()) as store:
        first = put(store, 1)
        assert store.places([first.uid]) == {first.uid: first}
        restart(own_postgres)
        assert store.places([first.uid]) == {first.uid: first}
        assert put(store, 2).previous == first.head


def test_a_server_that_is_gone_is_named_and_comes_back(own_postgres: PostgresServer) -> None:
    with closing(PostgresRecord(own_postgres.url).open()) as store:
        first = put(store, 1)
        own_postgres.kill()
        with pytest.raises(StoreError):
            put(store, 2)
        with pytest.raises(StoreError):
            store.get(first.uid)
        own_postgres.start()
        assert put(store, 2).sequence == 2
        assert store.get(first.uid) is not None


def test_a_server_that_stands_still_holds_nobody_for_ever(own_postgres: PostgresServer) -> None:
    with closing(PostgresRecord(own_postgres.url, silence_seconds=1.0).open()) as store:
        first = put(store, 1)
        assert store.get(first.uid) is not None
        own_postgres.pause()
        with pytest.raises(StoreError):
            put(store, 2)
        with pytest.raises(StoreError):
            store.get(first.uid)
        own_postgres.resume()
        assert put(store, 2).sequence == 2
        assert store.verify_chain() == put(store, 2).head


def test_no_two_entries_can_follow_one_head(database: str) -> None:
    record = PostgresRecord(database)
    with closing(record.open()) as store:
        put(store, 1)
    with pytest.raises(psycopg.errors.UniqueViolation):
        record.run("INSERT INTO log SELECT sequence + 1, body, head, previous, uid_key, owner_key FROM log")


def test_a_reader_can_not_write(database: str) -> None:
    connection = PostgresConnection(database, Guard(5.0), read_only=True)
    with closing(connection), pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("CREATE TABLE mine (id integer)")


def test_many_readers_share_a_few_connections(database: str) -> None:
    opened: list[bool] = []

    def connector(url: str, guard: Guard, read_only: bool) -> PostgresConnection:
        opened.append(read_only)
        return PostgresConnection(url, guard, read_only)

    with closing(PostgresStore(database, connector)) as store, ThreadPoolExecutor(30) as pool:
        uid = put(store, 1).uid
        assert all(pool.map(lambda _: store.get(uid) is not None, range(300)))
    assert opened.count(True) <= 8


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(missing, "import_module", absent)
    with pytest.raises(missing.MissingExtra, match=r"walras\[stack\]"):
        PostgresStore("postgresql://nowhere/none")
