"""Offers and two-token bids: exact amounts, and nothing that a house would refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from support.judged import tokens
from walras.exchange import Desk
from walras.intent import FillRule, Intent
from walras.offers import Offer
from walras.terms import FeeShare, Terms
from walras.testing.market import TIME, Market, a_market
from walras.wire import Batch, PoolSwap
from walras_auction.bids import SolverIdentity
from walras_auction.conformance.checker import judged
from walras_auction.invite import Bids
from walras_auction.verify import propose

WEI, MICRO = 10**18, 10**6
SELL = (("WETH", 1), ("USDC", 1_900))
ME = SolverIdentity("me", "0x" + "77" * 20)


def the_offer(
    market: Market, fills: int = 1, interactions: int = 0, part: int = 1, terms: bool = False
) -> Offer | None:
    batch = market.batch()
    return Desk(batch, with_terms=terms).offer(batch.intents[0], fills, interactions, part)


def an_offer(market: Market, **rest: int) -> Offer:
    found = the_offer(market, **rest)
    assert found is not None
    return found


def test_a_sell_offers_all_it_gives_less_the_fee() -> None:
    market = tokens().with_sell("alice", *SELL).with_gas(10**9, base=100_000, per_fill=50_000, per_interaction=50_000)
    offer = an_offer(market, fills=1, interactions=1)
    assert offer.fee == 200_000 * 10**9
    assert (offer.net, offer.least) == (WEI - offer.fee, 1_900 * MICRO)
    assert offer.executed(offer.net, 7) == WEI


def test_a_buy_offers_up_to_its_limit_less_the_fee() -> None:
    market = tokens().with_buy("bob", ("WETH", 1), ("USDC", 2_100)).with_gas(10**9)
    offer = an_offer(market)
    assert offer.fee == 150_000 * 10**9 * 2_000 * MICRO // WEI
    assert (offer.net, offer.least) == (2_100 * MICRO - offer.fee, WEI)
    assert offer.executed(7, WEI) == WEI


def test_a_part_is_rounded_down_and_a_whole_order_has_none() -> None:
    assert an_offer(tokens().with_sell("alice", *SELL), part=3).net == WEI // 3
    assert the_offer(tokens().with_sell("alice", *SELL, whole=True), part=2) is None


@pytest.mark.parametrize("atoms", [0, 5 * 10**17])
def test_funds_bound_an_offer(atoms: int) -> None:
    market = tokens().with_sell("alice", *SELL)
    market = replace(market, funds={(market.signer("alice").address, market.address("WETH")): atoms})
    offer = the_offer(market)
    assert (offer.net if offer else 0) == atoms


def test_no_offer_where_an_intent_cannot_fill() -> None:
    start = tokens()
    alice, usdc, weth = start.signer("alice").address, start.address("USDC"), start.address("WETH")
    late = Intent.sell(alice, (weth, WEI), (usdc, 1), valid_to=TIME + 30, nonce=0)
    assert the_offer(start.with_intent(late)) is None
    early = Intent.sell(alice, (weth, WEI), (usdc, 1), valid_to=TIME + 600, nonce=0, valid_from=TIME + 1)
    assert the_offer(start.with_intent(early)) is None
    assert the_offer(start.with_sell("alice", ("JUNK", 1), ("WETH", 1)).with_gas(1)) is None  # nobody knows its fee
    assert the_offer(start.with_sell("alice", *SELL).with_gas(10**13)) is None  # gas takes more than all


def test_a_fee_whose_rounding_exceeds_the_margin_is_no_offer() -> None:
    market = a_market().with_token("WETH", price=1).with_token("BIG", decimals=0, price="0.001")
    market = market.with_sell("alice", ("BIG", 100), ("WETH", "0.01"))
    one_atom, two_atoms = (an_offer_fee(market, gas) for gas in (6 * 10**9, 7 * 10**9))
    assert (one_atom, two_atoms) == (1, None)


def an_offer_fee(market: Market, price: int) -> int | None:
    offer = the_offer(market.with_gas(price))
    return offer.fee if offer else None


def test_terms_are_left_out_unless_they_are_asked_for() -> None:
    plain, shares = Terms(max_impact_bps=50), Terms(shares=(FeeShare("0x" + "22" * 20, 10),))
    market = tokens().with_sell("alice", *SELL)
    assert the_offer(market.with_terms(plain)) is None
    assert the_offer(market.with_terms(shares), terms=True) is None
    offer = the_offer(market.with_terms(plain).with_gas(10**9), terms=True)
    assert offer is not None
    assert (offer.guard_bps, offer.reserved) == (50, False)
    assert offer.fee == (150_000 + 60_000) * 10**9


def test_an_exchange_moves_exactly_what_flows() -> None:
    batch = tokens().with_sell("alice", *SELL).with_buy("bob", ("WETH", 1), ("USDC", 2_100)).batch()
    desk = Desk(batch)
    one, other = desk.offers(2, 0)
    bid = desk.bid((one.give, one.want), (WEI, 2_000 * MICRO), [(one, WEI, 0), (other, 0, WEI)])
    assert bid is not None
    assert bid.score == (100 + 100) * WEI // 2_000
    assert judge(batch, bid.solution) == (bid.score, ())


@pytest.mark.parametrize(
    ("flow", "why"),
    [((WEI, 1_899 * MICRO), "alice's limit"), ((WEI, 2_101 * MICRO), "bob's limit"), ((0, 1), "nothing flows")],
)
def test_what_breaks_a_limit_is_no_bid(flow: tuple[int, int], why: str) -> None:
    desk = Desk(tokens().with_sell("alice", *SELL).with_buy("bob", ("WETH", 1), ("USDC", 2_100)).batch())
    one, other = desk.offers(2, 0)
    assert desk.bid((one.give, one.want), flow, [(one, flow[0], 0), (other, 0, flow[0])]) is None, why


def test_alternatives_shared_funds_the_guard_and_the_gas_limit_are_seen() -> None:
    start = tokens().with_sell("alice", *SELL).with_buy("bob", ("WETH", 1), ("USDC", 2_100))

    def bid(batch: Batch) -> object:
        desk = Desk(batch)
        one, other = desk.offers(2, 0)
        return desk.bid((one.give, one.want), (WEI, 2_000 * MICRO), [(one, WEI, 0), (other, 0, WEI)])

    assert bid(start.batch()) is not None
    one, other = start.intents
    assert bid(replace(start, intents=(one, replace(other, owner=one.owner, nonce=one.nonce))).batch()) is None
    assert bid(start.batch(guard_bps=0)) is not None
    gas = start.gas.model_copy(update={"limit": 10_000})
    assert bid(start.batch().model_copy(update={"gas": gas})) is None
    skewed = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_000)).with_buy("bob", ("WETH", 1), ("USDC", 1_900))
    desk = Desk(skewed.batch(guard_bps=100))
    offers = desk.offers(2, 0)
    pair = (offers[0].give, offers[0].want)
    assert desk.bid(pair, (WEI, 1_500 * MICRO), [(offers[0], WEI, 0), (offers[1], 0, WEI)]) is None


def test_a_swap_pays_for_what_it_brings() -> None:
    market = tokens().with_pool("WETH", "USDC", 100, 200_000).with_sell("alice", *SELL)
    desk = Desk(market.batch())
    (offer,), (pool,) = desk.offers(1, 1), desk.pools
    out = pool.amount_out(offer.give, offer.net)
    swap = PoolSwap(pool=pool.id, token_in=offer.give, amount_in=offer.net, amount_out=out)
    pair, parts = (offer.give, offer.want), [(offer, offer.net, out)]
    bid = desk.bid(pair, (offer.net, out), parts, swap)
    assert bid is not None
    assert judge(desk.batch, bid.solution) == (bid.score, ())
    assert desk.bid(pair, (offer.net, out + 1), parts, swap) is None


@examples(150)
@given(
    gives=st.integers(1, 2**130),
    wants=st.integers(1, 2**130),
    other=st.tuples(st.integers(1, 2**130), st.integers(1, 2**130)),
    flow=st.tuples(st.integers(0, 2**128), st.integers(0, 2**128)),
    gas=st.sampled_from([0, 1, 10**9]),
    whole=st.booleans(),
)
def test_whatever_is_made_is_valid(
    gives: int, wants: int, other: tuple[int, int], flow: tuple[int, int], gas: int, whole: bool
) -> None:
    market = tokens().with_gas(gas)
    weth, dai = market.address("WETH"), market.address("DAI")
    rule = FillRule.WHOLE if whole else FillRule.PARTIAL
    until = TIME + 600
    one = Intent.sell(market.signer("a").address, (weth, gives), (dai, wants), valid_to=until, nonce=0, fill=rule)
    two = Intent.buy(market.signer("b").address, (weth, other[0]), (dai, other[1]), valid_to=until, nonce=1)
    batch = market.with_intent(one).with_intent(two).batch()
    desk = Desk(batch)
    offers = desk.offers(2, 0)
    a, b = min(flow[0], gives), min(flow[1], other[1])
    parts = [(offer, a, b) if offer.give == weth else (offer, b, a) for offer in offers]
    bid = desk.bid((weth, dai), (a, b), parts) if parts else None
    if bid is not None:
        assert judge(batch, bid.solution)[1] == ()


def judge(batch: Batch, solution: object) -> tuple[int, tuple[object, ...]]:
    return judged(batch, Bids((propose(ME, solution),), ()))  # type: ignore[arg-type]
