"""What edges pay for the first atoms, and how fast that falls: all that a search for paths looks at."""

from __future__ import annotations

import numpy as np

from walras_solvers.kernels.flow_edges import (
    HELD_I,
    HELD_J,
    KEPT,
    POWER_I,
    RANGES,
    SCALE_I,
    SHIFT,
    SPOT,
    WEIGHTED,
    Floats,
    Ints,
)
from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.flow_stable import slope


@compiled
def bend_at_spot(e: int, link: Ints, curve: Floats, ranges: Floats) -> float:
    """d(atoms of i)/d(log price) of the pool as it is; 0 where it holds nothing at its price."""
    c = curve[e]
    if link[e, 2] == RANGES:
        return float(0.5 * ranges[link[e, 4] + link[e, 6], 2] / np.sqrt(c[SPOT]))
    if link[e, 2] == WEIGHTED:
        return float(c[HELD_I] * c[POWER_I])
    return float(-c[HELD_I] / slope(c[HELD_I], c[HELD_J], c[SHIFT]) / c[SCALE_I])


@compiled
def first_atoms(link: Ints, curve: Floats, ranges: Floats) -> tuple[Floats, Floats]:
    """(rates, depths) of every edge where i is given and where j is: atoms out an atom in, and the input that halves
    the average where the pool is taken for a constant product.
    """
    rates, depths = np.zeros((len(link), 2)), np.full((len(link), 2), 1e-300)
    for e in range(len(link)):
        kept, spot = curve[e, KEPT], curve[e, SPOT]
        rates[e, 0], rates[e, 1] = spot * kept, kept / spot
        bend = bend_at_spot(e, link, curve, ranges)
        if bend > 0.0:
            depths[e, 0], depths[e, 1] = 2.0 * bend / kept, 2.0 * bend * spot / kept
    return rates, depths
