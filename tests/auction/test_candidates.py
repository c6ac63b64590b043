"""Rounds over more open intents than a batch holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from house_fakes import CONTRACTS, DOMAIN, NOW, A, B, an_intent, key
from test_close import TERMS, a_view
from walras.digest import intent_uid
from walras.wire import TokenInfo
from walras_auction.candidates import Candidates
from walras_auction.close import close
from walras_auction.infra.sqlite_store import SqliteStore
from walras_auction.log import intent_entry
from walras_auction.ports import IntentUpdate, StoredIntent, TokenFacts

TOKENS = (TokenInfo(address=A, symbol="A", decimals=18, price=10**18),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "store.db")) as store:
        yield store


def put(store: SqliteStore, number: int, amount: int, valid_to: int = NOW + 3600) -> str:
    intent = an_intent(key(number), give=(A, amount), valid_to=valid_to)
    uid = intent_uid(intent, DOMAIN)
    store.accept([intent_entry(uid, intent, "0xab")], NOW)
    return uid


def sequences(intents: list[StoredIntent]) -> list[int]:
    return [stored.sequence for stored in intents]


def test_as_many_as_a_batch_holds_are_all_looked_at(store: SqliteStore) -> None:
    for number in range(4):
        put(store, number, 100 - number)
    assert sequences(Candidates(store, 4).pick(NOW, TOKENS)) == [1, 2, 3, 4]


def test_of_more_the_most_valuable_and_the_others_in_turn(store: SqliteStore) -> None:
    for number in range(10):
        put(store, number, 1000 if number in (2, 7) else 10)
    candidates = Candidates(store, 2)
    seen = [sequences(candidates.pick(NOW, TOKENS)) for _ in range(5)]
    assert all({3, 8} <= set(chosen) for chosen in seen)
    assert set().union(*seen) == set(range(1, 11))
    assert all(chosen == sorted(chosen) for chosen in seen)


def test_whose_time_is_over_is_always_looked_at(store: SqliteStore) -> None:
    for number in range(8):
        put(store, number, 10 + number, valid_to=NOW + (1 if number == 3 else 3600))
    candidates = Candidates(store, 1)
    for _ in range(3):
        assert 4 in sequences(candidates.pick(NOW + 100, TOKENS))


def test_who_has_lost_its_funds_gives_way_until_it_has_them_again(store: SqliteStore) -> None:
    for number in range(6):
        put(store, number, 1000 - number)
    candidates = Candidates(store, 1)
    every = store.open_intents()
    broke = a_view(*every)
    broke = replace(broke, funds={**broke.funds, (key(0).address, A): TokenFacts(0, 0)})
    candidates.learn(every, broke)
    assert sequences(store.shortlist(1, {A: 1.0})) == [2]
    candidates.learn(every, a_view(*every))
    assert sequences(store.shortlist(1, {A: 1.0})) == [1]


def test_the_same_again_are_those_that_are_still_open_as_they_stand_now(store: SqliteStore) -> None:
    uids = [put(store, number, 10) for number in range(3)]
    candidates = Candidates(store, 5)
    picked = candidates.pick(NOW, TOKENS)
    store.update_intents(
        [IntentUpdate(uids[0], "expired", 0, "expired", ""), IntentUpdate(uids[1], "parked", 4, "x", "")]
    )
    again = candidates.again(picked)
    assert [(stored.sequence, stored.state, stored.executed) for stored in again] == [(2, "parked", 4), (3, "open", 0)]


def test_a_batch_holds_those_that_could_give_most_in_the_order_of_the_log(store: SqliteStore) -> None:
    for number, amount in enumerate((5, 900, 7, 800, 900, 1)):
        put(store, number, amount)
    intents = store.open_intents()
    view = a_view(*intents)
    view = replace(view, funds={**view.funds, (key(1).address, A): TokenFacts(6, 10**6)})
    batch = close(1, intents, view, NOW, replace(TERMS, batch_size=3), CONTRACTS, 1, TOKENS)
    assert [one.sequence for one in batch.intents] == [3, 4, 5]
    unpriced = close(1, intents, view, NOW, replace(TERMS, batch_size=3), CONTRACTS, 1, ())
    assert [one.sequence for one in unpriced.intents] == [1, 2, 3]


def test_a_batch_says_of_its_intents_what_the_checking_constructor_would(store: SqliteStore) -> None:
    put(store, 1, 5)
    intents = store.open_intents()
    batch = close(1, intents, a_view(*intents), NOW, TERMS, CONTRACTS, 1, TOKENS)
    assert type(batch).model_validate_json(batch.model_dump_json(by_alias=True)) == batch
    assert B in {leg.token for leg in batch.intents[0].intent.wants}
