"""What no route beats: the dual's minimum by scipy's L-BFGS-B, over more choices than the router settled on."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from walras_solvers.kernels.flow_dual import evaluate
from walras_solvers.kernels.flow_problem import Problem
from walras_solvers.kernels.flow_router import Router, Solved

_RESTARTS = 4  # L-BFGS-B gives up at kinks; from where it stopped it goes on
_FARTHEST = 12.0  # of a price from its first, in logarithms


def over_chosen(router: Router, solved: Solved, amount: float) -> float:
    """Over the edges that the route uses, in any direction."""
    link = router.network.link
    ways = np.zeros(len(link), dtype=np.int64)
    start, end = solved.split.start, solved.split.end
    ways[(link[:, 0] == start) | (link[:, 1] == end)] = 1
    ways[(link[:, 1] == start) | (link[:, 0] == end)] = 2
    return descend(router, solved, amount, solved.edges, ways, router_prices=False)


def over_every_pair(router: Router, solved: Solved, amount: float) -> float:
    """Over all pools with any pair of the tokens that the route passes, in the order in which it passes them.

    Any route without a circle passes its tokens in some order. Without one, circles that no solver could run count.
    """
    network, place = router.network, _order(solved)
    ways, edges = np.zeros(len(network.link), dtype=np.int64), []
    for e, (i, j, *_) in enumerate(network.link.tolist()):
        if i in place and j in place and i != j:
            ways[e] = 1 if place[i] < place[j] else 2
            edges.append(e)
    return descend(router, solved, amount, np.array(edges, dtype=np.int64), ways, router_prices=True)


def _order(solved: Solved) -> dict[int, int]:
    tokens = dict.fromkeys(step.token_in for step in solved.split.steps) | {solved.split.end: None}
    return {token: place for place, token in enumerate(tokens)}


def descend(
    router: Router, solved: Solved, amount: float, edges: np.ndarray, ways: np.ndarray, router_prices: bool
) -> float:
    """The dual's value where the search stops, which is a bound wherever that is.

    It starts from spot prices, or from those that the router found.
    """
    network = router.network
    problem = Problem.of(network, solved.split.start, solved.split.end, amount)
    first, count = solved.prices.copy() if router_prices else problem.spot(), len(network.tokens)
    used = np.unique(network.link[edges, :2])
    free = used[used != problem.order.pinned]
    flows, left, bends = np.zeros((len(network.link), 2)), np.zeros(count), np.zeros((count, count))
    scale = amount * float(first[solved.split.start])

    def dual(moved: np.ndarray) -> tuple[float, np.ndarray]:
        prices = first.copy()
        prices[free] *= np.exp(moved)
        tables = network.link, network.curve, network.ranges
        value = evaluate(prices, problem.order.brought, edges, ways, *tables, flows, left, bends)
        return value / scale, left[free] / scale

    found, best = np.zeros(len(free)), np.inf
    for _ in range(_RESTARTS if router_prices else 1):
        answer = minimize(dual, found, jac=True, method="L-BFGS-B", bounds=[(-_FARTHEST, _FARTHEST)] * len(free))
        found, best = answer.x, min(best, float(answer.fun))
    return best * scale
