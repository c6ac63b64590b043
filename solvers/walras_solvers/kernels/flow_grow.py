"""The way for a part of an order that pays most, beside what the plan has."""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_state import Flags, Order, Plan, Tables, put_in

LONGEST = 6  #: hops of a way
_FIRST_LONGEST = 3


@compiled
def best_way(
    size: float,
    order: Order,
    link: Ints,
    rates: Floats,
    depths: Floats,
    plan: Plan,
    free: bool,
    banned: Flags,
    longest: int,
    way: Ints,
) -> tuple[float, int]:
    """(atoms of the last token, hops in ``way``) of the way that pays most for ``size`` atoms of the first.

    A pool of the plan is passed as the plan does, or not, and nothing closes a circle; unless ``free``. By dynamic
    programming over the number of hops; what came by fewer hops and is more is better carried on.
    """
    # Loops over tuples of arrays are slow, over arrays fast.
    hops, first, of_pool, ways, after = order.hops, order.first, plan.of_pool, plan.ways, plan.after
    count = len(after)
    held, came = np.zeros((longest + 1, count)), np.full((longest + 1, count), -1, dtype=np.int64)
    most = np.zeros(count)
    held[0, order.start] = most[order.start] = size
    for hop in range(1, longest + 1):
        moved = False
        for source in range(count):
            have = held[hop - 1, source]
            if have <= 0.0:
                continue
            for position in range(first[source], first[source + 1]):
                code = hops[position]
                e, side = code // 2, code % 2
                target = link[e, 1 - side]
                got = have * rates[e, side] / (1.0 + have / depths[e, side])
                if got <= most[target] * (1.0 + 1e-12) or banned[code]:
                    continue
                present = of_pool[link[e, 3]]
                follows = not after[target, source] and (present < 0 or (present == e and ways[e] == 1 + side))
                if (free or follows) and _is_new(code, hop, came, link, after, free):
                    held[hop, target] = most[target] = got
                    came[hop, target], moved = code, True
        if not moved:
            break
    return _traced(order.end, held, came, link, way)


@compiled
def _is_new(code: int, hop: int, came: Ints, link: Ints, after: Flags, free: bool) -> bool:
    """Whether the hop's pool and the token it leads to are new to the way that leads to it."""
    e, side = code // 2, code % 2
    token, target = link[e, side], link[e, 1 - side]
    for before in range(hop - 1, 0, -1):
        last = came[before, token]
        if link[last // 2, 3] == link[e, 3]:
            return False
        token = link[last // 2, last % 2]
        if token == target or (not free and after[target, token]):
            return False
    return True


@compiled
def _traced(end: int, held: Floats, came: Ints, link: Ints, way: Ints) -> tuple[float, int]:
    best = 0
    for hop in range(1, len(held)):
        if held[hop, end] > held[best, end]:
            best = hop
    token = end
    for hop in range(best, 0, -1):
        way[hop - 1] = came[hop, token]
        token = link[came[hop, token] // 2, came[hop, token] % 2]
    return held[best, end], best


@compiled
def send(order: Order, parts: int, tables: Tables, plan: Plan) -> None:
    """Send the order in equal parts, each the way that then pays most; what it passes becomes the plan."""
    plan.of_pool[:], plan.ways[:], plan.after[:], plan.flows[:] = -1, 0, False, 0.0
    rates, depths, link = tables.rates.copy(), tables.depths.copy(), tables.link
    way, none = np.zeros(LONGEST, dtype=np.int64), np.zeros(2 * len(link), dtype=np.bool_)
    for _ in range(parts):
        have = order.size / parts
        got, hops = best_way(have, order, link, rates, depths, plan, False, none, _FIRST_LONGEST, way)
        if not got > 0.0:
            break
        for hop in range(hops):
            e, side = way[hop] // 2, way[hop] % 2
            put_in(e, 1 + side, link, plan)
            narrower = 1.0 + have / depths[e, side]
            have *= rates[e, side] / narrower
            rates[e, side] /= narrower * narrower
            depths[e, side] *= narrower
