"""What a fill pays and gets, in exact integers: the one arithmetic of solvers, house and contract (DESIGN §5).

A solution names one integer price a token. A fill names its intent, the executed amount of the fixed side's
first leg, a fee in atoms of its first give, and which moving legs are rounded up. Everything else follows.
The contract's ``FillMath`` computes the same numbers; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from walras.atoms import ROUNDING_FLOOR, U128_MAX, U256_MAX, ceil_div, divide, floor_div
from walras.intent import NATIVE, Intent, Kind, Leg, bound_at
from walras.rejections import Reason, Rejection


@dataclass(frozen=True, slots=True)
class Amounts:
    """Executed atoms a leg, in the intent's leg order. The fee is part of ``gives[0]``."""

    gives: tuple[int, ...]
    wants: tuple[int, ...]


def priced_token(token: str, wrapped_native: str) -> str:
    """The token whose price a leg trades at: the native coin trades as its wrapped token."""
    return wrapped_native if token == NATIVE else token


def fill_amounts(
    intent: Intent, executed: int, fee: int, round_up: int, prices: Mapping[str, int], wrapped_native: str
) -> Amounts:
    """The amounts of one fill at ``prices`` (token → positive integer).

    Raises :class:`Rejection` naming the rule that the fill breaks.
    """
    gives_at = [_price(prices, leg, wrapped_native) for leg in intent.gives]
    wants_at = [_price(prices, leg, wrapped_native) for leg in intent.wants]
    if executed <= 0 or executed > intent.full_amount:
        raise Rejection(Reason.OVERFILL if executed > 0 else Reason.ZERO_LEG, "executed", "outside 1..the full amount")
    if fee < 0:
        raise Rejection(Reason.BAD_FEE, "fee", "a fee is not negative")
    if not 0 <= round_up < 1 << len(intent.moving_side):
        raise Rejection(Reason.BAD_ROUNDING, "roundUp", "a bit beyond the moving legs is set")
    if intent.kind is Kind.SELL:
        amounts = _sell(intent, executed, fee, round_up, gives_at, wants_at)
    else:
        amounts = _buy(intent, executed, fee, round_up, gives_at, wants_at)
    if min(amounts.gives) <= 0 or min(amounts.wants) <= 0:
        raise Rejection(Reason.ZERO_LEG, "executed", "the fill is so small that a leg is zero")
    if max(amounts.gives) > U128_MAX or max(amounts.wants) > U128_MAX:
        raise Rejection(Reason.AMOUNT_OVERFLOW, "executed", "an executed amount is above 2^128-1")
    if fee >= amounts.gives[0]:
        raise Rejection(Reason.BAD_FEE, "fee", "the fee is not smaller than the first give")
    return amounts


def _sell(intent: Intent, executed: int, fee: int, round_up: int, gives_at: list[int], wants_at: list[int]) -> Amounts:
    full = intent.full_amount
    gives = tuple(floor_div(executed * leg.start, full) for leg in intent.gives)
    value = _word(sum(g * p for g, p in zip(gives, gives_at, strict=True))) - fee * gives_at[0]
    if value <= 0:
        raise Rejection(Reason.BAD_FEE, "fee", "the fee is worth what the fill gives, or more")
    wants = _share(value, intent.wants, wants_at, round_up, against_up=False)
    return Amounts(gives, wants)


def _buy(intent: Intent, executed: int, fee: int, round_up: int, gives_at: list[int], wants_at: list[int]) -> Amounts:
    full = intent.full_amount
    wants = tuple(ceil_div(executed * leg.start, full) for leg in intent.wants)
    value = sum(w * p for w, p in zip(wants, wants_at, strict=True)) + fee * gives_at[0]
    return Amounts(_share(_word(value), intent.gives, gives_at, round_up, against_up=True), wants)


def _share(value: int, legs: tuple[Leg, ...], prices: list[int], round_up: int, *, against_up: bool) -> tuple[int, ...]:
    """Spread ``value`` over ``legs`` by one factor of their ``end`` bounds, each rounded as its bit says."""
    basis = sum(leg.end * price for leg, price in zip(legs, prices, strict=True))
    if len(legs) > 1:
        _word(basis)
    amounts = []
    for index, leg in enumerate(legs):
        numerator, denominator = (value, prices[0]) if len(legs) == 1 else (leg.end * value, basis)
        up = bool(round_up >> index & 1)
        amount = divide(numerator, denominator, up=up)
        if numerator % denominator and up is against_up and amount < ROUNDING_FLOOR:
            raise Rejection(
                Reason.ROUNDING_AGAINST_TRADER,
                "roundUp",
                f"leg {index} of {amount} atoms is rounded against its trader",
            )
        amounts.append(amount)
    return tuple(amounts)


def _word(value: int) -> int:
    """``value``, which the contract holds in a word: only baskets of extreme amounts and prices exceed it."""
    if value > U256_MAX:
        raise Rejection(Reason.AMOUNT_OVERFLOW, "prices", "the value of a side is above 2^256-1")
    return value


def _price(prices: Mapping[str, int], leg: Leg, wrapped_native: str) -> int:
    token = priced_token(leg.token, wrapped_native)
    if token not in prices:
        raise Rejection(Reason.MISSING_PRICE, "prices", f"token {token} has no price")
    price = prices[token]
    if not 1 <= price <= U128_MAX:
        raise Rejection(Reason.BAD_PRICE, "prices", f"the price of {token} is outside 1..2^128-1")
    return price


def limits(intent: Intent, executed: int, time: int) -> tuple[int, ...]:
    """The signed limits of the moving legs for a fill of ``executed`` at ``time``.

    Least wants of a sell (rounded up), greatest gives of a buy (rounded down): both for the trader, so that
    splitting a fill never takes more than was signed.
    """
    full = intent.full_amount
    if intent.kind is Kind.SELL:
        return tuple(ceil_div(executed * bound_at(leg, intent, time, give=False), full) for leg in intent.wants)
    return tuple(floor_div(executed * bound_at(leg, intent, time, give=True), full) for leg in intent.gives)


def check_limits(intent: Intent, executed: int, amounts: Amounts, time: int) -> None:
    """Raise :class:`Rejection` unless ``amounts`` obey the signed limits at ``time``.

    Bounds only relax as time passes, so the earliest moment the settlement can land is the strictest.
    """
    for index, bound in enumerate(limits(intent, executed, time)):
        if intent.kind is Kind.SELL and amounts.wants[index] < bound:
            raise Rejection(
                Reason.LIMIT_VIOLATED, f"wants[{index}]", f"{amounts.wants[index]} atoms, signed at least {bound}"
            )
        if intent.kind is Kind.BUY and amounts.gives[index] > bound:
            raise Rejection(
                Reason.LIMIT_VIOLATED, f"gives[{index}]", f"{amounts.gives[index]} atoms, signed at most {bound}"
            )
