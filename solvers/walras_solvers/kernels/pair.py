"""The best single price of one pair, with or without outside liquidity, and the exact bid at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from walras.wire import PoolSwap

from walras_solvers.kernels.assemble import Bid, assemble
from walras_solvers.kernels.balance import scale_prices
from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.fees import gas_share
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.side import Floats, Side

_CANDIDATES = 160
_ZOOMS = 4
_POINTS = 9
_TRIALS = 6
_REPAIRS = 25
_MARGIN = 1e-6
_NUDGES = (0.0, 1e-13, -1e-13, 1e-11, -1e-11, 1e-9, -1e-9, 1e-7, -1e-7)


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

    @property
    def fills(self) -> int:
        return int(np.count_nonzero(self.asks) + np.count_nonzero(self.bids))


def match(pair: Pair, price: float) -> Matched:
    """Fill the short side, ration the long side by priority; the outside takes what it can earn the price for."""
    asks, bids = pair.asks.net(price), pair.bids.net(1 / price)
    supply, demand = float(asks.sum()) * price, float(bids.sum())
    if supply > demand:
        more = pair.selling.capacity(price) if pair.selling else 0.0
        asks = pair.asks.ration(price, demand / price + more)
    else:
        more = pair.buying.capacity(1 / price) if pair.buying else 0.0
        bids = pair.bids.ration(1 / price, supply + more)
    worth = pair.asks.worth(price, asks).clip(0).sum() + pair.bids.worth(1 / price, bids).clip(0).sum()
    return Matched(price, asks, bids, float(worth))


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
        for best in sorted(tried.values(), key=lambda found: (-found.worth, found.price))[:2]:
            index = ordered.index(best.price)
            ends = ordered[max(index - 1, 0)], ordered[min(index + 1, len(ordered) - 1)]
            for price in np.linspace(*ends, _POINTS).tolist():
                if price not in tried:
                    tried[price] = match(pair, price)
    found = sorted(tried.values(), key=lambda found: (-found.worth, found.price))
    return [one for one in found if one.worth > 0]


def best_bid(pair: Pair, deadline: Deadline) -> Bid | None:
    """The exact bid of the pair with the highest score that the search finds."""
    price = _middle(pair)
    if price is None:
        return None
    fills = max(1, len(pair.asks.orders) + len(pair.bids.orders))
    matches: list[Matched] = []
    # Fees depend on how many fills share the gas, and who fills depends on the fees: twice is enough to settle.
    for _ in range(3):
        pair = pair.with_fees(fills, price)
        matches = best_matches(pair)
        if not matches or matches[0].fills == fills:
            break
        fills, price = matches[0].fills, matches[0].price
    best: Bid | None = None
    for found in _spread(matches):
        if best is not None and deadline.passed:
            break
        bid = exact_bid(pair, found.price)
        if bid is not None and (best is None or bid.score > best.score):
            best = bid
    return best


def _middle(pair: Pair) -> float | None:
    prices = candidate_prices(pair)
    return prices[len(prices) // 2] if prices else None


def _spread(matches: Sequence[Matched]) -> list[Matched]:
    """A few of the best that differ in more than the last digits."""
    chosen: list[Matched] = []
    for found in matches:
        if all(abs(found.price / other.price - 1) > 1e-6 for other in chosen):
            chosen.append(found)
        if len(chosen) == _TRIALS:
            break
    return chosen


def exact_bid(pair: Pair, price: float) -> Bid | None:
    """The bid at (nearly) ``price``, with orders that cannot be filled there left out one after the other."""
    current = pair
    for _ in range(_REPAIRS):
        asks, bids = allot(current, price)
        fills = executed(current.asks, asks, price) + executed(current.bids, bids, 1 / price)
        if not fills:
            return None
        result = _assembled(current, fills, price)
        if isinstance(result, Bid):
            return result
        if not result:
            return None
        current = current.without(set(result))
        current = current.with_fees(max(len(fills) - len(result), 1), price)
    return None


def _assembled(pair: Pair, fills: list[tuple[Order, int]], price: float) -> Bid | tuple[Order, ...]:
    """A bid, or the orders that stand in its way."""
    blocked: tuple[Order, ...] = ()
    for nudge in _NUDGES:
        swaps, prices = _outside_swaps(pair, fills, price, nudge)
        result = assemble(pair.market, fills, swaps, scale_prices(prices))
        if isinstance(result, Bid):
            return result
        blocked = blocked or result.orders
        if not swaps:
            break
    return blocked


def _outside_swaps(
    pair: Pair, fills: Sequence[tuple[Order, int]], price: float, nudge: float
) -> tuple[tuple[PoolSwap, ...], dict[str, float]]:
    """What is left of one side, through the outside, at the input where everyone gets the average price.

    Also rough prices of all tokens that are touched.
    """
    ends = {pair.base: price, pair.quote: 1.0}
    share = gas_share(
        pair.market, len(fills), max((r.interactions for r in (pair.selling, pair.buying) if r), default=0)
    )
    asks, bids = pair.asks.with_fees(share, price), pair.bids.with_fees(share, 1 / price)
    fees = dict(zip(asks.orders, asks.fee.tolist(), strict=True)) | dict(
        zip(bids.orders, bids.fee.tolist(), strict=True)
    )
    base = quote = 0.0
    for order, amount in fills:
        net = float(amount) - (fees[order] if order.sells else 0.0)
        gives_base = order.gives[0] == pair.base
        if order.sells is gives_base:
            base += net if order.sells else -net
        else:
            quote += net if order.sells else -net
    for outside, own, other, rate, price_out in (
        (pair.selling, base, quote, price, 1.0),
        (pair.buying, quote, base, 1 / price, price),
    ):
        excess = own - other / rate
        if outside is not None and excess > 0:
            amount = int(_balancing_input(outside, own, other, excess) * (1 - nudge))
            swaps = outside.swaps(amount) if amount > 0 else ()
            return swaps, {**outside.tokens(price_out), **ends} if swaps else ends
    return (), ends


def _balancing_input(outside: Outside, own: float, other: float, guess: float) -> float:
    """The input q with out(q)/q · (own − q) = other: the rest of ``own`` trades with ``other`` at the same price."""

    def excess(amount: float) -> float:
        return outside.out(amount) / amount * (own - amount) - other

    low, high = guess * 1e-3, guess * 2
    if excess(low) < 0:
        return 0.0
    while excess(high) > 0 and high < guess * 1e6:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return low


def allot(pair: Pair, price: float) -> tuple[Floats, Floats]:
    """Net atoms of each order under its own fill rule: whole orders are not split, no fill is below its least."""
    asks, bids = pair.asks.net(price), pair.bids.net(1 / price)
    ask_cap = bid_cap = np.inf
    for _ in range(8):
        asks = _take(pair.asks, price, ask_cap, float(bids.sum()), pair.selling is None)
        bids = _take(pair.bids, 1 / price, bid_cap, float(asks.sum()), pair.buying is None)
        supply, demand = float(asks.sum()) * price, float(bids.sum())
        if supply > demand:
            more = pair.selling.capacity(price) if pair.selling else 0.0
            excess, ask_cap = supply - demand, demand / price + more
            if excess <= more * price + 1e-12 * supply:
                break
        else:
            more = pair.buying.capacity(1 / price) if pair.buying else 0.0
            excess, bid_cap = demand - supply, supply + more
            if excess <= more + 1e-12 * demand:
                break
    return asks, bids


def _take(side: Side, price: float, cap: float, other: float, stretch: bool) -> Floats:
    """Net atoms by priority up to ``cap``; orders that cannot be split so far are passed over.

    ``stretch``: such an order may exceed ``cap`` if it still gains at the price that then shares out ``other``.
    """
    net, taken, total = side.net(price), np.zeros(len(side.orders)), 0.0
    floors = np.where(side.sells, side.least - side.fee, side.least / price)
    for index in np.flatnonzero(net).tolist():
        amount = min(float(net[index]), cap - total)
        if amount <= 0:
            break
        if amount < net[index] and (amount < floors[index] or side.gain_of(index, price, amount) < 0):
            amount = float(floors[index])
            resulting = other / max(total + amount, 1e-300)
            if (
                not stretch
                or not 0 < amount <= net[index]
                or side.gain_of(index, resulting * (1 - _MARGIN), amount) < 0
            ):
                continue
        taken[index] = amount
        total += amount
    return taken


def executed(side: Side, net: Floats, price: float) -> list[tuple[Order, int]]:
    """(order, executed) of everything that trades, as integers."""
    fills = []
    for index in np.flatnonzero(net).tolist():
        order, allotted, amount = side.orders[index], side.allotted[index], float(net[index])
        exact = amount + float(side.fee[index]) if side.sells[index] else amount * price
        full = exact >= float(side.most[index]) * (1 - 1e-12)
        fills.append((order, allotted if full else min(max(int(exact), order.least), allotted)))
    return fills
