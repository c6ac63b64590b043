"""One pair with the pools behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from walras.wire import AnyPool

from walras_solvers.kernels.assemble import Bid
from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.exact import best_bid
from walras_solvers.kernels.flow_router import DEEP, Router
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.pair import Pair
from walras_solvers.kernels.routes import Route, depth, route

#: The pools that were routed over last, and their router: all pairs of a market share it.
_last: list[tuple[Mapping[str, AnyPool], Router]] = []


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
    selling = _route(market, asks, base, quote, width) if asks else None
    buying = _route(market, bids, quote, base, width) if bids else None
    if selling is None and buying is None:
        return None
    return best_bid(replace(pair, selling=selling, buying=buying), deadline)


def _route(market: Market, orders: Sequence[Order], start: str, end: str, width: int) -> Route | None:
    """The route over the ``width`` paths that carry most of what the orders can give."""
    router = router_of(market.liquidity)
    most = min(depth(router, start), float(sum(order.give_bounds[0] for order in orders)))
    return route(router, start, end, most, width) if most >= 1 else None


def router_of(pools: Mapping[str, AnyPool]) -> Router:
    """The router over ``pools``, the same one as long as they are the same."""
    if not _last or _last[0][0] is not pools:
        _last[:] = [(pools, Router(pools, DEEP))]
    return _last[0][1]
