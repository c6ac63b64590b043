"""The peer of a round: the linear programme that any exact engine has at least to match, solved by scipy's HiGHS.

Per order an executed amount x and a received amount y; each token is conserved, joint funds hold, y is at least the
limit, and the surplus beyond it at reference prices is maximal. It has no uniform prices, no integers, no pools, no
fees, no proof against misbehaviour: less than the house answers, so its time is a floor and not a rival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from walras.intent import Intent

from .measure import BenchError

Row = dict[int, float]


def surplus(intents: Sequence[Intent], balances: Mapping[tuple[str, str], int], prices: Mapping[str, int]) -> float:
    """The optimum in wei. ``balances`` by (owner, token); ``prices`` in wei per 10^18 atoms."""
    orders = [intent for intent in intents if intent.wants[0].token in prices]
    if not orders:
        return 0.0
    count = len(orders)
    # Everything is counted in wei at reference prices: atoms of different tokens differ by thirty decimal orders.
    give_at = np.array([prices[order.gives[0].token] / 1e18 for order in orders])
    want_at = np.array([prices[order.wants[0].token] / 1e18 for order in orders])
    most = np.array([float(order.gives[0].end) for order in orders]) * give_at
    limit = np.array([order.wants[0].end / order.gives[0].end for order in orders]) * want_at / give_at
    rows, ceilings = _rows(orders, balances, give_at, limit)
    answer = linprog(
        np.concatenate([limit, -np.ones(count)]),
        A_ub=_matrix(rows, 2 * count),
        b_ub=ceilings,
        bounds=[(0, value) for value in most] + [(0, None)] * count,
        method="highs",
    )
    if answer.status != 0:
        raise BenchError(f"HiGHS: {answer.message}")
    return -float(answer.fun)


def _rows(
    orders: Sequence[Intent], balances: Mapping[tuple[str, str], int], give_at: np.ndarray, limit: np.ndarray
) -> tuple[list[Row], list[float]]:
    """Limits, conservation by token, joint funds by (owner, token); each row is at most its ceiling."""
    count = len(orders)
    limits: list[Row] = [{index: float(limit[index]), count + index: -1.0} for index in range(count)]
    conserved: dict[str, Row] = {}
    funds: dict[tuple[str, str], Row] = {}
    held: dict[tuple[str, str], float] = {}
    for index, order in enumerate(orders):
        give, want = order.gives[0].token, order.wants[0].token
        conserved.setdefault(give, {})[index] = -1.0
        conserved.setdefault(want, {})[count + index] = 1.0
        funds.setdefault((order.owner, give), {})[index] = 1.0
        held[order.owner, give] = balances[order.owner, give] * float(give_at[index])
    rows = [*limits, *conserved.values(), *funds.values()]
    return rows, [0.0] * (len(limits) + len(conserved)) + [held[key] for key in funds]


def _matrix(rows: Sequence[Row], columns: int) -> csr_matrix:
    places = [(number, column, value) for number, row in enumerate(rows) for column, value in row.items()]
    lines, across, values = zip(*places, strict=True)
    return csr_matrix((values, (lines, across)), shape=(len(rows), columns))
