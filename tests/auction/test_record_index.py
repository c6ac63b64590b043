"""Finding intents by uid and owner: in memory, in the tables, and halfway between; in one process and in two."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from house_fakes import DOMAIN, NOW, an_intent, key
from hypothesis import given, settings
from hypothesis import strategies as st
from walras.digest import intent_uid
from walras_auction.infra.record.index import Index
from walras_auction.infra.record.sqlite import SqliteDialect
from walras_auction.infra.record.store import RecordStore
from walras_auction.infra.record.tail import Tail, read_tail
from walras_auction.log import intent_entry
from walras_auction.ports import NewEntry


def entry(number: int, nonce: int = 1) -> NewEntry:
    intent = an_intent(key(number), nonce=nonce)
    return intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")


@dataclass
class Two:
    """Two programs on one file. A backlog of eight, so that merges happen."""

    path: Path

    def open(self) -> RecordStore:
        return RecordStore(SqliteDialect(self.path), backlog=8)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[RecordStore, RecordStore]]:
    record = Two(tmp_path / "store.db")
    with closing(record.open()) as one, closing(record.open()) as other:
        yield one, other


def indexed(store: RecordStore) -> tuple[int, int]:
    with store._reader() as connection:
        tail = read_tail(connection)
    return tail.indexed, tail.merging


def test_an_intent_is_found_wherever_the_merge_has_come_to(two: tuple[RecordStore, RecordStore]) -> None:
    one, other = two
    states = set()
    for number in range(60):
        (placed,) = (one if number % 3 else other).accept([entry(number)], NOW)
        assert placed.new
        end = indexed(one)
        states.add((end[0] > 0, end[1] > 0))
        for store in two:
            assert [store.places([entry(earlier).uid]) != {} for earlier in range(number + 1)] == [True] * (number + 1)
            assert store.get(entry(number + 1).uid) is None
    assert states == {(False, False), (False, True), (True, False), (True, True)}
    assert one.verify_chain() == other.verify_chain()


def test_what_one_program_took_the_other_knows(two: tuple[RecordStore, RecordStore]) -> None:
    one, other = two
    for number in range(30):
        first = one.accept([entry(number), entry(number + 100)], NOW)
        again = other.accept([entry(number + 100), entry(number), entry(number + 200)], NOW + 1)
        assert [placed.new for placed in again] == [False, False, True]
        assert [placed.place for placed in again[:2]] == [first[1].place, first[0].place]
    assert one.snapshot(0).log_length == 90
    assert one.counts() == {"open": 90}


def test_owners_find_all_their_intents_in_order(two: tuple[RecordStore, RecordStore]) -> None:
    one, other = two
    for nonce in range(25):
        one.accept([entry(1, nonce), entry(2, nonce)], NOW)
        mine = other.list_intents(key(1).address, None, 0, 100)
        assert [stored.intent.nonce for stored in mine] == list(range(nonce + 1))
    assert [stored.intent.nonce for stored in one.list_intents(key(2).address, "open", 10, 3)] == [5, 6, 7]


def test_both_see_the_same_book(two: tuple[RecordStore, RecordStore]) -> None:
    one, other = two
    for number in range(20):
        (one if number % 2 else other).accept([entry(number)], NOW)
    assert one.open_intents() == other.open_intents()
    assert [stored.sequence for stored in one.open_intents()] == list(range(1, 21))


def test_uids_that_share_a_short_key_are_told_apart(tmp_path: Path) -> None:
    with closing(Two(tmp_path / "store.db").open()) as store:
        first = entry(1)
        twins = [replace_uid(first, digit) for digit in "123"]
        for number in range(20):
            placed = store.accept([*twins, entry(100 + number)], NOW)
            assert [one.new for one in placed[:3]] == [number == 0] * 3
        found = store.places([twin.uid for twin in twins])
        assert sorted(place.sequence for place in found.values()) == [1, 2, 3]


def replace_uid(given_entry: NewEntry, digit: str) -> NewEntry:
    """The same entry under a uid that begins alike."""
    return given_entry._replace(uid=given_entry.uid[:-1] + digit)


def test_a_merge_that_was_cut_short_goes_on_after_a_restart(tmp_path: Path) -> None:
    record = Two(tmp_path / "store.db")
    number = 0
    with closing(record.open()) as store:
        while indexed(store)[1] == 0:
            store.accept([entry(number)], NOW)
            number += 1
    with closing(record.open()) as again:
        assert all(again.places([entry(earlier).uid]) for earlier in range(number))
        while indexed(again)[1]:
            again.accept([entry(number)], NOW)
            number += 1
        assert indexed(again)[0] > 0
        assert all(again.places([entry(earlier).uid]) for earlier in range(number))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.lists(st.integers(0, 25), min_size=1, max_size=6)), max_size=12))
def test_every_uid_is_taken_once_whoever_brings_it_how_often(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[bool, list[int]]]
) -> None:
    record = Two(tmp_path_factory.mktemp("record") / "store.db")
    known: dict[int, int] = {}
    with closing(record.open()) as one, closing(record.open()) as other:
        for first, numbers in calls:
            placed = (one if first else other).accept([entry(number) for number in numbers], NOW)
            for number, got in zip(numbers, placed, strict=True):
                assert got.new is (number not in known)
                assert known.setdefault(number, got.place.sequence) == got.place.sequence
        assert sorted(known.values()) == list(range(1, len(known) + 1))
        assert one.snapshot(0).log_length == len(known)
        one.verify_chain()


def test_the_index_forgets_only_what_is_merged() -> None:
    index = Index(backlog=2)
    tail = Tail(1, 3, bytes(32), 0, 0, 0, 0, 0, 0, 0)
    index.extend([(1, 10, 20), (2, 11, 20), (3, 10, 21)], tail)
    index._forget(2)
    assert index._uids == {10: [3]}
    assert index._owners == {21: [3]}
