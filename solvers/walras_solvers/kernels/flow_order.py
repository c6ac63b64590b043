"""In which order the trades at the dual's minimum can run, or which of them to leave out so that they can."""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_state import Flags

#: A trade that carries less of what flows into a token is left out: it would earn less than rounding takes.
_SMALLEST = 1e-9

RUNS = -1  #: what :func:`in_order` says when the trades can run one after the other


@compiled
def in_order(
    start: int, end: int, edges: Ints, link: Ints, flows: Floats, nu: Floats, run: Ints, shares: Floats
) -> tuple[int, int]:
    """(``RUNS``, number of swaps), or the edge of least value of those that run in circles and a number that says
    nothing.

    Fills ``run`` with the edges in running order and ``shares`` with the part of what is then left of its input that
    each takes. A token is given when all of it is there, so every swap finds its input. The last of a token takes what
    is left. Trades between which and the ends nothing flows are not among them.
    """
    count, used, amounts = 0, np.empty(len(edges), dtype=np.int64), np.empty(len(edges))
    for position in range(len(edges)):
        e = edges[position]
        if flows[e, 0] * flows[e, 1] < 0.0:
            used[count], amounts[count] = e, -min(flows[e, 0], flows[e, 1])
            count += 1
    used, amounts = _fed(start, end, used[:count], amounts[:count], link, flows)
    given = np.zeros(len(nu))
    for k in range(len(used)):
        given[_side(used[k], link, flows, 0)] += amounts[k]
    large = np.empty(len(used), dtype=np.bool_)
    for k in range(len(used)):
        large[k] = amounts[k] > _SMALLEST * given[_side(used[k], link, flows, 0)]
    used, amounts = _fed(start, end, used[large], amounts[large], link, flows)
    tokens, known = _tokens_in_order(start, used, link, flows, len(nu))
    for k in range(len(used)):
        if not known[_side(used[k], link, flows, 0)]:
            return _least_in_circle(known, used, amounts, link, flows, nu), 0
    return RUNS, _share(tokens, used, amounts, link, flows, run, shares)


@compiled
def _side(e: int, link: Ints, flows: Floats, out: int) -> int:
    """The token that the trade takes in, or with ``out`` = 1 the one that it pays."""
    takes = 0 if flows[e, 0] < 0.0 else 1
    return int(link[e, 1 - takes if out else takes])


@compiled
def _fed(start: int, end: int, used: Ints, amounts: Floats, link: Ints, flows: Floats) -> tuple[Ints, Floats]:
    """The trades that something of ``start`` reaches and from which something reaches ``end``."""
    size = max(start, end) + 1
    for k in range(len(used)):
        size = max(size, link[used[k], 0] + 1, link[used[k], 1] + 1)
    reached, useful = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    reached[start] = useful[end] = True
    changed = True
    while changed:
        changed = False
        for k in range(len(used)):
            source, target = _side(used[k], link, flows, 0), _side(used[k], link, flows, 1)
            if reached[source] and not reached[target]:
                reached[target] = changed = True
            if useful[target] and not useful[source]:
                useful[source] = changed = True
    kept = np.empty(len(used), dtype=np.bool_)
    for k in range(len(used)):
        source, target = _side(used[k], link, flows, 0), _side(used[k], link, flows, 1)
        kept[k] = reached[source] and useful[target] and source != end and target != start
    return used[kept], amounts[kept]


@compiled
def _tokens_in_order(start: int, used: Ints, link: Ints, flows: Floats, count: int) -> tuple[Ints, Flags]:
    """Tokens of which each comes after all that pay for it, and which they are; those fed by circles are missing."""
    missing, known = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    for k in range(len(used)):
        missing[_side(used[k], link, flows, 1)] += 1
    tokens = np.empty(count, dtype=np.int64)
    tokens[0], known[start], size, done = start, True, 1, 0
    while done < size:
        token = tokens[done]
        done += 1
        for k in range(len(used)):
            if _side(used[k], link, flows, 0) == token:
                target = _side(used[k], link, flows, 1)
                missing[target] -= 1
                if missing[target] == 0:
                    tokens[size], known[target] = target, True
                    size += 1
    return tokens[:size], known


@compiled
def _least_in_circle(known: Flags, used: Ints, amounts: Floats, link: Ints, flows: Floats, nu: Floats) -> int:
    """Of the trades that run in circles, or between two of them, without what only follows: the one of least value."""
    waiting = np.empty(len(used), dtype=np.bool_)
    for k in range(len(used)):
        waiting[k] = not known[_side(used[k], link, flows, 0)]
    changed = True
    while changed:
        changed, onward = False, np.zeros(len(nu), dtype=np.bool_)
        for k in range(len(used)):
            if waiting[k]:
                onward[_side(used[k], link, flows, 0)] = True
        for k in range(len(used)):
            if waiting[k] and not onward[_side(used[k], link, flows, 1)]:
                waiting[k], changed = False, True
    least, found = np.inf, -2
    for k in range(len(used)):
        value = amounts[k] * nu[_side(used[k], link, flows, 0)]
        if waiting[k] and value < least:
            least, found = value, used[k]
    return int(found)


@compiled
def _share(tokens: Ints, used: Ints, amounts: Floats, link: Ints, flows: Floats, run: Ints, shares: Floats) -> int:
    """Swaps token by token, the least first; each takes its part of what the ones before it left."""
    by_size, count = np.argsort(amounts, kind="mergesort"), 0
    for place in range(len(tokens)):
        left = 0.0
        for k in by_size:
            if _side(used[k], link, flows, 0) == tokens[place]:
                left += amounts[k]
        before = count
        for k in by_size:
            if _side(used[k], link, flows, 0) == tokens[place]:
                run[count], shares[count] = used[k], min(amounts[k] / left, 1.0)
                left -= amounts[k]
                count += 1
        if count > before:
            shares[count - 1] = 1.0
    return count
