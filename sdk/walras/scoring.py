"""What a fill is worth to its trader, in wei of the native coin (DESIGN §5, *Score*)."""

from __future__ import annotations

from collections.abc import Mapping

from walras.amounts import Amounts, limits, priced_token
from walras.intent import Intent, Kind, Leg

PRICE_UNIT = 10**18


def surplus_atoms(intent: Intent, executed: int, amounts: Amounts, time: int) -> tuple[int, ...]:
    """Atoms beyond the signed limit on each moving leg: more wants of a sell, less gives of a buy."""
    bounds = limits(intent, executed, time)
    if intent.kind is Kind.SELL:
        return tuple(got - least for got, least in zip(amounts.wants, bounds, strict=True))
    return tuple(most - paid for paid, most in zip(amounts.gives, bounds, strict=True))


def surplus_value(
    intent: Intent, executed: int, amounts: Amounts, time: int, prices: Mapping[str, int], wrapped_native: str
) -> int:
    """The fill's surplus in wei, rounded down. ``prices`` are reference prices: wei per 10^18 atoms.

    Surplus in a token without a reference price counts as converted, at the fill's own rate, into the priced
    legs of the other side, and never for more than those are worth.
    """
    value = 0
    unpriced: list[tuple[int, int]] = []
    moved = amounts.wants if intent.kind is Kind.SELL else amounts.gives
    for leg, amount, surplus in zip(
        intent.moving_side, moved, surplus_atoms(intent, executed, amounts, time), strict=True
    ):
        price = prices.get(priced_token(leg.token, wrapped_native))
        if price is None:
            unpriced.append((surplus, amount))
        else:
            value += surplus * price
    if unpriced:
        other = _side_value(intent.fixed_side, amounts, intent, prices, wrapped_native)
        # A surplus of s on an executed amount a is s/a of the trade; the leg with the least share speaks for all.
        share, whole = min(unpriced, key=lambda pair: pair[0] * 10**18 // pair[1])
        value += min(other, other * share // whole)
    return value // PRICE_UNIT


def _side_value(
    legs: tuple[Leg, ...], amounts: Amounts, intent: Intent, prices: Mapping[str, int], wrapped_native: str
) -> int:
    side = amounts.gives if intent.kind is Kind.SELL else amounts.wants
    return sum(
        amount * prices.get(priced_token(leg.token, wrapped_native), 0) for leg, amount in zip(legs, side, strict=True)
    )
