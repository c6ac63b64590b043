"""Random submits, cancels, amends and rounds of two writers on one record, against a model of a few dictionaries.

What the house promises is checked at every round: nothing is in it that an accepted cancel names an earlier round for.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from house_fakes import DOMAIN, NOW, B, an_intent, key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.stores import DATABASES, PostgresRecord, Record, record_on
from walras.cancels import Scope
from walras.digest import intent_uid
from walras.rejections import Reason, Rejection
from walras_auction.infra.record.store import RecordStore
from walras_auction.log import intent_entry
from walras_auction.ports import Cancelled, IntentUpdate, NewEntry, Placed, RoundSummary, State, Wish

#: Two owners, nonces of two words of two epochs, two intents of each nonce.
NONCES = [epoch << 192 | number for epoch in (0, 1) for number in (3, 4, 300)]
INTENTS = [(owner, nonce, want) for owner in (0, 1) for nonce in NONCES for want in (900, 901)]
NUMBERS = st.integers(0, len(INTENTS) - 1)
TARGETS = st.one_of(
    st.tuples(st.just(Scope.UID), NUMBERS),
    st.tuples(st.just(Scope.WORD), st.sampled_from(sorted({nonce >> 8 for nonce in NONCES}))),
    st.tuples(st.just(Scope.EPOCH), st.sampled_from((0, 1))),
)
WRITER = st.sampled_from((0, 1))
CANCELS = st.lists(st.tuples(st.sampled_from((0, 1)), TARGETS), min_size=1, max_size=4)
JOBS = st.lists(
    st.one_of(
        st.tuples(st.just("accept"), WRITER, st.lists(NUMBERS, min_size=1, max_size=5)),
        st.tuples(st.just("cancel"), WRITER, CANCELS),
        st.tuples(st.just("amend"), WRITER, st.tuples(NUMBERS, NUMBERS)),
        st.tuples(st.just("begin"), WRITER, st.none()),
        st.tuples(st.just("publish"), WRITER, st.booleans()),
        st.tuples(st.just("undo"), WRITER, NUMBERS),
        st.tuples(st.just("reopen"), WRITER, st.none()),
    ),
    max_size=30,
)


def entry_of(owner: int, nonce: int, want: int) -> NewEntry:
    intent = an_intent(key(owner), nonce=nonce, want=(B, want))
    return intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")


ENTRIES = [entry_of(*one) for one in INTENTS]
UIDS = [entry.uid for entry in ENTRIES]


@dataclass
class Model:
    """States by intent, places of cancels by what they name, the round under way and its batch."""

    length: int = 0
    rounds: int = 0
    states: dict[int, State] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)
    cancels: dict[tuple[int, Scope, int], tuple[int, int]] = field(default_factory=dict)  # to place and first round
    amended: dict[tuple[int, Scope, int], int] = field(default_factory=dict)  # to the intent in its place
    filled: set[int] = field(default_factory=set)
    batch: list[int] | None = None

    def covering(self, number: int) -> list[tuple[int, int]]:
        owner, nonce, _ = INTENTS[number]
        return [
            place
            for (who, scope, value), place in self.cancels.items()
            if (who == owner and (scope, value) in ((Scope.UID, number), (Scope.WORD, nonce >> 8)))
            or (who == owner and scope is Scope.EPOCH and nonce >> 192 <= value)
        ]

    def open(self) -> list[int]:
        return sorted((n for n, state in self.states.items() if state == "open"), key=self.places.__getitem__)

    def accept(self, number: int) -> int | Reason:
        if number not in self.states:
            if self.covering(number):
                return Reason.CANCELLED_BEFORE
            self.length += 1
            self.states[number], self.places[number] = "open", self.length
        return self.places[number]

    def cancel(self, owner: int, scope: Scope, value: int) -> tuple[int, int] | Reason:
        known = self.cancels.get((owner, scope, value))
        if scope is Scope.UID and value in self.states:
            if INTENTS[value][0] != owner:
                return Reason.BAD_SIGNATURE
            if known is None and self.states[value] != "open":
                return Reason.NOT_CANCELLABLE
        if known is None:
            self.length += 1
            known = self.cancels[owner, scope, value] = (self.length, self.rounds + 1)
            self.states |= {n: "cancelled" for n in self.open() if known in self.covering(n)}
        return known

    def amend(self, old: int, new: int) -> int | Reason:
        owner, nonce, _ = INTENTS[new]
        target = (owner, Scope.UID, old)
        if new in self.states:
            return self.places[new] if self.amended.get(target) == new else Reason.NOT_AMENDABLE
        if old not in self.states:
            return Reason.UNKNOWN_INTENT
        if INTENTS[old][:2] != (owner, nonce):
            return Reason.AMEND_MISMATCH
        if self.states[old] != "open" or old in self.filled:
            return Reason.NOT_AMENDABLE
        if self.covering(new):
            return Reason.CANCELLED_BEFORE
        self.cancel(owner, Scope.UID, old)
        self.amended[target] = new
        return self.accept(new)


class Writers:
    """Two stores on one record, and the model beside them."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.model = Model()
        self.stores = [record.open(backlog=8) for _ in range(2)]

    def close(self) -> None:
        for store in self.stores:
            store.close()

    def do(self, job: str, writer: int, what: Any) -> None:
        store = self.stores[writer]
        if job == "reopen":
            store.close()
            self.stores[writer] = self._record.open(backlog=8)
        else:
            getattr(self, f"_{job}")(store, what)
        self.check(self.stores[1 - writer])

    def _accept(self, store: RecordStore, numbers: list[int]) -> None:
        outcomes = store.accept([ENTRIES[number] for number in numbers], NOW)
        said = [one.place.sequence if isinstance(one, Placed) else one.reason for one in outcomes]
        assert said == [self.model.accept(number) for number in numbers]

    def _cancel(self, store: RecordStore, cancels: list[tuple[int, tuple[Scope, int]]]) -> None:
        wishes = [_wish(owner, scope, value) for owner, (scope, value) in cancels]
        outcomes = store.cancel_many(wishes, NOW)
        said = [(one.place.sequence, one.first_round) if isinstance(one, Cancelled) else one.reason for one in outcomes]
        assert said == [self.model.cancel(owner, scope, value) for owner, (scope, value) in cancels]

    def _amend(self, store: RecordStore, what: tuple[int, int]) -> None:
        old, new = what
        owner = key(INTENTS[new][0]).address
        wish = Wish(Scope.AMEND, UIDS[old], owner, UIDS[old], "0xab", by=UIDS[new])
        said: int | Reason
        try:
            said = store.amend(ENTRIES[new], wish, NOW).placed.place.sequence
        except Rejection as rejection:
            said = rejection.reason
        assert said == self.model.amend(old, new)

    def _begin(self, store: RecordStore, _: None) -> None:
        """A round begins; the one before it, if it was not published, never is."""
        model = self.model
        model.rounds = store.begin_round(NOW)
        model.batch = [UIDS.index(stored.uid) for stored in store.open_intents()]
        for number in model.batch:
            assert all(first > model.rounds for _, first in model.covering(number))

    def _publish(self, store: RecordStore, filled: bool) -> None:
        """The round fills its whole batch, whatever was cancelled meanwhile, or a part of each."""
        model, batch = self.model, self.model.batch
        if batch is None:
            return
        updates = [IntentUpdate(UIDS[n], "filled" if filled else "open", 400, None, "") for n in batch]
        summary = RoundSummary(model.rounds, NOW, 0, 0, (), 0, 0, None, f"0x{model.rounds:064x}")
        store.publish_round(summary, b"{}", updates, NOW)
        model.length += 1
        model.filled.update(batch)
        for number in batch:
            if filled:
                model.states[number] = "filled"
        model.batch = None

    def _undo(self, store: RecordStore, number: int) -> None:
        """The chain takes back the settlement that filled an intent."""
        if self.model.states.get(number) == "filled":
            store.update_intents([IntentUpdate(UIDS[number], "open", 0, None, "")])
            self.model.filled.discard(number)
            self.model.states[number] = "cancelled" if self.model.covering(number) else "open"

    def check(self, store: RecordStore) -> None:
        assert [stored.uid for stored in store.open_intents()] == [UIDS[number] for number in self.model.open()]
        assert store.counts() == dict(Counter(self.model.states.values()))

    def finish(self) -> None:
        for store in self.stores:
            self.check(store)
            assert store.snapshot(0).log_length == self.model.length
            store.verify_chain()
            told = Counter(event.data["uid"] for event in store.events(0, 1000) if event.kind == "cancelled")
            assert set(told.values()) <= {1}


def _wish(owner: int, scope: Scope, value: int) -> Wish:
    address = key(owner).address
    if scope is Scope.UID:
        return Wish(scope, UIDS[value], address, UIDS[value], "0xcd")
    return Wish(scope, str(value), address, f"0x{owner:02x}{value % 2**200:062x}", "0xcd")


def emptied(record: Record) -> None:
    """An example of Hypothesis begins with what the one before it left."""
    if isinstance(record, PostgresRecord):
        record.run("DROP SCHEMA public CASCADE")
        record.run("CREATE SCHEMA public")
    else:
        for path in Path(record.where).parent.glob("store.db*"):
            path.unlink()


@pytest.mark.parametrize("name", DATABASES)
def test_what_is_cancelled_stays_out_as_promised(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    record = record_on(name, request, tmp_path)
    with closing(record.open()):
        pass

    @settings(max_examples=150 if name == "sqlite" else 20, suppress_health_check=list(HealthCheck))
    @given(JOBS)
    def run(jobs: list[tuple[str, int, Any]]) -> None:
        emptied(record)
        with ExitStack() as stack:
            writers = Writers(record)
            stack.callback(writers.close)
            for job in jobs:
                writers.do(*job)
            writers.finish()

    run()
