"""The compiled book's hash table from id to the row of its order: open addressing, linear probing (Knuth 6.4).

A removed entry leaves no mark: the entries after it move up (algorithm R), so that searches never grow longer.
"""

from __future__ import annotations

import numpy as np

from walras_solvers.book.jit import inlined
from walras_solvers.book.layout import ID_SHIFT, KEY, NONE, ROW, Number, Table

#: 2^64 divided by the golden ratio, odd: spreads consecutive ids evenly.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@inlined
def home(counts: Table, key: int) -> Number:
    """The place at which a search for ``key`` begins."""
    return np.int64((np.uint64(key) * _SPREAD) >> np.uint64(counts[ID_SHIFT]))


@inlined
def place_of(counts: Table, ids: Table, key: int) -> Number:
    """The place of ``key``, or the empty one where it would go."""
    place = home(counts, key)
    while ids[place, ROW] != NONE and ids[place, KEY] != key:
        place = (place + 1) & (len(ids) - 1)
    return place


@inlined
def forget(counts: Table, ids: Table, gap: int) -> None:
    """Empty a place."""
    mask = len(ids) - 1
    place = (gap + 1) & mask
    while ids[place, ROW] != NONE:
        # An entry may move up if its home is not between the gap and itself.
        if ((place - home(counts, ids[place, KEY])) & mask) >= ((place - gap) & mask):
            ids[gap, KEY] = ids[place, KEY]
            ids[gap, ROW] = ids[place, ROW]
            gap = place
        place = (place + 1) & mask
    ids[gap, ROW] = NONE
