"""Random jobs of two writers on one record, against a model that is a dictionary."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from house_fakes import DOMAIN, NOW, an_intent, key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.stores import DATABASES, PostgresRecord, Record, record_on
from walras.digest import intent_uid
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import intent_entry
from walras_auction.ports import IntentUpdate, NewEntry, Placed, RoundSummary, State

OWNERS = 3
NUMBERS = st.integers(0, 25)
WRITER = st.sampled_from((0, 1))
STATES: list[State] = ["open", "parked", "filled", "expired"]
JOBS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), WRITER, st.lists(NUMBERS, min_size=1, max_size=6)),
        st.tuples(st.just("update"), WRITER, st.tuples(NUMBERS, st.sampled_from(STATES))),
        st.tuples(st.just("round"), WRITER, st.lists(NUMBERS, max_size=3, unique=True)),
        st.tuples(st.just("reopen"), WRITER, st.none()),
        st.tuples(st.just("look"), WRITER, NUMBERS),
    ),
    max_size=30,
)


def entry(number: int) -> NewEntry:
    intent = an_intent(key(number % OWNERS), nonce=number)
    return intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")


UIDS = [entry(number).uid for number in range(26)]


@dataclass
class Model:
    """What a record of these jobs says: the log's uids in order, each intent's state, the rounds."""

    log: list[str] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    rounds: int = 0

    def open(self) -> list[tuple[int, str, str]]:
        held = [(self.log.index(uid) + 1, uid, state) for uid, state in self.states.items()]
        return sorted(one for one in held if one[2] in ("open", "parked"))


class Writers:
    """Two stores on one record, and the model beside them."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.model = Model()
        self.stores = [record.open(backlog=8) for _ in range(2)]

    def do(self, job: str, writer: int, what: Any) -> None:
        store = self.stores[writer]
        match job:
            case "accept":
                self._accept(store, what)
            case "update":
                self._update(store, UIDS[what[0]], what[1])
            case "round":
                self._round(store, [UIDS[number] for number in what])
            case "reopen":
                store.close()
                self.stores[writer] = self._record.open(backlog=8)
            case "look":
                held = store.get(UIDS[what])
                assert (held.state if held else None) == self.model.states.get(UIDS[what])
        self.check(self.stores[1 - writer])

    def _accept(self, store: RecordStore, numbers: list[int]) -> None:
        for number, placed in zip(numbers, store.accept([entry(number) for number in numbers], NOW), strict=True):
            assert isinstance(placed, Placed)
            uid = UIDS[number]
            assert placed.new == (uid not in self.model.states)
            if placed.new:
                self.model.log.append(uid)
                self.model.states[uid] = "open"
            assert placed.place.sequence == self.model.log.index(uid) + 1

    def _update(self, store: RecordStore, uid: str, state: State) -> None:
        if uid in self.model.states:
            store.update_intents([IntentUpdate(uid, state, 0, None, "")])
            self.model.states[uid] = state
        else:
            with pytest.raises(LookupError):
                store.update_intents([IntentUpdate(uid, state, 0, None, "")])

    def _round(self, store: RecordStore, uids: list[str]) -> None:
        self.model.rounds += 1
        assert store.begin_round(NOW) == self.model.rounds
        record_hash = f"0x{self.model.rounds:064x}"
        summary = RoundSummary(self.model.rounds, NOW, 0, 0, (), 0, 0, None, record_hash)
        updates = [IntentUpdate(uid, "filled", 1000, None, "") for uid in uids]
        if any(uid not in self.model.states for uid in uids):
            with pytest.raises(LookupError):
                store.publish_round(summary, b"{}", updates, NOW)
            return
        store.publish_round(summary, b"{}", updates, NOW)
        self.model.log.append(record_hash)
        self.model.states |= dict.fromkeys(uids, "filled")

    def check(self, store: RecordStore) -> None:
        assert [(held.sequence, held.uid, held.state) for held in store.open_intents()] == self.model.open()
        assert store.counts() == dict(Counter(self.model.states.values()))

    def finish(self) -> None:
        for store in self.stores:
            self.check(store)
            log = store.log(1, 1000)
            assert [line.uid for line in log] == self.model.log
            assert store.verify_chain() == (log[-1].head if log else "0x" + "00" * 32)
            for owner in range(OWNERS):
                mine = [uid for uid in self.model.log if uid in UIDS[owner::OWNERS]]
                assert [held.uid for held in store.list_intents(key(owner).address, None, 0, 100)] == mine
            events = store.events(0, 1000)
            assert [event.id for event in events] == list(range(1, store.last_event() + 1))
            assert [event.data["uid"] for event in events] == [uid for uid in self.model.log if uid in UIDS]


@contextlib.contextmanager
def emptied(record: Record) -> Iterator[Writers]:
    """Writers on an empty record: an example of Hypothesis begins with what the one before it left."""
    if isinstance(record, PostgresRecord):
        record.run("DROP SCHEMA public CASCADE")
        record.run("CREATE SCHEMA public")
    else:
        for path in Path(record.where).parent.glob("store.db*"):
            path.unlink()
    writers = Writers(record)
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: [store.close() for store in writers.stores])
        yield writers


@pytest.mark.parametrize("name", DATABASES)
def test_two_writers_do_what_one_dictionary_would(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    record = record_on(name, request, tmp_path)
    with closing(record.open()):
        pass

    @settings(max_examples=60 if name == "sqlite" else 15, suppress_health_check=list(HealthCheck))
    @given(JOBS)
    def run(jobs: list[tuple[str, int, Any]]) -> None:
        with emptied(record) as writers:
            for job in jobs:
                writers.do(*job)
            writers.finish()

    run()
