"""What several orders share: an owner's funds in a token, and a nonce of which at most one order may fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.singles import Floats, Ints

_ALTERNATIVES = -1


@dataclass(frozen=True, slots=True)
class Sharing:
    """Entries of the sharing rows: the row, its order, and the index of the token drawn on (-1: a nonce).

    ``available`` are the atoms of each entry's row. Only rows that can bind are here.
    """

    row: Ints
    order: Ints
    token: Ints
    available: Floats

    @classmethod
    def of(cls, orders: Sequence[Order], market: Market, at: Mapping[str, int]) -> Sharing:
        """The rows of all funds and nonces that more than one order names."""
        funds: dict[tuple[str, str], list[int]] = {}
        nonces: dict[tuple[str, int], list[int]] = {}
        for index, order in enumerate(orders):
            nonces.setdefault(order.alternative, []).append(index)
            for token in order.gives:
                funds.setdefault((order.intent.owner, token), []).append(index)
        entries: list[tuple[int, int, int, float]] = []
        row = 0
        for (owner, token), members in funds.items():
            available = market.funds[owner, token]
            if len(members) > 1 and sum(_most(orders[index], token) for index in members) > available:
                entries += [(row, index, at[token], float(available)) for index in members]
                row += 1
        for members in nonces.values():
            if len(members) > 1:
                entries += [(row, index, _ALTERNATIVES, 1.0) for index in members]
                row += 1
        table = np.array(entries, dtype=float).reshape(-1, 4)
        whole = table[:, :3].astype(np.int64)
        return cls(whole[:, 0], whole[:, 1], whole[:, 2], table[:, 3])

    def rows(self, chosen: Ints, given: Floats, columns: int) -> csr_array | None:
        """Rows over the columns of the ``chosen`` orders, scaled to limits of one; without those that cannot bind."""
        if not len(self.row) or not len(chosen):
            return None
        place = np.full(int(max(self.order.max(), chosen.max())) + 1, -1)
        place[chosen] = np.arange(len(chosen))
        inside = place[self.order] >= 0
        draw = np.where(self.token == _ALTERNATIVES, 1.0, given / np.maximum(self.available, 1e-300))[inside]
        row, column = self.row[inside], place[self.order[inside]]
        total = np.bincount(row, weights=draw, minlength=int(self.row.max()) + 1)
        binding = (total > 1) & (np.bincount(row, minlength=len(total)) > 1)
        if not binding.any():
            return None
        kept, number = binding[row], np.cumsum(binding) - 1
        shape = (int(binding.sum()), columns)
        return csr_array((draw[kept], (number[row[kept]], column[kept])), shape=shape)

    def scale(self, used: Floats, given: Floats) -> Floats:
        """By which factor each order's part ``used`` must shrink for its rows to hold if all in a row shrink alike."""
        factor = np.ones(len(used))
        if len(self.row):
            draw = np.where(self.token == _ALTERNATIVES, 1.0, given / np.maximum(self.available, 1e-300))
            total = np.bincount(self.row, weights=draw * used[self.order])
            np.minimum.at(factor, self.order, 1 / np.maximum(total[self.row], 1.0))
        return factor


def _most(order: Order, token: str) -> int:
    return order.most_given(order.most)[order.gives.index(token)]
