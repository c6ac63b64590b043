"""Which two tokens of a pool of many to swap: a pool is passed once, so the choice is not convex.

Starts from the pair that looks best at spot prices, and tries the others of the deepest pools one after the other.
"""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Ints
from walras_solvers.kernels.flow_problem import Problem

_TRIED = 24
_STEPS = 16
_BETTER = 1e-9


def chosen_edges(problem: Problem, edges: Ints) -> Ints:
    """One of ``edges`` a pool, the dual's minimum over which is as high as the trials find."""
    if not len(edges):
        return edges
    chosen, _ = problem.opened(problem.best_edges(edges, problem.spot()), problem.spot(), _STEPS)
    others = _alternatives(problem, edges, chosen)
    if not others:
        return chosen
    best = _value(problem, chosen)
    for e in others:
        swapped, made = problem.opened(_swapped(problem, chosen, e), problem.spot(), _STEPS)
        if made is None:
            continue
        value = _value(problem, swapped)
        if value > best + abs(best) * _BETTER:
            chosen, best = swapped, value
    return chosen


def _value(problem: Problem, edges: Ints) -> float:
    value = problem.minimise(edges, problem.spot(), _STEPS)
    return value if np.isfinite(value) else -np.inf


def _swapped(problem: Problem, chosen: Ints, e: int) -> Ints:
    """``e`` in the place of its pool's edge."""
    pools = problem.network.link[:, 3]
    return np.array(sorted([*chosen[pools[chosen] != pools[e]].tolist(), e]), dtype=np.int64)


def _alternatives(problem: Problem, edges: Ints, chosen: Ints) -> list[int]:
    """The edges that were not chosen, the deepest first, of those that are not too small to matter."""
    prices, least = problem.spot(), 1e-3 * float(np.abs(problem.brought * problem.spot()).max())
    ranked = []
    for e in sorted(set(edges.tolist()) - set(chosen.tolist())):
        i, j = problem.network.link[e, :2]
        depth_i, depth_j = problem.network.depth(e)
        depth = min(depth_i * float(prices[i]), depth_j * float(prices[j]))
        if depth > least:
            ranked.append((-depth, e))
    return [e for _, e in sorted(ranked)[:_TRIED]]
