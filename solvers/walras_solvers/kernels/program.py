"""The clearing program: at given prices, how much of each order and pool to use for the most surplus.

At fixed prices the problem is linear. In units of value every order moves what it gives into what it wants, a pool
moves value between its two tokens at its average price, and in each token as much must come in as goes out. Owners'
funds and alternatives are further rows. See Walther, *Multi-token Batch Auctions with Uniform Clearing Prices* (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, hstack
from walras.wire import Pool

from walras_solvers.kernels.baskets import Baskets, Moved
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.pools import input_at_average
from walras_solvers.kernels.quantities import Columns, best_parts, whole_parts
from walras_solvers.kernels.sharing import Sharing
from walras_solvers.kernels.singles import Floats, Ints, Quote, Singles

__all__ = ["Clearing", "Floats", "Program"]

_TINY = 1e-300
_USED = 1e-9  # a pool of whose flow less than this is wanted is left alone


@dataclass(frozen=True, slots=True)
class Clearing:
    """What the program says at some prices: traded value of each order (net of its fee), input atoms of each pool."""

    worth: float  # wei of surplus, fees paid
    traded: Floats
    full: Floats  # traded value if filled as far as possible; 0 where the order would not gain
    pools: Mapping[str, tuple[str, float]]  # pool → (token in, atoms in)


@dataclass(frozen=True, slots=True)
class Flow:
    """A pool that beats the prices: ``amount`` atoms of the token of index ``into`` earn exactly them."""

    pool: Pool
    into: int
    out: int
    amount: float


class Program:
    """Orders and pools of a market as arrays over ``tokens``; evaluated at many price vectors."""

    def __init__(self, market: Market, tokens: Sequence[str], fees: Mapping[Order, float]) -> None:
        self.market, self.tokens = market, tuple(tokens)
        at = {token: index for index, token in enumerate(tokens)}
        orders = [order for order in market.orders if all(token in at for token in (*order.gives, *order.wants))]
        single = [order for order in orders if order.simple]
        several = [order for order in orders if not order.simple]
        self.orders = (*single, *several)
        pools = (pool for _, pool in sorted(market.pools.items()) if pool.token0 in at and pool.token1 in at)
        self.pools = [(pool, at[pool.token0], at[pool.token1]) for pool in pools]
        self.reference = np.array([market.value(token) for token in tokens])
        self.singles = Singles.of(single, at, fees, self.reference)
        self.baskets = Baskets.of(several, at, fees, self.reference)
        self.sharing = Sharing.of(self.orders, market, at)
        self.most = np.array([float(order.most) for order in self.orders])
        self.least = np.array([float(order.least) for order in self.orders])
        self.sells = np.concatenate([self.singles.sells, self.baskets.sells])
        self.fee = np.concatenate([self.singles.fee, self.baskets.fee])
        self.first_give = np.concatenate([self.singles.give, self.baskets.first_give])
        self._index = {order: index for index, order in enumerate(self.orders)}

    def quote(self, prices: Floats) -> tuple[Quote, Moved]:
        """All orders at ``prices``, singles first; and what the baskets among them move."""
        one, moved = self.singles.quote(prices), self.baskets.moved(prices)
        if not len(self.baskets.fee):
            return one, moved
        parts = (
            np.concatenate([getattr(one, name), getattr(moved.quote, name)])
            for name in ("value", "margin", "worth", "given", "willing")
        )
        return Quote(*parts), moved

    def flows(self, prices: Floats) -> list[Flow]:
        """The pools that beat ``prices``, each with what it takes at their average price."""
        found = []
        for pool, one, other in self.pools:
            for token, into, out in ((pool.token0, one, other), (pool.token1, other, one)):
                amount = input_at_average(pool, token, float(prices[into] / prices[out]))
                if 0 < amount < np.inf:
                    found.append(Flow(pool, into, out, amount))
        return found

    def worth(self, log_prices: Floats) -> float:
        """Wei of surplus that the best quantities at these prices bring; what the price search climbs."""
        return self.solve(np.exp(log_prices - log_prices.max())).worth

    def solve(
        self,
        prices: Floats,
        excluded: Set[Order] = frozenset(),
        closed: Set[str] = frozenset(),
        *,
        whole: float | None = None,
    ) -> Clearing:
        """The best quantities at ``prices`` without ``excluded`` orders and ``closed`` pools.

        ``whole``: orders that cannot be split, or not below a least fill, are taken so or left, not in parts; each
        token may be off balance by that part of what is traded in it.
        """
        quote, moved = self.quote(prices)
        willing = quote.willing.copy()
        willing[[self._index[order] for order in excluded if order in self._index]] = False
        chosen = np.flatnonzero(willing)
        full, traded = np.where(willing, quote.value, 0.0), np.zeros(len(self.orders))
        flows = [flow for flow in self.flows(prices) if flow.pool.id not in closed]
        parts = self._parts(chosen, flows, quote, moved, prices, whole=whole)
        traded[chosen] = parts[: len(chosen)] * full[chosen]
        pools = {
            flow.pool.id: (self.tokens[flow.into], flow.amount * part)
            for flow, part in zip(flows, parts[len(chosen) :].tolist(), strict=True)
            if part > _USED
        }
        return Clearing(float(quote.worth[chosen] @ parts[: len(chosen)]), traded, full, pools)

    def _parts(
        self, chosen: Ints, flows: Sequence[Flow], quote: Quote, moved: Moved, prices: Floats, *, whole: float | None
    ) -> Floats:
        """Which part of each chosen order and of each pool's flow to take."""
        parts = np.zeros(len(chosen) + len(flows))
        columns = self._columns(chosen, flows, quote, moved, prices) if len(chosen) else None
        if columns is None:
            return parts
        least = np.concatenate([self._least(chosen, quote, prices), np.zeros(len(flows))])
        tight, most = columns.tight()
        # A whole order of which not all can trade is none.
        kept = (most > _TINY) & ((least <= most * (1 + (whole or 0.0))) | (whole is None))
        if kept.any():
            some, reach = tight.some(kept), most[kept]
            found = (
                best_parts(some) if whole is None else whole_parts(some, np.minimum(least[kept] / reach, 1.0), whole)
            )
            parts[kept] = 0.0 if found is None else found * reach
        return parts

    def _least(self, chosen: Ints, quote: Quote, prices: Floats) -> Floats:
        """The least part of its net value that each order may trade; 0 where any part will do."""
        fee = np.where(self.sells, self.fee * prices[self.first_give], 0.0)[chosen]
        value = quote.value[chosen]
        part = ((value + fee) * (self.least[chosen] / self.most[chosen]) - fee) / np.maximum(value, _TINY)
        return np.where(part > _USED, np.minimum(part, 1.0), 0.0)

    def _columns(
        self, chosen: Ints, flows: Sequence[Flow], quote: Quote, moved: Moved, prices: Floats
    ) -> Columns | None:
        """The fill programme; None where the numbers are beyond any."""
        simple, several = chosen[chosen < len(self.singles.fee)], chosen[chosen >= len(self.singles.fee)]
        matrices = [_between(self.singles.want[simple], self.singles.give[simple], len(prices))]
        widths = [quote.value[simple]]
        if len(several):
            rows = several - len(self.singles.fee)
            net = ((moved.received[rows] - moved.given[rows]) * prices).T
            size = np.maximum(np.abs(net).max(axis=0), _TINY)
            matrices.append(csc_array(net / size))
            widths.append(size)
        if flows:
            into, out = np.array([flow.into for flow in flows]), np.array([flow.out for flow in flows])
            matrices.append(_between(into, out, len(prices)))
            widths.append(np.array([flow.amount for flow in flows]) * prices[into])
        width, worth = np.concatenate(widths), np.concatenate([quote.worth[chosen], np.zeros(len(flows))])
        if not (np.isfinite(width).all() and np.isfinite(worth).all()):
            return None
        shared = self.sharing.rows(chosen, self.given(quote, moved), len(width))
        return Columns(worth, csc_array(hstack(matrices)), width, shared)

    def given(self, quote: Quote, moved: Moved) -> Floats:
        """Atoms drawn by each entry of :attr:`sharing`."""
        orders, tokens = self.sharing.order, self.sharing.token
        singles = len(self.singles.fee)
        drawn = quote.given[orders]
        for entry in np.flatnonzero(orders >= singles).tolist():
            row, token = int(orders[entry]) - singles, int(tokens[entry])
            if token != self.baskets.first_give[row]:
                drawn[entry] = moved.given[row, token]
        return drawn


def _between(gets: Ints, pays: Ints, tokens: int) -> csc_array:
    """Columns that move one unit of value from the token ``pays`` to the token ``gets``."""
    count = len(gets)
    data = np.tile([1.0, -1.0], count)
    rows = np.column_stack([gets, pays]).ravel()
    return csc_array((data, rows, 2 * np.arange(count + 1)), shape=(tokens, count))
