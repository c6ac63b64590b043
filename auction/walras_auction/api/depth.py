"""The book of a pair: open intents summed up by limit price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from walras.amounts import priced_token
from walras.answers import Book, Level
from walras.atoms import ceil_div, floor_div
from walras.intent import Intent, Kind, bound_at

from walras_auction.ports import StoredIntent

#: Prices are shown with twelve significant digits, rounded half to even; intents at equal ones share a level.
_SHOWN = Context(prec=12, rounding=ROUND_HALF_EVEN)


def book(
    give: str,
    want: str,
    intents: Iterable[StoredIntent],
    time: int,
    decimals: Mapping[str, int],
    wrapped_native: str,
    levels: int,
) -> Book:
    """The depth of (``give``, ``want``) at Unix second ``time``, at most ``levels`` a side."""
    unit = (
        Fraction(10 ** decimals.get(give, 0), 10 ** decimals.get(want, 0))
        if {give, want} <= decimals.keys()
        else Fraction(1)
    )
    asks: dict[Fraction, list[int]] = {}
    bids: dict[Fraction, list[int]] = {}
    for stored in intents:
        pair = _pair(stored.intent, wrapped_native)
        if stored.state != "open" or pair not in ((give, want), (want, give)):
            continue
        gives, wants = _left(stored, time)
        if pair == (give, want):
            asks.setdefault(unit * Fraction(wants, gives), []).append(gives)
        else:
            bids.setdefault(unit * Fraction(gives, wants), []).append(wants)
    return Book(
        give=give,
        want=want,
        asks=_levels(sorted(asks.items()), levels),
        bids=_levels(sorted(bids.items(), reverse=True), levels),
    )


def _pair(intent: Intent, wrapped_native: str) -> tuple[str, str] | None:
    if len(intent.gives) != 1 or len(intent.wants) != 1:
        return None
    return intent.gives[0].token, priced_token(intent.wants[0].token, wrapped_native)


def _left(stored: StoredIntent, time: int) -> tuple[int, int]:
    """Atoms still given and still wanted at the limit; the moving side is rounded for the trader, but never to zero."""
    intent, full = stored.intent, stored.intent.full_amount
    if intent.kind is Kind.SELL:
        bound = bound_at(intent.wants[0], intent, time, give=False)
        return stored.remaining, ceil_div(stored.remaining * bound, full)
    bound = bound_at(intent.gives[0], intent, time, give=True)
    return max(1, floor_div(stored.remaining * bound, full)), stored.remaining


def _levels(priced: list[tuple[Fraction, list[int]]], limit: int) -> tuple[Level, ...]:
    merged: dict[str, list[int]] = {}
    for price, amounts in priced:
        merged.setdefault(_decimal(price), []).extend(amounts)
    found, cumulative = [], 0
    for text, amounts in list(merged.items())[:limit]:
        cumulative += sum(amounts)
        found.append(Level(price=text, amount=sum(amounts), cumulative=cumulative, intents=len(amounts)))
    return tuple(found)


def _decimal(price: Fraction) -> str:
    quotient = _SHOWN.divide(Decimal(price.numerator), Decimal(price.denominator))
    return format(_SHOWN.plus(quotient).normalize(_SHOWN), "f")
