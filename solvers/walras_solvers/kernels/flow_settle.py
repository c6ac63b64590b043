"""The best trades over the edges of a plan, without those that it has no use for."""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_newton import largest, minimise
from walras_solvers.kernels.flow_state import Order, Plan, Tables, leave_out, order_again, touched

_STEPS = 60
_ROUNDS = 60
_UNSETTLED = 1e-3  # of the value of the order, left of a token: prices were not found. Deep pools leave 1e-5


@compiled
def settle(order: Order, tables: Tables, plan: Plan, least: float) -> float:
    """The dual's minimum over the plan's edges; prices and flows are those there. -inf or NaN if there is none.

    Edges that nothing reaches, that lead nowhere, or that trade backwards are left out. Ends early, with a value that
    bounds what could be reached, where that is not above ``least``.
    """
    link = tables.link
    for _ in range(_ROUNDS):
        _cut(order, tables, plan)
        edges = plan.of_pool[plan.of_pool >= 0]
        known = touched(link, plan)
        if not (known[order.start] and known[order.end]):
            return -np.inf
        known[order.pinned] = False
        value = minimise(
            plan.nu,
            order.brought,
            np.flatnonzero(known),
            edges,
            plan.ways,
            link,
            tables.curve,
            tables.ranges,
            plan.flows,
            _STEPS,
            least,
        )
        if not value > least:
            return value
        backwards = False
        for e in edges:
            if not plan.flows[e, plan.ways[e] - 1] < 0.0:
                leave_out(e, link, plan)
                backwards = True
        if not backwards:
            return value if _balances(order, tables, plan) else -np.inf
        order_again(link, plan)
    return -np.inf


@compiled
def _cut(order: Order, tables: Tables, plan: Plan) -> None:
    """Leave out what nothing of the first token reaches, or what leads to nothing of the last."""
    link, cut = tables.link, False
    for e in plan.of_pool:
        if e >= 0:
            source, target = link[e, plan.ways[e] - 1], link[e, 2 - plan.ways[e]]
            fed = source == order.start or plan.after[order.start, source]
            if not (fed and (target == order.end or plan.after[target, order.end])):
                leave_out(e, link, plan)
                cut = True
    if cut:
        order_again(link, plan)


@compiled
def _balances(order: Order, tables: Tables, plan: Plan) -> bool:
    left = plan.nu * order.brought
    for e in plan.of_pool:
        if e >= 0:
            for side in range(2):
                token = tables.link[e, side]
                left[token] += plan.nu[token] * plan.flows[e, side]
    left[order.pinned] = 0.0
    return bool(largest(left) <= _UNSETTLED * largest(plan.nu * order.brought))
