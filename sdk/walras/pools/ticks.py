"""Prices of ticks: sqrt(1.0001^tick) as Q64.96, as concentrated-liquidity pools compute it.

Source: Uniswap v3 whitepaper, section 6.1. The contracts multiply Q128 powers of 1/sqrt(1.0001), rounding down each
time; :data:`_POWERS` are those powers, derived here and proven against the official bytecode by the tests.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

MIN_TICK, MAX_TICK = -887_272, 887_272
_Q128 = 2**128


def _powers() -> tuple[int, ...]:
    """1.0001^(−2^i/2) for i in 0..19, as Q128 rounded to the nearest."""
    with localcontext() as context:
        context.prec = 120
        base = 1 / Decimal("1.0001").sqrt()
        powers = []
        for _ in range(20):
            powers.append(int((base * _Q128).to_integral_value(ROUND_HALF_UP)))
            base *= base
    return tuple(powers)


_POWERS = _powers()


@lru_cache(maxsize=65_536)
def sqrt_price_at(tick: int) -> int:
    """The Q64.96 square root of the price at ``tick``, rounded up. Raises ValueError outside the range of ticks."""
    if not MIN_TICK <= tick <= MAX_TICK:
        raise ValueError(f"tick {tick} is out of range")
    ratio = _Q128
    for i, power in enumerate(_POWERS):
        if abs(tick) >> i & 1:
            ratio = ratio * power >> 128
    if tick > 0:
        ratio = (2**256 - 1) // ratio
    return -(-ratio >> 32)


MIN_SQRT_PRICE, MAX_SQRT_PRICE = sqrt_price_at(MIN_TICK), sqrt_price_at(MAX_TICK)
