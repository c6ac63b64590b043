"""The clearing engine beside pools of every kind: constant products, weighted, stable, concentrated liquidity."""

from __future__ import annotations

import numpy as np
import pytest
from bench.clearing_pools import constant_only, pooled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from solver_checker import Checked, check
from walras.pools.ticks import sqrt_price_at
from walras.testing import Market, a_market
from walras.wire import AnyPool, Batch, ConcentratedPool, Pool, PoolSwap, StablePool, WeightedPool
from walras.wire.pools import Tick
from walras.wire.vault_pools import Asset, WeightedAsset
from walras_solvers.clearing import ClearingSolver
from walras_solvers.kernels.flow_average import input_at
from walras_solvers.kernels.flow_edges import paid
from walras_solvers.kernels.flow_network import Network

E18 = 10**18
HERE = "0x" + "44" * 20
SYMBOLS = ("A", "B", "C")
KINDS = ("constant", "weighted", "stable", "concentrated")
EQUAL = a_market().with_token("A", price=1).with_token("B", price=1).with_token("C", price=1)


def pool_of(kind: str, symbols: tuple[str, ...], size: int = 10_000, fee_ppm: int = 3_000, skew: int = 100) -> AnyPool:
    """About ``size`` whole tokens of each; of the first ``skew`` per cent of that."""
    tokens = sorted(EQUAL.address(symbol) for symbol in symbols)
    first = EQUAL.address(symbols[0])
    held = {token: size * E18 * (skew if token == first else 100) // 100 for token in tokens}
    name, one, other = kind + "-".join(symbols), tokens[0], tokens[1]
    if kind == "constant":
        sides = {"reserve0": held[one], "reserve1": held[other]}
        return Pool(id=name, address=HERE, token0=one, token1=other, fee_ppm=fee_ppm, **sides)
    if kind == "weighted":
        weights = [E18 - E18 // len(tokens) * (len(tokens) - 1), *[E18 // len(tokens)] * (len(tokens) - 1)]
        parts = zip(tokens, weights, strict=True)
        assets = tuple(WeightedAsset(token=token, balance=held[token], scale=1, weight=part) for token, part in parts)
        return WeightedPool(id=name, address=HERE, fee=fee_ppm * 10**12, assets=assets)
    if kind == "stable":
        plain = tuple(Asset(token=token, balance=held[token], scale=1) for token in tokens)
        return StablePool(id=name, address=HERE, fee=fee_ppm * 10**12, amplification=200_000, assets=plain)
    liquidity = 100 * size * E18
    return ConcentratedPool(
        id=name,
        address=HERE,
        token0=one,
        token1=other,
        fee_ppm=fee_ppm,
        tick_spacing=60,
        sqrt_price=sqrt_price_at(0),
        tick=0,
        liquidity=liquidity,
        ticks=(Tick(index=-600, net=liquidity), Tick(index=600, net=-liquidity)),
    )


def with_pools(market: Market, *pools: AnyPool) -> Batch:
    return market.batch().model_copy(update={"pools": pools})


def solve(batch: Batch) -> list[Checked]:
    return [check(solution, batch) for solution in ClearingSolver().solve(batch)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_closes_a_ring_that_orders_leave_open(kind: str) -> None:
    """Ann's A goes through the pool to Bob, Bob's B to Ann: all that is above their limits is surplus."""
    market = EQUAL.with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("B", 10), ("C", "9.5"))
    pool = pool_of(kind, ("A", "C"))
    best = solve(with_pools(market, pool))[0]
    assert best.pools == {pool.id}
    got = pool.amount_out(market.address("A"), 10 * E18, market.address("C"))
    whole = 10 * E18 + got - 19 * E18
    assert whole * (1 - 1e-6) < best.score <= whole
    assert solve(market.batch()) == []


@pytest.mark.parametrize("kind", ["weighted", "stable"])
def test_a_pool_of_three_tokens_is_passed_once(kind: str) -> None:
    """Two orders could both use it, between different tokens; the larger gain is taken, the checker forbids both."""
    market = EQUAL.with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("A", 20), ("C", 19))
    batch = with_pools(market, pool_of(kind, SYMBOLS))
    best = solve(batch)[0]
    assert set(best.filled) == {batch.intents[1].uid}


def test_two_pools_of_three_tokens_serve_two_pairs() -> None:
    market = EQUAL.with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("A", 20), ("C", 19))
    batch = with_pools(market, pool_of("weighted", SYMBOLS), pool_of("stable", SYMBOLS))
    best = solve(batch)[0]
    assert len(best.filled) == len(best.pools) == 2


