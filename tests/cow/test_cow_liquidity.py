"""Liquidity in the words of CoW and back: the same pools, to the atom; what can not be exact is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.cow import DAI, E18, USDC, WETH, address, product, schema
from walras.cow.liquidity import pools_of
from walras.cow.shown import liquidity_of
from walras.wire import AnyPool, Asset, ConcentratedPool, Pool, StablePool, Tick, WeightedAsset, WeightedPool

ROUTER, PLACE = address(5), address(6)
CONSTANT = Pool(
    id="0",
    address=PLACE,
    token0=USDC,
    token1=WETH,
    reserve0=2 * 10**12,
    reserve1=10**21,
    fee_ppm=2_500,
    router=ROUTER,
)
WEIGHTED = WeightedPool(
    id="0",
    address=PLACE,
    assets=(
        WeightedAsset(token=USDC, balance=10**12, scale=10**12, weight=E18 // 5),
        WeightedAsset(token=DAI, balance=10**24, scale=1, weight=E18 * 3 // 10),
        WeightedAsset(token=WETH, balance=10**21, scale=1, weight=E18 // 2),
    ),
    fee=3 * 10**15 + 1,
    plain_powers=True,
)
STABLE = StablePool(
    id="0",
    address=PLACE,
    assets=(Asset(token=USDC, balance=10**12, scale=10**12), Asset(token=DAI, balance=10**24, scale=1)),
    fee=10**14,
    amplification=200_500,
)
CONCENTRATED = ConcentratedPool(
    id="0",
    address=PLACE,
    token0=USDC,
    token1=DAI,
    fee_ppm=500,
    tick_spacing=10,
    sqrt_price=2**96,
    tick=0,
    liquidity=10**21,
    ticks=(Tick(index=-100, net=10**21), Tick(index=100, net=-(10**21))),
    router=ROUTER,
)
ALL = [CONSTANT, WEIGHTED, STABLE, CONCENTRATED]


@pytest.mark.parametrize("pool", ALL, ids=lambda pool: pool.kind)
def test_a_pool_comes_back_as_it_went(pool: AnyPool) -> None:
    shown = liquidity_of(pool, 0, 90_000)
    whole = {"tokens": {}, "orders": [], "effectiveGasPrice": "0", "deadline": "2030-01-01T00:00:00Z"}
    schema("SolveRequest").validate({**whole, "liquidity": [shown], "surplusCapturingJitOrderOwners": []})
    assert pool.problem is None
    assert pools_of([shown]) == {"0": (pool, 90_000)}


ROW = liquidity_of(CONCENTRATED, 0, 90_000)


@pytest.mark.parametrize(
    "odd",
    [
        {"kind": "constantProductPlus"},
        {"fee": "0.0000005"},
        {"fee": "nan"},
        {"fee": "1e999999999"},
        {"fee": "0.00051"},
        {"sqrtPrice": "1"},
        {"liquidityNet": {}},
        {"liquidityNet": {"-100": str(10**21)}},
        {"liquidityNet": {"-100": str(2**127), "100": "0"}},
        {"liquidity": str(2**130)},
        {"tokens": [USDC, USDC]},
        {"id": "7" * 200},
        {"address": "0x12"},
    ],
    ids=lambda odd: str(odd)[:40],
)
def test_what_can_not_be_traded_through_is_left_out(odd: dict[str, Any]) -> None:
    assert pools_of([{**ROW, **odd}]) == {}
    assert pools_of([ROW]).keys() == {"0"}


def test_of_two_with_one_id_nobody_knows_which_is_meant() -> None:
    assert pools_of([ROW, product(0, (WETH, 1), (USDC, 1)), product(1, (WETH, 1), (USDC, 1))]).keys() == {"1"}


def test_limit_orders_of_others_are_left_out() -> None:
    row = {"kind": "limitOrder", "id": "3", "makerToken": USDC, "takerToken": DAI, "makerAmount": "1"}
    assert pools_of([row]) == {}


def test_beyond_a_stretch_of_ticks_nothing_is_traded() -> None:
    """Within it, it is the whole pool; its ends are the end of what is known."""
    outer = {-200: 10**20, -100: 10**21 - 10**20, 100: -(10**20), 200: -(10**21 - 10**20)}
    whole = CONCENTRATED.model_copy(update={"ticks": tuple(Tick(index=index, net=net) for index, net in outer.items())})
    part = {**ROW, "liquidityNet": {"-100": str(outer[-100]), "100": str(outer[100])}}
    (cut, _), small = pools_of([part])["0"], 10**15
    assert cut.amount_out(USDC, small) == whole.amount_out(USDC, small) > 0
    assert cut.amount_out(DAI, small) == whole.amount_out(DAI, small) > 0
    assert cut.amount_out(USDC, 10**30) < whole.amount_out(USDC, 10**30)


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([USDC, "1", "0.5"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ROW, USDC, DAI, "5"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from([liquidity_of(pool, 0, 1) for pool in ALL]),
    st.dictionaries(
        st.sampled_from(sorted({key for pool in ALL for key in liquidity_of(pool, 0, 1)})), _JUNK, max_size=3
    ),
    st.integers(0, 10**30),
)
def test_whatever_comes_is_a_pool_or_nothing(row: dict[str, Any], junk: dict[str, Any], amount: int) -> None:
    for pool, _ in pools_of([{**row, **junk}]).values():
        one, other = pool.tokens[:2]
        assert pool.amount_out(one, amount, other) >= 0
