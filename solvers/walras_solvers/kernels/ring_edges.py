"""The orders from one token to another as a step function of the price, and the best trade round a ring of those.

Round a ring of tokens the same value goes from order to order, so an edge from a to b at log price difference d takes
x atoms of a and pays x·e^d atoms of b, up to what orders with a limit of at most d give. At the best differences all
edges but one are at some order's limit: else one of them could be pulled down, and the rest gain. So the kernel tries
every combination of limits and lets the remaining edge close the ring.
"""

from __future__ import annotations

from math import exp

import numpy as np

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_jit import compiled

#: Steps that are kept of an edge, and tokens of the longest ring.
STEPS = 10
LONGEST = 4
_HAIR = 1e-8  # by which a price is on the willing side of a limit; the programme asks for 1e-9


def steps_of(limits: Floats, amounts: Floats) -> tuple[Floats, Floats, Floats]:
    """(log limits, atoms given up to each, atoms asked for up to each) of one edge, at most :data:`STEPS` of them.

    Where there are more, those are kept where the most atoms are given for one step, and the last.
    """
    order = np.argsort(limits, kind="stable")
    limits, amounts = limits[order], amounts[order]
    given, asked = np.cumsum(amounts), np.cumsum(amounts * np.exp(limits))
    kept = np.arange(len(limits))
    if len(limits) > STEPS:
        spread = np.searchsorted(given, given[-1] * np.arange(1, STEPS // 2 + 1) / (STEPS // 2))
        even = np.linspace(0, len(limits) - 1, STEPS - STEPS // 2).round()
        kept = np.unique(np.minimum(np.concatenate([spread, even]).astype(np.int64), len(limits) - 1))
    return limits[kept], given[kept], asked[kept]


@compiled
def _at(place: int, limit: float, limits: Floats, given: Floats, count: Ints) -> float:
    """Atoms that orders of the edge give whose limit is at most ``limit``."""
    found = 0.0
    for step in range(count[place]):
        if limits[place, step] > limit:
            break
        found = given[place, step]
    return found


@compiled
def _asked(place: int, amount: float, given: Floats, asked: Floats, count: Ints) -> float:
    """The least that orders of the edge ask for ``amount``: those with the best limits first."""
    before_given, before_asked = 0.0, 0.0
    for step in range(count[place]):
        if given[place, step] >= amount:
            room = given[place, step] - before_given
            part = (amount - before_given) / room if room > 0.0 else 0.0
            return float(before_asked + part * (asked[place, step] - before_asked))
        before_given, before_asked = given[place, step], asked[place, step]
    return float(before_asked)


@compiled
def best_ring(
    ring: Ints, limits: Floats, given: Floats, asked: Floats, count: Ints, worth: Floats, best: Floats
) -> float:
    """The most that a ring of edges gains, in the unit of ``worth``; ``best`` gets the log price difference of each.

    ``worth`` is the value of an atom that the edge pays. ``limits``, ``given`` and ``asked`` have a row an edge, of
    which the first ``count`` entries are filled.
    """
    length = len(ring)
    chosen = np.zeros(length, dtype=np.int64)
    differences = np.zeros(length)
    most = 0.0
    for loose in range(length):
        chosen[:] = 0
        while True:
            total = 0.0
            for k in range(length):
                if k != loose:
                    differences[k] = limits[ring[k], chosen[k]] + _HAIR
                    total += differences[k]
            differences[loose] = -total
            gain = _gain(ring, differences, limits, given, asked, count, worth)
            if gain > most:
                most = gain
                best[:length] = differences
            place = 0
            while place < length:
                if place != loose:
                    chosen[place] += 1
                    if chosen[place] < count[ring[place]]:
                        break
                    chosen[place] = 0
                place += 1
            if place == length:
                break
    return most


@compiled
def _gain(
    ring: Ints, differences: Floats, limits: Floats, given: Floats, asked: Floats, count: Ints, worth: Floats
) -> float:
    """What the ring gains at these differences: as much goes round as the narrowest edge lets through."""
    flow, price = np.inf, 1.0  # in atoms of the first token, and the price of each edge's token beside it
    for k in range(len(ring)):
        through = _at(ring[k], differences[k], limits, given, count) * price
        if through <= 0.0:
            return 0.0
        flow = min(flow, through)
        price *= exp(-differences[k])
    gain, price = 0.0, 1.0
    for k in range(len(ring)):
        amount = flow / price
        received = amount * exp(differences[k])
        gain += worth[ring[k]] * (received - _asked(ring[k], amount, given, asked, count))
        price *= exp(-differences[k])
    return gain
