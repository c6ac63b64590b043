"""How much a pool takes at one price for the whole trade: the largest input of which all earns a given rate.

In a uniform-price clearing a pool is one more trader: all of its input is worth all of its output. Where a constant
product has a formula, ranges of liquidity have one a range, and other curves a root between the input of the best
trade, where the last atom earns the rate, and the end of the pool (regula falsi, Illinois variant: Dowell and Jarratt,
*A modified regula falsi method for computing the root of an equation*, 1971).
"""

from __future__ import annotations

from math import sqrt

from walras_solvers.kernels.flow_edges import (
    HELD_I,
    HELD_J,
    KEPT,
    MOST_I,
    MOST_J,
    RANGES,
    ROOT,
    SCALE_I,
    SCALE_J,
    SPOT,
    WEIGHTED,
    Floats,
    Ints,
    paid,
    trade,
)
from walras_solvers.kernels.flow_jit import compiled

_STEPS = 100
_CLOSE = 1e-13


@compiled
def taken(edges: Ints, prices: Floats, link: Ints, curve: Floats, ranges: Floats, amounts: Floats) -> None:
    """Fill ``amounts``, one an edge: atoms of i that go in (positive) or of j (negative); 0 where nothing would pay.

    ``prices`` are those of the tokens that ``link`` numbers, in one unit of value.
    """
    for place in range(len(edges)):
        e = edges[place]
        rate = prices[link[e, 0]] / prices[link[e, 1]]
        amounts[place] = input_at(e, True, rate, link, curve, ranges)
        if amounts[place] == 0.0:
            amounts[place] = -input_at(e, False, 1.0 / rate, link, curve, ranges)


@compiled
def trades_at(
    edges: Ints,
    from_i: Ints,
    rates: Floats,
    link: Ints,
    curve: Floats,
    ranges: Floats,
    inputs: Floats,
    outputs: Floats,
) -> None:
    """What each edge takes at its own rate (:func:`input_at`) and pays for it; ``from_i`` is 1 where i goes in."""
    for place in range(len(edges)):
        e, into = edges[place], from_i[place] == 1
        inputs[place] = input_at(e, into, rates[place], link, curve, ranges)
        outputs[place] = paid(e, into, inputs[place], link, curve, ranges)


@compiled
def stretches(
    edges: Ints, amounts: Floats, link: Ints, curve: Floats, ranges: Floats, inputs: Floats, outputs: Floats
) -> None:
    """What each edge takes and pays in as many equal parts of ``amounts`` as the tables have columns."""
    count = inputs.shape[1]
    for place in range(len(edges)):
        e, from_i, whole, before = edges[place], amounts[place] > 0.0, abs(amounts[place]), 0.0
        for part in range(count if whole > 0.0 else 0):
            after = max(paid(e, from_i, whole * (part + 1) / count, link, curve, ranges), before)
            inputs[place, part], outputs[place, part] = whole / count, after - before
            before = after


@compiled
def input_at(e: int, from_i: bool, rate: float, link: Ints, curve: Floats, ranges: Floats) -> float:
    """The largest input, in atoms, of which all earns ``rate`` atoms an atom; 0 if the pool never does.

    What a pool cannot take, or not in one swap, is no part of it.
    """
    spot, kept = curve[e, SPOT], curve[e, KEPT]
    if rate <= 0.0 or (spot if from_i else 1.0 / spot) * kept <= rate:
        return 0.0
    if link[e, 2] == RANGES:
        return float(_through_ranges(e, from_i, rate / kept, link, curve, ranges) / kept)
    return _along_curve(e, from_i, rate, link, curve, ranges)


@compiled
def _through_ranges(e: int, from_i: bool, goal: float, link: Ints, curve: Floats, ranges: Floats) -> float:
    """The input after the fee. Roots are those of the price of what comes in, which falls from range to range.

    With c the atoms that the ranges before pay beyond the goal, a move of the root from s to s − y earns exactly the
    goal where L·s·y² − (L·(s² − goal) − c·s)·y − c·s² = 0.
    """
    place, took, beyond = link[e, 6], 0.0, 0.0
    while 0 <= place < link[e, 5]:
        low, high, liquidity = ranges[link[e, 4] + place]
        at = min(max(curve[e, ROOT], low), high)
        s = at if from_i else 1.0 / at
        end = low if from_i else 1.0 / high
        if liquidity > 0.0 and end < s:
            half = liquidity * (s * s - goal) - beyond * s
            root = sqrt(half * half + 4.0 * liquidity * beyond * s * s * s)
            if half > 0.0:
                move = (half + root) / (2.0 * liquidity * s)
            else:
                move = 2.0 * beyond * s * s / (root - half) if beyond > 0.0 else 0.0
            if move < s - end:
                return float(took + liquidity * move / (s * (s - move)))
            across = liquidity * (s - end) / (s * end)
            took += across
            beyond += liquidity * (s - end) - goal * across
        place += -1 if from_i else 1
    return float(took)


@compiled
def _along_curve(e: int, from_i: bool, rate: float, link: Ints, curve: Floats, ranges: Floats) -> float:
    low, high = _bracket(e, from_i, rate, link, curve, ranges)
    above = paid(e, from_i, low, link, curve, ranges) - rate * low
    below = paid(e, from_i, high, link, curve, ranges) - rate * high
    if not (low > 0.0 and above > 0.0):
        return 0.0
    if low >= high or below >= 0.0:
        return high
    for _ in range(_STEPS):
        if high - low <= _CLOSE * high:
            break
        middle = (low * below - high * above) / (below - above)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = paid(e, from_i, middle, link, curve, ranges) - rate * middle
        if value >= 0.0:
            low, above, below = middle, value, 0.5 * below
        else:
            high, below, above = middle, value, 0.5 * above
    return low


@compiled
def _bracket(e: int, from_i: bool, rate: float, link: Ints, curve: Floats, ranges: Floats) -> tuple[float, float]:
    """The input of the best trade at the rate, and one that the pool cannot or need not take."""
    c = curve[e]
    i, j, _ = trade(e, rate if from_i else 1.0 / rate, link, curve, ranges)
    if link[e, 2] == WEIGHTED:
        held, most = (c[HELD_J], c[MOST_I]) if from_i else (c[HELD_I], c[MOST_J])
        return max(-i if from_i else -j, 0.0), min(held / rate, most / c[KEPT])
    return max(-i if from_i else -j, 0.0), (c[HELD_J] / c[SCALE_J] if from_i else c[HELD_I] / c[SCALE_I]) / rate
