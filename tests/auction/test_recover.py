"""A crash anywhere between two stages: what was won settles once, and what was not is offered again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.bids import MICRO, WEI, always, at, fill, solution
from support.desk import Desk, ScriptedDoor
from support.world import person
from walras.rejections import Reason
from walras.wire import Batch, Solution
from walras_auction.record import replay


class Crash(Exception):
    """The process ends here."""


def a_market(desk: Desk) -> tuple[list[str], list[ScriptedDoor]]:
    """Two disjoint matches, one solver each."""
    uids = [
        desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO))),
        desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO))),
        desk.submit("carol", desk.sell("carol", ("DAI", 1_000 * WEI), ("JUNK", 900 * WEI))),
        desk.submit("dave", desk.sell("dave", ("JUNK", 1_000 * WEI), ("DAI", 900 * WEI))),
    ]

    def weth(batch: Batch) -> Solution:
        return at(batch, 2_000, fill(uids[0], WEI), fill(uids[1], WEI))

    def junk(batch: Batch) -> Solution:
        return solution(batch, {"DAI": 1, "JUNK": 1}, fill(uids[2], 1_000 * WEI), fill(uids[3], 1_000 * WEI))

    return uids, [ScriptedDoor(always(weth)), ScriptedDoor(always(junk), "rival")]


def crash_in(target: object, name: str, when: int, monkeypatch: pytest.MonkeyPatch, *, after: bool = False) -> None:
    """The process dies in the ``when``-th call of a method, before its work or after it."""
    real, calls = getattr(target, name), [0]

    def dying(*args: Any, **rest: Any) -> object:
        calls[0] += 1
        if calls[0] == when and not after:
            raise Crash
        result: object = real(*args, **rest)
        if calls[0] == when:
            raise Crash
        return result

    monkeypatch.setattr(target, name, dying)


@pytest.mark.parametrize(
    ("part", "name", "after"),
    [
        ("store", "journal_settlement", True),
        ("chain", "send", False),
        ("chain", "send", True),
        ("chain", "follow", False),
        ("chain", "follow", True),
        ("store", "publish_round", False),
        ("store", "publish_round", True),
    ],
)
def test_a_crash_after_the_journal_is_finished_on_restart(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, part: str, name: str, after: bool
) -> None:
    uids, doors = a_market(desk)
    target = desk.house.store if part == "store" else desk.chain
    crash_in(target, name, 1, monkeypatch, after=after)
    held = desk.world.held(person("alice").address, "USDC")
    with pytest.raises(Crash):
        desk.open_rounds(doors).run()
    desk.restart()
    finished = desk.open_rounds(doors).recover()
    assert finished == ([] if (name, after) == ("publish_round", True) else [1])
    assert desk.open_rounds(doors).recover() == []
    assert [desk.stored(uid).state for uid in uids] == ["filled"] * 4
    assert all(len(desk.house.store.fills(uid)) == 1 for uid in uids)
    assert desk.world.held(person("alice").address, "USDC") - held == 2_000 * MICRO
    published = desk.house.store.round_record(1)
    assert published is not None
    assert replay(json.loads(published)) == published


def test_a_crash_before_the_journal_loses_the_round_and_no_intent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uids, doors = a_market(desk)
    crash_in(desk.house.store, "journal_settlement", 1, monkeypatch)
    with pytest.raises(Crash):
        desk.open_rounds(doors).run()
    desk.restart()
    assert desk.open_rounds(doors).recover() == []
    outcome = desk.round(*doors)
    assert (outcome.id, outcome.fills) == (2, 4)
    assert [desk.stored(uid).state for uid in uids] == ["filled"] * 4


def test_a_crash_between_two_bundles_settles_the_first_and_offers_the_rest_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks are so small that each winner needs a transaction of its own; the second is never signed."""
    uids, doors = a_market(desk)
    monkeypatch.setattr("walras_auction.rounds.bundles_of", lambda entries, gas: [[entry] for entry in entries])
    crash_in(desk.chain, "sign_bundle", 2, monkeypatch)
    with pytest.raises(Crash):
        desk.open_rounds(doors).run()
    desk.restart()
    assert desk.open_rounds(doors).recover() == [1]
    published = desk.house.store.round_record(1)
    assert published is not None
    rows = {row["solver"]: row for row in json.loads(published)["verdict"]["bids"]}
    settled = sorted(rows, key=lambda name: rows[name]["status"] != "won")
    assert [rows[name]["status"] for name in settled] == ["won", "failed"]
    assert rows[settled[1]]["reason"] == Reason.SETTLEMENT_FAILED
    assert replay(json.loads(published)) == published
    desk.round(*doors)
    assert [desk.stored(uid).state for uid in uids] == ["filled"] * 4
    assert all(len(desk.house.store.fills(uid)) == 1 for uid in uids)


def test_a_journaled_bundle_that_can_no_longer_land_fails_and_frees_its_intents(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The award's deadline passes while the house is down."""
    uids, doors = a_market(desk)
    crash_in(desk.chain, "send", 1, monkeypatch)
    with pytest.raises(Crash):
        desk.open_rounds(doors).run()
    desk.world.clock.time += 1_000
    desk.restart()
    assert desk.open_rounds(doors).recover() == [1]
    assert [desk.stored(uid).executed for uid in uids] == [0] * 4
    assert desk.round(*doors).fills == 4
