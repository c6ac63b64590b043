"""Uniform-price clearing of all tokens at once: one price vector, rings included, pools as outside liquidity.

A price search (tâtonnement, then direct search on the surplus) calls prices; at each, a linear program says how much of
every order and pool to use. The best prices become an exact bid, and so do its independent parts and its single
pairs, which the house can combine with the bids of others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import mul

import numpy as np
from walras.wire import Batch, Solution

from walras_solvers.kernels.assemble import Bid
from walras_solvers.kernels.balance import scale_prices
from walras_solvers.kernels.deadline import Clock, Deadline
from walras_solvers.kernels.equilibrium import equilibrium
from walras_solvers.kernels.fees import fee_atoms, gas_share, worthiest
from walras_solvers.kernels.finish import FAR, finish
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.outside import on_the_way
from walras_solvers.kernels.pooled import best_start
from walras_solvers.kernels.pools import bought
from walras_solvers.kernels.program import Floats, Program
from walras_solvers.kernels.rings import far_starts, meet_limits, sound_worth
from walras_solvers.kernels.routed import routed_bid
from walras_solvers.kernels.routes import MAX_PATHS
from walras_solvers.kernels.search import FIRST_STEP, climb, starting_prices, tatonnement, tree_prices
from walras_solvers.kernels.settle import worth_settled
from walras_solvers.kernels.smoothed import ascend
from walras_solvers.kernels.warm import warm_up

#: How the time is shared: the search over all tokens first, then the parts.
_JOINT_SHARE = 0.6
#: Until then prices far from the reference are looked at, if a ring of orders promises more there.
_FAR_SHARE = 0.9
#: The first step of the search around them, and how many prices it looks at.
_FAR_STEP, _FAR_LOOKS = 0.001, 60
#: And then, up to this part of it, over what the house's fairness filter would leave of the joint bid.
_FAIR_SHARE = 0.8
_PASSES = 6
#: From this many orders on, prices come from the smooth search alone, and only the whole is offered: the pairs of so
#: large a batch are the order book's business.
_LARGE = 2_000
#: Up to this many orders, every starting point of the search is tried exactly too.
_FEW = 60
#: How many prices the direct search looks at, at most.
_LOOKS = 400
#: The first step of the direct search where pools take part, whose prices are near already.
_NEAR_STEP = 0.003
#: How many points of the smooth search it starts from.
_KEPT = 4
#: How far tokens may be off balance in the choice of orders that cannot be split; prices make up for it.
_SLACKS = (0.0, 0.03)
#: Past this multiple of its time a search that has a bid stops as it is.
_OVERTIME = 1.2


_LOG = logging.getLogger(__name__)


class ClearingSolver:
    """The joint clearing, its independent parts and its pairs, the highest scores first."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock

    def warm_up(self) -> None:
        """Compile the kernels, or find them compiled, before the first round."""
        warm_up(self)

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """At most ``batch.max_solutions`` solutions, no two with the same fills."""
        deadline = Deadline.after(self._clock, batch.deadline_ms)
        bids: list[Bid] = []
        # Whatever the batch holds, the house gets an answer: what was found before something broke is exact by itself.
        try:
            with np.errstate(all="ignore"):
                bids.extend(_bids(Market.of(batch), deadline))
        except Exception:
            _LOG.exception("round %d: the search broke off; %d bids found", batch.round, len(bids))
        if not bids:
            _LOG.info("round %d: no solution: no prices found at which orders of the batch trade", batch.round)
        different: dict[tuple[frozenset[str], frozenset[str]], Bid] = {}
        for bid in sorted(bids, key=lambda bid: (-bid.score, bid.fills[0].uid)):
            content = frozenset(fill.uid for fill in bid.fills), frozenset(step.pool for step in bid.swaps)
            different.setdefault(content, bid)
        chosen = list(different.values())[: batch.max_solutions]
        return [bid.solution(number) for number, bid in enumerate(chosen)]


def _bids(market: Market, deadline: Deadline) -> Iterator[Bid]:
    joint = clear(market, deadline.part(_JOINT_SHARE))
    if joint is not None:
        yield joint
    if len(market.orders) >= _LARGE:
        return
    far = _far(market, joint, deadline.part(_FAR_SHARE))
    if far is not None:
        yield far
    if joint is None:
        return
    fair = _not_undercut(joint, market, deadline)
    if len(fair) < len(market.orders):
        bid = clear(market.only(fair), deadline.part(_FAIR_SHARE))
        if bid is not None:
            yield bid
    parts = _parts(joint, market)
    for part in parts if len(parts) > 1 else []:
        bid = clear(market.only(part), deadline)
        if bid is not None:
            yield bid
    for pair in _pairs(joint, market):
        if deadline.passed:
            return
        bid = clear(market.only(pair), deadline, alone=True)
        if bid is not None:
            yield bid


