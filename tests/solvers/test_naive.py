"""The engine to copy finds what it says it looks for."""

from __future__ import annotations

from fractions import Fraction

import pytest
from support.judged import tokens
from walras.plugins import load_solver
from walras.testing.market import Market
from walras.wire import Batch, Solution
from walras_auction.bids import SolverIdentity
from walras_auction.conformance.checker import judged
from walras_auction.invite import Bids
from walras_auction.verify import propose
from walras_solvers.naive import NaiveSolver

WEI, MICRO = 10**18, 10**6


def solve(market: Market, **rest: int) -> tuple[Batch, list[Solution], int]:
    """The batch, valid solutions, and what they are worth together."""
    batch = market.batch(**rest)
    solutions = list(NaiveSolver().solve(batch))
    proposed = tuple(propose(SolverIdentity("naive", "0x" + "77" * 20), solution) for solution in solutions)
    score, findings = judged(batch, Bids(proposed, ()))
    assert findings == ()
    return batch, solutions, score


def test_it_is_published() -> None:
    assert isinstance(load_solver("naive"), NaiveSolver)


def test_two_that_cross_meet_in_the_middle() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    batch, solutions, score = solve(market)
    weth, usdc = market.address("WETH"), market.address("USDC")
    (solution,) = [one for one in solutions if len(one.fills) == 2]
    rate = Fraction(solution.prices[weth], solution.prices[usdc]) * WEI / MICRO
    assert 1_990 < rate < 2_010
    assert score == WEI // 10
    assert len(batch.intents) == 2


@pytest.mark.parametrize("crossed", [1, 0])
def test_limits_one_atom_apart_are_enough(crossed: int) -> None:
    market = tokens().with_sell("alice", ("DAI", 2_000), ("WETH", 1))
    market = market.with_sell("bob", ("WETH", f"{WEI + crossed}e-18"), ("DAI", 2_000))
    _, solutions, score = solve(market)
    assert (len(solutions), score) == (crossed, crossed)


@pytest.mark.parametrize("kind", ["sell", "buy"])
def test_the_best_pool_serves_an_order_alone(kind: str) -> None:
    market = tokens().with_pool("WETH", "USDC", 50, 100_000).with_pool("WETH", "USDC", 1_000, 2_000_000)
    if kind == "sell":
        market = market.with_sell("alice", ("WETH", 1), ("USDC", 1_900))
    else:
        market = market.with_buy("alice", ("USDC", 1_000), ("WETH", "0.6"))
    batch, solutions, score = solve(market)
    assert [one.interactions[0].pool for one in solutions] == [batch.pools[1].id, batch.pools[0].id]  # type: ignore[union-attr]
    assert score > 0


def test_a_part_goes_through_a_pool_that_does_not_pay_for_all() -> None:
    market = tokens().with_pool("WETH", "USDC", 10, 20_000).with_sell("alice", ("WETH", 10), ("USDC", 17_000))
    _, (solution,), _ = solve(market)
    assert solution.fills[0].executed == 10 * WEI // 8


def test_gas_is_paid_out_of_what_is_given() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    _, (solution,), _ = solve(market.with_gas(10**9))
    assert all(fill.fee > 0 for fill in solution.fills)


def test_a_seller_and_a_smaller_buyer_trade_what_the_buyer_wants() -> None:
    market = tokens().with_sell("alice", ("WETH", 5), ("USDC", 9_500)).with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    _, (solution,), _ = solve(market)
    assert {fill.executed for fill in solution.fills} == {WEI}


def test_no_more_solutions_than_are_read_the_best_first() -> None:
    market = tokens()
    for index in range(5):
        market = market.with_sell(f"s{index}", ("WETH", 1), ("USDC", 1_900 + index)).with_buy(
            f"b{index}", ("WETH", 1), ("USDC", 2_100)
        )
    _, solutions, score = solve(market, max_solutions=2)
    assert [solution.id for solution in solutions] == [0, 1]
    assert score == WEI // 10  # of the seller with the lowest limit
