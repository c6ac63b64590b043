"""A pool with nonsense in it names it, trades nothing, and never raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from walras.pools import concentrated, constant, stable, weighted
from walras.pools.concentrated import Curve
from walras.pools.ticks import MAX_TICK, MIN_TICK, sqrt_price_at
from walras.wire import Asset, ConcentratedPool, Pool, StablePool, Tick, WeightedAsset, WeightedPool

A, B, C = ("0x" + digit * 40 for digit in "abc")
WEI = 10**18
HERE = {"id": "pool", "address": "0x" + "11" * 20}


def pair(**changes: Any) -> Pool:
    return Pool(**{**HERE, "token0": A, "token1": B, "reserve0": WEI, "reserve1": WEI, "fee_ppm": 3_000, **changes})


def ranged(**changes: Any) -> ConcentratedPool:
    fields = {
        **HERE,
        "token0": A,
        "token1": B,
        "fee_ppm": 500,
        "tick_spacing": 10,
        "sqrt_price": sqrt_price_at(5) + 1,
        "tick": 5,
        "liquidity": WEI,
        "ticks": (Tick(index=-100, net=WEI), Tick(index=100, net=-WEI)),
    }
    return ConcentratedPool(**{**fields, **changes})


def mixed(**changes: Any) -> WeightedPool:
    assets = tuple(WeightedAsset(token=token, balance=WEI, scale=1, weight=WEI // 2) for token in (A, B))
    return WeightedPool(**{**HERE, "assets": assets, "fee": WEI // 1_000, **changes})


def level(**changes: Any) -> StablePool:
    assets = tuple(Asset(token=token, balance=WEI, scale=1) for token in (A, B, C))
    return StablePool(**{**HERE, "assets": assets, "fee": WEI // 1_000, "amplification": 100_000, **changes})


def ticks(*rows: tuple[int, int]) -> tuple[Tick, ...]:
    return tuple(Tick(index=index, net=net) for index, net in rows)


def assets(*balances: int, weight: int = WEI // 2, scale: int = 1) -> tuple[WeightedAsset, ...]:
    tokens = (A, B, C)
    return tuple(
        WeightedAsset(token=token, balance=balance, weight=weight, scale=scale)
        for token, balance in zip(tokens, balances, strict=False)
    )


LIES = [
    (pair(reserve0=0), "reserve"),
    (pair(fee_ppm=10**6), "fee"),
    (pair(fee_ppm=-1), "fee"),
    (pair(token1=A), "one"),
    (ranged(fee_ppm=10**6), "fee"),
    (ranged(tick_spacing=0), "spacing"),
    (ranged(sqrt_price=0), "out of range"),
    (ranged(sqrt_price=2**256 - 1), "out of range"),
    (ranged(tick=MAX_TICK), "out of range"),
    (ranged(tick=-(2**23)), "out of range"),
    (ranged(tick=7), "not that of the tick"),
    (ranged(ticks=ticks((100, -WEI), (-100, WEI))), "ascend"),
    (ranged(ticks=ticks((-100, WEI), (-100, 1), (100, -WEI - 1))), "ascend"),
    (ranged(ticks=ticks((-105, WEI), (100, -WEI))), "multiple"),
    (ranged(ticks=ticks((-887_280, WEI), (100, -WEI))), "out of range"),
    (ranged(ticks=ticks((-100, WEI), (100, -WEI - 1))), "out of range"),
    (ranged(ticks=ticks((-100, WEI), (100, -WEI + 1))), "add up"),
    (ranged(liquidity=WEI + 1), "not that of the pool"),
    (ranged(ticks=()), "not that of the pool"),
    (mixed(assets=assets(WEI)), "two or more"),
    (mixed(assets=(*assets(WEI), *assets(WEI))), "two or more"),
    (mixed(fee=WEI), "fee"),
    (mixed(assets=assets(WEI, 0)), "balance"),
    (mixed(assets=assets(WEI, 2**112)), "balance"),
    (mixed(assets=assets(WEI, WEI, scale=0)), "scale"),
    (mixed(assets=assets(WEI, WEI, weight=1)), "weights"),
    (level(amplification=0), "invariant"),
    (level(amplification=2**255), "invariant"),
]


@pytest.mark.parametrize(("pool", "named"), LIES)
def test_a_lie_is_named_and_trades_nothing(pool: Any, named: str) -> None:
    assert pool.problem is not None
    assert named in pool.problem
    for one, other in ((A, B), (B, A)):
        assert pool.amount_out(one, WEI, other) == 0
        assert pool.amount_in(other, 1, one) is None
        assert pool.spot(one, other) is None


@pytest.mark.parametrize("pool", [pair(), ranged(), mixed(), level()])
def test_the_honest_twin_trades(pool: Any) -> None:
    assert pool.problem is None
    assert pool.amount_out(A, 10**15, B) > 0
    assert pool.amount_in(B, 10**15, A) > 0


@pytest.mark.parametrize("pool", [pair(), ranged(), mixed(), level()])
def test_what_no_pool_can_do(pool: Any) -> None:
    """Strange tokens, no amounts, negative ones, and more than there is."""
    assert pool.amount_out("0x" + "d" * 40, WEI, B) == pool.amount_out(A, WEI, A) == 0
    assert pool.amount_out(A, 0, B) == pool.amount_out(A, -5, B) == 0
    assert pool.amount_in(B, 0, A) == 0
    assert pool.amount_in(B, -5, A) is None
    assert pool.amount_in(B, 2**200, A) is None
    assert pool.amount_out(A, 2**256 - 1, B) <= WEI


def test_a_pool_of_three_needs_to_know_which() -> None:
    assert level().amount_out(A, 10**15) == 0
    assert level().amount_in(A, 10**15) is None
    assert pair().amount_out(A, 10**15) == pair().amount_out(A, 10**15, B) > 0


def test_a_changed_copy_forgets_what_the_original_worked_out() -> None:
    good = ranged()
    assert good.problem is None
    assert good.model_copy(update={"liquidity": 1}).problem is not None


numbers = st.one_of(st.integers(-5, 5), st.integers(-(2**256), 2**256), st.integers(0, 2**112))


@examples(100)
@given(st.lists(numbers, min_size=6, max_size=6))
def test_arithmetic_never_raises(values: list[int]) -> None:
    one, two, three, four, five, six = values
    constant.amount_out(one, two, three, four)
    constant.least_in(one, two, three, four)
    constant.router_in(one, two, three, four)
    weighted.out_given_in(one, two, three, four, five)
    weighted.in_given_out(one, two, three, four, five)
    d = stable.invariant(one, [two, three, four])
    if d is not None:
        stable.out_given_in(one, [two, three, four], d, 0, 1, five)
        stable.in_given_out(one, [two, three, four], d, 0, 1, six)


@examples(100)
@given(numbers, st.integers(-(2**23), 2**23), numbers, st.integers(-10, 10**6 + 10), st.integers(-5, 20_000))
def test_any_curve_has_a_problem_or_swaps(price: int, tick: int, liquidity: int, fee: int, spacing: int) -> None:
    curve = Curve(price, tick, liquidity, fee, spacing, (MIN_TICK, 0), (5, -5))
    if concentrated.problem(curve) is None:
        concentrated.exact_input(curve, 10**18, True)
        concentrated.exact_output(curve, 10**18, False)
