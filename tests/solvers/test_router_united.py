"""Several pairs in one bid: it fills more than bids that must not share pools, and nobody is worse off."""

from __future__ import annotations

from itertools import combinations

from solver_checker import check
from walras.testing import Market, a_market
from walras.wire import Batch, Solution
from walras_solvers.router import RouterSolver


def tokens(*symbols: str) -> Market:
    market = a_market()
    for symbol in symbols:
        market = market.with_token(symbol, price=1)
    return market


def three_pairs() -> Market:
    """A for B, B for C and A for C, over one pool between A and B and one between B and C."""
    market = tokens("A", "B", "C").with_pool("A", "B", 100_000, 100_000).with_pool("B", "C", 100_000, 100_000)
    market = market.with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("B", 10), ("C", "9.5"))
    return market.with_sell("cyd", ("A", 10), ("C", "9.4"))


def best_compatible(batch: Batch, solutions: list[Solution]) -> int:
    """The best total of single pairs' solutions that share no pool."""
    checked = [check(solution, batch) for solution in solutions]
    single = [one for one in checked if len(one.pairs) == 1]
    sets = (chosen for size in range(len(single) + 1) for chosen in combinations(single, size))
    return max(
        sum(one.score for one in chosen)
        for chosen in sets
        if all(
            not (one.pools & other.pools) and not (set(one.pairs) & set(other.pairs))
            for one, other in combinations(chosen, 2)
        )
    )


def united_of(batch: Batch) -> tuple[int, int, int]:
    """(score of the solution of most pairs, its pairs, the best that compatible ones of a pair each reach)."""
    solutions = list(RouterSolver().solve(batch))
    checked = max((check(solution, batch) for solution in solutions), key=lambda one: len(one.pairs))
    return checked.score, len(checked.pairs), best_compatible(batch, solutions)


def test_three_pairs_through_shared_pools_earn_more_together() -> None:
    score, pairs, single = united_of(three_pairs().with_gas(10**12).batch())
    assert pairs == 3
    assert score > single


def test_opposite_flows_meet_before_the_pool() -> None:
    """What the first takes from each pool the second puts in: without gas as well, both get more than alone."""
    market = tokens("A", "B", "C").with_pool("A", "B", 1_000, 1_000).with_pool("B", "C", 1_000, 1_000)
    market = market.with_sell("ann", ("A", 10), ("C", 9)).with_sell("bob", ("B", 10), ("A", 9))
    score, pairs, single = united_of(market.with_sell("cyd", ("C", 10), ("B", 9)).batch())
    assert pairs == 3
    assert score > single


def test_a_pair_that_would_get_less_is_not_united() -> None:
    """Without gas to save, the same direction through the same pool costs both."""
    market = tokens("A", "B", "C").with_pool("A", "B", 1_000, 1_000).with_pool("B", "C", 1_000, 1_000)
    batch = market.with_sell("ann", ("A", 10), ("B", 9)).with_sell("bob", ("A", 10), ("C", 9)).batch()
    assert all(len(check(solution, batch).pairs) == 1 for solution in RouterSolver().solve(batch))


def test_no_single_solution_is_lost() -> None:
    batch = three_pairs().with_gas(10**12).batch(max_solutions=3)
    solutions = list(RouterSolver().solve(batch))
    assert [len(check(solution, batch).pairs) for solution in solutions] == [1, 1, 1]
