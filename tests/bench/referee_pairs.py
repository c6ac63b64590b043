"""The best that matching each pair by itself can reach on a recorded batch: exact at every price that can be the best.

At a price π (quote atoms a base atom) the shorter side is filled and the longer side greedily, the lowest limits first:
what a balance allows is a nested bound, for which greedy is optimal. Between two limits the willing orders stay the
same, and the surplus is linear in π where the asks are shorter and in 1/π where the bids are; its corners lie where the
shorter side's total uses up another order of the longer side. So one of the limits and corners is the best price.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .referee_book import Book, Floats, Indexes

_ATOM = 1e18


@dataclass(frozen=True, slots=True)
class Side:
    """Orders of one direction, the lowest limit first: the limit, and what each adds to what can be given in all."""

    orders: Indexes
    limit: Floats
    adds: Floats
    total: Floats  # cumulative ``adds``


@dataclass(frozen=True, slots=True)
class PairBest:
    """One pair's best: its price, surplus in whole reference tokens at recorded prices, and what orders give."""

    base: int
    quote: int
    price: float
    surplus: float
    given: tuple[tuple[int, float], ...]


def best_pairs(book: Book, funds: Floats) -> list[PairBest]:
    """The best of every pair for itself, the greatest surplus first; each may use all of ``funds``."""
    found = []
    for base in range(len(book.tokens)):
        for quote in range(base + 1, len(book.tokens)):
            asks, bids = (_side(book, funds, *ends) for ends in ((base, quote), (quote, base)))
            if len(asks.orders) and len(bids.orders):
                found.append(_best(book, base, quote, asks, bids))
    return sorted((one for one in found if one.surplus > 0), key=lambda one: -one.surplus)


def pair_by_pair(book: Book) -> list[PairBest]:
    """A matching of every pair that balances can pay for: the best pair first, the next from what it leaves, so on."""
    funds, done, chosen = book.funds.copy(), set[tuple[int, int]](), []
    while True:
        left = [one for one in best_pairs(book, funds) if (one.base, one.quote) not in done]
        if not left:
            return chosen
        chosen.append(left[0])
        done.add((left[0].base, left[0].quote))
        for order, given in left[0].given:
            funds[book.purse[order]] = max(funds[book.purse[order]] - given, 0.0)


def _side(book: Book, funds: Floats, give: int, want: int) -> Side:
    orders = np.flatnonzero((book.give == give) & (book.want == want))
    orders = orders[np.argsort(book.limit[orders], kind="stable")]
    left, adds = funds.copy(), np.zeros(len(orders))
    for rank, order in enumerate(orders):
        adds[rank] = min(book.most[order], left[book.purse[order]])
        left[book.purse[order]] -= adds[rank]
    orders, adds = orders[adds > 0], adds[adds > 0]
    return Side(orders, book.limit[orders], adds, np.cumsum(adds))


def _best(book: Book, base: int, quote: int, asks: Side, bids: Side) -> PairBest:
    worth = {price: _surplus(book, base, quote, asks, bids, price) for price in _prices(asks, bids)}
    price = max(worth, key=lambda one: (worth[one], one), default=1.0)
    given = (*_given(asks, bids, price), *_given(bids, asks, 1 / price))
    return PairBest(base, quote, price, worth.get(price, 0.0) / _ATOM, given)


def _prices(asks: Side, bids: Side) -> Iterator[float]:
    """Every limit at which both sides are willing, and every corner between."""
    low, high = float(asks.limit[0]), float(1 / bids.limit[0])
    limits = np.unique(np.concatenate([asks.limit, 1 / bids.limit]))
    limits = limits[(limits >= low) & (limits <= high)]
    yield from limits.tolist()
    for start, end in pairwise(limits.tolist()):
        middle = (start + end) / 2
        offered = asks.total[asks.limit <= middle]
        bidden = bids.total[bids.limit <= 1 / middle]
        corners = np.concatenate([bidden / offered[-1], bidden[-1] / offered])
        yield from corners[(corners > start) & (corners < end)].tolist()


def _surplus(book: Book, base: int, quote: int, asks: Side, bids: Side, price: float) -> float:
    ours = sum(book.recorded[quote] * given * (price - book.limit[i]) for i, given in _given(asks, bids, price))
    theirs = sum(
        book.recorded[base] * given * (1 / price - book.limit[i]) for i, given in _given(bids, asks, 1 / price)
    )
    return float(ours + theirs)


def _given(side: Side, other: Side, price: float) -> Iterator[tuple[int, float]]:
    """(order, atoms given) of the willing orders of ``side`` at ``price``, up to what ``other`` can pay for."""
    near = 1e-15 * price  # a price that was computed from a limit is on its willing side
    willing, paying = side.limit <= price + near, other.limit <= 1 / price + 1e-15 / price
    if not (willing.any() and paying.any()):
        return
    left = float(other.total[paying][-1]) / price
    for order, adds in zip(side.orders[willing].tolist(), side.adds[willing].tolist(), strict=True):
        if left <= 0:
            return
        yield order, min(adds, left)
        left -= adds


def starts(book: Book) -> list[Floats]:
    """Log prices to search from: the greatest tree of pairs, each at its own best price, and the single best pairs.

    Pairs along a tree do not constrain each other (Kruskal, the greatest surplus first); other ratios are as recorded.
    """
    found = best_pairs(book, book.funds)
    recorded = np.log(book.recorded)
    tree, group = recorded.copy(), np.arange(len(recorded))
    singles = []
    for one in found:
        for base, moved in ((True, one.base), (False, one.quote)):
            prices = recorded.copy()
            miss = np.log(one.price) - (prices[one.base] - prices[one.quote])
            prices[moved] += miss if base else -miss
            singles.append(prices)
        if group[one.base] != group[one.quote]:
            joined = group == group[one.base]
            tree[joined] += np.log(one.price) - (tree[one.base] - tree[one.quote])
            group[joined] = group[one.quote]
    return [tree, *singles[:3]]
