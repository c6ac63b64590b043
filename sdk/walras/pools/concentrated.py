"""Swaps through a concentrated-liquidity pool, step by step across its ticks (Uniswap v3 whitepaper, section 6.3).

A step ends at the next initialised tick or at the end of a word of 256 ticks, as in the contract: each step rounds, so
leaving out the empty words would be an atom wrong. Fees are in parts per million of what comes in, rounded up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from walras.pools.prices import after_input, after_output, token0_between, token1_between
from walras.pools.ticks import MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at

PPM = 10**6
_LEAST_LIMIT, _MOST_LIMIT = MIN_SQRT_PRICE + 1, MAX_SQRT_PRICE - 1


@dataclass(frozen=True, slots=True)
class Curve:
    """A pool as one block shows it; ``indices`` ascend and ``nets`` are what liquidity gains going up across each."""

    sqrt_price: int
    tick: int
    liquidity: int
    fee_ppm: int
    spacing: int
    indices: tuple[int, ...]
    nets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a swap moved, and where it left the pool. ``crossed`` counts initialised ticks."""

    paid: int
    got: int
    sqrt_price: int
    liquidity: int
    crossed: int


def problem(curve: Curve) -> str | None:
    """What is impossible about the pool, in one sentence; None if it can be swapped through."""
    if not 0 <= curve.fee_ppm < PPM or not 0 < curve.spacing <= 16_383:
        return "the fee or the tick spacing is out of range"
    if not (MIN_TICK <= curve.tick < MAX_TICK and MIN_SQRT_PRICE <= curve.sqrt_price < MAX_SQRT_PRICE):
        return "the price or the tick is out of range"
    # A price exactly on a tick's upper end belongs to the tick below if the swap came from above.
    if not sqrt_price_at(curve.tick) <= curve.sqrt_price <= sqrt_price_at(curve.tick + 1):
        return "the price is not that of the tick"
    return _ticks_problem(curve) or _liquidity_problem(curve)


def _ticks_problem(curve: Curve) -> str | None:
    for before, index in zip((-(2**23) - 1, *curve.indices), curve.indices, strict=False):
        if index <= before:
            return "the ticks do not ascend"
        if index % curve.spacing or not MIN_TICK <= index <= MAX_TICK:
            return f"tick {index} is no multiple of the spacing, or out of range"
    return None


def _liquidity_problem(curve: Curve) -> str | None:
    total = here = 0
    for index, net in zip(curve.indices, curve.nets, strict=True):
        total += net
        if not 0 <= total < 2**128:
            return f"liquidity above tick {index} is out of range"
        if index <= curve.tick:
            here = total
    if total:
        return "the ticks' liquidity does not add up to zero"
    return None if here == curve.liquidity else "the ticks' liquidity is not that of the pool"


def exact_input(curve: Curve, amount: int, zero_for_one: bool) -> Swapped | None:
    """Give ``amount`` atoms; ``paid`` is less where the pool runs out of liquidity before. None if the pool reverts."""
    return _walk(curve, amount, zero_for_one, True)


def exact_output(curve: Curve, amount: int, zero_for_one: bool) -> Swapped | None:
    """Take ``amount`` atoms; None if the pool reverts or has not as many."""
    swapped = _walk(curve, amount, zero_for_one, False)
    return swapped if swapped and swapped.got == amount else None


def _walk(curve: Curve, amount: int, zero_for_one: bool, exact_in: bool) -> Swapped | None:
    if not 0 < amount < 2**255:
        return None
    price, tick, liquidity, left, other, crossed = curve.sqrt_price, curve.tick, curve.liquidity, amount, 0, 0
    limit = _LEAST_LIMIT if zero_for_one else _MOST_LIMIT
    if (price <= limit) if zero_for_one else (price >= limit):
        return None
    while left and price != limit:
        at, net = _next_tick(curve, tick, zero_for_one, liquidity == 0)
        goal = sqrt_price_at(at)
        end = max(goal, limit) if zero_for_one else min(goal, limit)
        step = _step(price, end, liquidity, left, curve.fee_ppm, exact_in)
        if step is None:
            return None
        price, paid, got = step
        left, other = (left - paid, other + got) if exact_in else (left - got, other + paid)
        if price == goal:
            tick = at - 1 if zero_for_one else at
            if net is not None:
                liquidity += -net if zero_for_one else net
                crossed += 1
    paid, got = (amount - left, other) if exact_in else (other, amount - left)
    return Swapped(paid, got, price, liquidity, crossed)


def _next_tick(curve: Curve, tick: int, zero_for_one: bool, empty: bool) -> tuple[int, int | None]:
    """The tick where the step ends, and its net liquidity if it is initialised; clipped to the range of ticks.

    Without liquidity nothing moves and nothing is rounded, so there the words in between are left out.
    """
    word, indices = tick // curve.spacing, curve.indices
    if zero_for_one:
        end = MIN_TICK if empty else max((word & ~255) * curve.spacing, MIN_TICK)
        place = bisect_right(indices, tick) - 1
        found = place >= 0 and indices[place] >= end
    else:
        end = MAX_TICK if empty else min(((word + 1) | 255) * curve.spacing, MAX_TICK)
        place = bisect_left(indices, tick + 1)
        found = place < len(indices) and indices[place] <= end
    return (indices[place], curve.nets[place]) if found else (end, None)


def _step(price: int, end: int, liquidity: int, left: int, fee_ppm: int, exact_in: bool) -> tuple[int, int, int] | None:
    """(price, paid with the fee, got) of one step towards ``end``; None if the contract reverts."""
    if not liquidity:
        return end, 0, 0
    down = end <= price
    pays, gets = (token0_between, token1_between) if down else (token1_between, token0_between)
    kept = left * (PPM - fee_ppm) // PPM
    reaches = kept >= pays(price, end, liquidity, True) if exact_in else left >= gets(price, end, liquidity, False)
    if reaches:
        after: int | None = end
    else:
        after = (after_input if exact_in else after_output)(price, liquidity, kept if exact_in else left, down)
    if after is None:
        return None
    paid, got = pays(price, after, liquidity, True), gets(price, after, liquidity, False)
    if exact_in and after != end:
        return after, left, got
    fee = -(-paid * fee_ppm // (PPM - fee_ppm))
    return after, paid + fee, got if exact_in else min(got, left)