def test_a_token_that_no_order_names_is_passed_through_without_a_rest() -> None:
    market = EQUAL.with_sell("ann", ("A", 10), ("C", "9.5"))
    batch = with_pools(market, pool_of("weighted", ("A", "B")), pool_of("concentrated", ("B", "C")))
    solution = next(iter(ClearingSolver().solve(batch)))
    assert check(solution, batch).filled == {batch.intents[0].uid: 10 * E18}
    first, second = (step for step in solution.interactions if isinstance(step, PoolSwap))
    assert first.amount_out >= second.amount_in > first.amount_out - 10


def test_an_order_gets_what_a_pool_takes_that_would_pay_more() -> None:
    """A weighted pool takes 30 % of its 3 A after the fee in one swap, and pays for them far more than is asked."""
    market = EQUAL.with_sell("ann", ("A", 10), ("C", 1))
    pool = pool_of("weighted", ("A", "C"), size=10, skew=30)
    batch = with_pools(market, pool)
    best = solve(batch)[0]
    most = 3 * E18 * 3 // 10 * 1000 // 997
    assert most * (1 - 1e-6) < best.filled[batch.intents[0].uid] <= most
    whole = pool.amount_out(market.address("A"), most, market.address("C")) - most // 10
    assert whole * (1 - 1e-6) < best.score <= whole


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    size=st.integers(1, 10**6),
    skew=st.integers(20, 400),
    from_i=st.booleans(),
    below=st.floats(1e-6, 2.0),
)
def test_the_input_at_a_rate_earns_it_on_average(kind: str, size: int, skew: int, from_i: bool, below: float) -> None:
    network = Network({"pool": pool_of(kind, ("A", "B"), size, skew=skew)})
    tables = network.link, network.curve, network.ranges
    small = network.depth(0)[0 if from_i else 1] * 1e-9
    rate = paid(0, from_i, small, *tables) / small * np.exp(-below)
    amount = input_at(0, from_i, rate, *tables)
    earned, more = paid(0, from_i, amount, *tables), paid(0, from_i, amount * 1.001, *tables)
    assert amount > 0
    capped = more <= earned * (1 + 1e-12)
    assert capped or earned == pytest.approx(rate * amount, rel=1e-7)
    assert earned >= rate * amount * (1 - 1e-7)
    assert capped or more < rate * amount * 1.001
    assert input_at(0, from_i, rate * np.exp(below + 0.01), *tables) == 0.0


@st.composite
def markets(draw: st.DrawFn) -> Batch:
    market, pools = EQUAL, []
    for number in range(draw(st.integers(1, 4))):
        kind, symbols = draw(st.sampled_from(KINDS)), draw(st.permutations(SYMBOLS))
        count = 3 if kind in ("weighted", "stable") and draw(st.booleans()) else 2
        size, skew = 10 ** draw(st.integers(0, 5)), draw(st.integers(90, 110))
        pool = pool_of(kind, tuple(symbols[:count]), size, draw(st.sampled_from((100, 3_000))), skew)
        pools.append(pool.model_copy(update={"id": str(number)}))
    for number in range(draw(st.integers(1, 6))):
        give, want, _ = draw(st.permutations(SYMBOLS))
        amount, limit = draw(st.integers(1, 10**5)), draw(st.integers(90, 101))
        sides = (give, amount), (want, str(amount * limit / 100))
        place = market.with_sell if draw(st.booleans()) else market.with_buy
        market = place(f"{number}", *(sides if place == market.with_sell else sides[::-1]), whole=draw(st.booleans()))
    if draw(st.booleans()):
        market = market.with_gas(draw(st.sampled_from((10**6, 10**9))))
    return with_pools(market, *pools).model_copy(update={"deadline_ms": 1_500})


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(batch=markets())
def test_beside_pools_of_mixed_kinds_every_solution_is_valid(batch: Batch) -> None:
    ticks = iter(range(10**9))
    for solution in ClearingSolver(clock=lambda: next(ticks) / 100).solve(batch):
        check(solution, batch)


def test_recorded_pools_of_all_kinds_are_worth_more_than_constant_products_alone() -> None:
    batch = pooled(12, 1)
    every, constant = solve(batch), solve(constant_only(batch))
    assert max(found.score for found in every) > max((found.score for found in constant), default=0)
