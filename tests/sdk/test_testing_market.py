"""The market builder that ships to users: exact amounts, steady addresses, funds that suffice."""

from __future__ import annotations

import pytest
from walras import intent_uid
from walras.intent import FillRule, Kind
from walras.testing import Market, a_market

BASE = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")


def test_amounts_are_atoms_and_prices_wei_per_1e18_atoms() -> None:
    batch = BASE.with_sell("ann", ("WETH", "1.5"), ("USDC", "2850.000001")).batch()
    intent = batch.intents[0].intent
    assert (intent.gives[0].start, intent.wants[0].start) == (15 * 10**17, 2_850_000_001)
    assert [token.price for token in batch.tokens] == [10**18, 5 * 10**26]


def test_an_amount_with_too_many_decimals_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 6 decimals"):
        BASE.with_sell("ann", ("USDC", "0.0000001"), ("WETH", 1))


def test_an_unknown_token_is_named() -> None:
    with pytest.raises(KeyError, match="GNO"):
        BASE.with_sell("ann", ("GNO", 1), ("WETH", 1))


def test_the_same_sentence_gives_the_same_batch() -> None:
    def build() -> Market:
        return BASE.with_pool("WETH", "USDC", 10, 20_000).with_buy("ann", ("WETH", 1), ("USDC", 2000))

    assert build().batch() == build().batch()
    assert build().signer("ann").address != build().signer("bob").address


def test_steps_do_not_change_the_market_they_start_from() -> None:
    BASE.with_sell("ann", ("WETH", 1), ("USDC", 1900))
    assert BASE.intents == ()


def test_uids_are_those_of_the_signed_intents() -> None:
    market = BASE.with_sell("ann", ("WETH", 1), ("USDC", 1900), whole=True)
    (entry,) = market.batch().intents
    assert entry.uid == intent_uid(market.intents[0], market.domain)
    assert entry.intent.owner == market.signer("ann").address
    assert entry.intent.fill is FillRule.WHOLE


def test_funds_cover_all_gives_of_an_owner_unless_they_are_set() -> None:
    market = BASE.with_sell("ann", ("WETH", 1), ("USDC", 1900)).with_sell("ann", ("WETH", 2), ("USDC", 3800))
    (funds,) = market.batch().funds
    assert funds.available == 3 * 10**18
    (funds,) = market.with_funds("ann", "WETH", "0.5").batch().funds
    assert funds.available == 5 * 10**17


def test_a_pools_tokens_are_in_order_with_their_reserves() -> None:
    for one, other, amounts in (("WETH", "USDC", (10, 20_000)), ("USDC", "WETH", (20_000, 10))):
        (pool,) = BASE.with_pool(one, other, *amounts).batch().pools
        assert pool.token0 < pool.token1
        reserves = {pool.token0: pool.reserve0, pool.token1: pool.reserve1}
        assert reserves == {BASE.address("WETH"): 10 * 10**18, BASE.address("USDC"): 20_000 * 10**6}


def test_least_fills_baskets_and_what_is_left() -> None:
    market = BASE.with_token("DAI", price="0.0005").with_buy("ann", ("WETH", 2), ("USDC", 4000), min_fill="0.5")
    market = market.with_basket(Kind.SELL, "bob", (("WETH", 1), ("DAI", 5)), (("USDC", 2000),))
    market = market.with_intent(market.intents[0], remaining=7)
    first, basket, last = market.batch().intents
    assert first.intent.min_fill == 5 * 10**17
    assert len(basket.intent.gives) == 2
    assert last.remaining == 7
