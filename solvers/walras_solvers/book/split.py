"""Pro-rata shares in 64-bit integers."""

from __future__ import annotations

import numpy as np

from walras_solvers.book.layout import Number
from walras_solvers.jit import compiled

_SMALL = 1 << 31


@compiled
def share(quantity: int, size: int, total: int) -> Number:
    """floor(quantity · size / total) for 0 < quantity, size ≤ total < 2^63, though the product may have 126 bits."""
    if quantity < _SMALL and size < _SMALL:
        return quantity * size // total
    whole, rest = np.uint64(0), np.uint64(0)
    one, divisor, added = np.uint64(1), np.uint64(total), np.uint64(size)
    for bit in range(62, -1, -1):
        whole <<= one
        rest <<= one
        if rest >= divisor:
            rest -= divisor
            whole |= one
        if (quantity >> bit) & 1:
            rest += added  # both below 2^63
            if rest >= divisor:
                rest -= divisor
                whole += one
    return np.int64(whole)