def _far(market: Market, joint: Bid | None, deadline: Deadline) -> Bid | None:
    """The best bid from orders alone at prices far from the reference ones, where a ring gains more than ``joint``."""
    alone = replace(market, liquidity={})
    tokens = _tokens(alone, alone=True)
    reference = starting_prices(alone, tokens)
    fills, least = (len(joint.fills), float(joint.score)) if joint else (1, 0.0)
    program = _program(alone, tokens, reference, fills, 0)
    worth, best = sound_worth(program), None
    for start, others in far_starts(program, reference, least, deadline):
        met = meet_limits(program, worth, start, others, deadline)
        for place in (met, climb(worth, [met], deadline, _FAR_STEP, _FAR_LOOKS)):
            best = _better(alone, best, finish(program, place).bid)
        if deadline.passed:
            break
    return best


def _not_undercut(joint: Bid, market: Market, deadline: Deadline) -> list[Order]:
    """The orders without those of pairs that pools alone serve better than the joint bid.

    The house drops a bid that gives a directed pair less than the best bid for that pair alone, and a bid through
    pools can be for one direction. Without such pairs the rest of the joint bid stands.
    """
    books, undercut = market.by_pair(), set[tuple[str, str]]()
    gained: dict[tuple[str, str], int] = {}
    for trade, worth in zip(joint.trades, joint.worth, strict=True):
        if trade.order.simple:
            pair = (trade.order.gives[0], trade.order.wants[0])
            gained[pair] = gained.get(pair, 0) + worth
    for (give, want), worth in sorted(gained.items()):
        if (want, give) in gained or len(gained) == 1:
            continue  # whoever matches both directions serves two directed pairs as well
        alone = routed_bid(market, give, want, books[give, want], [], MAX_PATHS, deadline)
        if alone is not None and alone.score > worth:
            undercut.add((give, want))
    return [order for order in market.orders if not order.simple or (order.gives[0], order.wants[0]) not in undercut]


