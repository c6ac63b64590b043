"""Price-time matching, pair by pair: each pair of tokens clears at the one price that is worth most to its traders.

At a price, the short side is filled and the long side rationed: better limits first, equal ones in the order of the
log. The prices tried are those at which an order starts to gain, the middles between them, and then ever closer points
around the best.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
from walras.wire import Batch, Solution

from walras_solvers.kernels.assemble import Bid
from walras_solvers.kernels.deadline import Clock, Deadline
from walras_solvers.kernels.exact import best_bid
from walras_solvers.kernels.market import Market
from walras_solvers.kernels.pair import Pair


class OrderBookSolver:
    """One solution a pair, the best pairs first."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """The pairs with the highest scores, at most ``batch.max_solutions`` of them."""
        deadline = Deadline.after(self._clock, batch.deadline_ms)
        with np.errstate(all="ignore"):
            bids = list(pair_bids(Market.of(batch), deadline))
        bids.sort(key=lambda bid: (-bid.score, bid.fills[0].uid))
        return [bid.solution(number) for number, bid in enumerate(bids[: batch.max_solutions])]


def pair_bids(market: Market, deadline: Deadline) -> Iterable[Bid]:
    """The best bid of each pair that has orders on both sides, the fullest books first."""
    books = market.by_pair()
    pairs = sorted({(min(key), max(key)) for key in books if (key[1], key[0]) in books})
    pairs.sort(key=lambda pair: -len(books[pair]) - len(books[pair[1], pair[0]]))
    for base, quote in pairs:
        if deadline.passed:
            return
        bid = best_bid(Pair.of(market, base, quote, books[base, quote], books[quote, base]), deadline)
        if bid is not None:
            yield bid
