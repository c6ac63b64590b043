"""Amounts of so few atoms that rounding decides, against trying every split; buys up to all that pools hold."""

from __future__ import annotations

import random

import pytest
from walras.wire import AnyPool, Pool
from walras_solvers.kernels.flow_router import Router

A, B = (f"0x{number:040x}" for number in (1, 2))
HERE = "0x" + "44" * 20


def pool(name: str, reserve0: int, reserve1: int) -> Pool:
    return Pool(id=name, address=HERE, token0=A, token1=B, reserve0=reserve0, reserve1=reserve1, fee_ppm=3_000)


def small_pools(draw: random.Random) -> tuple[Pool, Pool]:
    one = [int(10 ** draw.uniform(2, 9)) for _ in range(2)]
    other = [int(reserve * 10 ** draw.uniform(-1, 1)) + 2 for reserve in one]
    return pool("1", *one), pool("2", *other)


def router_of(*pools: Pool) -> Router:
    found: dict[str, AnyPool] = {one.id: one for one in pools}
    return Router(found)


def least_in(one: Pool, atoms: int) -> int | None:
    return 0 if atoms == 0 else one.amount_in(B, atoms, A)


@pytest.mark.parametrize("seed", range(30))
def test_a_sell_of_few_atoms_earns_what_the_best_split_earns(seed: int) -> None:
    draw = random.Random(seed)
    one, other = small_pools(draw)
    amount = draw.randrange(1, 200)
    best = max(one.amount_out(A, part, B) + other.amount_out(A, amount - part, B) for part in range(amount + 1))
    router = router_of(one, other)
    swaps = router.sell(A, B, amount)
    assert router.spent(swaps, A) <= amount
    assert router.got(swaps, B) == best


@pytest.mark.parametrize("seed", range(30))
def test_a_buy_of_few_atoms_costs_what_the_best_split_costs(seed: int) -> None:
    draw = random.Random(seed)
    one, other = small_pools(draw)
    wanted = draw.randrange(1, 200)
    costs = [(least_in(one, part), least_in(other, wanted - part)) for part in range(wanted + 1)]
    possible = [first + second for first, second in costs if first is not None and second is not None]
    router = router_of(one, other)
    swaps = router.buy(A, B, wanted)
    assert bool(swaps) == bool(possible)
    if possible:
        assert router.got(swaps, B) >= wanted
        assert router.spent(swaps, A) == min(possible)


@pytest.mark.parametrize("part", [1e-9, 1e-3, 0.5, 0.9, 0.99, 0.999])
def test_a_buy_is_served_up_to_nearly_all_that_the_pools_hold(part: float) -> None:
    one, other = pool("1", 10**21, 10**9), pool("2", 10**22, 3 * 10**9)
    wanted = int(4 * 10**9 * part)
    router = router_of(one, other)
    swaps = router.buy(A, B, wanted)
    assert wanted <= router.got(swaps, B) <= wanted + 1
    assert router_of(one).buy(A, B, 10**9) == ()
