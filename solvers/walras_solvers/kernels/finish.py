"""From prices of many tokens to an exact bid: solve for quantities, drop what cannot be filled so, repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from walras.atoms import floor_div

from walras_solvers.kernels.assemble import Bid, assemble
from walras_solvers.kernels.balance import scale_prices
from walras_solvers.kernels.market import Market, Order
from walras_solvers.kernels.outside import circles_of
from walras_solvers.kernels.pools import bought
from walras_solvers.kernels.program import Clearing, Floats, Program
from walras_solvers.kernels.settle import settled, spared
from walras_solvers.kernels.swaps import fixed_amounts, swaps_of

_REPAIRS = 40
_NUDGES = (0.0, 1e-12, 1e-9, 1e-6, 1e-4)
_DUST = 1e-9
#: How much may be missing of an order that cannot be split, for it to be filled: a little, and a lot.
CLOSE, FAR = 1e-5, 0.3


@dataclass(frozen=True, slots=True)
class Finished:
    """The bid, if one was found, and what had to be left out first: orders with what they could have executed."""

    bid: Bid | None
    dropped: Mapping[Order, int]


def finish(
    program: Program,
    log_prices: Floats,
    closed: frozenset[str] = frozenset(),
    rounding: float = CLOSE,
    *,
    whole: float | None = None,
) -> Finished:
    """The bid at (nearly) these prices. Orders that cannot be filled so are dropped, the least filled ones first.

    An order that cannot be split counts as filled if at most ``rounding`` of it is missing; the prices move to fit.
    ``whole``: a mixed-integer programme decides which of them to take, instead of dropping those of which the linear
    one takes a part; it may leave each token off balance by that part, which the prices then move to fit, too.
    """
    start, excluded = np.exp(log_prices - log_prices.max()), set[Order]()
    first: dict[Order, int] = {}
    for _ in range(_REPAIRS):
        prices, through = start, None
        if len(program.outside.edges):
            found = program.solve(start, excluded, closed)
            there = spared(program, settled(program, start, found), found)
            prices, through = there.prices, there.through
        clearing = program.solve(prices, excluded, closed, whole=whole, through=through)
        fills, unfit = _fills(program, clearing, prices, rounding)
        if not unfit:
            if not fills:
                break
            circles = circles_of(clearing.pools, dict(zip(program.tokens, prices.tolist(), strict=True)))
            if circles:
                closed |= circles
                continue
            result = _assembled(program, fills, clearing, prices)
            if isinstance(result, Bid):
                return Finished(result, first)
            sizes = dict(fills)
            unfit = {order: sizes[order] for order in result or _dearest(fills, prices, program)}
            if len(unfit) == len(fills):
                break
        first = first or unfit
        excluded |= set(unfit)
    return Finished(None, first)


def _fills(
    program: Program, clearing: Clearing, prices: Floats, rounding: float
) -> tuple[list[tuple[Order, int]], dict[Order, int]]:
    """(order, executed) of what trades, and the worst of those that cannot trade so little, with 0."""
    fills, unfit = [], []
    seen: dict[tuple[str, int], float] = {}
    left: dict[tuple[str, str], int] = {}
    for index in np.flatnonzero(clearing.traded).tolist():
        order, part = program.orders[index], float(clearing.traded[index] / clearing.full[index])
        missing = rounding if order.least == order.most else _DUST
        executed = order.most
        if part < 1 - missing:
            executed = _executed(program, index, part, float(clearing.full[index]), prices)
        executed = min(executed, _fundable(program.market, order, executed, left))
        if part < _DUST or executed < order.least or order.alternative in seen:
            unfit.append((part, order.sequence, order))
            continue
        seen[order.alternative] = part
        for token, atoms in zip(order.gives, order.most_given(executed), strict=True) if order.sells else ():
            left[order.intent.owner, token] = (
                left.get((order.intent.owner, token), program.market.funds[order.intent.owner, token]) - atoms
            )
        fills.append((order, executed))
    unfit.sort(key=lambda item: item[:2])
    return fills, {order: 0 for _, _, order in unfit[: -(-len(unfit) // 3)]}


def _dearest(fills: Sequence[tuple[Order, int]], prices: Floats, program: Program) -> list[Order]:
    """The orders of the token whose atoms are worth most, if the others could do without: it is hardest to balance."""
    worth = dict(zip(program.tokens, prices.tolist(), strict=True))
    named = {token for order, _ in fills for token in (*order.gives, *order.wants)}
    dearest = max(sorted(named), key=lambda token: worth[token])
    return [order for order, _ in fills if dearest in (*order.gives, *order.wants)]


def _fundable(market: Market, order: Order, executed: int, left: Mapping[tuple[str, str], int]) -> int:
    """What a sell may execute of ``executed`` after the owner's sells before it: to the programme funds are floats."""
    if not order.sells:
        return executed
    full, owner = order.intent.full_amount, order.intent.owner
    return min(
        floor_div(left.get((owner, token), market.funds[owner, token]) * full, bound)
        for token, bound in zip(order.gives, order.give_bounds, strict=True)
    )


def _executed(program: Program, index: int, part: float, full: float, prices: Floats) -> int:
    """Atoms of the fixed side's first leg when ``part`` of the order's net value trades."""
    order = program.orders[index]
    fee = float(program.fee[index] * prices[program.first_give[index]]) if program.sells[index] else 0.0
    return min(int(float(order.most) * (part * full + fee) / (full + fee)), order.most)


def _assembled(
    program: Program, fills: Sequence[tuple[Order, int]], clearing: Clearing, prices: Floats
) -> Bid | tuple[Order, ...]:
    """A bid, or the orders that stand in its way."""
    market = program.market
    blocked: tuple[Order, ...] = ()
    brought = frozenset(token for order, _ in fills for token in (*order.gives, *order.wants))
    held = fixed_amounts(program, fills)
    for nudge in _NUDGES:
        swaps = swaps_of(market.liquidity, clearing.pools, 1 - nudge, held, brought)
        named = {token for step in swaps for token in (step.token_in, bought(market.liquidity, step))}
        named |= brought
        at = {token: float(price) for token, price in zip(program.tokens, prices, strict=True) if token in named}
        result = assemble(market, fills, swaps, scale_prices(at))
        if isinstance(result, Bid):
            return result
        blocked = blocked or result.orders
        if blocked or not swaps:
            break
    return blocked
