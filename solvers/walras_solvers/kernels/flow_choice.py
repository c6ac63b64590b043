"""Which pools an order passes, with which two tokens and in which direction: one pass of compiled code an order.

A settlement passes a pool once, with one pair of its tokens, and swaps run one after the other; both make the choice
not convex. A plan is grown from the ways that pay most part by part. Then, as long as it earns more, the way that pays
most at its prices is put in; at last also ways that push out what the plan has of the pools they pass.
"""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_grow import LONGEST, best_way, send
from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_settle import settle
from walras_solvers.kernels.flow_state import Flags, Order, Plan, Tables, copied, overwrite, put_in, touched

_BETTER = 1e-8  # relative to the value: less is not worth another pool
_SIZES, _RATIO = 5, 16.0  # of the parts that look for a way: the order's, divided again and again
_GROWTHS = 16  # ways put in a size
_PUSHED_SIZES = 3


@compiled
def choose(order: Order, parts: int, trials: int, deep: bool, tables: Tables, plan: Plan) -> float:
    """The dual's minimum over the plan found, -inf if none serves the order.

    ``trials`` bounds the ways that push others out. ``deep`` lets each of them grow before it is judged.
    """
    send(order, parts, tables, plan)
    value = settle(order, tables, plan, -np.inf)
    if not np.isfinite(value):
        return -np.inf
    value = _grown(order, tables, plan, value)
    return _pushed(order, trials, deep, tables, plan, value)


@compiled
def _at_the_margin(tables: Tables, plan: Plan, rates: Floats, depths: Floats) -> None:
    """What the next atom earns at the plan's prices; within the plan it loses nothing."""
    rates[:], depths[:] = tables.rates, tables.depths
    for e in plan.of_pool:
        if e >= 0:
            side = plan.ways[e] - 1
            rates[e, side] = plan.nu[tables.link[e, side]] / plan.nu[tables.link[e, 1 - side]]
            depths[e, side] = np.inf


@compiled
def _grown(order: Order, tables: Tables, plan: Plan, value: float) -> float:
    """The value once no way, for parts of several sizes, pays more than the plan."""
    rates, depths, trial = tables.rates.copy(), tables.depths.copy(), copied(plan)
    way, none = np.zeros(LONGEST, dtype=np.int64), np.zeros(2 * len(plan.ways), dtype=np.bool_)
    size = order.size / _RATIO
    for _ in range(_SIZES):
        for _ in range(_GROWTHS):
            _at_the_margin(tables, plan, rates, depths)
            got, hops = best_way(size, order, tables.link, rates, depths, plan, False, none, LONGEST, way)
            if not got * plan.nu[order.end] - size * plan.nu[order.start] > abs(value) * _BETTER:
                break
            overwrite(trial, plan)
            _price(way[:hops], rates, tables, trial)
            for code in way[:hops]:
                put_in(code // 2, 1 + code % 2, tables.link, trial)
            found = settle(order, tables, trial, -np.inf)
            if not found > value + abs(value) * _BETTER:
                break
            value = found
            overwrite(plan, trial)
        size /= _RATIO
    return value


@compiled
def _price(way: Ints, rates: Floats, tables: Tables, plan: Plan) -> None:
    """Give tokens that are new to the plan the price that they cost along ``way``."""
    known = touched(tables.link, plan)
    for code in way:
        e, side = code // 2, code % 2
        source, target = tables.link[e, side], tables.link[e, 1 - side]
        if not known[target]:
            plan.nu[target] = plan.nu[source] / rates[e, side]


@compiled
def _pushed(order: Order, trials: int, deep: bool, tables: Tables, plan: Plan, value: float) -> float:
    """The value after up to ``trials`` ways that would pay more if the plan left them their pools and directions."""
    rates, depths, trial = tables.rates.copy(), tables.depths.copy(), copied(plan)
    way, banned = np.zeros(LONGEST, dtype=np.int64), np.zeros(2 * len(plan.ways), dtype=np.bool_)
    size = order.size / _RATIO
    for _ in range(_PUSHED_SIZES):
        while trials > 0:
            _at_the_margin(tables, plan, rates, depths)
            got, hops = best_way(size, order, tables.link, rates, depths, plan, True, banned, LONGEST, way)
            if not got * plan.nu[order.end] - size * plan.nu[order.start] > abs(value) * _BETTER:
                break
            trials -= 1
            overwrite(trial, plan)
            _price(way[:hops], rates, tables, trial)
            if not _push(way[:hops], tables, trial, banned):
                break
            least = value + abs(value) * _BETTER
            found = settle(order, tables, trial, -np.inf if deep else least)
            if deep and np.isfinite(found):
                found = _grown(order, tables, trial, found)
            if found > least:
                value = found if deep else _grown(order, tables, trial, found)
                overwrite(plan, trial)
                banned[:] = False
        size /= _RATIO
    return value


@compiled
def _push(way: Ints, tables: Tables, plan: Plan, banned: Flags) -> bool:
    """Put ``way`` into the plan in place of what is in its way, and ban it from now on; False if it is not new."""
    new, link = False, tables.link
    others = plan.of_pool.copy()
    plan.after[:] = False
    for code in way:
        e, side = code // 2, code % 2
        present = plan.of_pool[link[e, 3]]
        if present != e or plan.ways[e] != 1 + side:
            banned[code] = new = True
        if present >= 0:
            plan.ways[present], plan.flows[present] = 0, 0.0
        others[link[e, 3]] = -1
        put_in(e, 1 + side, link, plan)
    for e in others:
        if e >= 0:
            if plan.after[link[e, 2 - plan.ways[e]], link[e, plan.ways[e] - 1]]:
                plan.of_pool[link[e, 3]], plan.ways[e], plan.flows[e] = -1, 0, 0.0
            else:
                put_in(e, plan.ways[e], link, plan)
    return new
