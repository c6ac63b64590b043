"""From a pair's best prices to its exact bid: whole orders, least fills, and what goes through the outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
from walras.wire import PoolSwap

from walras_solvers.kernels.assemble import Bid, assemble
from walras_solvers.kernels.balance import scale_prices
from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.fees import gas_share
from walras_solvers.kernels.market import Order
from walras_solvers.kernels.pair import Matched, Outside, Pair, best_matches, candidate_prices
from walras_solvers.kernels.side import Floats, Side

_TRIALS = 6
_REPAIRS = 25
_BLOCKING = 6
_NEAR = 1e-5
#: The part of an order that may be missing for it to be filled to the last atom; the price moves by as much to fit.
_MISSING = (2e-8, 1e-12)
#: By which part the input of the outside may miss its exact balance, tried in this order.
_NUDGES = (1e-12, -1e-12, 1e-9, -1e-9, 1e-6)


def best_bid(pair: Pair, deadline: Deadline) -> Bid | None:
    """The exact bid of the pair with the highest score that the search finds.

    Where priority leads nowhere, because a better order that cannot be split fits no counterparty, it is tried
    without one of those.
    """
    best = _searched(pair, deadline)
    if best is not None or deadline.passed:
        return best
    sides = zip_longest(
        *([order for order in side.orders if order.least == order.most] for side in (pair.asks, pair.bids))
    )
    blocking = [order for both in sides for order in both if order is not None][:_BLOCKING]
    found = [bid for order in blocking if (bid := _searched(pair.without({order}), deadline)) is not None]
    return max(found, key=lambda bid: bid.score, default=None)


def _searched(pair: Pair, deadline: Deadline) -> Bid | None:
    """Search prices, then try the best few exactly."""
    price = _middle(pair)
    if price is None:
        return None
    fills = max(1, len(pair.asks.orders) + len(pair.bids.orders))
    matches: list[Matched] = []
    # Fees depend on how many fills share the gas, and who fills depends on the fees: twice is enough to settle.
    for _ in range(3):
        pair = pair.with_fees(fills, price)
        matches = best_matches(pair)
        if not matches:
            return None
        whole, pair = pair, pair.worthiest(matches[0])
        if pair is whole and matches[0].fills == fills:
            break
        fills, price = matches[0].fills, matches[0].price
    best: Bid | None = None
    for found in _spread(matches):
        # What the search promises is nearly an upper bound of what the exact bid keeps.
        if best is not None and (deadline.passed or best.score >= found.worth * (1 - _NEAR)):
            break
        bid = exact_bid(pair, found.price)
        if bid is not None and bid.fits(pair.market) and (best is None or bid.score > best.score):
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
        blocked: tuple[Order, ...] = ()
        for missing in _MISSING:
            fills = executed(current.asks, asks, price, missing) + executed(current.bids, bids, 1 / price, missing)
            if not fills:
                return None
            result = _assembled(current, fills, price)
            if isinstance(result, Bid):
                return result
            blocked = result
        if not blocked:
            return None
        current = current.without(set(blocked))
        current = current.with_fees(max(len(fills) - len(blocked), 1), price)
    return None


def _assembled(pair: Pair, fills: list[tuple[Order, int]], price: float) -> Bid | tuple[Order, ...]:
    """A bid, or the orders that stand in its way."""
    blocked: tuple[Order, ...] = ()
    for swaps, prices in _outside_swaps(pair, fills, price):
        result = assemble(pair.market, fills, swaps, scale_prices(prices))
        if isinstance(result, Bid):
            return result
        blocked = blocked or result.orders
    return blocked


def _outside_swaps(
    pair: Pair, fills: Sequence[tuple[Order, int]], price: float
) -> Iterator[tuple[tuple[PoolSwap, ...], dict[str, float]]]:
    """What is left of one side, through the outside, and rough prices of all tokens that are touched.

    The first try is the input where everyone gets the average price. As atoms are not divisible a little more or less
    may be needed.
    """
    ends = {pair.base: price, pair.quote: 1.0}
    base, quote = _unmatched(pair, fills, price)
    for outside, own, other, rate, price_out in (
        (pair.selling, base, quote, price, 1.0),
        (pair.buying, quote, base, 1 / price, price),
    ):
        excess = own - other / rate
        if outside is not None and excess > 0:
            amount = _balancing_input(outside, own, other, excess)
            tries = [int(amount), int(amount) + 1, *(int(amount * (1 - nudge)) for nudge in _NUDGES)]
            for size in dict.fromkeys(size for size in tries if size > 0):
                swaps = outside.swaps(size)
                yield swaps, {**outside.tokens(price_out), **ends} if swaps else ends
            return
    yield (), ends


def _unmatched(pair: Pair, fills: Sequence[tuple[Order, int]], price: float) -> tuple[float, float]:
    """What sells bring less what buys take, fees excepted, of base and of quote: fixed amounts, whatever the price."""
    routes = [route.interactions for route in (pair.selling, pair.buying) if route]
    share = gas_share(pair.market, len(fills), max(routes, default=0))
    asks, bids = pair.asks.with_fees(share, price), pair.bids.with_fees(share, 1 / price)
    base = quote = 0.0
    for order, amount in fills:
        gives_base = order.gives[0] == pair.base
        fee = (asks if gives_base else bids).fee[0] if order.sells else 0.0
        net = float(amount) - float(fee) if order.sells else -float(amount)
        if order.sells is gives_base:
            base += net
        else:
            quote += net
    return base, quote


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
        asks = _take(pair.asks, price, ask_cap, 0.0 if pair.selling else float(bids.sum()))
        bids = _take(pair.bids, 1 / price, bid_cap, 0.0 if pair.buying else float(asks.sum()))
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


def _take(side: Side, price: float, cap: float, other: float) -> Floats:
    """Net atoms by priority up to ``cap``; orders that cannot be split so far are passed over, or stretch it."""
    net, taken, total = side.net(price), np.zeros(len(side.orders)), 0.0
    for index in np.flatnonzero(net).tolist():
        amount = min(float(net[index]), cap - total)
        if amount <= 0:
            break
        if amount < net[index] and not side.divides(index, price, amount):
            amount = side.least_net(index, price)
            if not side.stretches(index, amount, total, other):
                continue
        taken[index] = amount
        total += amount
    return taken


def executed(side: Side, net: Floats, price: float, missing: float) -> list[tuple[Order, int]]:
    """(order, executed) of everything that trades, as integers."""
    fills = []
    for index in np.flatnonzero(net).tolist():
        order, allotted, amount = side.orders[index], side.allotted[index], float(net[index])
        exact = amount + float(side.fee[index]) if side.sells[index] else amount * price
        full = exact >= float(side.most[index]) * (1 - missing)
        fills.append((order, allotted if full else min(max(int(exact), order.least), allotted)))
    return fills