def clear(market: Market, deadline: Deadline, *, alone: bool = False) -> Bid | None:
    """The best exact bid found for a market; ``alone``: without tokens that no order names."""
    tokens = _tokens(market, alone)
    if not tokens:
        return None
    best: Bid | None = None
    reference = starting_prices(market, tokens)
    large = len(market.orders) >= _LARGE
    starts = [reference] if large else [tree_prices(market, tokens, reference), reference]
    fills, swaps, resized, step = max(len(market.orders) // 2, 1), 0, set[str](), FIRST_STEP
    # Who fills depends on the fees, the fees on how many fill, and both on the prices: search again, closer, until
    # nothing has to be left out.
    for number in range(_PASSES):
        program = _program(market, tokens, starts[0], fills, swaps)
        pooled = bool(len(program.outside.edges)) and not large
        if not number:
            if not large:
                best = _better(market, best, finish(program, starts[0]).bid)
                starts += [] if pooled else tatonnement(program, starts[0], deadline)
            bases = starts[1:2] if pooled else starts[:2]
            starts += [point for start in bases for point in ascend(program, start, deadline)][-_KEPT:]
        if pooled:
            if not number:
                starts += equilibrium(program, reference, deadline)
            program, point, exact = best_start(program, starts, deadline)
            best, starts, step = _better(market, best, exact.bid), [point], min(step, _NEAR_STEP)
        if not number and len(market.orders) <= _FEW:
            # The highest price vectors lie where some order only just gains; smoother ones leave room for exact fees.
            for start in starts:
                finished = finish(program, start)
                best = _better(market, best, finished.bid)
                for bid in _bold(program, start, None, deadline) if finished.dropped else ():
                    best = _better(market, best, bid)
        if best is not None and deadline.part(_OVERTIME).passed:
            break
        point = climb(worth_settled(program), starts, deadline, step, 0 if large else _LOOKS)
        crowd = _crowd(program, point)
        if crowd is not None:
            market = market.only(crowd)
            program = _program(market, tokens, point, len(crowd), swaps)
        found, dropped = _leanest(program, point, deadline)
        best = _better(market, best, found)
        if found is not None and not found.fits(market):
            market = market.only(_worthiest(found, market))
        elif (
            deadline.passed
            or (large and found is not None and not market.gas.price)
            or (not dropped and (found is None or (len(found.fills), len(found.swaps)) == (fills, swaps)))
        ):
            break
        else:
            market = market.only(_resized(market, dropped, resized))
        if found is not None:
            fills, swaps = len(found.fills), len(found.swaps)
        starts, step = [point], FIRST_STEP / 10
    return best


def _crowd(program: Program, point: Floats) -> list[Order] | None:
    """The orders worth most, if more would trade at these prices than a solution may fill; else None."""
    prices = np.exp(point - point.max())
    clearing = program.solve(prices)
    trading = np.flatnonzero(clearing.traded)
    most = program.market.most_fills(len(clearing.pools))
    if len(trading) <= most:
        return None
    part = clearing.traded[trading] / clearing.full[trading]
    worth = program.quote(prices)[0].worth[trading] * part
    ranked = list(
        zip(worth.tolist(), clearing.traded[trading].tolist(), (program.orders[i] for i in trading), strict=True)
    )
    kept = worthiest(ranked, most)
    return [order for order in program.market.orders if order in kept]


def _better(market: Market, one: Bid | None, other: Bid | None) -> Bid | None:
    """The bid with the higher score of those within the gas limit."""
    fitting = [bid for bid in (one, other) if bid is not None and bid.fits(market)]
    return max(fitting, key=lambda bid: bid.score, default=None)


def _worthiest(bid: Bid, market: Market) -> list[Order]:
    """As many orders of the bid as the gas limit allows: those with the most surplus and value."""
    ranked = [
        (
            float(worth),
            float(sum(map(mul, moved.gives, (bid.prices[token] for token in trade.order.gives)))),
            trade.order,
        )
        for worth, moved, trade in zip(bid.worth, bid.amounts, bid.trades, strict=True)
    ]
    kept = worthiest(ranked, market.most_fills(len(bid.swaps)))
    return [order for order in market.orders if order in kept]


def _resized(market: Market, dropped: Mapping[Order, int], resized: set[str]) -> Iterator[Order]:
    """The orders, with those cut down, once, that could not pay their fee from a part; the other dropped ones left out.

    As a smaller whole, such an order counts its fee in full, and the search finds prices at which that pays.
    """
    for order in market.orders:
        if order not in dropped:
            yield order
        elif order.least <= dropped[order] < order.most and order.uid not in resized:
            resized.add(order.uid)
            yield replace(order, most=dropped[order])


def _leanest(program: Program, point: Floats, deadline: Deadline) -> tuple[Bid | None, Mapping[Order, int]]:
    """The bid at these prices without pools that cost more gas than they bring, and what was dropped for it."""
    finished = finish(program, point)
    best, closed = finished.bid, frozenset[str]()
    if finished.dropped:
        best = max(_bold(program, point, finished.bid, deadline), key=lambda bid: bid.score, default=None)
    while best is not None and best.swaps and program.market.gas.price and not deadline.passed:
        used = {step.pool for step in best.swaps}
        without = [finish(program, point, closed | {pool}).bid for pool in sorted(used)]
        better = max((bid for bid in without if bid is not None), key=lambda bid: bid.score, default=None)
        if better is None or better.score <= best.score:
            break
        closed |= used - {step.pool for step in better.swaps}
        best = better
    return best, finished.dropped


def _bold(program: Program, point: Floats, found: Bid | None, deadline: Deadline) -> Iterator[Bid]:
    """The bid that was found, and others for markets with orders that cannot be split."""
    others = [found, finish(program, point, rounding=FAR).bid]
    for slack in _SLACKS if len(program.orders) < _LARGE else ():
        if not deadline.passed:
            others.append(finish(program, point, rounding=FAR, whole=slack).bid)
    yield from (bid for bid in others if bid is not None)


def _tokens(market: Market, alone: bool) -> list[str]:
    """Tokens of the orders, and those that at least two pools could carry value through."""
    tokens = {token for order in market.orders for token in (*order.gives, *order.wants)}
    if tokens and not alone:
        tokens |= on_the_way(market.liquidity, tokens)
    return sorted(tokens)


def _program(market: Market, tokens: Sequence[str], log_prices: Floats, fills: int, swaps: int) -> Program:
    """The program with everyone paying the gas of a solution of that size; who cannot pay is left out."""
    share = gas_share(market, fills, swaps)
    named = dict(zip(tokens, np.exp(log_prices - log_prices.max()).tolist(), strict=True))
    prices = scale_prices(named)
    fees: dict[Order, float] = {}
    for order in market.orders:
        fee = fee_atoms(order, share, market, prices)
        if fee is not None:
            fees[order] = float(fee + order.shared(order.most_given(order.most)[0]))
    return Program(market.only(fees), tokens, fees)


def _parts(bid: Bid, market: Market) -> list[list[Order]]:
    """The bid's orders by independent part: parts share no token, neither in fills nor in swaps."""
    parent: dict[str, str] = {}

    def root(token: str) -> str:
        while parent.setdefault(token, token) != token:
            token = parent[token]
        return token

    for trade in bid.trades:
        for token in (*trade.order.gives, *trade.order.wants):
            parent[root(token)] = root(trade.order.gives[0])
    for step in bid.swaps:
        parent[root(bought(market.liquidity, step))] = root(step.token_in)
    parts: dict[str, list[Order]] = {}
    for trade in bid.trades:
        parts.setdefault(root(trade.order.gives[0]), []).append(trade.order)
    return [parts[key] for key in sorted(parts)]


def _pairs(bid: Bid, market: Market) -> list[list[Order]]:
    """All orders of each pair that the bid trades in, if it trades in several; the most traded pairs first."""
    books = market.by_pair()
    counts: dict[tuple[str, str], int] = {}
    for trade in bid.trades:
        if trade.order.simple:
            one, other = sorted((trade.order.gives[0], trade.order.wants[0]))
            counts[one, other] = counts.get((one, other), 0) + 1
    if len(counts) < 2:
        return []
    ordered = sorted(counts, key=lambda pair: (-counts[pair], pair))
    return [books.get(pair, []) + books.get((pair[1], pair[0]), []) for pair in ordered]
