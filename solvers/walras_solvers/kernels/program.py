"""The clearing program: at given prices, how much of each order and pool to use for the most surplus.

At fixed prices the problem is linear. In units of value every order moves what it gives into what it wants, a pool
moves value between its two tokens at its average price, and in each token as much must come in as goes out. Owners'
funds and alternatives are further rows. See Walther, *Multi-token Batch Auctions with Uniform Clearing Prices* (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from walras.wire import Pool

from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.pools import input_at_average
from walras_solvers.kernels.side import SLACK

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clearing:
    """What the program says at some prices: traded value of each order (net of its fee), input atoms of each pool."""

    worth: float  # wei of surplus, fees paid
    traded: Floats
    full: Floats  # traded value if filled as far as possible; 0 where the order would not gain
    pools: Mapping[str, tuple[str, float]]  # pool → (token in, atoms in)


class Program:
    """Orders and pools of a market as arrays over ``tokens``; evaluated at many price vectors."""

    def __init__(self, market: Market, tokens: Sequence[str], fees: Mapping[Order, float]) -> None:
        self.market, self.tokens = market, tuple(tokens)
        at = {token: index for index, token in enumerate(tokens)}
        orders = [order for order in market.orders if set(order.gives + order.wants) <= set(at)]
        self.orders = tuple(orders)
        self.pools: tuple[Pool, ...] = tuple(
            pool for _, pool in sorted(market.pools.items()) if pool.token0 in at and pool.token1 in at
        )
        self.pool_tokens = [(at[pool.token0], at[pool.token1]) for pool in self.pools]
        self.reference = np.array([market.value(token) for token in tokens])
        self.most = np.array([float(order.most) for order in orders])
        self.sells = np.array([order.sells for order in orders], dtype=bool)
        self.fee = np.array([fees[order] for order in orders])
        self.first_give = np.array([at[order.gives[0]] for order in orders], dtype=int)
        # Atoms at the greatest execution: exact on the fixed side, the signed bounds on the other.
        self.gives = self._amounts([(order, order.gives, order.give_bounds) for order in orders], at)
        self.wants = self._amounts([(order, order.wants, order.want_bounds) for order in orders], at)
        # Value is shared over a basket's moving legs in proportion to their final bounds.
        self.shape = self._amounts(
            [(o, o.wants if o.sells else o.gives, tuple(leg.end for leg in o.intent.moving_side)) for o in orders],
            at,
        )
        self.groups = _groups(orders, market)

    def _amounts(
        self, sides: Sequence[tuple[Order, tuple[str, ...], tuple[int, ...]]], at: Mapping[str, int]
    ) -> Floats:
        matrix = np.zeros((len(sides), len(self.tokens)))
        for row, (order, tokens, bounds) in enumerate(sides):
            for token, bound in zip(tokens, bounds, strict=True):
                matrix[row, at[token]] = bound * (order.most / order.intent.full_amount)
        return matrix

    def moved(self, prices: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """(given less fee, received, gain beyond the limit), in atoms an order and token, and the worth of each order.

        All for orders filled as far as possible at ``prices``.
        """
        fee = np.zeros_like(self.gives)
        fee[np.arange(len(self.orders)), self.first_give] = self.fee
        fixed = np.where(self.sells[:, None], self.gives - fee, self.wants)
        shape = self.shape / np.maximum(self.shape @ prices, 1e-300)[:, None]
        # A buy's fee is spread over its gives like the rest of what it pays.
        value = fixed @ prices
        paid = np.where(self.sells, value, value + self.fee * prices[self.first_give])
        moving = shape * paid[:, None]
        given = np.where(self.sells[:, None], fixed, moving - fee)
        received = np.where(self.sells[:, None], moving, fixed)
        gain = np.where(self.sells[:, None], moving - self.wants, self.gives - moving)
        return given, received, gain, self._worth(gain, moving, fixed, prices)

    def _worth(self, gain: Floats, moving: Floats, fixed: Floats, prices: Floats) -> Floats:
        """Wei of each order's gain; a token without a reference price counts through the other side's."""
        priced: Floats = gain @ self.reference
        other: Floats = fixed @ self.reference
        unpriced = (self.shape > 0) & (self.reference <= 0)
        share = np.where(unpriced, gain / np.maximum(moving, 1e-300), np.inf).min(axis=1, initial=np.inf)
        return priced + np.where(np.isfinite(share), other * np.minimum(share, 1.0), 0.0)

    def flows(self, prices: Floats) -> list[tuple[int, int, int, float]]:
        """(pool, token in, token out, atoms in) of the pools that beat ``prices``, at their average price."""
        found = []
        for index, (pool, (one, other)) in enumerate(zip(self.pools, self.pool_tokens, strict=True)):
            for token, into, out in ((pool.token0, one, other), (pool.token1, other, one)):
                amount = input_at_average(pool, token, float(prices[into] / prices[out]))
                if amount > 0:
                    found.append((index, into, out, amount))
        return found

    def worth(self, log_prices: Floats) -> float:
        """Wei of surplus that the best quantities at these prices bring; what the price search climbs."""
        return self.solve(np.exp(log_prices - log_prices.max())).worth

    def solve(self, prices: Floats, excluded: Set[Order] = frozenset(), closed: Set[str] = frozenset()) -> Clearing:
        """The best quantities at ``prices`` without ``excluded`` orders and ``closed`` pools."""
        given, received, gain, worth = self.moved(prices)
        moving = self.shape > 0
        enough = (~moving | (gain >= SLACK * np.where(self.sells[:, None], received, given))).all(axis=1)
        willing = enough & (worth > 0) & (given.min(axis=1, initial=0.0) >= 0) & np.isfinite(worth)
        if excluded:
            willing &= np.array([order not in excluded for order in self.orders], dtype=bool)
        chosen = np.flatnonzero(willing)
        flows = [flow for flow in self.flows(prices) if self.pools[flow[0]].id not in closed]
        full = np.zeros(len(self.orders))
        full[chosen] = (received[chosen] * prices).sum(axis=1)
        parts, swapped = self._optimise(chosen, flows, given, received, worth, prices)
        traded = np.zeros(len(self.orders))
        traded[chosen] = parts * full[chosen]
        pools = {
            self.pools[index].id: (self.tokens[into], amount * part)
            for (index, into, _, amount), part in zip(flows, swapped.tolist(), strict=True)
            if part > 1e-9
        }
        return Clearing(float(worth[chosen] @ parts), traded, full, pools)

    def _optimise(
        self,
        chosen: NDArray[np.intp],
        flows: Sequence[tuple[int, int, int, float]],
        given: Floats,
        received: Floats,
        worth: Floats,
        prices: Floats,
    ) -> tuple[Floats, Floats]:
        """Which part of each chosen order and of each pool's flow to take."""
        count = len(chosen)
        if not count:
            return np.zeros(0), np.zeros(len(flows))
        net = ((received[chosen] - given[chosen]) * prices).T
        size = np.maximum(np.abs(net).max(axis=0), 1e-300)
        scale = float(size.max())
        pool_columns = np.zeros((len(self.tokens), len(flows)))
        for column, (_, into, out, amount) in enumerate(flows):
            pool_columns[into, column] += amount * prices[into]
            pool_columns[out, column] -= amount * prices[into]
        equal = np.hstack([net, pool_columns]) / scale
        # Unknowns are traded values relative to the largest order, so that all columns have entries near one.
        widths = np.concatenate([size, np.maximum(np.abs(pool_columns).max(axis=0, initial=0.0), 1e-300)]) / scale
        rows, limits = self._rows(chosen, given, count + len(flows))
        found = linprog(
            np.concatenate([-worth[chosen], np.zeros(len(flows))]) / widths / max(float(worth[chosen].max()), 1e-300),
            A_ub=rows / widths if rows is not None else None,
            b_ub=limits,
            A_eq=equal / widths,
            b_eq=np.zeros(len(self.tokens)),
            bounds=np.column_stack([np.zeros(len(widths)), widths]),
            method="highs-ds",
        )
        if found.status != 0:
            return np.zeros(count), np.zeros(len(flows))
        parts = np.clip(np.asarray(found.x) / widths, 0.0, 1.0)
        return parts[:count], parts[count:]

    def _rows(self, chosen: NDArray[np.intp], given: Floats, width: int) -> tuple[Floats | None, Floats | None]:
        """Rows for owners whose orders share funds, and for alternatives; each limit is scaled to one."""
        column = {int(order): index for index, order in enumerate(chosen)}
        kept = []
        for token, available, members in self.groups:
            inside = [(column[member], member) for member in members if member in column]
            if len(inside) > 1:
                row = np.zeros(width)
                for index, member in inside:
                    row[index] = 1.0 if token is None else self._draw(member, token, given) / available
                if row.sum() > 1:
                    kept.append(row)
        if not kept:
            return None, None
        return np.vstack(kept), np.ones(len(kept))

    def _draw(self, member: int, token: str, given: Floats) -> float:
        at = self.tokens.index(token)
        return float(given[member, at]) + (float(self.fee[member]) if self.first_give[member] == at else 0.0)


def _groups(orders: Sequence[Order], market: Market) -> list[tuple[str | None, float, list[int]]]:
    """(token or None for alternatives, available atoms, order indexes) of orders that share funds or a nonce."""
    funds: dict[tuple[str, str], list[int]] = {}
    nonces: dict[tuple[str, int], list[int]] = {}
    for index, order in enumerate(orders):
        nonces.setdefault(order.alternative, []).append(index)
        for token in order.gives:
            funds.setdefault((order.intent.owner, token), []).append(index)
    shared: list[tuple[str | None, float, list[int]]] = [
        (key[1], float(market.funds[key]), members) for key, members in sorted(funds.items()) if len(members) > 1
    ]
    return shared + [(None, 1.0, members) for _, members in sorted(nonces.items()) if len(members) > 1]
