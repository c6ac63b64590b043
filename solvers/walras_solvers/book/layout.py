"""The arrays of the compiled book: which column holds what.

All are 64-bit integers. Orders at one price are a doubly linked list through their rows; the prices of a side stand
sorted in a row of ``ranks``, the best last, with the rows of their levels beside them in ``places``. ``ids`` is a hash
table with open addressing; ``hints`` remembers, by the last bits of a price, which row its level may have.

A level that is emptied stays, unless it is the best: it is likely to be used again, and its place is paid for. So the
best level of a side is never empty, while others may be. Nothing is allocated while messages run: the kernel stops
before an array would overflow, and whoever called it moves all into new arrays, without the empty levels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from walras_solvers.book.messages import Event, Message

Table = NDArray[np.int64]
#: A 64-bit integer, Python's or numpy's: inside compiled functions they are the same.
Number = Any

NONE = -1

# Columns of ``counts``, one number each.
LIVE, ORDER_TOP, ORDER_FREE, LEVEL_TOP, LEVEL_FREE, BIDS, ASKS, ID_SHIFT, RULE, COUNTS = range(10)
# Columns of ``orders``; NEXT also links the free rows.
ID, SIDE, PRICE, LEFT, LEVEL, NEXT, BEFORE, POST, ORDER_COLUMNS = range(9)
# Columns of ``levels``; HEAD also links the free rows, whose RANK is 0.
TOTAL, HEAD, TAIL, RANK, LEVEL_COLUMNS = range(5)
# Columns of ``ids``; a ROW of NONE is an empty place.
KEY, ROW, ID_COLUMNS = range(3)

MESSAGE_COLUMNS, EVENT_COLUMNS = len(Message._fields), len(Event._fields)

#: At least this many places of ``ids`` an order, so that searches stay short.
_ID_SPARSE = 2
#: Levels an order: when they are used up, at least half of them are empty.
_LEVELS = 2
HINTS = 4_096


class Arrays(NamedTuple):
    """All of a book's state."""

    counts: Table
    orders: Table
    levels: Table
    ranks: Table
    places: Table
    ids: Table
    hints: Table

    @property
    def capacity(self) -> int:
        """How many orders have room."""
        return len(self.orders)

    def table(self, *more: Table) -> Table:
        """(address, rows) of each array and of ``more``: how a compiled function is handed all of them at once."""
        return np.array([(one.ctypes.data, len(one)) for one in (*self, *more)], np.int64)

    @property
    def full_of_levels(self) -> bool:
        """Whether no further level has room."""
        return bool(self.counts[LEVEL_FREE] == NONE and self.counts[LEVEL_TOP] == len(self.levels))

    @classmethod
    def empty(cls, capacity: int) -> Arrays:
        """An empty book with room for ``capacity`` orders, at as many prices."""
        levels = max(capacity * _LEVELS, 2)
        bits = (capacity * _ID_SPARSE - 1).bit_length()
        counts = np.zeros(COUNTS, np.int64)
        counts[[ORDER_FREE, LEVEL_FREE]] = NONE
        counts[ID_SHIFT] = 64 - bits
        return cls(
            counts,
            np.zeros((capacity, ORDER_COLUMNS), np.int64),
            np.zeros((levels, LEVEL_COLUMNS), np.int64),
            np.zeros((2, levels), np.int64),
            np.zeros((2, levels), np.int64),
            np.full((1 << bits, ID_COLUMNS), NONE, np.int64),
            np.zeros(HINTS, np.int64),
        )
