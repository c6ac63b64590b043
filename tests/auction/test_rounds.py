"""Whole rounds on a real chain with the real contracts; the solvers are scripted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from support.bids import MICRO, WEI, always, at, fill, solution
from support.desk import Desk, ScriptedDoor, row_of
from support.pairs import a_pair, matched
from support.world import TREASURY, person
from walras.cancels import cancel_request
from walras.intent import NATIVE, FillRule, Intent, Kind, Leg
from walras.rejections import Reason
from walras.wire import Batch, Solution
from walras_auction.ports import Store


def test_two_intents_meet(desk: Desk) -> None:
    """At 2,000 both gain 100, the chain moves just that, and nothing stays with the house."""
    sell, buy = a_pair(desk)
    alice, bob = person("alice").address, person("bob").address
    held = {(who, what): desk.world.held(who, what) for who in (alice, bob) for what in ("WETH", "USDC")}
    outcome = desk.round(matched(sell, buy))
    assert row_of(outcome.record, "honest")["status"] == "won"
    assert row_of(outcome.record, "honest")["score"] == str(200 * WEI // 2_000)
    moved = {key: desk.world.held(*key) - amount for key, amount in held.items()}
    assert moved == {
        (alice, "WETH"): -WEI,
        (alice, "USDC"): 2_000 * MICRO,
        (bob, "WETH"): WEI,
        (bob, "USDC"): -2_000 * MICRO,
    }
    assert [desk.stored(uid).state for uid in (sell, buy)] == ["filled", "filled"]
    contracts = desk.chain.contracts
    for account in (TREASURY, contracts.settlement, contracts.executor, contracts.vault):
        assert desk.world.held(account, "USDC") == desk.world.held(account, "WETH") == 0


def test_the_receipt_says_what_the_chain_did(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    record = desk.round(matched(sell, buy)).record
    (report,) = desk.house.store.fills(sell)
    assert (report.gives, report.wants, report.fee) == ((WEI,), (2_000 * MICRO,), 0)
    assert report.transaction == record["settlement"][0]["transaction"]
    receipt = desk.chain.rpc.receipt(report.transaction)
    assert receipt is not None
    assert receipt["status"] == 1
    assert receipt["blockNumber"] == report.block


def test_nothing_open_is_no_round(desk: Desk) -> None:
    assert desk.open_rounds([]).run() is None
    assert desk.house.store.rounds(None, 10) == []


def test_a_partial_intent_fills_over_two_rounds(desk: Desk) -> None:
    sell = desk.submit("alice", desk.sell("alice", ("WETH", 4 * WEI), ("USDC", 7_600 * MICRO)))
    first = desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
    desk.round(matched(sell, first))
    assert desk.stored(sell).state == "open"
    assert desk.stored(sell).remaining == 3 * WEI
    second = desk.submit("carol", desk.buy("carol", ("WETH", 3 * WEI), ("USDC", 6_300 * MICRO)))
    record = desk.round(matched(sell, second, 1_950, 3 * WEI)).record
    entry = next(entry for entry in record["inputs"]["batch"]["intents"] if entry["uid"] == sell)
    assert entry["remaining"] == str(3 * WEI)
    assert desk.stored(sell).state == "filled"
    assert [report.wants[0] for report in desk.house.store.fills(sell)] == [2_000 * MICRO, 5_850 * MICRO]


def test_more_than_is_left_is_an_overfill(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    desk.round(matched(sell, buy, weth=WEI // 2))
    other = desk.submit("carol", desk.buy("carol", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
    record = desk.round(matched(sell, other, weth=WEI // 2 + 1)).record
    assert row_of(record, "honest")["reason"] == Reason.OVERFILL


def test_a_buy_pays_less_than_its_limit(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    held = desk.world.held(person("bob").address, "USDC")
    desk.round(matched(sell, buy, 1_950))
    assert held - desk.world.held(person("bob").address, "USDC") == 1_950 * MICRO
    (report,) = desk.house.store.fills(buy)
    assert report.surplus == 150 * WEI // 2_000


def test_a_whole_intent_fills_wholly_or_not_at_all(desk: Desk) -> None:
    sell, buy = a_pair(desk, fill=FillRule.WHOLE)
    record = desk.round(matched(sell, buy, weth=WEI // 2)).record
    assert row_of(record, "honest")["reason"] == Reason.WHOLE_ONLY
    assert desk.stored(sell).state == "open"
    assert desk.round(matched(sell, buy)).fills == 2
    assert desk.stored(sell).state == "filled"


def dutch(desk: Desk) -> Intent:
    """Alice asks 2,200 now, falling to 1,900 over a thousand seconds."""
    now, token = desk.world.clock.now(), desk.world.token
    return Intent(
        owner=person("alice").address,
        receiver=person("carol").address,
        gives=(Leg.fixed(token("WETH"), WEI),),
        wants=(Leg(token("USDC"), 2_200 * MICRO, 1_900 * MICRO),),
        kind=Kind.SELL,
        fill=FillRule.PARTIAL,
        min_fill=1,
        valid_from=now,
        decay_to=now + 1_000,
        valid_to=now + 5_000,
        nonce=desk.next_nonce(),
    )


def test_a_dutch_limit_falls_with_time(desk: Desk) -> None:
    sell = desk.submit("alice", dutch(desk))
    buy = desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
    desk.world.clock.time += 500  # 2,050 is asked
    early = row_of(desk.round(matched(sell, buy, 2_000)).record, "honest")
    assert early["reason"] == Reason.LIMIT_VIOLATED
    desk.world.clock.time += 300  # 1,960
    held = desk.world.held(person("carol").address, "USDC")
    outcome = desk.round(matched(sell, buy, 2_000))
    assert row_of(outcome.record, "honest")["status"] == "won", row_of(outcome.record, "honest")
    assert desk.world.held(person("carol").address, "USDC") - held == 2_000 * MICRO


def test_an_intent_waits_for_its_window(desk: Desk) -> None:
    now = desk.world.clock.now()
    later = desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO), valid_from=now + 100)
    sell = desk.submit("alice", later)
    buy = desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
    record = desk.round(matched(sell, buy)).record
    assert [entry["uid"] for entry in record["inputs"]["batch"]["intents"]] == [buy]
    assert row_of(record, "honest")["reason"] == Reason.UNKNOWN_UID
    desk.world.clock.time += 100
    assert desk.round(matched(sell, buy)).fills == 2


def test_an_intent_expires(desk: Desk) -> None:
    soon = desk.world.clock.now() + 130
    uid = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", MICRO), valid_to=soon))
    desk.world.clock.time += 60
    assert desk.open_rounds([]).run() is None
    assert (desk.stored(uid).state, desk.stored(uid).reason) == ("expired", Reason.EXPIRED)


def test_a_basket_scales_by_one_factor(desk: Desk) -> None:
    """Alice gives a WETH and 1,000 DAI for at least 2,800 USDC; Bob takes both sides in two orders."""
    token = desk.world.token
    basket = desk.sell("alice", ("WETH", WEI), ("USDC", 2_800 * MICRO))
    basket = replace(basket, gives=(*basket.gives, Leg.fixed(token("DAI"), 1_000 * WEI)))
    uids = [
        desk.submit("alice", basket),
        desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO))),
        desk.submit("carol", desk.buy("carol", ("DAI", 1_000 * WEI), ("USDC", 1_010 * MICRO))),
    ]
    held = desk.world.held(person("alice").address, "USDC")

    def bid(batch: Batch) -> Solution:
        rates = {"WETH": 2_000 * MICRO, "USDC": WEI, "DAI": MICRO}
        fills = [fill(uids[0], WEI), fill(uids[1], WEI), fill(uids[2], 1_000 * WEI)]
        return solution(batch, rates, *fills)

    outcome = desk.round(ScriptedDoor(always(bid)))
    assert outcome.fills == 3, row_of(outcome.record, "honest")
    assert desk.world.held(person("alice").address, "USDC") - held == 3_000 * MICRO
    assert len(row_of(outcome.record, "honest")["pairs"]) == 3


def test_a_native_want_is_unwrapped(desk: Desk) -> None:
    native = Intent.sell(
        person("bob").address,
        (desk.world.token("USDC"), 2_100 * MICRO),
        (NATIVE, WEI),
        valid_to=desk.world.clock.now() + 5_000,
        nonce=desk.next_nonce(),
        receiver=person("carol").address,
    )
    uid = desk.submit("bob", native)
    sell = desk.submit("alice", desk.sell("alice", ("WETH", 2 * WEI), ("USDC", 3_800 * MICRO)))
    held = desk.chain.rpc.balance(person("carol").address)
    weth = 2_100 * WEI // 2_000
    outcome = desk.round(
        ScriptedDoor(always(lambda batch: at(batch, 2_000, fill(uid, 2_100 * MICRO), fill(sell, weth))))
    )
    assert outcome.fills == 2, row_of(outcome.record, "honest")
    assert desk.chain.rpc.balance(person("carol").address) - held == weth


def test_of_alternatives_one_fills(desk: Desk) -> None:
    """One nonce, two intents: filled together they are refused, and when one fills the other is gone."""
    nonce = desk.next_nonce()
    one = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO), nonce=nonce))
    two = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_950 * MICRO), nonce=nonce))
    buy = desk.submit("bob", desk.buy("bob", ("WETH", 2 * WEI), ("USDC", 4_200 * MICRO)))

    def both(batch: Batch) -> Solution:
        return at(batch, 2_000, fill(one, WEI), fill(two, WEI), fill(buy, 2 * WEI))

    assert row_of(desk.round(ScriptedDoor(always(both))).record, "honest")["reason"] == Reason.ALTERNATIVES_CLASH
    assert desk.round(matched(one, buy)).fills == 2
    desk.round(ScriptedDoor(lambda _: []))
    assert (desk.stored(two).state, desk.stored(two).reason) == ("cancelled", Reason.CANCELLED)
    assert desk.stored(one).state == "filled"


def test_a_cancel_that_comes_while_the_round_looks_at_the_chain_holds_for_it(desk: Desk) -> None:
    """The intents were read before; the batch is cut from what stands once the round has begun."""
    sell, buy = a_pair(desk)
    rounds = desk.open_rounds([matched(sell, buy)])
    begin, receipts = desk.house.store.begin_round, []

    def cancelled_first(time: int) -> int:
        request = cancel_request(sell, person("alice"), desk.chain.domain)
        receipts.append(desk.house.intake.cancels.cancel(request))
        return begin(time)

    rounds._store = Beginning(desk.house.store, cancelled_first)  # type: ignore[assignment]
    outcome = rounds.run()
    assert outcome is not None
    assert receipts[0].first_round == outcome.id
    assert [one["uid"] for one in outcome.record["inputs"]["batch"]["intents"]] == [buy]
    assert (desk.stored(sell).state, desk.stored(sell).executed) == ("cancelled", 0)


def test_a_round_whose_intents_were_all_cancelled_is_no_round(desk: Desk) -> None:
    sell = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    rounds = desk.open_rounds([])
    begin = desk.house.store.begin_round

    def cancelled_first(time: int) -> int:
        desk.house.intake.cancels.cancel(cancel_request(sell, person("alice"), desk.chain.domain))
        return begin(time)

    rounds._store = Beginning(desk.house.store, cancelled_first)  # type: ignore[assignment]
    assert rounds.run() is None
    assert desk.house.store.rounds(None, 5) == []


def test_a_cancel_after_the_round_began_holds_for_the_next_and_the_fill_counts(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    receipts = []

    def bid(batch: Batch) -> list[Solution]:
        request = cancel_request(sell, person("alice"), desk.chain.domain)
        receipts.append(desk.house.intake.cancels.cancel(request))
        return list(matched(sell, buy).bid(batch))

    outcome = desk.round(ScriptedDoor(bid))
    assert receipts[0].first_round == outcome.id + 1
    assert (outcome.fills, desk.stored(sell).state) == (2, "filled")


class Beginning:
    """A store whose rounds begin when the test says so."""

    def __init__(self, store: Store, begin: Callable[[int], int]) -> None:
        self._store, self.begin_round = store, begin

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_nonce_cancelled_on_chain_leaves_the_book(desk: Desk) -> None:
    sell, buy = a_pair(desk)
    desk.round(matched(sell, buy, weth=WEI // 4))
    desk.world.cancel_nonce("alice", desk.stored(sell).intent.nonce)
    record = desk.round(matched(sell, buy, weth=WEI // 4)).record
    assert desk.stored(sell).state == "cancelled"
    assert desk.stored(sell).executed == WEI // 4
    assert row_of(record, "honest")["reason"] == Reason.UNKNOWN_UID


@pytest.mark.parametrize("what", ["balance", "allowance"])
def test_funds_that_go_park_an_intent_and_bring_it_back(desk: Desk, what: str) -> None:
    sell, buy = a_pair(desk)
    amount = desk.world.held(person("alice").address, "WETH")
    if what == "balance":
        desk.world.transfer("alice", "WETH", person("carol").address, amount)
    else:
        desk.world.approve("alice", "WETH", 0)
    record = desk.round(matched(sell, buy)).record
    assert (desk.stored(sell).state, desk.stored(sell).reason) == ("parked", Reason.PARKED_FUNDS)
    assert what in desk.stored(sell).detail
    assert row_of(record, "honest")["reason"] == Reason.UNKNOWN_UID
    if what == "balance":
        desk.world.transfer("carol", "WETH", person("alice").address, amount)
    else:
        desk.world.approve("alice", "WETH", WEI)
    assert desk.round(matched(sell, buy)).fills == 2
    assert desk.stored(sell).state == "filled"
