"""What the routing kernels work on: the pools as tables, an order, and a plan of which pools it passes and how."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_jit import compiled

Flags = NDArray[np.bool_]

I_GIVEN, J_GIVEN = 1, 2  #: the two ways of an edge


class Tables(NamedTuple):
    """Edges as ``flow_edges`` describes them. ``rates[e, side]`` is what the first atom earns where i (0) or j (1) is
    given, ``depths[e, side]`` the input that halves the average, about.
    """

    link: Ints
    curve: Floats
    ranges: Floats
    rates: Floats
    depths: Floats


class Order(NamedTuple):
    """``brought`` atoms a token come in (negative: go out); the ``pinned`` token has the price 1.

    ``size`` is about what goes in of ``start``. ``hops`` and ``first`` are what :func:`hops_from` finds.
    """

    brought: Floats
    size: float
    start: int
    end: int
    pinned: int
    hops: Ints
    first: Ints


class Plan(NamedTuple):
    """Prices, the edge each pool is passed by or -1, its way by edge or 0, which tokens come after which, the trades.

    ``after[a, b]`` says that something of a becomes b. Its transitive closure is kept, so a hop from b to a would
    close a circle.
    """

    nu: Floats
    of_pool: Ints
    ways: Ints
    after: Flags
    flows: Floats


@compiled
def hops_from(start: int, end: int, edges: Ints, link: Ints, count: int) -> tuple[Ints, Ints]:
    """(hops, first): the hops that a route may make, 2e where i of an edge is given and 2e + 1 where j is, by the token
    given; those of ``token`` are ``hops[first[token]:first[token + 1]]``.
    """
    first, hops = np.zeros(count + 2, dtype=np.int64), np.empty(2 * len(edges), dtype=np.int64)
    for fill in range(2):
        for e in edges:
            for side in range(2):
                source, target = link[e, side], link[e, 1 - side]
                if source in (target, end) or target == start:
                    continue
                if fill:
                    hops[first[source + 1]] = 2 * e + side
                    first[source + 1] += 1
                else:
                    first[source + 2] += 1
        if not fill:
            for token in range(count + 1):
                first[token + 1] += first[token]
    return hops[: first[count]].copy(), first


@compiled
def copied(plan: Plan) -> Plan:
    """A plan that can be changed without this one."""
    return Plan(plan.nu.copy(), plan.of_pool.copy(), plan.ways.copy(), plan.after.copy(), plan.flows.copy())


@compiled
def overwrite(plan: Plan, other: Plan) -> None:
    """Make ``plan`` equal to ``other``."""
    plan.nu[:], plan.of_pool[:], plan.ways[:] = other.nu, other.of_pool, other.ways
    plan.after[:], plan.flows[:] = other.after, other.flows


@compiled
def put_after(one: int, other: int, after: Flags) -> None:
    """Let ``other``, and what comes after it, come after ``one`` and what comes before that."""
    for a in range(len(after)):
        if a == one or after[a, one]:
            for b in range(len(after)):
                if b == other or after[other, b]:
                    after[a, b] = True


@compiled
def put_in(e: int, way: int, link: Ints, plan: Plan) -> None:
    """Pass the edge's pool by it."""
    plan.of_pool[link[e, 3]], plan.ways[e] = e, way
    put_after(link[e, way - 1], link[e, 2 - way], plan.after)


@compiled
def leave_out(e: int, link: Ints, plan: Plan) -> None:
    """Pass the edge's pool no more. ``after`` stays as it is; :func:`order_again` puts it right."""
    plan.of_pool[link[e, 3]], plan.ways[e] = -1, 0
    plan.flows[e] = 0.0


@compiled
def order_again(link: Ints, plan: Plan) -> None:
    """``after`` of the edges in use; of those that would close a circle with others, the later pools' are left out."""
    plan.after[:] = False
    for e in plan.of_pool:
        if e >= 0:
            way = plan.ways[e]
            if plan.after[link[e, 2 - way], link[e, way - 1]]:
                leave_out(e, link, plan)
            else:
                put_after(link[e, way - 1], link[e, 2 - way], plan.after)


@compiled
def touched(link: Ints, plan: Plan) -> Flags:
    """The tokens of the edges in use."""
    found = np.zeros(len(plan.nu), dtype=np.bool_)
    for e in plan.of_pool:
        if e >= 0:
            found[link[e, 0]] = found[link[e, 1]] = True
    return found
