"""Pools as rows of numbers: one edge for every two tokens of a pool, in the constants that the kernels compute with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from math import inf, isfinite, prod

from walras.pools.ticks import sqrt_price_at
from walras.wire import AnyPool, ConcentratedPool, Pool, StablePool, WeightedPool

from walras_solvers.kernels.flow_edges import RANGES, STABLE, WEIGHTED, WIDTH

ONE, MILLION, Q96 = 10**18, 10**6, 2**96
#: The contract takes at most 30 % of a balance in one swap; a little less, for what floats round.
_MOST_RATIO = 0.3 * (1 - 1e-9)

Edge = tuple[str, str, int, list[float], list[tuple[float, float, float]], int]
"""(token i, token j, kind, constants, ranges, index of the range that holds the price)."""


def edges_of(pool: AnyPool) -> list[Edge]:
    """The edges of a pool; none of one that trades nothing, or whose numbers no float can hold."""
    if pool.problem:
        return []
    try:
        return [edge for edge in _edges(pool) if all(isfinite(constant) for constant in edge[3]) and edge[3][1] > 0]
    except (OverflowError, ZeroDivisionError):
        return []


def _edges(pool: AnyPool) -> Iterable[Edge]:
    match pool:
        case Pool():
            return [_constant(pool)]
        case ConcentratedPool():
            return [_concentrated(pool)]
        case WeightedPool():
            return [_weighted(pool, i, j) for i, j in combinations(range(len(pool.assets)), 2)]
        case StablePool():
            return [_stable(pool, i, j) for i, j in combinations(range(len(pool.assets)), 2)]


def _constants(*values: float) -> list[float]:
    return [*map(float, values), *[0.0] * (WIDTH - len(values))]


def _constant(pool: Pool) -> Edge:
    spot = pool.reserve1 / pool.reserve0
    liquidity = float(pool.reserve0) ** 0.5 * float(pool.reserve1) ** 0.5
    constants = _constants(1 - pool.fee_ppm / MILLION, spot, spot**0.5)
    return pool.token0, pool.token1, RANGES, constants, [(0.0, inf, liquidity)], 0


def _concentrated(pool: ConcentratedPool) -> Edge:
    """Every stretch between two ticks is a range of its own; without liquidity on one it is crossed for nothing."""
    root, total, ranges, here = pool.sqrt_price / Q96, 0, [], 0
    for low, high in zip(pool.ticks, pool.ticks[1:], strict=False):
        total += low.net
        ranges.append((sqrt_price_at(low.index) / Q96, sqrt_price_at(high.index) / Q96, float(total)))
    for place, (bottom, _, _) in enumerate(ranges):
        if bottom <= root:
            here = place
    return pool.token0, pool.token1, RANGES, _constants(1 - pool.fee_ppm / MILLION, root * root, root), ranges, here


def _weighted(pool: WeightedPool, i: int, j: int) -> Edge:
    one, other = pool.assets[i], pool.assets[j]
    weights = one.weight + other.weight
    constants = _constants(
        1 - pool.fee / ONE,
        (other.balance * one.weight) / (one.balance * other.weight),
        one.balance,
        other.balance,
        other.weight / weights,
        one.weight / weights,
        one.balance * _MOST_RATIO,
        other.balance * _MOST_RATIO,
    )
    return one.token, other.token, WEIGHTED, constants, [], 0


def _stable(pool: StablePool, i: int, j: int) -> Edge:
    """With D the invariant: shift = D/(A·n) − D + the rest, level = D^(n+1) / (A·n · n^n · product of the rest)."""
    scaled = [asset.balance * asset.scale for asset in pool.assets]
    count, d = len(scaled), pool._invariant
    if d is None:
        raise ZeroDivisionError
    strength = pool.amplification * count / 1_000
    rest = [balance for place, balance in enumerate(scaled) if place not in (i, j)]
    level = float(d) * d * d / (strength * count * count) * prod(d / (count * balance) for balance in rest)
    shift = d / strength - d + sum(rest)
    x, y = float(scaled[i]), float(scaled[j])
    spot = y * (2 * x + y + shift) / (x * (2 * y + x + shift))
    spot *= pool.assets[i].scale / pool.assets[j].scale
    constants = _constants(1 - pool.fee / ONE, spot, x, y, shift, level, pool.assets[i].scale, pool.assets[j].scale)
    return pool.assets[i].token, pool.assets[j].token, STABLE, constants, [], 0


def usable(pools: Mapping[str, AnyPool]) -> dict[str, list[Edge]]:
    """The edges of every pool that has some, by its id."""
    found = {name: edges_of(pools[name]) for name in sorted(pools)}
    return {name: edges for name, edges in found.items() if edges}
