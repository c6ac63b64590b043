"""Stage 8: what intents, solvers and viewers are told of a round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.judged import MICRO, WEI, Round, a_match, mined, two_sides
from walras.digest import intent_uid
from walras.intent import Intent
from walras.wire import canonical
from walras_auction.infra.sqlite_store import SqliteStore
from walras_auction.log import intent_entry
from walras_auction.publish import clearing_prices, notices, publish, round_view
from walras_auction.record import record_hash, write

TIME = 1_800_000_020


@dataclass
class Listening:
    """A feed that remembers."""

    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def publish(self, kind: str, data: dict[str, Any]) -> None:
        self.said.append((kind, data))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(tmp_path / "store.db")) as store:
        yield store


def accept(store: SqliteStore, intents: tuple[Intent, ...]) -> None:
    """Put the market's intents into the store, as intake does."""
    market = two_sides()
    for intent in intents:
        uid = intent_uid(intent, market.domain)
        store.accept([intent_entry(uid, intent, "0xab")], TIME - 20)


def a_record(weth: int = WEI, failed: bool = False) -> dict[str, Any]:
    market = two_sides()
    judged = Round(market.batch())
    judged.bid("good", a_match(judged.batch, weth=weth))
    judged.bid("bad", a_match(judged.batch, 1_899))
    judgement = judged.judge()
    hashes = [winner.hash for winner in judgement.ranked.winners]
    bundles = [mined(hashes, dict.fromkeys(hashes, "CoverExceeded()") if failed else None)]
    record: dict[str, Any] = json.loads(canonical(write(judged.inputs(), judgement, bundles)))
    return record


def published(store: SqliteStore, record: dict[str, Any]) -> Listening:
    accept(store, two_sides().intents)
    store.begin_round(TIME - 10)
    feed = Listening()
    publish(record, store, feed, TIME)
    return feed


def test_owners_get_their_fills(store: SqliteStore) -> None:
    published(store, a_record())
    sell, buy = store.list_intents(None, None, 0, 10)
    assert (sell.state, buy.state) == ("filled", "filled")
    (report,) = store.fills(sell.uid)
    assert (report.gives, report.wants, report.fee, report.surplus) == (
        (WEI,),
        (2_000 * MICRO,),
        0,
        100 * WEI // 2_000,
    )
    assert (report.solver, report.block, report.round) == ("good", 7, 1)
    assert set(report.prices) == {leg.token for leg in sell.intent.gives + sell.intent.wants}


def test_who_is_filled_in_part_stays_open_with_a_reason(store: SqliteStore) -> None:
    published(store, a_record(WEI // 4))
    sell = store.list_intents(None, None, 0, 10)[0]
    assert (sell.state, sell.executed, sell.remaining) == ("open", WEI // 4, 3 * WEI // 4)
    assert sell.reason == "no_solution_found"


def test_who_lost_the_block_stays_open(store: SqliteStore) -> None:
    published(store, a_record(failed=True))
    sell = store.list_intents(None, None, 0, 10)[0]
    assert (sell.state, sell.executed, sell.reason) == ("open", 0, "no_solution_won")
    assert store.fills(sell.uid) == ()


def test_the_record_is_stored_logged_and_announced(store: SqliteStore) -> None:
    record = a_record()
    feed = published(store, record)
    body = store.round_record(1)
    assert body == canonical(record)
    ((summary,),) = [store.rounds(None, 10)]
    assert (summary.bids, summary.winners, summary.fills) == (2, ("good",), 2)
    assert summary.record_hash == record_hash(body)
    entry = store.log(1, 10)[-1]
    assert (entry.kind, entry.uid) == ("round", summary.record_hash)
    ((kind, view),) = feed.said
    assert kind == "round_closed"
    assert view["recordHash"] == summary.record_hash


def test_publishing_again_changes_nothing(store: SqliteStore) -> None:
    record = a_record(WEI // 4)
    published(store, record)
    publish(record, store, Listening(), TIME + 5)
    sell = store.list_intents(None, None, 0, 10)[0]
    assert len(store.fills(sell.uid)) == 1
    assert sell.executed == WEI // 4


def test_a_viewer_sees_prices_of_winners_alone() -> None:
    record = a_record()
    view = round_view(record, "0x12")
    assert list(view["prices"]) == record["verdict"]["winners"]
    assert clearing_prices(record).keys() == {row["hash"] for row in record["verdict"]["bids"]}
    assert view["verdict"] == record["verdict"]
    assert "inputs" not in view
    json.dumps(view)


def test_each_solver_is_told_about_each_of_its_solutions() -> None:
    told = notices(a_record())
    assert {name: [(note.status, note.reason) for note in notes] for name, notes in told.items()} == {
        "good": [("won", None)],
        "bad": [("refused", "limit_violated")],
    }
    assert told["good"][0].score == str(200 * WEI // 2_000)
    assert "signed at least" in told["bad"][0].detail
