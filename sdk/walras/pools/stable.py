"""Stable pools: a constant product bent towards a constant sum (Egorov, "StableSwap", 2019), in Balancer's rounding.

Balances are scaled to 18 decimals; ``amplification`` is the contract's, A·1,000. Both Newton iterations stop at a
change of at most one atom, after at most 255 steps, or else the contract reverts.
"""

from __future__ import annotations

from collections.abc import Sequence

_PRECISION = 1_000
_STEPS = 255
#: The most that a pool may have of either.
_MOST_AMPLIFICATION, _MOST_BALANCES = 5_000 * _PRECISION, 8


def invariant(amplification: int, balances: Sequence[int]) -> int | None:
    """D, rounded down; None if it does not converge or the numbers are none of a pool."""
    count, total = len(balances), sum(balances)
    if not 2 <= count <= _MOST_BALANCES or min(balances) <= 0 or not _PRECISION <= amplification <= _MOST_AMPLIFICATION:
        return None
    d, scaled = total, amplification * count
    for _ in range(_STEPS):
        product, before = d, d
        for balance in balances:
            product = product * d // (balance * count)
        top = (scaled * total // _PRECISION + product * count) * d
        d = top // ((scaled - _PRECISION) * d // _PRECISION + (count + 1) * product)
        if abs(d - before) <= 1:
            return d
    return None


def balance_given(amplification: int, balances: Sequence[int], d: int, index: int) -> int | None:
    """The balance at ``index`` that holds ``d``, given all the others; rounded up."""
    count = len(balances)
    scaled, product = amplification * count, balances[0] * count
    for balance in balances[1:]:
        product = product * balance * count // d
    square = d * d
    if not product:
        return None
    c = -(-square // (scaled * product)) * _PRECISION * balances[index]
    # Divided before multiplied, here as in the line above: the contract loses these digits too.
    b = sum(balances) - balances[index] + d // scaled * _PRECISION
    y = -(-(square + c) // (d + b))
    for _ in range(_STEPS):
        slope = 2 * y + b - d
        if slope <= 0:
            return None
        before, y = y, -(-(y * y + c) // slope)
        if abs(y - before) <= 1:
            return y
    return None


def out_given_in(
    amplification: int, balances: Sequence[int], d: int, into: int, out: int, amount_in: int
) -> int | None:
    """Scaled amount out, an atom less than rounded down; None where the contract reverts. ``d`` is the invariant."""
    if amount_in < 0:
        return None
    moved = [balance + amount_in * (place == into) for place, balance in enumerate(balances)]
    rest = balance_given(amplification, moved, d, out)
    return None if rest is None or rest >= balances[out] else balances[out] - rest - 1


def in_given_out(
    amplification: int, balances: Sequence[int], d: int, into: int, out: int, amount_out: int
) -> int | None:
    """Scaled amount in, an atom more than rounded up; None where the contract reverts. ``d`` is the invariant."""
    if not 0 <= amount_out < balances[out]:
        return None
    moved = [balance - amount_out * (place == out) for place, balance in enumerate(balances)]
    rest = balance_given(amplification, moved, d, into)
    return None if rest is None or rest < balances[into] else rest - balances[into] + 1
