"""What one pool does between two of its tokens, over real numbers: what it pays, and its best trade at given prices.

An edge joins the tokens i and j of a pool. ``link[e]`` holds (i, j, kind, pool, first range, number of ranges, range
of the price), ``curve[e]`` the constants of its formula; ranges are rows (low, high, liquidity) over square roots of
the price, ascending. A constant product is one range without ends. Diamandis, Resnick, Chitra, Angeris, *An Efficient
Algorithm for Optimal Routing Through Constant Function Market Makers* (2023), section 3.
"""

from __future__ import annotations

from math import expm1, inf, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_stable import balance_at, other_balance, slope

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RANGES, WEIGHTED, STABLE = 0, 1, 2
#: Places in ``curve``: what the fee leaves, the spot price (j for an atom of i), then what each kind needs.
KEPT, SPOT = 0, 1
ROOT = 2  # RANGES: the square root of the price
HELD_I, HELD_J, POWER_I, POWER_J, MOST_I, MOST_J = 2, 3, 4, 5, 6, 7  # WEIGHTED: atoms; w_j/w and w_i/w; largest inputs
SHIFT, LEVEL, SCALE_I, SCALE_J = 4, 5, 6, 7  # STABLE, beside the scaled balances at HELD_I and HELD_J
WIDTH, LINKS = 8, 7


@compiled
def trade(e: int, price: float, link: Ints, curve: Floats, ranges: Floats) -> tuple[float, float, float]:
    """(atoms of i, atoms of j, d(atoms of i)/d(log price)) of the best trade where an i is worth ``price`` of j.

    Positive atoms come out of the pool. All are zero where the fee leaves nothing to gain.
    """
    kept, spot = curve[e, KEPT], curve[e, SPOT]
    takes_i = kept * price > spot
    if not takes_i and price >= spot * kept:
        return 0.0, 0.0, 0.0
    return trade_one_way(e, not takes_i, price, link, curve, ranges)


@compiled
def trade_one_way(
    e: int, gives_i: bool, price: float, link: Ints, curve: Floats, ranges: Floats
) -> tuple[float, float, float]:
    """The same along the curve of one direction, fee included; where that trade would lose, back along that curve."""
    kept = curve[e, KEPT]
    goal = price / kept if gives_i else kept * price
    if link[e, 2] == RANGES:
        i, j, bend = _ranges_to(e, goal, link, curve, ranges)
    elif link[e, 2] == WEIGHTED:
        i, j, bend = _weighted_to(goal, curve[e])
    else:
        i, j, bend = _stable_to(goal, curve[e])
    if gives_i:
        return i / kept, j, bend / kept
    return i, j / kept, bend


@compiled
def _ranges_to(e: int, goal: float, link: Ints, curve: Floats, ranges: Floats) -> tuple[float, float, float]:
    """Both amounts and the bend when the price inside the pool moves to ``goal``, through all ranges on the way."""
    at, end = curve[e, ROOT], sqrt(goal)
    first, count, here = link[e, 4], link[e, 5], link[e, 6]
    i, j, bend = 0.0, 0.0, 0.0
    step = 1 if end > at else -1
    place = here
    while 0 <= place < count:
        low, high, liquidity = ranges[first + place]
        start = min(max(at, low), high)
        stop = min(max(end, low), high)
        if liquidity > 0.0 and start != stop:
            i += liquidity * ((stop - start) / (start * stop))
            j -= liquidity * (stop - start)
            if low < end < high:
                bend = 0.5 * liquidity / end
        if (step > 0 and high >= end) or (step < 0 and low <= end):
            break
        place += step
    return i, j, bend


@compiled
def _weighted_to(goal: float, c: Floats) -> tuple[float, float, float]:
    move = log(goal / c[SPOT])
    i, j = -c[HELD_I] * expm1(-c[POWER_I] * move), -c[HELD_J] * expm1(c[POWER_J] * move)
    if -i <= c[MOST_I] and -j <= c[MOST_J]:
        return i, j, (c[HELD_I] - i) * c[POWER_I]
    # The contract takes no larger input: the trade stops there, whatever the price.
    if i < 0.0:
        return -c[MOST_I], _weighted_out(c, True, c[MOST_I]), 0.0
    return _weighted_out(c, False, c[MOST_J]), -c[MOST_J], 0.0


@compiled
def _weighted_out(c: Floats, from_i: bool, kept: float) -> float:
    """What comes out for ``kept`` atoms after the fee."""
    if from_i:
        return float(-c[HELD_J] * expm1(-c[POWER_J] / c[POWER_I] * log1p(kept / c[HELD_I])))
    return float(-c[HELD_I] * expm1(-c[POWER_I] / c[POWER_J] * log1p(kept / c[HELD_J])))


@compiled
def _stable_to(goal: float, c: Floats) -> tuple[float, float, float]:
    price = goal * c[SCALE_J] / c[SCALE_I]
    x = balance_at(price, c[HELD_I], c[SHIFT], c[LEVEL])
    y = other_balance(x, c[SHIFT], c[LEVEL])
    bend = -x / slope(x, y, c[SHIFT])
    return (c[HELD_I] - x) / c[SCALE_I], (c[HELD_J] - y) / c[SCALE_J], bend / c[SCALE_I]


@compiled
def paid(e: int, from_i: bool, amount: float, link: Ints, curve: Floats, ranges: Floats) -> float:
    """Atoms that a swap of ``amount`` atoms pays out; what the pool can not take earns nothing."""
    c = curve[e]
    kept = amount * c[KEPT]
    if link[e, 2] == RANGES:
        return _ranges_out(e, from_i, kept, link, curve, ranges)
    if link[e, 2] == WEIGHTED:
        return _weighted_out(c, from_i, min(kept, c[MOST_I] if from_i else c[MOST_J]))
    if from_i:
        return float(
            max((c[HELD_J] - other_balance(c[HELD_I] + kept * c[SCALE_I], c[SHIFT], c[LEVEL])) / c[SCALE_J], 0.0)
        )
    return float(max((c[HELD_I] - other_balance(c[HELD_J] + kept * c[SCALE_J], c[SHIFT], c[LEVEL])) / c[SCALE_I], 0.0))


@compiled
def _ranges_out(e: int, from_i: bool, left: float, link: Ints, curve: Floats, ranges: Floats) -> float:
    at, first, count, place = curve[e, ROOT], link[e, 4], link[e, 5], link[e, 6]
    out = 0.0
    while left > 0.0 and 0 <= place < count:
        low, high, liquidity = ranges[first + place]
        end = low if from_i else high
        start = min(max(at, low), high)
        if liquidity > 0.0 and start != end:
            room = inf if end in (0.0, inf) else liquidity * abs(end - start) / (start * end if from_i else 1.0)
            if left < room:
                if from_i:
                    return float(out + liquidity * start * (left * start / (liquidity + left * start)))
                return float(out + left / (start * (start + left / liquidity)))
            left -= room
            out += liquidity * abs(end - start) / (1.0 if from_i else start * end)
        place += -1 if from_i else 1
    return out
