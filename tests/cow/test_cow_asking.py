"""A batch in the words of CoW, and an engine's response in those of the house: what the house's own rules say of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.cow import NOW, InProcess, schema
from walras.cow.asking import Question, question
from walras.cow.batching import CowChain
from walras.cow.hearing import heard
from walras.cow.notices import misheard, notification
from walras.cow.service import CowService
from walras.intent import Intent, Kind
from walras.rejections import Reason
from walras.solver import load
from walras.terms import Terms
from walras.testing import Market
from walras.testing.market import TIME, a_market
from walras.wire import Batch, Notice
from walras_auction.bids import Checked, SolverIdentity
from walras_auction.verify import Book, check, propose

E6, E18 = 10**6, 10**18
IDENTITY = SolverIdentity("cow", "0x" + "12" * 20)


def market() -> Market:
    tokens = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")
    return tokens.with_token("DAI", price="0.0005").with_pool("WETH", "USDC", 1_000, 2_000_000)


def asked_of(batch: Batch) -> Question:
    return question(batch, NOW)


def a_response(asked: Question, **rest: Any) -> bytes:
    """Everything of the first order at 2,000 USDC for a WETH, unless told otherwise."""
    (uid, entry), *_ = asked.orders.items()
    weth, usdc = entry.intent.gives[0].token, entry.intent.wants[0].token
    solution = {
        "id": 41,
        "prices": {weth: str(2_000 * E6), usdc: str(E18)},
        "trades": [{"kind": "fulfillment", "order": uid, "executedAmount": str(E18), "fee": "0"}],
        "interactions": [],
    }
    return json.dumps({"solutions": [{**solution, **rest}]}).encode()


def verdict(asked: Question, body: bytes) -> Checked | Reason:
    """What the house's rules say of the response's only solution."""
    (solution,) = heard(body, asked).answer.solutions
    found = check(propose(IDENTITY, solution), Book(asked.batch, {}))
    return found if isinstance(found, Checked) else found.reason


def test_a_batch_is_asked_as_the_schema_wants_it() -> None:
    batch = (
        market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100)).batch()
    )
    asked = asked_of(batch)
    auction = asked.auction.to_json()
    schema("SolveRequest").validate(auction)
    assert [one["kind"] for one in auction["orders"]] == ["sell", "buy"]
    assert [(one["sellAmount"], one["buyAmount"]) for one in auction["orders"]] == [
        (str(E18), str(1_900 * E6)),
        (str(2_100 * E6), str(E18)),
    ]
    assert {one["availableBalance"] for one in auction["tokens"].values()} == {"0"}


def test_baskets_terms_and_second_alternatives_are_not_asked_about() -> None:
    one = market().with_sell("alice", ("WETH", 1), ("USDC", 1_900))
    twin = Intent.sell(one.intents[0].owner, ("0x" + "77" * 20, 5), ("0x" + "78" * 20, 5), valid_to=TIME + 9, nonce=0)
    more = one.with_basket(Kind.SELL, "bob", (("WETH", 1), ("DAI", 5)), (("USDC", 1_900),)).with_intent(twin)
    more = more.with_sell("carol", ("WETH", 1), ("USDC", 1_900)).with_terms(Terms(max_impact_bps=5))
    assert [entry.sequence for entry in asked_of(more.batch()).orders.values()] == [1]


def test_a_limit_is_that_of_the_moment_and_of_what_is_left_and_funded() -> None:
    weth, usdc = market().address("WETH"), market().address("USDC")
    plain = Intent.sell(
        market().signer("alice").address, (weth, 4 * E18), (usdc, 8_000 * E6), valid_to=TIME + 99, nonce=1
    )
    leg = replace(plain.wants[0], end=6_000 * E6)
    dutch = replace(plain, wants=(leg,), valid_from=TIME - 50, decay_to=TIME + 50)
    batch = market().with_intent(dutch, remaining=3 * E18).with_funds("alice", "WETH", 2).batch()
    (order,) = asked_of(batch).auction.orders
    assert (order["sellAmount"], order["buyAmount"]) == (str(2 * E18), str(3_500 * E6))
    assert (order["fullSellAmount"], order["fullBuyAmount"]) == (str(4 * E18), str(7_000 * E6))


def test_a_response_becomes_a_bid_that_the_house_takes() -> None:
    batch = market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch()
    asked = asked_of(batch)
    pays = batch.pools[0].amount_out(batch.intents[0].intent.gives[0].token, E18)
    weth, usdc = batch.intents[0].intent.gives[0].token, batch.intents[0].intent.wants[0].token
    swap = {"kind": "liquidity", "internalize": True, "id": "0", "inputToken": weth, "outputToken": usdc}
    swap |= {"inputAmount": str(E18), "outputAmount": hex(pays)}
    body = a_response(asked, prices={weth: str(pays), usdc: str(E18)}, interactions=[swap])
    schema("SolveResponse").validate(json.loads(body))
    found = verdict(asked, body)
    assert isinstance(found, Checked)
    assert found.score > 0


def test_the_fee_of_a_sell_comes_on_top_of_what_was_executed() -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    (uid, _), *_ = asked.orders.items()
    trade = {"kind": "fulfillment", "order": uid, "executedAmount": str(E18 - 5), "fee": "5"}
    (solution,) = heard(a_response(asked, trades=[trade]), asked).answer.solutions
    assert (solution.fills[0].executed, solution.fills[0].fee) == (E18, 5)


def test_what_a_response_does_not_pay_for_is_refused_by_the_house() -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    assert verdict(asked, a_response(asked)) is Reason.NOT_CONSERVED
    (weth, usdc) = (asked.batch.tokens[0].address, asked.batch.tokens[1].address)
    assert verdict(asked, a_response(asked, prices={weth: "1800000000", usdc: str(E18)})) is Reason.LIMIT_VIOLATED
    assert verdict(asked, a_response(asked, prices={weth: "1"})) is Reason.MISSING_PRICE
    assert verdict(asked, a_response(asked, trades=[])) is Reason.EMPTY_SOLUTION


NOBODY = "0x" + "00" * 20
NOWHERE = {"kind": "liquidity", "id": "9", "inputToken": NOBODY, "outputToken": NOBODY}
NOWHERE |= {"inputAmount": "1", "outputAmount": "1"}


@pytest.mark.parametrize(
    "odd",
    [
        {"trades": [{"kind": "fulfillment", "order": "0x" + "00" * 56, "executedAmount": "1"}]},
        {"trades": [{"kind": "jit", "order": {}, "executedAmount": "1"}]},
        {"interactions": [NOWHERE]},
        {"interactions": [{"kind": "custom", "target": "0x" + "01" * 20, "value": "1", "callData": "0x"}]},
        {"preInteractions": [{"target": "0x" + "01" * 20, "value": "0", "callData": "0x"}]},
        {"flashloans": {"0x": {}}},
        {"wrappers": [{"address": "0x" + "01" * 20}]},
    ],
    ids=lambda odd: str(odd)[:40],
)
def test_a_solution_without_counterpart_is_left_out_by_name(odd: dict[str, Any]) -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    found = heard(a_response(asked, **odd), asked)
    assert found.answer.solutions == ()
    assert found.ids == {0: 41}
    schema("NotifyRequest").validate(misheard(1, 41, found.left_out[0]))


def test_a_call_with_allowances_becomes_a_call() -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    weth, usdc = asked.batch.tokens[0].address, asked.batch.tokens[1].address
    call = {
        "kind": "custom",
        "internalize": False,
        "target": "0x" + "01" * 20,
        "value": "0",
        "callData": "0x12345678",
        "allowances": [{"token": weth, "spender": "0x" + "02" * 20, "amount": str(E18)}],
        "inputs": [{"token": weth, "amount": str(E18)}],
        "outputs": [{"token": usdc, "amount": str(2_000 * E6)}],
    }
    body = a_response(asked, interactions=[call])
    schema("SolveResponse").validate(json.loads(body))
    assert isinstance(verdict(asked, body), Checked)


def test_prices_of_any_scale_fit() -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    weth, usdc = asked.batch.tokens[0].address, asked.batch.tokens[1].address
    huge = {weth: str(2_000 * E6 * 2**160), usdc: str(E18 * 2**160), "0x" + "99" * 20: str(2**255)}
    (solution,) = heard(a_response(asked, prices=huge), asked).answer.solutions
    assert solution.prices[weth] * E18 == solution.prices[usdc] * 2_000 * E6
    assert solution.prices.keys() == {weth, usdc}


def test_an_atom_that_a_buffer_would_cover_is_rounded_away() -> None:
    batch = (
        market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100)).batch()
    )
    asked = asked_of(batch)
    weth, usdc = batch.tokens[0].address, batch.tokens[1].address
    trades = [{"kind": "fulfillment", "order": uid, "executedAmount": str(E18)} for uid in asked.orders]
    body = a_response(asked, trades=trades, prices={weth: "6000000001", usdc: str(3 * E18)})
    assert isinstance(verdict(asked, body), Checked)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"solutions": 7}', b'{"solutions": [{}]}', b"[" * 99_999])
def test_what_is_no_response_raises(body: bytes) -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    with pytest.raises(ValueError, match=r"\w"):
        heard(body, asked)


def test_an_error_is_an_answer_without_solutions() -> None:
    asked = asked_of(market().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).batch())
    assert heard(b'{"error":{"code":"insufficientLiquidity"}}', asked).answer.solutions == ()


def test_an_engine_of_ours_bids_across_both_translations() -> None:
    start = market().with_gas(10**9).with_pool("USDC", "DAI", 10**6, 10**6)
    batch = start.with_sell("alice", ("WETH", 1), ("DAI", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100)).batch()
    now = datetime.fromtimestamp(batch.time, UTC)
    asked = question(batch, now + timedelta(seconds=9))
    chain = CowChain(1, batch.settlement, batch.wrapped_native)
    service = CowService([InProcess(load("naive"))], chain, now=lambda: now)
    body = json.dumps(service.solve(json.dumps(asked.auction.to_json()).encode()).to_json()).encode()
    solutions = heard(body, asked).answer.solutions
    assert {fill.uid for one in solutions for fill in one.fills} == {entry.uid for entry in batch.intents}
    found = [check(propose(IDENTITY, one), Book(batch, {})) for one in solutions]
    assert all(isinstance(one, Checked) for one in found), found


REFUSED = {
    Reason.SIMULATION_FAILED: "driverError",
    Reason.BAD_PRICE: "invalidClearingPrices",
    Reason.OVERFILL: "invalidExecutedAmount",
    Reason.MISSING_PRICE: "missingPrice",
    Reason.NOT_CONSERVED: "nonBufferableTokensUsed",
    Reason.EMPTY_SOLUTION: "emptySolution",
    Reason.SETTLEMENT_FAILED: "fail",
    Reason.OUTBID: None,
}


@pytest.mark.parametrize(("reason", "kind"), REFUSED.items(), ids=str)
def test_what_became_of_a_bid_is_told_in_words_of_cow(reason: Reason, kind: str | None) -> None:
    notice = Notice(round=7, solution=0, status="refused", reason=reason.value, detail="prices.0x" + "12" * 20 + ": it")
    told = notification(notice, 41)
    assert (told and told["kind"]) == kind
    if told is not None:
        schema("NotifyRequest").validate(told)
        assert (told["auctionId"], told["solutionId"]) == ("7", 41)


def test_a_win_is_the_start_of_a_settlement() -> None:
    told = notification(Notice(round=7, solution=0, status="won"), 3)
    assert told == {"auctionId": "7", "solutionId": 3, "kind": "settlementStarted"}
