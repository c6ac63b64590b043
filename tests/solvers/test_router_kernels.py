"""The routing kernels: every kind of pool as its contract rounds, optimal splits, pools that are not to be trusted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solver_checker import check
from walras.pools.ticks import sqrt_price_at
from walras.testing import a_market
from walras.wire import AnyPool, ConcentratedPool, Pool, StablePool, WeightedPool
from walras.wire.pools import Tick
from walras.wire.vault_pools import Asset, WeightedAsset
from walras_solvers.kernels.flow_edges import paid
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_router import Router
from walras_solvers.router import RouterSolver

A, B, C = (f"0x{number:040x}" for number in (1, 2, 3))
HERE = "0x" + "44" * 20
E18 = 10**18


def constant(name: str, reserve0: int, reserve1: int, one: str = A, other: str = B) -> Pool:
    return Pool(id=name, address=HERE, token0=one, token1=other, reserve0=reserve0, reserve1=reserve1, fee_ppm=3_000)


def weighted(balance: int = 1_000 * E18) -> WeightedPool:
    parts = ((A, E18 // 2), (B, 3 * E18 // 10), (C, E18 // 5))
    assets = tuple(WeightedAsset(token=token, balance=balance, scale=1, weight=weight) for token, weight in parts)
    return WeightedPool(id="weighted", address=HERE, fee=10**15, assets=assets)


def stable() -> StablePool:
    held = ((A, 900 * E18, 1), (B, 1_100 * 10**6, 10**12), (C, 1_000 * E18, 1))
    assets = tuple(Asset(token=token, balance=balance, scale=scale) for token, balance, scale in held)
    return StablePool(id="stable", address=HERE, fee=10**14, amplification=200_000, assets=assets)


def concentrated() -> ConcentratedPool:
    """Three stretches of liquidity, one of them empty."""
    ticks = ((-600, 3 * 10**21), (-120, -(10**21)), (120, -2 * 10**21), (240, 10**21), (600, -(10**21)))
    return ConcentratedPool(
        id="concentrated",
        address=HERE,
        token0=A,
        token1=B,
        fee_ppm=500,
        tick_spacing=60,
        sqrt_price=sqrt_price_at(7),
        tick=7,
        liquidity=2 * 10**21,
        ticks=tuple(Tick(index=index, net=net) for index, net in ticks),
    )


KINDS: list[AnyPool] = [constant("constant", 1_000 * E18, 990 * E18), weighted(), stable(), concentrated()]


@pytest.mark.parametrize("pool", KINDS, ids=lambda pool: pool.kind)
@pytest.mark.parametrize("part", [0.001, 0.02, 0.2])
def test_a_pool_pays_over_real_numbers_what_it_pays_in_atoms(pool: AnyPool, part: float) -> None:
    network = Network({pool.id: pool})
    for e in range(len(network.link)):
        for from_i in (True, False):
            one, other = (network.tokens[network.link[e, place]] for place in ((0, 1) if from_i else (1, 0)))
            amount = int(network.depth(e)[0 if from_i else 1] * part)
            exact = pool.amount_out(one, amount, other)
            assert exact > 0
            real = paid(e, from_i, float(amount), network.link, network.curve, network.ranges)
            assert real == pytest.approx(exact, rel=1e-6)


def test_the_split_over_all_kinds_is_no_worse_than_any_of_a_grid() -> None:
    amount, steps = 120 * E18, 12
    kinds = [pool for pool in KINDS if pool.kind != "stable"]  # its B has another number of decimals
    grid = [(one, two, steps - one - two) for one in range(steps + 1) for two in range(steps + 1 - one)]
    best = max(
        sum(pool.amount_out(A, amount * part // steps, B) for pool, part in zip(kinds, parts, strict=True))
        for parts in grid
    )
    router = Router({pool.id: pool for pool in kinds})
    assert router.got(router.sell(A, B, amount), B) >= best


@settings(max_examples=25, deadline=None, derandomize=True)
@given(sizes=st.lists(st.integers(10**9, 10**24), min_size=4, max_size=4), amount=st.integers(10**6, 10**23))
def test_routes_are_feasible_and_never_below_a_single_pool(sizes: list[int], amount: int) -> None:
    pools = {
        pool.id: pool
        for pool in (
            constant("1", sizes[0], sizes[0]),
            constant("2", sizes[1], sizes[1]),
            constant("3", sizes[2], sizes[2], A, C),
            constant("4", sizes[3], sizes[3], B, C),
        )
    }
    router = Router(pools)
    swaps = router.sell(A, B, amount)
    held = {A: amount}
    for step in swaps:
        wanted = pools[step.pool].other(step.token_in)
        assert wanted is not None
        assert 0 < step.amount_in <= held[step.token_in]
        assert step.amount_out == pools[step.pool].amount_out(step.token_in, step.amount_in)
        held[step.token_in] -= step.amount_in
        held[wanted] = held.get(wanted, 0) + step.amount_out
    assert len({step.pool for step in swaps}) == len(swaps)
    assert router.got(swaps, B) >= max(pools["1"].amount_out(A, amount), pools["2"].amount_out(A, amount))


def test_more_never_earns_less_and_the_bound_holds() -> None:
    router = Router({pool.id: pool for pool in KINDS[:2] + KINDS[3:]})
    before = 0
    for amount in (10**15, 10**17, 10**19, 10**20, 10**21):
        solved = router.solve(A, B, float(amount))
        assert solved is not None
        earned = router.got(router.sell(A, B, amount), B)
        assert before < earned <= solved.bound * (1 + 1e-9)
        before = earned


def test_a_buy_pays_at_least_what_is_wanted_for_about_what_a_sell_gives() -> None:
    router = Router({pool.id: pool for pool in KINDS[:2] + KINDS[3:]})
    wanted = 50 * E18
    swaps = router.buy(A, B, wanted)
    assert router.got(swaps, B) >= wanted
    spent = router.spent(swaps, A)
    assert router.got(router.sell(A, B, spent - spent // 10**5), B) < wanted


def test_pools_that_are_not_to_be_trusted_route_nothing() -> None:
    lies: list[AnyPool] = [
        constant("empty", 0, E18),
        constant("same", E18, E18, A, A),
        weighted(0),
        stable().model_copy(update={"amplification": 0}),
        concentrated().model_copy(update={"liquidity": 5}),
        concentrated().model_copy(update={"sqrt_price": 0}),
    ]
    for lie in lies:
        router = Router({lie.id: lie})
        assert router.sell(A, B, E18) == router.buy(A, B, E18) == ()
    assert Router({}).sell(A, B, E18) == ()


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 0.0, -1.0])
def test_an_amount_that_is_none_has_no_route(amount: float) -> None:
    router = Router({pool.id: pool for pool in KINDS})
    assert router.solve(A, B, amount) is None
    assert router.solve(A, A, 1.0) is None


def test_the_engine_splits_an_order_over_pools_of_three_kinds() -> None:
    market = a_market().with_token("X", price=1).with_token("Y", price=1).with_sell("ann", ("X", 500), ("Y", 100))
    names = {A: market.address("X"), B: market.address("Y")}
    low, high = sorted(names.values())
    pools = (
        constant("constant", 1_000 * E18, 990 * E18, low, high),
        concentrated().model_copy(update={"token0": low, "token1": high, "router": HERE}),
        WeightedPool.model_validate(
            weighted().model_dump()
            | {
                "assets": [
                    asset.model_dump() | {"token": names.get(asset.token, asset.token)} for asset in weighted().assets
                ],
                "vault": HERE,
                "pool_id": "0x" + "5a" * 32,
            }
        ),
    )
    batch = market.batch().model_copy(update={"pools": pools})
    solutions = list(RouterSolver().solve(batch))
    checked = [check(solution, batch) for solution in solutions]
    assert max(len(one.pools) for one in checked) == 3
    assert all(one.score > 0 for one in checked)
