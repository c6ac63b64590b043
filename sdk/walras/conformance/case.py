"""One case of the suite: a batch, and what it is a trap for."""

from __future__ import annotations

from dataclasses import dataclass

from walras.testing.market import Market, a_market, address_of
from walras.wire import Batch

#: The account that the solver under test bids for; intents reserved for it may be filled.
SOLVER = address_of("conformance solver")
#: Wei a unit of gas where gas costs something.
GAS_PRICE = 10**9


@dataclass(frozen=True, slots=True)
class Case:
    """``why`` says in one sentence what can go wrong."""

    name: str
    why: str
    batch: Batch


def tokens(market: Market | None = None) -> Market:
    """WETH at one native coin, DAI, USDC (6 decimals) and GUSD (2) at a two-thousandth, JUNK without a price."""
    market = (market or a_market()).with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")
    market = market.with_token("DAI", price="0.0005").with_token("GUSD", decimals=2, price="0.0005")
    return market.with_token("JUNK")


def crossed(market: Market) -> Market:
    """Alice sells a WETH for 1,900 USDC or more, Bob buys one for 2,100 or less."""
    return market.with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100))
