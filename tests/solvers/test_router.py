"""The router: nets a pair's two directions, and routes the rest over the pools that pay for their gas."""

from __future__ import annotations

import pytest
from solver_checker import check
from walras.testing import Market, a_market
from walras.wire import Batch, PoolSwap, Solution
from walras_solvers.kernels.flow_router import Router
from walras_solvers.kernels.routes import route
from walras_solvers.router import RouterSolver

BASE = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")


def best(batch: Batch) -> Solution:
    solutions = list(RouterSolver().solve(batch))
    for solution in solutions:
        check(solution, batch)
    return solutions[0]


def test_a_single_order_gets_everything_the_pool_pays() -> None:
    batch = BASE.with_pool("WETH", "USDC", 1000, 2_000_000).with_sell("ann", ("WETH", 10), ("USDC", 19_000)).batch()
    solution = best(batch)
    assert check(solution, batch).filled == {batch.intents[0].uid: 10 * 10**18}
    (swap,) = solution.interactions
    assert isinstance(swap, PoolSwap)
    kept = 10 * 10**18 * 997_000
    assert swap.amount_out == 2_000_000 * 10**6 * kept // (1000 * 10**18 * 10**6 + kept)
    # What would not buy another atom of USDC is not handed to the pool.
    assert 10 * 10**18 - 10**9 < swap.amount_in <= 10 * 10**18


def test_a_buy_gets_exactly_what_it_wants() -> None:
    batch = BASE.with_pool("WETH", "USDC", 1000, 2_000_000).with_buy("ann", ("WETH", 10), ("USDC", 21_000)).batch()
    assert check(best(batch), batch).filled == {batch.intents[0].uid: 10 * 10**18}


def test_opposite_orders_trade_directly_and_only_the_rest_is_routed() -> None:
    market = BASE.with_pool("WETH", "USDC", 1000, 2_000_000).with_sell("ann", ("WETH", 10), ("USDC", 19_000))
    batch = market.with_sell("bob", ("USDC", 12_000), ("WETH", "5.9")).batch()
    solution = best(batch)
    checked = check(solution, batch)
    assert len(checked.filled) == 2
    assert len(checked.pairs) == 2
    (swap,) = solution.interactions
    assert isinstance(swap, PoolSwap)
    assert 3 * 10**18 < swap.amount_in < 5 * 10**18


def three_hops() -> Market:
    market = a_market()
    for symbol in ("A", "B", "C", "D"):
        market = market.with_token(symbol, price=1)
    market = market.with_pool("A", "B", 1000, 1000).with_pool("B", "C", 1000, 1000).with_pool("C", "D", 1000, 1000)
    return market.with_sell("ann", ("A", 1), ("D", "0.98"))


def test_a_path_of_three_hops() -> None:
    batch = three_hops().batch()
    solution = best(batch)
    assert len(solution.interactions) == 3
    assert len(check(solution, batch).pools) == 3


def test_hops_that_cost_more_gas_than_they_bring_stay_out() -> None:
    """A second, small pool pays a little more for a part, but not what another swap costs."""
    market = BASE.with_pool("WETH", "USDC", 10_000, 20_000_000).with_pool("WETH", "USDC", 1000, 2_000_000)
    market = market.with_sell("ann", ("WETH", 10), ("USDC", 19_000))
    free, dear = market.batch(), market.with_gas(10**11).batch()
    assert len(best(free).interactions) == 2
    assert len(best(dear).interactions) == 1


def test_solutions_of_a_pair_use_different_pools() -> None:
    market = BASE.with_pool("WETH", "USDC", 1000, 2_000_000).with_pool("WETH", "USDC", 900, 1_800_000)
    batch = market.with_sell("ann", ("WETH", 10), ("USDC", 19_000)).batch()
    solutions = list(RouterSolver().solve(batch))
    assert len({check(solution, batch).pools for solution in solutions}) == len(solutions) == 2


def test_the_split_earns_what_an_exhaustive_one_earns() -> None:
    market = BASE.with_pool("WETH", "USDC", 1000, 2_000_000, fee_ppm=3000)
    batch = market.with_pool("WETH", "USDC", 300, 603_000, fee_ppm=500).batch()
    pools = {pool.id: pool for pool in batch.pools}
    start, end = market.address("WETH"), market.address("USDC")
    amount, (one, other) = 50 * 10**18, batch.pools
    parts = (amount * step // 2000 for step in range(2001))
    exhaustive = max(one.amount_out(start, part) + other.amount_out(start, amount - part) for part in parts)
    found = route(Router(pools), start, end, 100e18, 8)
    assert found is not None
    assert sum(step.amount_out for step in found.swaps(amount)) == pytest.approx(exhaustive, rel=1e-6)


def test_pools_in_a_mesh_make_no_circle() -> None:
    market = a_market()
    for symbol in ("A", "B", "C", "D"):
        market = market.with_token(symbol, price=1)
    for one, other in (("A", "B"), ("A", "C"), ("B", "C"), ("B", "D"), ("C", "D")):
        market = market.with_pool(one, other, 1000, 1000)
    batch = market.with_sell("ann", ("A", 100), ("D", 50)).batch()
    check(best(batch), batch)
