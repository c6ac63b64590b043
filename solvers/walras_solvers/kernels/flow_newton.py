"""The prices at which edges, each in one direction, turn what is brought into what is wanted: Newton's method.

Each edge trades along the curve of its direction, and back along it where the price says so. So nothing has a kink, and
steep pools are no obstacle; where an edge is left trading backwards it is taken out, and the rest solved again. Once
none does, the value is that of the dual of the edges left, in their directions.
"""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints, trade_one_way
from walras_solvers.kernels.flow_jit import compiled

_HALVINGS = 12
_DAMPINGS = 24
_LONGEST = 0.7  # of a step, in logarithms of prices
_NOISE = 1e-9  # what floats can not resolve of the value, relative to that of the order
_CLOSE = 1e-14  # of what is left to gain, relative to the value of the order
_MOST_DAMPED = 1e6


@compiled
def evaluate_one_way(
    nu: Floats,
    brought: Floats,
    edges: Ints,
    ways: Ints,
    link: Ints,
    curve: Floats,
    ranges: Floats,
    flows: Floats,
    left: Floats,
    bends: Floats,
) -> float:
    """The value; fills ``flows`` (atoms of i and j an edge), ``left`` (value a token) and ``bends``, its second
    derivative over logarithms of prices.

    ``ways[e]`` is 1 where i is given, 2 where j is. Flows of edges not among ``edges`` stay as they are.
    """
    bends[:] = 0.0
    left[:] = nu * brought
    total = left.sum()
    for position in range(len(edges)):
        e = edges[position]
        one, other = link[e, 0], link[e, 1]
        i, j, bend = trade_one_way(e, ways[e] == 1, nu[one] / nu[other], link, curve, ranges)
        flows[e, 0], flows[e, 1] = i, j
        value_i, value_j, weight = nu[one] * i, nu[other] * j, nu[one] * bend
        left[one] += value_i
        left[other] += value_j
        bends[one, one] += weight
        bends[other, other] += weight
        bends[one, other] -= weight
        bends[other, one] -= weight
        total += value_i + value_j
    return float(total)


@compiled
def newton_step(bends: Floats, left: Floats, free: Ints, damping: float, scale: float, step: Floats) -> None:
    """Solve (bends + damping) · step = −left over the ``free`` tokens by Cholesky's method."""
    count = len(free)
    root = np.zeros((count, count))
    for row in range(count):
        step[row] = -left[free[row]]
        for column in range(row + 1):
            value = bends[free[row], free[column]]
            if row == column:
                value += damping * scale + 1e-14 * value + 1e-300
            for k in range(column):
                value -= root[row, k] * root[column, k]
            if row == column:
                root[row, row] = np.sqrt(max(value, damping * damping * scale + 1e-300))
            else:
                root[row, column] = value / root[column, column]
        for k in range(row):
            step[row] -= root[row, k] * step[k]
        step[row] /= root[row, row]
    for row in range(count - 1, -1, -1):
        for k in range(row + 1, count):
            step[row] -= root[k, row] * step[k]
        step[row] /= root[row, row]


@compiled
def largest(values: Floats) -> float:
    """The most of them, whatever its sign; hardly more than nothing if there are none."""
    most = 1e-300
    for row in range(len(values)):
        most = max(most, abs(values[row]))
    return most


@compiled
def _back(part: float, step: Floats, free: Ints, left: Floats, bends: Floats) -> float:
    """A smaller part of ``step`` than the one that led to ``left`` and ``bends``: where they say the value is least."""
    slope, curve = 0.0, 1e-300
    for row in range(len(free)):
        slope += left[free[row]] * step[row]
        for column in range(len(free)):
            curve += step[row] * bends[free[row], free[column]] * step[column]
    return min(max(part - slope / curve, 0.05 * part), 0.7 * part)


@compiled
def minimise(
    nu: Floats,
    brought: Floats,
    free: Ints,
    edges: Ints,
    ways: Ints,
    link: Ints,
    curve: Floats,
    ranges: Floats,
    flows: Floats,
    steps: int,
    least: float,
) -> float:
    """Move the prices of the ``free`` tokens, in place, to the minimum; its value. ``flows`` are the trades there.

    Newton steps over logarithms of prices, damped until the value falls. Stops where a step promises nothing more, or
    after ``steps`` of them, or where the value, and so the minimum too, is not above ``least``.
    """
    count, tokens = len(free), len(nu)
    left, bends = np.zeros(tokens), np.zeros((tokens, tokens))
    trial, other_left, other_bends = nu.copy(), np.zeros(tokens), np.zeros((tokens, tokens))
    other_flows, step = np.zeros_like(flows), np.zeros(count)
    value = evaluate_one_way(nu, brought, edges, ways, link, curve, ranges, flows, left, bends)
    damping = 1e-12
    for _ in range(steps):
        if not value > least:
            break
        scale = largest(nu * brought)
        # Tokens that only trade with each other are held by nothing together: without damping their step has no end,
        # and cut to size one by one they would keep their wrong prices to each other.
        longest = np.inf
        for _ in range(_DAMPINGS):
            newton_step(bends, left, free, damping, scale, step)
            longest = largest(step)
            if longest <= 4.0 * _LONGEST:
                break
            damping = max(damping * 8.0, 1e-6)
        step *= min(_LONGEST / longest, 1.0)
        promised = 0.0
        for row in range(count):
            promised -= left[free[row]] * step[row]
        if not promised > _CLOSE * scale:
            break
        part, moved, found = 1.0, False, value
        for _ in range(_HALVINGS):
            for row in range(count):
                trial[free[row]] = nu[free[row]] * np.exp(part * step[row])
            found = evaluate_one_way(
                trial, brought, edges, ways, link, curve, ranges, other_flows, other_left, other_bends
            )
            moved = found < value - 1e-4 * part * promised
            if not moved and part * promised < _NOISE * scale:
                moved = found < value + _NOISE * scale and largest(other_left[free]) < 0.5 * largest(left[free])
            if moved or promised < _NOISE * scale:
                break
            part = _back(part, step, free, other_left, other_bends)
        if moved:
            nu[:] = trial
            for position in range(len(edges)):
                flows[edges[position]] = other_flows[edges[position]]
            left[:] = other_left
            bends[:] = other_bends
            value, damping = found, max(damping * 0.1, 1e-12)
        elif promised < _NOISE * scale or damping > _MOST_DAMPED:
            break
        else:
            damping = max(damping, 1e-9) * 1e3
    return value
