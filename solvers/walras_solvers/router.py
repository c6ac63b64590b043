"""Best execution through the pools: each pair trades its two directions against each other and routes the rest.

Everyone in a pair gets one price. What both directions can exchange directly costs no pool fee; only the difference
goes out, over as many pools and paths as pay for their gas. Pairs that gain by it, or by the gas that they share, go
into one solution besides. Pairs that no pool can serve are left to others.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np
from walras.wire import Batch, Solution

from walras_solvers.kernels.assemble import Bid
from walras_solvers.kernels.deadline import Clock, Deadline
from walras_solvers.kernels.market import Market
from walras_solvers.kernels.routed import routed_bid
from walras_solvers.kernels.routes import MAX_PATHS
from walras_solvers.kernels.united import united
from walras_solvers.kernels.warm import warm_up

#: How many paths a route may split over, in the order in which they are tried.
_WIDTHS = (MAX_PATHS, 1, 2, 3)
#: How many unions of pairs are tried.
_UNIONS = 64


class RouterSolver:
    """One solution a pair, one for many together, and with time left others over fewer pools, which clash with less."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock

    def warm_up(self) -> None:
        """Compile the kernels, or find them compiled, before the first round."""
        warm_up(self)

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """The best routes by score, at most ``batch.max_solutions``."""
        deadline = Deadline.after(self._clock, batch.deadline_ms)
        market = Market.of(batch)
        with np.errstate(all="ignore"):
            found = _by_pair(market, deadline)
            first = sorted((bids[0] for bids in found), key=_rank)
            together = _together(market, first, deadline)
        spare = sorted((bid for bids in found for bid in bids[1:]), key=_rank)
        # A bid of several pairs may take the place of the least of the spare ones, never of a pair's best.
        chosen = (first + together + spare)[: max(batch.max_solutions, 0)]
        return [bid.solution(number) for number, bid in enumerate(chosen)]


def _rank(bid: Bid) -> tuple[int, str]:
    return -bid.score, bid.fills[0].uid


def _together(market: Market, bids: Sequence[Bid], deadline: Deadline) -> list[Bid]:
    """One bid of as many pairs as can be united, best first, without loss to any of them; none if there are not two."""
    group, waiting, best = list(bids[:1]), list(bids[1:]), list[Bid]()
    tried = 0
    for _ in range(_UNIONS):
        if tried == len(waiting) or deadline.passed:
            break
        bid = waiting[tried]
        made = united(market, [*group, bid])
        if made is None or (best and made.score <= best[0].score):
            tried += 1
            continue
        # Who would have lost something before may gain now.
        group, best, tried = [*group, bid], [made], 0
        waiting.remove(bid)
    return best


def _by_pair(market: Market, deadline: Deadline) -> list[list[Bid]]:
    """Bids of each pair, best first, no two with the same pools."""
    books = market.by_pair()
    routed: dict[tuple[str, str], dict[tuple[str, ...], Bid]] = {}
    pairs = sorted({(min(key), max(key)) for key in books})
    for width in _WIDTHS:
        for base, quote in pairs:
            if deadline.passed:
                break
            asks, bids = books.get((base, quote), []), books.get((quote, base), [])
            bid = routed_bid(market, base, quote, asks, bids, width, deadline)
            if bid is not None:
                pools = tuple(sorted(swap.pool for swap in bid.swaps))
                known = routed.setdefault((base, quote), {})
                if pools not in known or known[pools].score < bid.score:
                    known[pools] = bid
    return [sorted(known.values(), key=_rank) for known in routed.values()]
