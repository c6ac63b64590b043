"""Several processes over one record: one sequence, no uid twice, an index that all of them keep together."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from house_fakes import DOMAIN, NOW, an_intent, key
from support.stores import Record
from walras.digest import intent_uid
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import intent_entry
from walras_auction.ports import IntentUpdate, NewEntry, Place, Placed, StaleLeader

BACKLOG = 16
TESTS = Path(__file__).parents[1]


@pytest.fixture
def pair(record: Record) -> Iterator[list[RecordStore]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(record.open(backlog=BACKLOG))) for _ in range(2)]


def entry(number: int) -> NewEntry:
    """An intent of one of seven owners."""
    intent = an_intent(key(number % 7), nonce=number)
    return intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")


def accept(store: RecordStore, numbers: Sequence[int]) -> list[Placed]:
    placed = store.accept([entry(number) for number in numbers], NOW)
    return [one for one in placed if isinstance(one, Placed)]


def at_once(acts: Sequence[Callable[[], list[Placed]]]) -> list[list[Placed]]:
    """Run all beside each other, starting together."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], list[Placed]]) -> list[Placed]:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def check(store: RecordStore, places: Sequence[Place], count: int) -> None:
    """The log has ``count`` entries that hash to each other, and every place that was given out is in it."""
    log = store.log(1, count + 1)
    assert [line.sequence for line in log] == list(range(1, count + 1))
    assert store.verify_chain() == log[-1].head
    assert len({line.uid for line in log}) == count
    heads = {line.sequence: (line.uid, line.head) for line in log}
    assert all(heads[place.sequence] == (place.uid, place.head) for place in places)


def test_two_writers_make_one_sequence(pair: list[RecordStore]) -> None:
    def many(store: RecordStore, first: int) -> Callable[[], list[Placed]]:
        return lambda: [placed for number in range(first, first + 60) for placed in accept(store, [number])]

    placed = at_once([many(pair[0], 0), many(pair[1], 1000)])
    check(pair[0], [one.place for part in placed for one in part], 120)
    assert all(one.new for part in placed for one in part)
    assert pair[0].counts() == pair[1].counts() == {"open": 120}


def test_a_uid_that_reaches_both_writers_is_accepted_once(pair: list[RecordStore]) -> None:
    def many(store: RecordStore) -> Callable[[], list[Placed]]:
        return lambda: [placed for number in range(60) for placed in accept(store, [number, number + 1000])]

    one, two = at_once([many(store) for store in pair])
    assert [a.place for a in one] == [b.place for b in two]
    assert all(a.new != b.new for a, b in zip(one, two, strict=True))
    check(pair[1], [placed.place for placed in one], 120)


def test_the_index_is_merged_by_both_and_finds_everything(pair: list[RecordStore], record: Record) -> None:
    for number in range(300):
        accept(pair[number % 2], [number])
    with closing(record.open(backlog=BACKLOG)) as third:
        for store in (*pair, third):
            assert all(not placed.new for placed in accept(store, range(300)))
            listed = [store.list_intents(key(owner).address, None, 0, 1000) for owner in range(7)]
            assert [len(part) for part in listed] == [len(range(owner, 300, 7)) for owner in range(7)]
            assert store.get(entry(17).uid) is not None
        assert third.snapshot(0).log_length == 300


def test_a_change_by_one_is_seen_by_the_other(pair: list[RecordStore]) -> None:
    one, two = pair
    uids = [placed.place.uid for placed in accept(one, range(4))]
    assert [stored.uid for stored in two.open_intents()] == uids
    one.update_intents([IntentUpdate(uids[1], "filled", 1000, None, "")])
    two.update_intents([IntentUpdate(uids[2], "parked", 0, "parked_funds", "")])
    for store in pair:
        assert [(stored.uid, stored.state) for stored in store.open_intents()] == [
            (uids[0], "open"),
            (uids[2], "parked"),
            (uids[3], "open"),
        ]
    assert [one.begin_round(NOW), two.begin_round(NOW), one.begin_round(NOW)] == [1, 2, 3]


def test_an_old_leader_writes_nothing_once_another_has_taken_over(pair: list[RecordStore]) -> None:
    old, new = pair[0].fenced(lambda: 3), pair[1].fenced(lambda: 4)
    (placed,) = accept(pair[0], [1])
    pair[0].take_over(3)
    assert old.begin_round(NOW) == 1
    pair[1].take_over(4)
    update = [IntentUpdate(placed.place.uid, "filled", 1000, None, "")]
    for act in (
        lambda: old.begin_round(NOW),
        lambda: old.journal_settlement(1, "0x00", b"", b""),
        lambda: old.update_intents(update),
        lambda: pair[0].take_over(3),
        lambda: pair[0].fenced(lambda: None).begin_round(NOW),
    ):
        with pytest.raises(StaleLeader):
            act()
    assert (new.begin_round(NOW), new.unfinished_settlements()) == (2, [])
    assert [stored.state for stored in new.open_intents()] == ["open"]
    assert accept(pair[0], [2])[0].place.sequence == 2, "intake needs no leader"


PROCESS = """
import sys
from auction.test_store_writers import accept, open_at
store = open_at(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    for placed in accept(store, [number]):
        print(placed.place.sequence, placed.place.uid, placed.place.head, int(placed.new), flush=True)
store.close()
"""


def open_at(where: str) -> RecordStore:
    """For a process that knows the record's address only."""
    from support.stores import PostgresRecord, SqliteRecord

    found = PostgresRecord(where) if where.startswith("postgresql:") else SqliteRecord(Path(where))
    return found.open(backlog=BACKLOG)


def test_two_processes_make_one_sequence(record: Record) -> None:
    """Each accepts forty of its own and forty that the other accepts too."""
    with closing(record.open(backlog=BACKLOG)) as store, ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", PROCESS, record.where, str(first), str(first + 80)],
                    cwd=TESTS,
                    env={"PYTHONPATH": str(TESTS)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for first in (0, 40)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [line.split() for process in processes for line in process.communicate(timeout=60)[0].splitlines()]
        log = store.log(1, 1000)
        assert [line.sequence for line in log] == list(range(1, 121))
        assert store.verify_chain() == log[-1].head
    places = {(str(line.sequence), line.uid, line.head) for line in log}
    assert {tuple(line[:3]) for line in said} == places
    assert sum(line[3] == "1" for line in said) == 120
