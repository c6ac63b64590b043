"""Bids of several pairs as one: each pool is passed once, with what all of them together want of it.

They share the gas of a settlement, and winners must not share pools, so one bid can win where several would clash. What
one pair takes from a pool and another puts in meets before it gets there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from walras.atoms import floor_div
from walras.wire import AnyPool, PoolSwap

from walras_solvers.kernels.assemble import Bid, assemble
from walras_solvers.kernels.balance import scale_prices
from walras_solvers.kernels.fees import fee_atoms, gas_share
from walras_solvers.kernels.market import Market
from walras_solvers.kernels.pools import bought

_TRIALS = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """One pool as the bids together pass it: atoms in of one token, for about so many of another.

    ``met`` if some passed it the other way: what is left may then as well stay with the traders.
    """

    pool: str
    token_in: str
    token_out: str
    amount_in: int
    amount_out: int
    met: bool


def united(market: Market, bids: Sequence[Bid]) -> Bid | None:
    """One bid with the fills of all of ``bids``, which fill different orders; None if none is valid, fits, and gives
    every directed pair as much as its own bid does.
    """
    passages = merged(market.liquidity, [swap for bid in bids for swap in bid.swaps])
    prices = _common_prices(bids)
    if passages is None or prices is None:
        return None
    choices = [passages, [one for one in passages if not one.met]]
    found = (_over(market, bids, chosen, prices) for chosen in choices[: 2 if len(choices[1]) < len(passages) else 1])
    return max((bid for bid in found if bid is not None), key=lambda bid: bid.score, default=None)


def _over(market: Market, bids: Sequence[Bid], passages: Sequence[Passage], prices: Mapping[str, int]) -> Bid | None:
    fills = [(trade.order, trade.executed) for bid in bids for trade in bid.trades]
    share = gas_share(market, len(fills), len(passages))
    fees = [
        (fee_atoms(order, share, market, prices) or 0) + order.shared(order.most_given(executed)[0])
        for order, executed in fills
    ]
    best: Bid | None = None
    for _ in range(_TRIALS):  # what fees leave goes to the pools, and prices change fees where there is no reference
        swaps = _swaps(market, bids, fees, passages)
        made = assemble(market, fills, swaps, prices) if swaps is not None else None
        if not isinstance(made, Bid):
            break
        if made.fits(market) and _fair(made, bids) and (best is None or made.score > best.score):
            best = made
        again = [trade.fee for trade in made.trades]
        if again == fees:
            break
        fees, prices = again, made.prices
    return best


def pair_scores(bid: Bid) -> dict[tuple[str, str], int]:
    """Wei of surplus by directed pair."""
    scores: dict[tuple[str, str], int] = defaultdict(int)
    for trade, worth in zip(bid.trades, bid.worth, strict=True):
        scores[trade.order.gives[0], trade.order.wants[0]] += worth
    return dict(scores)


def _fair(made: Bid, bids: Sequence[Bid]) -> bool:
    scores = pair_scores(made)
    return all(scores[pair] >= score for bid in bids for pair, score in pair_scores(bid).items())


def merged(pools: Mapping[str, AnyPool], swaps: Sequence[PoolSwap]) -> list[Passage] | None:
    """Each pool once, in running order; None if one is passed with different pairs, or the whole runs in a circle."""
    nets: dict[str, dict[str, int]] = {}
    given_to = {(swap.pool, swap.token_in) for swap in swaps}
    for swap in swaps:
        net = nets.setdefault(swap.pool, defaultdict(int))
        net[swap.token_in] += swap.amount_in
        net[bought(pools, swap)] -= swap.amount_out
    passages = []
    for pool, net in nets.items():
        given = [token for token, atoms in net.items() if atoms > 0]
        if len(net) != 2:
            return None
        if len(given) == 1:  # where some of both would go in, they rather meet before the pool
            token = given[0]
            (other,) = set(net) - {token}
            passages.append(Passage(pool, token, other, net[token], -net[other], (pool, other) in given_to))
    return _in_order(passages)


def _in_order(passages: Sequence[Passage]) -> list[Passage] | None:
    before: dict[str, set[str]] = defaultdict(set)
    for one in passages:
        before[one.token_out].add(one.token_in)
    try:
        place = {token: number for number, token in enumerate(TopologicalSorter(before).static_order())}
    except CycleError:
        return None
    return sorted(passages, key=lambda one: (place[one.token_in], one.amount_in, one.pool))


def _common_prices(bids: Sequence[Bid]) -> dict[str, int] | None:
    """One price a token, each bid's brought to the scale of those before it by a token that they share."""
    prices: dict[str, float] = {}
    waiting = list(bids)
    while waiting:
        bid = next((one for one in waiting if not prices or prices.keys() & one.prices.keys()), waiting[0])
        waiting.remove(bid)
        shared = sorted(prices.keys() & bid.prices.keys())
        scale = prices[shared[0]] / bid.prices[shared[0]] if shared else 1.0
        for token, price in bid.prices.items():
            prices.setdefault(token, price * scale)
    return scale_prices(prices) if min(prices.values()) > 0 else None


def _swaps(
    market: Market, bids: Sequence[Bid], fees: Sequence[int], passages: Sequence[Passage]
) -> list[PoolSwap] | None:
    """The exact swaps. A token that nobody wants is used up; of others the pools take their part of what is there."""
    trades = [trade for bid in bids for trade in bid.trades]
    if not all(trade.order.sells for trade in trades):
        return None
    wanted = {trade.order.wants[0] for trade in trades}
    held: dict[str, int] = defaultdict(int)
    planned: dict[str, int] = defaultdict(int)
    for trade, fee in zip(trades, fees, strict=True):
        held[trade.order.gives[0]] += trade.executed - fee
        planned[trade.order.gives[0]] += trade.executed - trade.fee
    for one in passages:
        planned[one.token_out] += one.amount_out
    left: dict[str, int] = defaultdict(int)
    for one in passages:
        left[one.token_in] += one.amount_in
    there: dict[str, int] = {}
    done = []
    for one in passages:
        token = one.token_in
        whole = there.setdefault(token, held[token])
        if token in wanted:
            given = min(floor_div(one.amount_in * whole, max(planned[token], 1)), held[token])
        else:
            given = floor_div(held[token] * one.amount_in, left[token])
        left[token] -= one.amount_in
        pool = market.liquidity[one.pool]
        paid = pool.amount_out(token, given, one.token_out) if given > 0 else 0
        if paid <= 0:
            return None
        named = one.token_out if len(pool.tokens) > 2 else None
        done.append(PoolSwap(pool=one.pool, token_in=token, amount_in=given, amount_out=paid, token_out=named))
        held[token] -= given
        held[one.token_out] += paid
    return done
