"""The routing problem in its dual: token prices at which what the pools trade by themselves routes the order.

Minimise over prices ν the value ν·h of what is brought, plus what each pool's best trade gains at ν. Its gradient is
what is left of each token; at the minimum nothing is. Every ν bounds what any route can earn, the minimum sharply.
Source: Diamandis, Resnick, Chitra, Angeris (2023). Here a pool may have edges to choose from, so the bound is over
every choice; ``flow_newton`` finds the minimum where the choice is made.
"""

from __future__ import annotations

from walras_solvers.kernels.flow_edges import Floats, Ints, trade
from walras_solvers.kernels.flow_jit import compiled


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
