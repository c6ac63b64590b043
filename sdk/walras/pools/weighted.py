"""Weighted pools: the product of balance^weight stays (Martinelli and Mushegian, "Balancer", 2019, sections 2 and 3).

Balances here are scaled to 18 decimals; weights and the power have 18 decimals. A swap moves at most 30 % of a balance.
"""

from __future__ import annotations

from walras.pools.fixed import ONE, div_up, mul_up, power_up

_MOST_RATIO = 3 * ONE // 10


def most_in(balance_in: int) -> int:
    """The largest scaled input that a pool takes in one swap."""
    return balance_in * _MOST_RATIO // ONE


def out_given_in(
    balance_in: int, weight_in: int, balance_out: int, weight_out: int, amount_in: int, plain: bool = False
) -> int | None:
    """Scaled amount out, rounded down: B·(1 − (b/(b+a))^(w/v)); None where the contract reverts."""
    if (
        min(balance_in, balance_out, weight_in, weight_out) <= 0
        or not 0 <= amount_in <= balance_in * _MOST_RATIO // ONE
    ):
        return None
    power = power_up(div_up(balance_in, balance_in + amount_in), weight_in * ONE // weight_out, plain)
    return None if power is None else balance_out * max(ONE - power, 0) // ONE


def in_given_out(
    balance_in: int, weight_in: int, balance_out: int, weight_out: int, amount_out: int, plain: bool = False
) -> int | None:
    """Scaled amount in, rounded up: b·((B/(B−a))^(v/w) − 1); None where the contract reverts."""
    if (
        min(balance_in, balance_out, weight_in, weight_out) <= 0
        or not 0 <= amount_out <= balance_out * _MOST_RATIO // ONE
    ):
        return None
    power = power_up(div_up(balance_out, balance_out - amount_out), div_up(weight_out, weight_in), plain)
    return None if power is None else mul_up(balance_in, power - ONE)
