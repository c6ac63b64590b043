"""Which pair of a pool of many tokens to swap: the search against every choice there is."""

from __future__ import annotations

import random
from itertools import product
from math import isfinite

import pytest
from walras.wire import AnyPool
from walras.wire.vault_pools import WeightedAsset, WeightedPool
from walras_solvers.kernels.flow_problem import Problem
from walras_solvers.kernels.flow_router import DEEP, QUICK, Effort, Router
from walras_solvers.kernels.flow_split import Step, split_of

TOKENS = [f"0x{number:040x}" for number in (1, 2, 3, 4)]
HERE = "0x" + "44" * 20
E18 = 10**18


def weighted(name: str, draw: random.Random) -> WeightedPool:
    """A pool of three tokens of about equal prices."""
    depth = 10 ** draw.uniform(2, 4)
    assets = tuple(
        WeightedAsset(token=token, balance=int(depth * draw.uniform(0.95, 1.05) * E18), scale=1, weight=weight)
        for token, weight in zip(sorted(draw.sample(TOKENS, 3)), (E18 // 4, E18 // 4, E18 // 2), strict=True)
    )
    equal = tuple(asset.model_copy(update={"balance": asset.balance * asset.weight * 4 // E18}) for asset in assets)
    return WeightedPool(id=name, address=HERE, fee=10**15, assets=equal)


def exhaustive(router: Router, amount: float) -> float:
    """The best that any choice of one edge a pool, each in one direction, comes to."""
    network = router.network
    problem = Problem.of(network, network.at[TOKENS[0]], network.at[TOKENS[1]], amount)
    choices: list[list[Step | None]] = [[None] for _ in network.names]
    for e, (i, j, _, pool, *_) in enumerate(network.link.tolist()):
        choices[pool] += [Step(e, True, i, j, 1.0), Step(e, False, j, i, 1.0)]
    prices = problem.spot()
    found = [0.0]
    for steps in product(*choices):
        value, plan = problem.settled([step for step in steps if step], prices)
        # What runs in a circle is no route, whatever it gains.
        made = split_of(network, problem.order, plan) if isfinite(value) else None
        found.append(made.earns(network, amount) if made else 0.0)
    return max(found)


@pytest.mark.parametrize(("effort", "loss"), [(QUICK, 1e-4), (DEEP, 1e-7)], ids=["quick", "deep"])
@pytest.mark.parametrize("seed", range(6))
def test_the_search_comes_close_to_every_choice(seed: int, effort: Effort, loss: float) -> None:
    draw = random.Random(seed)
    pools: dict[str, AnyPool] = {name: weighted(name, draw) for name in "123"}
    router, amount = Router(pools, effort), 10 ** draw.uniform(0, 3) * E18
    solved, best = router.solve(TOKENS[0], TOKENS[1], amount), exhaustive(router, amount)
    assert (solved is None) == (best <= 0)
    if solved is not None:
        assert best * (1 - loss) <= solved.bound <= best * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_long_search_is_never_behind_the_quick_one(seed: int) -> None:
    draw = random.Random(seed)
    pools: dict[str, AnyPool] = {name: weighted(name, draw) for name in "12345678"}
    quick, deep = (Router(pools, effort).solve(TOKENS[0], TOKENS[1], 500.0 * E18) for effort in (QUICK, DEEP))
    assert quick is not None
    assert deep is not None
    assert deep.bound >= quick.bound * (1 - 1e-8)
