"""The clearing program: at given prices, how much of each order and pool to use for the most surplus.

At fixed prices the problem is linear. In units of value every order moves what it gives into what it wants, a pool of
any kind moves value between two of its tokens at its average price, up to the size where that is the tokens' own, and
in each token as much must come in as goes out. Owners' funds and alternatives are further rows. See Walther,
*Multi-token Batch Auctions with Uniform Clearing Prices* (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from copy import copy
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, hstack

from walras_solvers.kernels.baskets import Baskets, Moved
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.outside import (
    PARTS,
    Flow,
    Outside,
    Through,
    Use,
    circles_of,
    columns_of,
    doubled,
    used,
)
from walras_solvers.kernels.quantities import Columns, best_parts, whole_parts
from walras_solvers.kernels.sharing import Sharing
from walras_solvers.kernels.singles import Floats, Ints, Quote, Singles

__all__ = ["Clearing", "Floats", "Program"]

_TINY = 1e-300
_SMALL = 1e-5  # a pool that moves less, beside the middle one of the orders, is not worth a look
_THROUGH = 1e-7  # what a unit of value through a pool counts beside what orders gain from one
_USED = 1e-9  # a pool of whose flow less than this is wanted is left alone


@dataclass(frozen=True, slots=True)
class Clearing:
    """What the program says at some prices: traded value of each order (net of its fee), input atoms of each pool."""

    worth: float  # wei of surplus, fees paid
    traded: Floats
    full: Floats  # traded value if filled as far as possible; 0 where the order would not gain
    parts: Floats
    pools: Mapping[str, Use]
    flows: Sequence[Flow]  # those of ``pools``


class Program:
    """Orders and pools of a market as arrays over ``tokens``; evaluated at many price vectors."""

    def __init__(self, market: Market, tokens: Sequence[str], fees: Mapping[Order, float]) -> None:
        self.market, self.tokens = market, tuple(tokens)
        at = {token: index for index, token in enumerate(tokens)}
        orders = [order for order in market.orders if all(token in at for token in (*order.gives, *order.wants))]
        single = [order for order in orders if order.simple]
        several = [order for order in orders if not order.simple]
        self.orders = (*single, *several)
        self.outside = Outside.of(market.liquidity, at)
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

    def fee_of(self, order: Order) -> float:
        """Atoms of the first give that the order pays for gas, if it is filled as far as can be."""
        return float(self.fee[self._index[order]])

    def narrowed(self, log_prices: Floats) -> Program:
        """The same with one pair of tokens a pool, as is best at these prices, and no pools that trade in a circle.

        The search is quicker then, and does not count on what could not run.
        """
        prices, closed = np.exp(log_prices - log_prices.max()), set[str]()
        while True:
            clearing = self.solve(prices, closed=closed)
            circles = circles_of(clearing.pools, dict(zip(self.tokens, prices.tolist(), strict=True)))
            if not circles:
                break
            closed |= circles
        other = copy(self)
        other.outside = self.outside.narrowed(prices, clearing.flows, closed)
        return other

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

    def flows(self, prices: Floats, quote: Quote | None = None) -> list[Flow]:
        """The pools that beat ``prices``, each with what it takes at their average price.

        Those that hardly move anything beside the orders of ``quote`` are left out.
        """
        sizes = np.zeros(0) if quote is None else quote.value[quote.willing]
        return self.outside.flows(prices, _SMALL * float(np.median(sizes)) if len(sizes) else 0.0)

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
        through: Through | None = None,
    ) -> Clearing:
        """The best quantities at ``prices`` without ``excluded`` orders and ``closed`` pools.

        ``whole``: orders that cannot be split, or not below a least fill, are taken so or left, not in parts; each
        token may be off balance by that part of what is traded in it. ``through``: only these edges of pools, each
        at its average price; otherwise pools may bring more value than they take, which is left over.
        """
        quote, moved = self.quote(prices)
        willing = quote.willing.copy()
        willing[[self._index[order] for order in excluded if order in self._index]] = False
        chosen = np.flatnonzero(willing)
        full, traded = np.where(willing, quote.value, 0.0), np.zeros(len(self.orders))
        flows = self.flows(prices, quote) if through is None else through.flows(self.outside, prices)
        flows = [flow for flow in flows if flow.pool not in closed]
        parts, flows, taken = self._once(chosen, flows, quote, moved, prices, whole, through is not None)
        traded[chosen] = parts * full[chosen]
        pools = {
            flow.pool: Use(self.tokens[flow.into], self.tokens[flow.out], flow.amount * part)
            for flow, part in zip(flows, taken.tolist(), strict=True)
            if part > _USED
        }
        every = np.zeros(len(self.orders))
        every[chosen] = parts
        kept = [flow for flow in flows if flow.pool in pools]
        return Clearing(float(quote.worth[chosen] @ parts), traded, full, every, pools, kept)

    def _once(
        self,
        chosen: Ints,
        flows: list[Flow],
        quote: Quote,
        moved: Moved,
        prices: Floats,
        whole: float | None,
        settled: bool,
    ) -> tuple[Floats, list[Flow], Floats]:
        """(parts of the orders, flows, parts of those), without flows that would pass a pool again."""
        while True:
            parts, taken = self._parts(chosen, flows, quote, moved, prices, whole, settled)
            values = [
                flow.amount * float(prices[flow.into]) * part if part > _USED else 0.0
                for flow, part in zip(flows, taken.tolist(), strict=True)
            ]
            again = doubled(flows, values)
            if not again:
                return parts, flows, taken
            flows = [flow for place, flow in enumerate(flows) if place not in again]

    def _parts(
        self,
        chosen: Ints,
        flows: Sequence[Flow],
        quote: Quote,
        moved: Moved,
        prices: Floats,
        whole: float | None,
        settled: bool,
    ) -> tuple[Floats, Floats]:
        """Which part of each chosen order and of each pool's flow to take."""
        columns = self._columns(chosen, flows, quote, moved, prices, settled) if len(chosen) else None
        if columns is None:
            return np.zeros(len(chosen)), np.zeros(len(flows))
        parts, least = np.zeros(len(columns.worth)), np.zeros(len(columns.worth))
        least[: len(chosen)] = self._least(chosen, quote, prices)
        tight, most = columns.tight()
        # A whole order of which not all can trade is none.
        kept = (most > _TINY) & ((least <= most * (1 + (whole or 0.0))) | (whole is None))
        if kept.any():
            some, reach = tight.some(kept), most[kept]
            found = (
                best_parts(some) if whole is None else whole_parts(some, np.minimum(least[kept] / reach, 1.0), whole)
            )
            parts[kept] = 0.0 if found is None else found * reach
        return parts[: len(chosen)], used(flows, parts[len(chosen) :], 1 if settled else PARTS)

    def _least(self, chosen: Ints, quote: Quote, prices: Floats) -> Floats:
        """The least part of its net value that each order may trade; 0 where any part will do."""
        fee = np.where(self.sells, self.fee * prices[self.first_give], 0.0)[chosen]
        value = quote.value[chosen]
        part = ((value + fee) * (self.least[chosen] / self.most[chosen]) - fee) / np.maximum(value, _TINY)
        return np.where(part > _USED, np.minimum(part, 1.0), 0.0)

    def _columns(
        self, chosen: Ints, flows: Sequence[Flow], quote: Quote, moved: Moved, prices: Floats, settled: bool
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
            matrix, sizes = columns_of(flows, prices, 1 if settled else PARTS)
            matrices.append(matrix)
            widths.append(sizes)
        width = np.concatenate(widths)
        worth = np.concatenate([quote.worth[chosen], np.zeros(len(width) - len(chosen))])
        if settled and flows:  # as much as can be: a part of a pool's amount would earn more than the prices
            flowing = slice(len(chosen), len(chosen) + len(flows))
            worth[flowing] = _THROUGH * worth.sum() / width[: len(chosen)].sum() * width[flowing]
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
