"""Group commit, and writes that fail at every point: the caller is told, and nothing half is left."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from house_fakes import DOMAIN, NOW, an_intent, key
from support.stores import Record, Watcher, record_on, unwatched
from walras.digest import intent_uid
from walras_auction.infra.record.index import Index
from walras_auction.infra.record.store import RecordStore
from walras_auction.infra.record.tail import Tail
from walras_auction.infra.record.writer import GroupWriter, Transaction
from walras_auction.log import intent_entry
from walras_auction.ports import IntentUpdate, Place, RoundSummary, StoreError, UnknownOutcome

WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT", "SAVEPOINT", "RELEASE")


class Fault:
    """Fails the ``nth`` statement that writes, counted from when it is armed; 0 disarms.

    ``after``: fails once the database has carried it out, as when the answer is lost.
    """

    def __init__(self, record: Record) -> None:
        self._failure = record.failure
        self.countdown = 0
        self.after = False

    def arm(self, nth: int, after: bool = False) -> None:
        self.countdown, self.after = nth, after

    def watch(self, sql: str, done: bool) -> None:
        if self.countdown and done == self.after and sql.split()[0] in WRITES:
            self.countdown -= 1
            if self.countdown == 0:
                raise self._failure("disk I/O error")


def put(store: RecordStore, number: int) -> Place:
    intent = an_intent(key(number))
    uid = intent_uid(intent, DOMAIN)
    (placed,) = store.accept([intent_entry(uid, intent, "0xab")], NOW)
    return placed.place


def publish(store: RecordStore, round_id: int, uid: str) -> None:
    summary = RoundSummary(round_id, NOW, 1, 1, (), 0, 0, None, "0x" + "55" * 32)
    store.publish_round(summary, b"{}", [IntentUpdate(uid, "filled", 1000, None, "")], NOW)


def writes_of(fault: Fault, act: Callable[[], object]) -> int:
    """How many writes ``act`` makes."""
    fault.arm(1000)
    act()
    count, fault.countdown = 1000 - fault.countdown, 0
    return count


def test_whichever_write_of_an_accept_fails_the_log_is_as_it_was(record: Record) -> None:
    fault = Fault(record)
    with closing(record.open(fault.watch)) as store:
        count = writes_of(fault, lambda: put(store, 1))
        (first,) = store.log(1, 10)
        assert count >= 6
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


def test_whichever_write_of_a_round_fails_nothing_of_it_is_left(record: Record) -> None:
    fault = Fault(record)
    with closing(record.open(fault.watch)) as store:
        one, two = put(store, 1).uid, put(store, 2).uid
        rounds = [store.begin_round(NOW) for _ in range(2)]
        count = writes_of(fault, lambda: publish(store, rounds[0], one))
        assert count >= 6
        for nth in range(1, count + 1):
            fault.arm(nth)
            with pytest.raises(StoreError):
                publish(store, rounds[1], two)
            assert (len(store.rounds(None, 10)), store.snapshot(0).log_length) == (1, 3)
            assert [(one.uid, one.state) for one in store.open_intents()] == [(two, "open")]
        publish(store, rounds[1], two)
        assert (len(store.rounds(None, 10)), store.counts()) == (2, {"filled": 2})


def test_a_commit_whose_answer_is_lost_is_asked_after(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """SQLite has no such answers: it runs in this process."""
    record = record_on("postgres", request, tmp_path)
    fault = Fault(record)
    with closing(record.open(fault.watch)) as store:
        count = writes_of(fault, lambda: put(store, 1))
        fault.arm(count, after=True)
        assert put(store, 2).sequence == 2
        assert fault.countdown == 0
        assert put(store, 3).sequence == 3
        store.verify_chain()


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_commit_that_failed_is_what_the_database_says_of_it(
    record: Record, monkeypatch: pytest.MonkeyPatch, answer: bool | None
) -> None:
    fault = Fault(record)
    with closing(record.open(fault.watch)) as store:
        count = writes_of(fault, lambda: put(store, 1))
        monkeypatch.setattr(type(store._dialect), "committed", lambda dialect, name: answer)
        fault.arm(count)
        if answer:
            assert put(store, 2).sequence == 2
        else:
            with pytest.raises(StoreError) as failed:
                put(store, 2)
            assert isinstance(failed.value, UnknownOutcome) == (answer is None)


def test_a_connection_that_cannot_roll_back_is_replaced(record: Record) -> None:
    opened: list[str] = []

    def broken(transaction: Transaction) -> None:
        transaction.connection.close()
        raise record.failure("gone")

    def count(sql: str, done: bool) -> None:
        if "journal_mode" in sql or "advisory" in sql:
            opened.append(sql)

    with closing(writer_of(record, count)) as writer:
        opened.clear()
        with pytest.raises(StoreError):
            writer.run(broken)
        assert writer.run(lambda tx: tx.connection.execute("SELECT 7").fetchone()) == (7,)
    assert len(opened) == 2  # before the statement runs, and after it


def writer_of(
    record: Record, watcher: Watcher = unwatched, listener: Callable[[Tail], None] = lambda tail: None
) -> GroupWriter:
    return GroupWriter(record.dialect(watcher), Index(), listener)


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


def insert(transaction: Transaction, reason: str) -> None:
    transaction.connection.execute("INSERT INTO refusals VALUES (?, 1)", (reason,))
    transaction.tail.event += 1
    if reason == "bad":
        raise LookupError("no")


def test_jobs_that_wait_together_share_a_commit(record: Record) -> None:
    commits: list[str] = []

    def count(sql: str, done: bool) -> None:
        if sql == "COMMIT" and done:
            commits.append(sql)

    with closing(writer_of(record, count)) as writer:
        commits.clear()
        hold = Held(writer)
        futures = [writer.submit(lambda tx, number=number: insert(tx, str(number))) for number in range(50)]  # type: ignore[misc]
        hold.release()
        for future in futures:
            future.result()
    assert len(commits) == 2


def test_a_job_that_refuses_is_undone_alone(record: Record) -> None:
    seen: list[int] = []
    with closing(writer_of(record, listener=lambda tail: seen.append(tail.event))) as writer:
        hold = Held(writer)
        good, bad, late = (
            writer.submit(lambda tx, reason=reason: insert(tx, reason)) for reason in ("good", "bad", "late")
        )  # type: ignore[misc]
        hold.release()
        good.result()
        late.result()
        with pytest.raises(LookupError):
            bad.result()
        found = writer.run(lambda tx: tx.connection.execute("SELECT reason FROM refusals ORDER BY reason").fetchall())
    assert found == [("good",), ("late",)]
    assert seen == [2]


def test_a_listener_that_fails_does_not_stop_the_writer(store: RecordStore) -> None:
    def listener(last: int) -> None:
        raise RuntimeError("listener")

    store.subscribe(listener)
    put(store, 1)
    assert put(store, 2).sequence == 2


def test_many_threads_get_places_without_gaps(store: RecordStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda number: put(store, number), range(40)))
        assert store.verify_chain() == max(receipts, key=lambda receipt: receipt.sequence).head
    assert sorted(receipt.sequence for receipt in receipts) == list(range(1, 41))
