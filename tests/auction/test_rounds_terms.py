"""Rounds under a house's terms: the guard, fees, pools, several winners, what is told and published."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.bids import MICRO, WEI, always, at, fill, solution, through_pool
from support.desk import ONE_GWEI, Desk, ScriptedDoor, row_of
from support.pairs import a_pair, matched
from support.world import TREASURY, person
from walras.atoms import ceil_div
from walras.rejections import Reason
from walras.wire import Batch, Solution
from walras_auction.close import RoundTerms
from walras_auction.record import replay


def test_the_guard_refuses_a_bad_rate(desk: Desk) -> None:
    """Alice would take 1,900, but the house lets nobody trade more than one percent below the reference."""
    desk.terms = replace(desk.terms, guard_bps=100)
    sell, buy = a_pair(desk)
    row = row_of(desk.round(matched(sell, buy, 1_979)).record, "honest")
    assert row["reason"] == Reason.PRICE_IMPACT
    assert desk.round(matched(sell, buy, 1_980)).fills == 2


def test_a_pool_serves_who_finds_no_counterparty(desk: Desk) -> None:
    sell = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    held = desk.world.held(person("alice").address, "USDC")
    outcome = desk.round(ScriptedDoor(always(lambda batch: through_pool(batch, sell, WEI))))
    assert outcome.fills == 1, row_of(outcome.record, "honest")
    gained = desk.world.held(person("alice").address, "USDC") - held
    assert 1_990 * MICRO < gained < 1_995 * MICRO
    assert desk.chain.pools()[0].reserve0 == 1_001 * WEI


def with_fee(batch: Batch, sell: str, buy: str, wei: int) -> Solution:
    """The match with a fee worth ``wei`` on each side; the price leaves Bob's gives to pay his."""
    usdc = ceil_div(wei * 2_000 * MICRO, WEI)
    return at(batch, 2_000, fill(sell, WEI + wei, wei), fill(buy, WEI, usdc))


@pytest.mark.parametrize(
    ("wei", "reason"),
    [(0, Reason.FEES_BELOW_GAS), (10**15, Reason.FEE_ABOVE_CAP), (3 * 10**14, None)],
)
def test_fees_pay_for_the_gas_and_little_more(desk: Desk, wei: int, reason: Reason | None) -> None:
    desk.terms = RoundTerms(gas=ONE_GWEI)
    sell = desk.submit("alice", desk.sell("alice", ("WETH", 2 * WEI), ("USDC", 3_800 * MICRO)))
    buy = desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
    outcome = desk.round(ScriptedDoor(always(lambda batch: with_fee(batch, sell, buy, wei))))
    row = row_of(outcome.record, "honest")
    assert row["reason"] == reason, row
    if reason is None:
        assert desk.world.held(TREASURY, "WETH") == wei
        assert desk.world.held(TREASURY, "USDC") >= wei * 2_000 * MICRO // WEI
        assert outcome.record["settlement"][0]["gasUsed"] <= row["gas"]


def test_a_round_in_which_nobody_could_bid_is_not_held_again_until_something_changes(desk: Desk) -> None:
    sell = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    rounds = desk.open_rounds([ScriptedDoor(lambda _: [])])
    assert rounds.run(skip_fruitless=True) is not None
    assert rounds.run(skip_fruitless=True) is None
    assert rounds.run() is not None
    desk.world.swap("dave", "WETH", WEI)
    assert rounds.run(skip_fruitless=True) is not None
    assert desk.stored(sell).state == "open"


def test_two_winners_share_a_bundle(desk: Desk) -> None:
    """Disjoint pairs of two solvers settle in one transaction."""
    sell, buy = a_pair(desk)
    dai = desk.submit("carol", desk.sell("carol", ("DAI", 1_000 * WEI), ("USDC", 990 * MICRO)))
    usdc = desk.submit("dave", desk.sell("dave", ("USDC", 1_000 * MICRO), ("DAI", 990 * WEI)))
    rates = {"DAI": MICRO, "USDC": WEI}

    def stable(batch: Batch) -> Solution:
        return solution(batch, rates, fill(dai, 1_000 * WEI), fill(usdc, 1_000 * MICRO))

    outcome = desk.round(matched(sell, buy), ScriptedDoor(always(stable), "rival"))
    assert outcome.fills == 4
    assert len(outcome.record["settlement"]) == 1
    assert {row["status"] for row in outcome.record["verdict"]["bids"]} == {"won"}
    assert outcome.record["verdict"]["proof"] == "optimal"


def test_every_solver_is_told_what_became_of_its_bid(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    winner, loser = matched(sell, buy, 2_000), matched(sell, buy, 2_000, WEI // 2)
    loser.name = "rival"
    desk.round(winner, loser)
    assert [(note.status, note.reason) for note in winner.told] == [("won", None)]
    assert [(note.status, note.reason) for note in loser.told] == [("lost", Reason.OUTBID)]
    assert "honest" in loser.told[0].detail


def test_each_round_replays_from_its_record(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    desk.round(matched(sell, buy, weth=WEI // 3))
    desk.round(matched(sell, buy, 1_999, WEI // 3))
    for summary in desk.house.store.rounds(None, 10):
        published = desk.house.store.round_record(summary.id)
        assert published is not None
        assert replay(json.loads(published)) == published
