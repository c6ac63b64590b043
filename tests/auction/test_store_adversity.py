"""A full disk, and a clock that goes backwards."""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from house_fakes import DOMAIN, HOUSE_SIGNER, NOW, FakeChain, ManualClock, a_request, an_intent, key
from support.stores import Record
from walras.digest import intent_uid
from walras_auction.api.house import House
from walras_auction.infra.record.sqlite import connect
from walras_auction.infra.record.store import RecordStore
from walras_auction.infra.sqlite_store import SqliteStore
from walras_auction.log import intent_entry
from walras_auction.ports import Place, Placed, StoreError


def put(store: RecordStore, number: int) -> Place:
    intent = an_intent(key(number % 5), nonce=number)
    (placed,) = store.accept([intent_entry(intent_uid(intent, DOMAIN), intent, "0xab")], NOW)
    assert isinstance(placed, Placed)
    return placed.place


def test_a_full_disk_refuses_what_it_can_not_keep_and_nothing_that_it_keeps(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(SqliteStore(path)):
        pages = sqlite3.connect(path).execute("PRAGMA page_count").fetchone()[0]

    def small(where: str) -> sqlite3.Connection:
        connection = connect(where)
        connection.execute(f"PRAGMA max_page_count={pages + 8}")
        return connection

    places: list[Place] = []
    with closing(SqliteStore(path, small)) as store:
        with contextlib.suppress(StoreError):
            while len(places) < 10_000:
                places.append(put(store, len(places)))
        with pytest.raises(StoreError, match="full"):
            put(store, len(places))
        assert len(places) > 10
        assert store.verify_chain() == places[-1].head
        assert [stored.uid for stored in store.open_intents()] == [place.uid for place in places]
    with closing(SqliteStore(path)) as roomier:
        assert put(roomier, len(places)).previous == places[-1].head
        assert [put(roomier, number) for number in range(len(places))] == places


def test_a_clock_that_goes_backwards_changes_no_order(record: Record) -> None:
    clock = ManualClock()
    with closing(House.open(record.where, FakeChain(), clock, HOUSE_SIGNER)) as house:
        first = house.intake.submit(a_request(1))
        clock.time = NOW - 3_000
        second = house.intake.submit(a_request(2))
        assert house.intake.submit(a_request(1)) == first
        assert (second.sequence, second.previous, second.time) == (2, first.head, NOW - 3_000)
        assert house.store.verify_chain() == second.head
        assert [event.id for event in house.store.events(0, 9)] == [1, 2]
