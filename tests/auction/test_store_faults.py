"""Group commit, and writes that fail at every point: the caller is told, and nothing half is left."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from house_fakes import DOMAIN, HOUSE_SIGNER, NOW, an_intent, key
from walras.digest import intent_uid
from walras.wire import Receipt
from walras_auction.infra.sqlite_schema import connect, open_writer
from walras_auction.infra.sqlite_store import SqliteStore, StoreError
from walras_auction.infra.sqlite_writer import GroupWriter, Transaction
from walras_auction.log import Notary, intent_entry
from walras_auction.ports import Event, IntentUpdate, RoundSummary

WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT", "SAVEPOINT", "RELEASE")


class Fault:
    """Fails the ``nth`` statement that writes, counted from when it is armed; 0 disarms."""

    def __init__(self) -> None:
        self.countdown = 0

    def arm(self, nth: int) -> None:
        self.countdown = nth

    def strike(self, sql: str) -> None:
        if self.countdown and sql.split()[0] in WRITES:
            self.countdown -= 1
            if self.countdown == 0:
                raise sqlite3.OperationalError("disk I/O error")

    def connect(self, path: str) -> sqlite3.Connection:
        fault = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                fault.strike(sql)
                return super().execute(sql, *values)

        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)


def open_store(path: Path, connector: Callable[[str], sqlite3.Connection] = connect) -> SqliteStore:
    return SqliteStore(path / "store.db", Notary(HOUSE_SIGNER, DOMAIN), connector)


def put(store: SqliteStore, number: int) -> Receipt:
    intent = an_intent(key(number))
    uid = intent_uid(intent, DOMAIN)
    (receipt,) = store.accept([(intent_entry(uid, intent, "0xab"), intent, "0xab", ())], NOW)
    return receipt


def publish(store: SqliteStore, round_id: int, uid: str) -> None:
    summary = RoundSummary(round_id, NOW, 1, 1, (), 0, 0, None, "0x" + "55" * 32)
    store.publish_round(summary, b"{}", [IntentUpdate(uid, "filled", 1000, None, "")], NOW)


def writes_of(path: Path, act: Callable[[SqliteStore], object]) -> int:
    """How many writes ``act`` makes."""
    fault = Fault()
    with closing(open_store(path, fault.connect)) as store:
        put(store, 1)
        store.begin_round(NOW)
        fault.arm(1000)
        act(store)
        return 1000 - fault.countdown


def test_whichever_write_of_an_accept_fails_the_log_is_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    count = writes_of(tmp_path / "count", lambda store: put(store, 2))
    assert count >= 6
    fault = Fault()
    with closing(open_store(tmp_path, fault.connect)) as store:
        first = put(store, 1)
        for nth in range(1, count + 1):
            fault.arm(nth)
            with pytest.raises(StoreError, match="nothing was written: disk"):
                put(store, 2)
            assert store.verify_chain() == first.head
            assert [one.uid for one in store.open_intents()] == [first.uid]
            assert [event.id for event in store.events(0, 10)] == [1]
        second = put(store, 2)
        assert (second.sequence, second.previous) == (2, first.head)
        assert [event.id for event in store.events(0, 10)] == [1, 2]


def test_whichever_write_of_a_round_fails_nothing_of_it_is_left(tmp_path: Path) -> None:
    (tmp_path / "count").mkdir()
    uid = intent_uid(an_intent(key(1)), DOMAIN)
    count = writes_of(tmp_path / "count", lambda store: publish(store, 1, uid))
    assert count >= 6
    fault = Fault()
    with closing(open_store(tmp_path, fault.connect)) as store:
        put(store, 1)
        round_id = store.begin_round(NOW)
        for nth in range(1, count + 1):
            fault.arm(nth)
            with pytest.raises(StoreError):
                publish(store, round_id, uid)
            assert (store.rounds(None, 10), store.snapshot(0).log_length) == ([], 1)
            assert [one.state for one in store.open_intents()] == ["open"]
        publish(store, round_id, uid)
        assert (len(store.rounds(None, 10)), store.counts()) == (1, {"filled": 1})


def test_a_connection_that_cannot_roll_back_is_replaced(tmp_path: Path) -> None:
    opened: list[sqlite3.Connection] = []

    def open_one() -> sqlite3.Connection:
        opened.append(open_writer(tmp_path / "store.db", connect))
        return opened[-1]

    def broken(transaction: Transaction) -> None:
        transaction.connection.close()
        raise sqlite3.OperationalError("gone")

    with closing(GroupWriter(open_one, lambda events: None)) as writer:
        with pytest.raises(StoreError):
            writer.run(broken)
        assert writer.run(lambda tx: tx.connection.execute("SELECT 7").fetchone()) == (7,)
    assert len(opened) == 2


class Held:
    """A job that holds up its group until the test lets go, so that what follows waits together."""

    def __init__(self, writer: GroupWriter) -> None:
        self._started, self._gate = threading.Event(), threading.Event()
        self.future = writer.submit(self._wait)
        self._started.wait()

    def _wait(self, transaction: Transaction) -> None:
        self._started.set()
        self._gate.wait()

    def release(self) -> None:
        self._gate.set()


def insert(transaction: Transaction, uid: str) -> None:
    transaction.connection.execute("INSERT INTO cancels VALUES (?, 1)", (uid,))
    transaction.events.append(Event(1, NOW, uid, {}))
    if uid == "bad":
        raise LookupError("no")


def test_jobs_that_wait_together_share_a_commit(tmp_path: Path) -> None:
    commits: list[str] = []
    connection = open_writer(tmp_path / "store.db")
    connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    with closing(GroupWriter(lambda: connection, lambda events: None)) as writer:
        hold = Held(writer)
        futures = [writer.submit(lambda tx, number=number: insert(tx, str(number))) for number in range(50)]  # type: ignore[misc]
        hold.release()
        for future in futures:
            future.result()
    assert len(commits) == 2


def test_a_job_that_refuses_is_undone_alone(tmp_path: Path) -> None:
    seen: list[Event] = []
    with closing(GroupWriter(lambda: open_writer(tmp_path / "store.db"), seen.extend)) as writer:
        hold = Held(writer)
        good, bad, late = (writer.submit(lambda tx, uid=uid: insert(tx, uid)) for uid in ("good", "bad", "late"))  # type: ignore[misc]
        hold.release()
        good.result()
        late.result()
        with pytest.raises(LookupError):
            bad.result()
        found = writer.run(lambda tx: tx.connection.execute("SELECT uid FROM cancels ORDER BY uid").fetchall())
    assert found == [("good",), ("late",)]
    assert [event.kind for event in seen] == ["good", "late"]


def test_a_listener_that_fails_does_not_stop_the_writer(tmp_path: Path) -> None:
    def listener(events: list[Event]) -> None:
        raise RuntimeError("listener")

    with closing(open_store(tmp_path)) as store:
        store.subscribe(listener)
        put(store, 1)
        assert put(store, 2).sequence == 2


def test_many_threads_get_places_without_gaps(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store, ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda number: put(store, number), range(40)))
        assert store.verify_chain() == max(receipts, key=lambda receipt: receipt.sequence).head
    assert sorted(receipt.sequence for receipt in receipts) == list(range(1, 41))
