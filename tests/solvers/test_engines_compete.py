"""Constructed markets on which each of the three engines strictly beats the other two, for a reason one can see."""

from __future__ import annotations

from fractions import Fraction

from solver_checker import check
from walras.testing import a_market
from walras.wire import Batch
from walras_solvers.clearing import ClearingSolver
from walras_solvers.orderbook import OrderBookSolver
from walras_solvers.router import RouterSolver

ENGINES = {"orderbook": OrderBookSolver, "clearing": ClearingSolver, "router": RouterSolver}
WETH_USDC = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")


def scores(batch: Batch) -> dict[str, Fraction]:
    """The best score of each engine, every solution checked."""
    return {
        name: max((check(solution, batch).score for solution in engine().solve(batch)), default=Fraction(0))
        for name, engine in ENGINES.items()
    }


def test_clearing_wins_through_a_ring_of_three() -> None:
    market = (
        a_market().with_token("A", price=1).with_token("B", decimals=6, price=2).with_token("C", decimals=8, price=4)
    )
    market = market.with_sell("ann", ("A", 100), ("B", 49)).with_sell("bob", ("B", 50), ("C", 24))
    batch = market.with_sell("cyd", ("C", 25), ("A", 98)).batch()
    found = scores(batch)
    assert found["orderbook"] == found["router"] == 0
    assert found["clearing"] > 5 * 10**18
    (solution,) = ClearingSolver().solve(batch)
    assert len(check(solution, batch).pairs) == 3


def test_router_wins_through_a_split_over_two_pools() -> None:
    market = WETH_USDC.with_pool("WETH", "USDC", 1000, 2_000_000, fee_ppm=3000)
    market = market.with_pool("WETH", "USDC", 400, 803_000, fee_ppm=500)
    batch = market.with_sell("ann", ("WETH", 100), ("USDC", 180_000)).batch()
    found = scores(batch)
    assert found["orderbook"] == 0
    assert found["router"] > found["clearing"] > 0
    best = max(RouterSolver().solve(batch), key=lambda solution: check(solution, batch).score)
    assert len(check(best, batch).pools) == 2
    single = a_market_with_one_pool_less(batch)
    assert found["router"] > max(scores(batch)["router"] for batch in single)


def a_market_with_one_pool_less(batch: Batch) -> list[Batch]:
    return [batch.model_copy(update={"pools": (pool,)}) for pool in batch.pools]


def test_orders_that_cannot_be_split_are_matched_by_priority_and_by_choice() -> None:
    """A relaxation would spread the buyer over several whole sellers. Priority, order by order, finds the one that
    fits, and a choice among whole orders finds it too, at a price at least as good."""
    market = WETH_USDC.with_sell("ann", ("WETH", 3), ("USDC", 5850), whole=True)
    market = market.with_sell("bob", ("WETH", 6), ("USDC", 11_400), whole=True)
    market = market.with_sell("cyd", ("WETH", 2), ("USDC", 3800), whole=True)
    batch = market.with_sell("dee", ("USDC", 12_300), ("WETH", 6), whole=True).batch()
    found = scores(batch)
    assert found["clearing"] >= found["orderbook"] > 0
    assert found["router"] == 0
    (solution,) = OrderBookSolver().solve(batch)
    assert set(check(solution, batch).filled) == {batch.intents[1].uid, batch.intents[3].uid}


def test_without_a_counterparty_nobody_bids() -> None:
    batch = WETH_USDC.with_sell("ann", ("WETH", 1), ("USDC", 1900)).batch()
    assert scores(batch) == dict.fromkeys(ENGINES, 0)
