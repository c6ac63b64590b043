"""The order book: one price a pair, price-time priority, and the surplus of the recorded batch."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from solver_checker import amounts, bound, check, references
from solver_recorded import recorded_batch
from walras.testing import Market, a_market
from walras.wire import Batch, Solution
from walras_solvers.orderbook import OrderBookSolver

WETH_USDC = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")


def solve(batch: Batch) -> list[Solution]:
    return list(OrderBookSolver().solve(batch))


def surplus_before_fees(solution: Solution, batch: Batch) -> Fraction:
    """Wei received beyond the limits if nobody had paid a fee, at reference prices."""
    total = Fraction(0)
    intents = {entry.uid: entry.intent.intent() for entry in batch.intents}
    for fill in solution.fills:
        intent = intents[fill.uid]
        gives, _ = amounts(fill, intent, solution.prices, batch)
        give, want = intent.gives[0].token, intent.wants[0].token
        received = Fraction(gives[0] * solution.prices[give], solution.prices[want])
        limit = Fraction(fill.executed, intent.full_amount) * bound(intent.wants[0], intent, batch.time)
        total += (received - limit) * references(batch)[want]
    return total


def test_recorded_batch_reaches_the_recorded_surplus() -> None:
    batch = recorded_batch()
    assert len(batch.intents) == 239
    stake = next(token.address for token in batch.tokens if token.symbol == "STAKE")
    (solution,) = [solution for solution in solve(batch) if stake in solution.prices]
    check(solution, batch)
    native = next(token for token in batch.tokens if token.symbol == "WETH")
    owl = next(token for token in batch.tokens if token.symbol == "xOWL")
    assert native.price == 10**18
    assert owl.price is not None
    in_owl = surplus_before_fees(solution, batch) / owl.price
    assert in_owl >= 247
    assert len(solution.fills) >= 70


def test_one_price_and_the_middle_of_two_equal_orders() -> None:
    batch = (
        WETH_USDC.with_sell("ann", ("WETH", 1), ("USDC", 1900)).with_sell("bob", ("USDC", 2000), ("WETH", 1)).batch()
    )
    (solution,) = solve(batch)
    checked = check(solution, batch)
    assert checked.filled == {entry.uid: entry.remaining for entry in batch.intents}


def test_better_limits_fill_first_and_equal_ones_by_sequence() -> None:
    market = WETH_USDC.with_sell("late", ("WETH", 1), ("USDC", 1950)).with_sell("first", ("WETH", 1), ("USDC", 1900))
    market = market.with_sell("second", ("WETH", 1), ("USDC", 1900))
    batch = market.with_buy("taker", ("WETH", 1), ("USDC", 2000)).batch()
    (solution,) = solve(batch)
    assert set(check(solution, batch).filled) == {batch.intents[1].uid, batch.intents[3].uid}


def test_a_whole_order_is_never_split() -> None:
    market = WETH_USDC.with_sell("ann", ("WETH", 5), ("USDC", 9500), whole=True)
    batch = market.with_sell("bob", ("USDC", 2000), ("WETH", 1)).batch()
    assert solve(batch) == []


def test_whole_orders_of_odd_sizes_meet_at_the_ratio_of_their_sizes() -> None:
    market = WETH_USDC.with_sell("ann", ("WETH", 3), ("USDC", 5700), whole=True)
    batch = market.with_sell("bob", ("USDC", 5990), ("WETH", "2.9"), whole=True).batch()
    (solution,) = solve(batch)
    assert len(check(solution, batch).filled) == 2


def test_siblings_share_the_owners_balance() -> None:
    market = WETH_USDC.with_sell("ann", ("WETH", 1), ("USDC", 1900)).with_sell("ann", ("WETH", 1), ("USDC", 1901))
    batch = market.with_buy("bob", ("WETH", 2), ("USDC", 4000)).with_funds("ann", "WETH", "1.5").batch()
    (solution,) = solve(batch)
    filled = check(solution, batch).filled
    assert filled[batch.intents[0].uid] + filled[batch.intents[1].uid] == 15 * 10**17


def test_orders_whose_surplus_is_below_their_gas_stay_out() -> None:
    market = WETH_USDC.with_sell("ann", ("WETH", 1), ("USDC", 1900)).with_sell(
        "tiny", ("WETH", "0.00001"), ("USDC", "0.019")
    )
    batch = market.with_buy("bob", ("WETH", 2), ("USDC", 4000)).with_gas(10**9).batch()
    (solution,) = solve(batch)
    filled = check(solution, batch).filled
    assert batch.intents[1].uid not in filled
    assert len(filled) == 2


def test_at_most_the_allowed_number_of_pairs_and_the_best_of_them() -> None:
    market = a_market()
    for symbol in ("A", "B", "C", "D"):
        market = market.with_token(symbol, price=1)
    for size, symbol in ((1, "B"), (3, "C"), (2, "D")):
        market = market.with_sell("ann", ("A", size), (symbol, size)).with_sell("bob", (symbol, 2 * size), ("A", size))
    batch = market.batch(max_solutions=2)
    solutions = solve(batch)
    assert [market.address("C") in solution.prices for solution in solutions] == [True, False]
    assert market.address("D") in solutions[1].prices


def test_time_runs_out_before_the_second_pair() -> None:
    market = a_market().with_token("A", price=1).with_token("B", price=1).with_token("C", price=1)
    for symbol in ("B", "C"):
        market = market.with_sell("ann", ("A", 1), (symbol, 1)).with_sell("bob", (symbol, 2), ("A", 1))
    # The clock stands still until the first pair is begun, then jumps past the deadline.
    ticks = iter([0.0, 0.0])
    solver = OrderBookSolver(clock=lambda: next(ticks, 1e9))
    assert len(list(solver.solve(market.batch()))) == 1


def five_thousand() -> Market:
    market = WETH_USDC
    for number in range(2500):
        spread = number % 200
        market = market.with_sell(f"s{number}", ("WETH", 1), ("USDC", 1900 + spread))
        market = market.with_sell(f"b{number}", ("USDC", 1900 + spread), ("WETH", 1))
    return market


def test_five_thousand_intents_give_one_valid_solution() -> None:
    market = five_thousand()
    gas = market.gas.model_copy(update={"limit": 10**9})
    batch = replace(market, gas=gas).batch()
    (solution,) = solve(batch)
    assert len(check(solution, batch).filled) > 2000


def test_the_gas_limit_keeps_the_fills_that_are_worth_most() -> None:
    market = WETH_USDC
    for size in range(1, 9):
        market = market.with_sell(f"s{size}", ("WETH", size), ("USDC", 1900 * size))
        market = market.with_sell(f"b{size}", ("USDC", 2000 * size), ("WETH", size))
    gas = market.gas.model_copy(update={"limit": 60_000 + 4 * 90_000})
    batch = replace(market, gas=gas).batch()
    (solution,) = solve(batch)
    assert len(solution.fills) <= 4
    assert check(solution, batch).score > 4 * 10**17


@pytest.mark.parametrize("guard_bps", [500, 100, 10])
def test_orders_that_cross_far_trade_at_the_best_price_that_the_guard_allows(guard_bps: int) -> None:
    """At the price that is worth most one of the two would be worse off than the reference by a tenth."""
    market = WETH_USDC.with_sell("ann", ("WETH", 1), ("USDC", 1800)).with_sell("bob", ("USDC", 2200), ("WETH", 1))
    (free,) = solve(market.batch())
    (guarded,) = solve(batch := market.batch(guard_bps=guard_bps))
    assert 18 * 10**16 < check(guarded, batch).score < check(free, market.batch()).score


def test_who_can_not_trade_within_the_guard_does_not_keep_others_from_it() -> None:
    market = WETH_USDC.with_sell("ann", ("WETH", 1), ("USDC", 1800)).with_sell("bob", ("USDC", 2200), ("WETH", 1))
    batch = market.with_sell("far", ("WETH", 1), ("USDC", 2150)).batch(guard_bps=500)
    (solution,) = solve(batch)
    assert set(check(solution, batch).filled) == {batch.intents[0].uid, batch.intents[1].uid}
