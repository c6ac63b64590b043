"""The maker's solver: traders get the quote's price, the maker gets what it signed, and nothing else is touched."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from support.judged import tokens
from walras.amounts import Amounts, fill_amounts
from walras.plugins import load_solver
from walras.terms import Terms
from walras.testing.market import TIME, Market
from walras.wire import Batch, Solution
from walras_auction.bids import SolverIdentity
from walras_auction.conformance.checker import judged
from walras_auction.invite import Bids
from walras_auction.verify import propose
from walras_solvers.marketmaker import MarketMakerSolver

WEI, MICRO = 10**18, 10**6
ME = SolverIdentity("marketmaker", "0x" + "77" * 20)
RESERVED = Terms(exclusive_solver=ME.address, exclusive_until=TIME + 600)


def quoted(gas: int = 0) -> Market:
    """A maker gives up to 20,000 USDC at 2,000 a WETH."""
    return tokens().with_gas(gas).with_sell("maker", ("USDC", 20_000), ("WETH", 10)).with_terms(RESERVED)


def solve(market: Market, **rest: int) -> tuple[Batch, list[Solution], int]:
    batch = market.batch(**rest)
    solutions = list(MarketMakerSolver().solve(batch))
    score, findings = judged(batch, Bids(tuple(propose(ME, solution) for solution in solutions), ()))
    assert findings == ()
    return batch, solutions, score


def moved(batch: Batch, solution: Solution, index: int) -> Amounts:
    entry = batch.intents[index]
    (fill,) = [fill for fill in solution.fills if fill.uid == entry.uid]
    intent = entry.intent.intent()
    return fill_amounts(intent, fill.executed, fill.fee, fill.round_up, solution.prices, batch.wrapped_native)


def test_it_is_published() -> None:
    assert isinstance(load_solver("marketmaker"), MarketMakerSolver)


def test_without_quotes_it_bids_nothing() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    assert solve(market)[1] == []


def test_a_seller_gets_the_quotes_price_to_the_atom() -> None:
    batch, (solution,), score = solve(quoted().with_sell("alice", ("WETH", 1), ("USDC", 1_900)))
    assert moved(batch, solution, 1) == Amounts((WEI,), (2_000 * MICRO,))
    assert moved(batch, solution, 0) == Amounts((2_000 * MICRO,), (WEI,))
    assert score == 100 * WEI // 2_000


def test_a_buyer_gets_exactly_what_it_wants() -> None:
    batch, (solution,), _ = solve(quoted().with_buy("bob", ("USDC", 1_000), ("WETH", "0.6")))
    assert moved(batch, solution, 1) == Amounts((WEI // 2,), (1_000 * MICRO,))


def test_many_sellers_share_a_quote_at_one_price() -> None:
    market = quoted()
    for index in range(6):
        market = market.with_sell(f"seller{index}", ("WETH", 2), ("USDC", 3_800 + index))
    batch, solutions, score = solve(market)
    fullest = max(solutions, key=lambda solution: len(solution.fills))
    assert len(fullest.fills) == 1 + 5  # ten WETH, two each
    assert {moved(batch, fullest, index).wants[0] for index in range(1, 6)} == {4_000 * MICRO}
    assert score == max(judged(batch, Bids((propose(ME, one),), ()))[0] for one in solutions)


def test_gas_is_paid_by_both_within_what_they_signed() -> None:
    batch, (solution, *_), score = solve(quoted(10**9).with_sell("alice", ("WETH", 1), ("USDC", 1_900)))
    maker, alice = moved(batch, solution, 0), moved(batch, solution, 1)
    assert Fraction(maker.gives[0], maker.wants[0]) <= Fraction(2_000 * MICRO, WEI)
    assert 1_990 * MICRO < alice.wants[0] < 2_000 * MICRO
    assert all(fill.fee > 0 for fill in solution.fills)
    assert score > 0


def test_the_makers_own_gain_counts_nothing() -> None:
    """A quote far below the market scores only what the trader gains."""
    market = tokens().with_sell("maker", ("USDC", 2_000), ("WETH", "0.1")).with_terms(RESERVED)
    _, (solution,), score = solve(market.with_sell("alice", ("WETH", "0.1"), ("USDC", 1_900)))
    assert score == 100 * WEI // 2_000
    assert len(solution.fills) == 2


def test_a_limit_that_the_quote_does_not_reach_is_left_alone() -> None:
    assert solve(quoted().with_sell("alice", ("WETH", 1), ("USDC", 2_001)))[1] == []
    assert solve(quoted().with_buy("bob", ("USDC", 1_000), ("WETH", "0.49")))[1] == []


def test_a_whole_order_larger_than_the_quote_is_left_alone() -> None:
    assert solve(quoted().with_sell("alice", ("WETH", 11), ("USDC", 20_000), whole=True))[1] == []
    batch, (solution,), _ = solve(quoted().with_sell("alice", ("WETH", 11), ("USDC", 20_000)))
    assert moved(batch, solution, 0).gives == (20_000 * MICRO,)


def test_quotes_do_not_trade_with_each_other() -> None:
    market = quoted().with_sell("other", ("WETH", 10), ("USDC", 19_000)).with_terms(RESERVED)
    assert solve(market)[1] == []


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_solutions_than_are_read(most: int) -> None:
    market = quoted()
    for index in range(8):
        market = market.with_sell(f"seller{index}", ("WETH", 1), ("USDC", 1_900))
    assert len(solve(market, max_solutions=most)[1]) <= most


amounts = st.integers(1, 2**100)


@examples(100)
@given(
    quotes=st.lists(st.tuples(amounts, amounts), min_size=1, max_size=3),
    traders=st.lists(st.tuples(amounts, amounts, st.booleans(), st.booleans()), min_size=1, max_size=5),
    gas=st.sampled_from([0, 1, 10**9]),
)
def test_whatever_is_quoted_and_asked_its_bids_are_valid(
    quotes: list[tuple[int, int]], traders: list[tuple[int, int, bool, bool]], gas: int
) -> None:
    market = tokens().with_gas(gas)
    for index, (gives, wants) in enumerate(quotes):
        market = market.with_sell(f"maker{index}", ("DAI", f"{gives}e-18"), ("WETH", f"{wants}e-18"))
        market = market.with_terms(RESERVED)
    for index, (one, other, sells, whole) in enumerate(traders):
        give, want = ("WETH", f"{one}e-18"), ("DAI", f"{other}e-18")
        if sells:
            market = market.with_sell(f"trader{index}", give, want, whole=whole)
        else:
            market = market.with_buy(f"trader{index}", want, give, whole=whole)
    solve(market)
