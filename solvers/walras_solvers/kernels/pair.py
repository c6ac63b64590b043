"""The best single price of one pair, with or without outside liquidity, and the exact bid at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from walras.wire import PoolSwap

from walras_solvers.kernels.fees import gas_share, worthiest
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.side import Floats, Side

_CANDIDATES = 160
_ZOOMS = 12
_POINTS = 9


class Outside(Protocol):
    """Outside liquidity from one token to another."""

    @property
    def interactions(self) -> int:
        """How many swaps it takes."""
        ...

    @property
    def first_price(self) -> float:
        """What the very first atoms earn: the best price it has."""
        ...

    def capacity(self, price: float) -> float:
        """The input of which the whole earns ``price`` atoms out an atom in."""
        ...

    def out(self, amount: float) -> float:
        """What ``amount`` earns, for searching."""
        ...

    def swaps(self, amount: int) -> tuple[PoolSwap, ...]:
        """The exact swaps, in the order in which they run."""
        ...

    def tokens(self, price_out: float) -> dict[str, float]:
        """Rough prices of the tokens it passes through, where the one it ends in has ``price_out``."""
        ...


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of a pair and the liquidity beside it. A price is ``quote`` atoms a ``base`` atom."""

    market: Market
    base: str
    quote: str
    asks: Side  # give base, want quote
    bids: Side  # give quote, want base
    selling: Outside | None = None  # base into quote
    buying: Outside | None = None  # quote into base

    @classmethod
    def of(cls, market: Market, base: str, quote: str, asks: Sequence[Order], bids: Sequence[Order]) -> Pair:
        """The pair without outside liquidity."""
        return cls(market, base, quote, Side.of(asks, market, base, quote), Side.of(bids, market, quote, base))

    def without(self, orders: set[Order]) -> Pair:
        """The pair with some orders left out."""
        asks = [order for order in self.asks.orders if order not in orders]
        bids = [order for order in self.bids.orders if order not in orders]
        fresh = Pair.of(self.market, self.base, self.quote, asks, bids)
        return replace(fresh, selling=self.selling, buying=self.buying)

    def worthiest(self, found: Matched) -> Pair:
        """The pair with only as many of the orders that trade there as the gas limit allows, if those are too many."""
        routes = [route.interactions for route in (self.selling, self.buying) if route]
        most = self.market.most_fills(max(routes, default=0))
        if found.fills <= most:
            return self
        sides = ((self.asks, found.price, found.asks), (self.bids, 1 / found.price, found.bids))
        ranked = [
            (worth, net * (side.give_value or side.want_value * price), order)
            for side, price, nets in sides
            for worth, net, order in zip(side.worth(price, nets).tolist(), nets.tolist(), side.orders, strict=True)
        ]
        return self.without({order for _, _, order in ranked} - worthiest(ranked, most))

    def with_fees(self, fills: int, price: float) -> Pair:
        """The pair where everyone pays the gas of a solution of ``fills`` fills."""
        routes = (self.selling, self.buying)
        share = gas_share(self.market, max(fills, 1), max((route.interactions for route in routes if route), default=0))
        return replace(self, asks=self.asks.with_fees(share, price), bids=self.bids.with_fees(share, 1 / price))


@dataclass(frozen=True, slots=True)
class Matched:
    """Net atoms each order gives at ``price``, and what goes through the outside from base (+) or quote (-)."""

    price: float
    asks: Floats
    bids: Floats
    worth: float
    volume: float  # wei at reference prices that both sides give

    @property
    def fills(self) -> int:
        return int(np.count_nonzero(self.asks) + np.count_nonzero(self.bids))


def match(pair: Pair, price: float) -> Matched:
    """Fill the short side, ration the long side by priority; the outside takes what it can earn the price for."""
    asks, bids = pair.asks.net(price), pair.bids.net(1 / price)
    supply, demand = float(asks.sum()) * price, float(bids.sum())
    if supply > demand:
        more = pair.selling.capacity(price) if pair.selling else 0.0
        asks = pair.asks.ration(price, demand / price + more, 0.0 if pair.selling else demand)
        if float(asks.sum()) * price < demand:
            bids = pair.bids.ration(1 / price, float(asks.sum()) * price, 0.0)
    else:
        more = pair.buying.capacity(1 / price) if pair.buying else 0.0
        bids = pair.bids.ration(1 / price, supply + more, 0.0 if pair.buying else supply / price)
        if float(bids.sum()) < supply:
            asks = pair.asks.ration(price, float(bids.sum()) / price, 0.0)
    worth = pair.asks.worth(price, asks).clip(0).sum() + pair.bids.worth(1 / price, bids).clip(0).sum()
    volume = float(asks.sum()) * pair.asks.give_value + float(bids.sum()) * pair.bids.give_value
    return Matched(price, asks, bids, float(worth), volume)


def candidate_prices(pair: Pair) -> list[float]:
    """Prices worth trying: where an order starts to gain, the middles between, and the outside's own."""
    low, high = pair.asks.breakeven(), 1 / pair.bids.breakeven()
    found = np.concatenate([low, high])
    edges = []
    if pair.selling:
        edges.append(pair.selling.first_price)
    if pair.buying:
        edges.append(1 / pair.buying.first_price)
    bottom = min([*low.tolist(), *edges], default=0.0)
    top = max([*high.tolist(), *edges], default=0.0)
    found = np.unique(np.concatenate([found, np.array(edges, dtype=float)]))
    found = found[(found >= bottom) & (found <= top) & np.isfinite(found) & (found > 0)]
    if len(found) > _CANDIDATES:
        found = found[np.linspace(0, len(found) - 1, _CANDIDATES).astype(int)]
    middles = np.sqrt(found[1:] * found[:-1])
    return sorted({*found.tolist(), *middles.tolist()})


def best_matches(pair: Pair) -> list[Matched]:
    """The best few prices by surplus after fees: all candidates first, then closer and closer around the best."""
    prices = candidate_prices(pair)
    if not prices:
        return []
    tried = {price: match(pair, price) for price in prices}
    for _ in range(_ZOOMS):
        ordered = sorted(tried)
        for best in _ranked(tried.values())[:2]:
            index = ordered.index(best.price)
            ends = ordered[max(index - 1, 0)], ordered[min(index + 1, len(ordered) - 1)]
            for price in np.linspace(*ends, _POINTS).tolist():
                if price not in tried:
                    tried[price] = match(pair, price)
    return [found for found in _ranked(tried.values()) if found.worth > 0]


def _ranked(matches: Iterable[Matched]) -> list[Matched]:
    """Most surplus first; between equals, as a lone buyer and seller are at any price, most volume first."""
    found = list(matches)
    top = max((one.worth for one in found), default=0.0) or 1.0
    return sorted(found, key=lambda one: (-round(one.worth / top, 9), -one.volume, one.price))
