"""One pair with the pools behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from walras_solvers.kernels.assemble import Bid
from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.exact import best_bid
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.pair import Pair
from walras_solvers.kernels.routes import Path, Route, depth, find_paths, without_circles


def routed_bid(
    market: Market,
    base: str,
    quote: str,
    asks: Sequence[Order],
    bids: Sequence[Order],
    width: int,
    deadline: Deadline,
) -> Bid | None:
    """The pair's best bid with routes of at most ``width`` paths either way; None if no pool can serve it."""
    pair = Pair.of(market, base, quote, asks, bids)
    selling = _route(market, base, quote, width) if asks else None
    buying = _route(market, quote, base, width) if bids else None
    if selling is None and buying is None:
        return None
    return best_bid(replace(pair, selling=selling, buying=buying), deadline)


def _route(market: Market, start: str, end: str, width: int) -> Route | None:
    """The route over the ``width`` paths that carry most when many are used."""
    paths = without_circles(find_paths(market.pools, start, end))
    if not paths:
        return None
    most = depth(market.pools, start)
    route = Route(market.pools, paths, most)
    if width >= len(paths):
        return route
    ranked: list[tuple[float, Path]] = sorted(
        zip(route.shares, paths, strict=True), key=lambda item: (-item[0], [hop.pool for hop in item[1]])
    )
    return Route(market.pools, [path for _, path in ranked[:width]], most)
