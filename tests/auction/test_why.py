"""Why an intent stays unfilled: a reason and a sentence that its owner can act on."""

from __future__ import annotations

from dataclasses import replace

from support.judged import MICRO, WEI, tokens
from walras.intent import Leg
from walras.rejections import Reason
from walras.testing.market import Market, address_of
from walras.wire import GasTerms
from walras_auction.why import Unfilled, Why

GAS = GasTerms(price=10**9, base=200_000, per_fill=100_000, per_interaction=0, margin_bps=0)


def seller(limit: int = 1_900) -> Market:
    return tokens().with_sell("alice", ("WETH", 1), ("USDC", limit))


def why(
    market: Market,
    executed: dict[int, int] | None = None,
    proposed: dict[int, str] | None = None,
    draws: dict[tuple[str, str], int] | None = None,
) -> Why:
    """About the market's first intent; others are named by their place."""
    batch = market.batch()
    uids = [entry.uid for entry in batch.intents]
    done = {uids[place]: amount for place, amount in (executed or {}).items()}
    bids = {uids[place]: bid for place, bid in (proposed or {}).items()}
    return Unfilled(batch, done, bids).explain(uids[0], draws or {})


def test_nobody_has_what_it_wants() -> None:
    found = why(seller())
    assert found.reason is Reason.NO_COUNTERPARTY
    assert "nobody gives" in found.detail


def test_the_best_offer_falls_short() -> None:
    market = seller(2_000).with_buy("bob", ("WETH", 1), ("USDC", 1_950)).with_buy("carol", ("WETH", 1), ("USDC", 1_800))
    found = why(market)
    assert found.reason is Reason.NO_COUNTERPARTY
    assert "best offered 1950 USDC per WETH by another intent, you ask 2000 USDC per WETH" in found.detail


def test_a_pools_price_is_an_offer_after_its_fee() -> None:
    found = why(seller(2_000).with_pool("WETH", "USDC", 100, 200_000))
    assert found.reason is Reason.NO_COUNTERPARTY
    assert "1994 USDC per WETH by pool" in found.detail


def test_what_it_would_gain_is_less_than_gas() -> None:
    """A dollar at two thousand is 5e14 wei; the gas of a fill is about 2e14."""
    market = replace(seller(1_999).with_buy("bob", ("WETH", 1), ("USDC", "1999.5")), gas=GAS)
    found = why(market)
    assert found.reason is Reason.GAS_EXCEEDS_SURPLUS
    assert "gas costs about 200000000000000 wei" in found.detail


def test_the_limit_could_have_been_met() -> None:
    market = replace(seller(1_900).with_buy("bob", ("WETH", 1), ("USDC", 2_000)), gas=GAS)
    found = why(market)
    assert found.reason is Reason.NO_SOLUTION_FOUND
    assert "best offered 2000" in found.detail


def test_an_offer_that_was_filled_is_no_offer() -> None:
    market = seller(1_900).with_buy("bob", ("WETH", 1), ("USDC", 2_000))
    assert why(market, executed={1: WEI}).reason is Reason.NO_COUNTERPARTY
    assert why(market, executed={1: WEI // 2}).reason is not Reason.NO_COUNTERPARTY


def test_a_bid_that_lost_would_have_filled_it() -> None:
    found = why(seller(), proposed={0: "rival/3 (outbid)"})
    assert found.reason is Reason.NO_SOLUTION_WON
    assert "rival/3 (outbid)" in found.detail


def test_a_sibling_took_its_balance() -> None:
    market = seller().with_funds("alice", "WETH", 1)
    alice = market.signer("alice").address
    weth = address_of("token:WETH")
    found = why(market, draws={(alice, weth): WEI})
    assert found.reason is Reason.SIBLING_TOOK_BALANCE
    assert why(market, draws={(alice, weth): WEI // 2}).reason is Reason.NO_COUNTERPARTY
    assert why(market, executed={0: WEI // 2}, draws={(alice, weth): WEI}).reason is Reason.NO_COUNTERPARTY


def test_a_buyers_least_fill_is_not_counted_in_what_it_gives() -> None:
    """Bob wants at least a whole WETH a fill, which is 10^18 atoms; his dollars are counted in millionths."""
    market = tokens().with_buy("bob", ("WETH", 1), ("USDC", 2_000), whole=True).with_funds("bob", "USDC", 4_000)
    usdc = address_of("token:USDC")
    spent = {(market.signer("bob").address, usdc): 2_000 * MICRO}
    assert why(market, draws=spent).reason is Reason.NO_COUNTERPARTY


def test_a_basket() -> None:
    market = seller()
    basket = replace(market.intents[0], gives=(*market.intents[0].gives, Leg.fixed(address_of("token:DAI"), 5)))
    found = why(tokens().with_intent(basket))
    assert found.reason is Reason.NO_SOLUTION_FOUND
    assert "basket" in found.detail


def test_an_unknown_token_is_shown_by_its_address() -> None:
    market = seller()
    odd = replace(market.intents[0], wants=(Leg.fixed("0x" + "77" * 20, 5),))
    other = replace(
        market.intents[0], gives=(Leg.fixed("0x" + "77" * 20, 3),), wants=(Leg.fixed(address_of("token:WETH"), WEI),)
    )
    found = why(tokens().with_intent(odd).with_intent(replace(other, nonce=9)))
    assert "0x777777…" in found.detail
