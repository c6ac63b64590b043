"""The routing problem in its dual: token prices at which what the pools trade by themselves routes the order.

Minimise over prices ν the value ν·h of what is brought, plus what each pool's best trade gains at ν. Its gradient is
what is left of each token; at the minimum nothing is. Every ν bounds what any route can earn, the minimum sharply.
Source: Diamandis, Resnick, Chitra, Angeris (2023). They use L-BFGS-B; with tens of tokens the second derivative, a
Laplacian over the trading pools, is cheap enough for Newton's method.
"""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints, trade
from walras_solvers.kernels.flow_jit import compiled

_HALVINGS = 8
_LONGEST = 0.5  # of a step, in logarithms of prices
_NOISE = 1e-9  # what floats can not resolve of the value, relative to that of the order
_CLOSE = 1e-13  # of what is left to gain, relative to the value of the order


@compiled
def evaluate(
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
    """The dual's value; fills ``flows`` (atoms of i and j an edge), ``left`` (value a token) and ``bends``.

    ``edges`` are sorted by pool; of a pool's edges only the one that gains most trades, as a swap is of two tokens.
    Where a pool has more than one edge the value therefore has kinks.
    ``ways[e]`` is 1 if only i may be given, 2 if only j, 0 if either.
    """
    flows[:] = 0.0
    bends[:] = 0.0
    left[:] = nu * brought
    total, position = left.sum(), 0
    while position < len(edges):
        pool, best, most = link[edges[position], 3], -1, 0.0
        best_i, best_j, best_bend = 0.0, 0.0, 0.0
        while position < len(edges) and link[edges[position], 3] == pool:
            e = edges[position]
            value_i, value_j = nu[link[e, 0]], nu[link[e, 1]]
            i, j, bend = trade(e, value_i / value_j, link, curve, ranges)
            gain = value_i * i + value_j * j
            if gain > most and not (ways[e] == 1 and i > 0.0) and not (ways[e] == 2 and i < 0.0):
                best, most, best_i, best_j, best_bend = e, gain, i, j, bend
            position += 1
        if best >= 0:
            one, other = link[best, 0], link[best, 1]
            flows[best, 0], flows[best, 1] = best_i, best_j
            left[one] += nu[one] * best_i
            left[other] += nu[other] * best_j
            weight = nu[one] * best_bend
            bends[one, one] += weight
            bends[other, other] += weight
            bends[one, other] -= weight
            bends[other, one] -= weight
            total += most
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
                value += damping * (scale + value) + 1e-300
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
) -> float:
    """Move the prices of the ``free`` tokens, in place, to the minimum; its value. ``flows`` are the trades there.

    Newton steps over logarithms of prices, damped until the value falls. Stops where a step promises nothing more, or
    after ``steps`` of them.
    """
    count, tokens = len(free), len(nu)
    left, bends = np.zeros(tokens), np.zeros((tokens, tokens))
    trial, other_left, other_bends = nu.copy(), np.zeros(tokens), np.zeros((tokens, tokens))
    other_flows = np.zeros_like(flows)
    step = np.zeros(count)
    value = evaluate(nu, brought, edges, ways, link, curve, ranges, flows, left, bends)
    damping = 1e-9
    for _ in range(steps):
        scale = np.abs(nu * brought).max()
        newton_step(bends, left, free, damping, scale, step)
        promised = 0.0
        # Where nothing trades nothing bends, and the step would have no end: each token's is bounded by itself.
        for row in range(count):
            step[row] = min(max(step[row], -_LONGEST), _LONGEST)
            promised -= left[free[row]] * step[row]
        if not promised > _CLOSE * scale:
            break
        part, moved, found = 1.0, False, value
        for _ in range(_HALVINGS):
            for row in range(count):
                trial[free[row]] = nu[free[row]] * np.exp(part * step[row])
            found = evaluate(trial, brought, edges, ways, link, curve, ranges, other_flows, other_left, other_bends)
            if found < value - 1e-4 * part * promised:
                moved = True
                break
            if promised < _NOISE * scale:
                break
            part *= 0.25
        if moved:
            nu[:] = trial
            flows[:] = other_flows
            left[:] = other_left
            bends[:] = other_bends
            value, damping = found, max(damping * 0.1, 1e-12)
        elif promised < _NOISE * scale or damping > 1e2:
            break
        else:
            damping = damping * 1e3
    return value
