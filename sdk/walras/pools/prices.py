"""Amounts and prices inside one range of constant liquidity (Uniswap v3 whitepaper, section 6.2.3).

Prices are square roots as Q64.96, liquidity is L of the whitepaper. What a trader pays is rounded up, what they get
down, and a price moves less far than the exact one where that is safer for the pool; None where it reverts.
"""

from __future__ import annotations

Q96 = 2**96
_U256, _U160 = 2**256, 2**160


def ceil_div(top: int, bottom: int) -> int:
    """The quotient rounded up."""
    return -(-top // bottom)


def token0_between(one: int, other: int, liquidity: int, up: bool) -> int:
    """Atoms of token 0 between two square-root prices, L·(√b−√a)/(√a·√b), rounded in two steps as the contract does."""
    low, high = min(one, other), max(one, other)
    top = liquidity * Q96 * (high - low)
    return ceil_div(ceil_div(top, high), low) if up else top // high // low


def token1_between(one: int, other: int, liquidity: int, up: bool) -> int:
    """Atoms of token 1 between two square-root prices, L·(√b−√a)."""
    top = liquidity * abs(other - one)
    return ceil_div(top, Q96) if up else top // Q96


def after_input(price: int, liquidity: int, amount: int, zero_for_one: bool) -> int | None:
    """The price after ``amount`` atoms have come in, rounded so that the pool never pays too much."""
    if zero_for_one:
        return _token0_added(price, liquidity, amount)
    price += amount * Q96 // liquidity
    return price if price < _U160 else None


def after_output(price: int, liquidity: int, amount: int, zero_for_one: bool) -> int | None:
    """The price after ``amount`` atoms have gone out, rounded so that the pool is paid enough."""
    if zero_for_one:
        price -= ceil_div(amount * Q96, liquidity)
        return price if price > 0 else None
    product, top = amount * price, liquidity * Q96
    if product >= _U256 or top <= product:
        return None
    price = ceil_div(top * price, top - product)
    return price if price < _U160 else None


def _token0_added(price: int, liquidity: int, amount: int) -> int:
    top, product = liquidity * Q96, amount * price
    if product < _U256 and top + product < _U256:
        return ceil_div(top * price, top + product)
    # The contract leaves the exact fraction where it would overflow, and so does this.
    return ceil_div(top, top // price + amount)
