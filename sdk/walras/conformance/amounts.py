"""Traps in the amounts: one atom, 2^255 atoms, few decimals, tokens that nobody has priced."""

from __future__ import annotations

from collections.abc import Iterator

from walras.conformance.case import GAS_PRICE, Case, tokens
from walras.conformance.rules import DEADLINE_MS
from walras.intent import NATIVE, FillRule, Intent
from walras.testing.market import TIME, Market, a_market

_HUGE = 2**255
_U256 = 2**256 - 1


def amount_cases() -> Iterator[Case]:
    """Two orders in atoms a case, mostly."""
    for name, why, market in (*_crossings(), *_extremes(), *_unpriced()):
        yield Case(name, why, market.batch(deadline_ms=DEADLINE_MS))
        if name in ("six-decimals", "two-decimals", "no-decimals", "unpriced-side", "cross-by-one"):
            yield Case(f"{name}-gas", f"{why} Gas is paid.", market.with_gas(GAS_PRICE).batch(deadline_ms=DEADLINE_MS))


def deal(
    market: Market,
    give: str,
    want: str,
    one: tuple[int, int],
    other: tuple[int, int],
    fill: FillRule = FillRule.PARTIAL,
) -> Market:
    """Alice gives ``one[0]`` atoms for ``one[1]``; Bob gives ``other[0]`` atoms of what she wants for ``other[1]``."""
    there, back = market.address(give), market.address(want)
    rows = (("alice", there, one[0], back, one[1]), ("bob", back, other[0], there, other[1]))
    for owner, giving, gives, wanted, wants in rows:
        intent = Intent.sell(
            market.signer(owner).address,
            (giving, gives),
            (wanted, wants),
            valid_to=TIME + 3_600,
            nonce=len(market.intents),
            fill=fill,
        )
        market = market.with_intent(intent)
    return market


def _crossings() -> Iterator[tuple[str, str, Market]]:
    wei, usdc = 10**18, 2_000 * 10**6
    start = tokens()
    yield (
        "cross-by-one",
        "The limits cross by exactly one atom.",
        deal(start, "WETH", "USDC", (wei, usdc), (usdc + 1, wei)),
    )
    yield "touch", "The limits touch: there is nothing to gain.", deal(start, "WETH", "USDC", (wei, usdc), (usdc, wei))
    yield "miss-by-one", "The limits miss by one atom.", deal(start, "WETH", "USDC", (wei, usdc), (usdc - 1, wei))
    yield (
        "cross-by-wei",
        "The limits cross by one atom of 10^18.",
        deal(start, "USDC", "WETH", (usdc, wei), (wei + 1, usdc)),
    )
    yield (
        "cross-whole-by-one",
        "Whole orders cross by one atom.",
        deal(start, "WETH", "USDC", (wei, usdc), (usdc + 1, wei), FillRule.WHOLE),
    )
    yield (
        "cross-odd",
        "Amounts without a common factor cross by a hair.",
        deal(start, "WETH", "DAI", (999_999_999_999_999_989, 1_999 * wei + 7), (2_000 * wei + 13, 10**18 + 3)),
    )


def _extremes() -> Iterator[tuple[str, str, Market]]:
    start = tokens()
    yield "dust", "One atom against one atom.", deal(start, "WETH", "DAI", (1, 1), (1, 1))
    yield "dust-crossed", "A few atoms that cross.", deal(start, "WETH", "DAI", (3, 2), (3, 2))
    yield "dust-large", "One atom against a large order.", deal(start, "WETH", "DAI", (1, 1), (10**21, 10**18))
    yield (
        "below-rounding-floor",
        "Legs below 10^6 atoms.",
        deal(start, "WETH", "DAI", (999_983, 500_009), (999_979, 800_011)),
    )
    yield (
        "two-255",
        "Both orders give 2^255 atoms.",
        deal(start, "WETH", "DAI", (_HUGE, _HUGE - 2), (_HUGE, _HUGE - 2)),
    )
    yield (
        "two-255-small",
        "2^255 atoms against one WETH.",
        deal(start, "WETH", "DAI", (10**18, 10**18), (_HUGE, 10**18)),
    )
    yield "two-256", "Limits of 2^256-1 atoms.", deal(start, "WETH", "DAI", (_U256, _U256), (_U256, 1))
    yield "two-128", "Amounts around 2^128.", deal(start, "WETH", "DAI", (2**128, 2**127), (2**128 + 1, 2**127))
    yield (
        "two-255-whole",
        "A whole order of 2^255 atoms that no fill can hold.",
        deal(start, "WETH", "DAI", (_HUGE, 1), (_HUGE, 1), FillRule.WHOLE),
    )
    yield "ratio", "An atom against 2^120.", deal(start, "WETH", "DAI", (2**120, 1), (2, 2**119))
    six, two = (10**18, 1_900 * 10**6), (2_100 * 10**6, 10**18)
    yield "six-decimals", "A token of six decimals.", deal(start, "WETH", "USDC", six, two)
    yield (
        "two-decimals",
        "A token of two decimals, in which an atom is dear.",
        deal(start, "WETH", "GUSD", (10**18, 190_000), (210_000, 10**18)),
    )
    yield "two-decimals-small", "A cent's worth.", deal(start, "GUSD", "USDC", (1, 9_000), (11_000, 1))
    none = start.with_token("UNIT", decimals=0, price=1)
    yield "no-decimals", "A token of no decimals.", deal(none, "UNIT", "USDC", (1, 1_900 * 10**6), (2_100 * 10**6, 1))
    many = start.with_token("FINE", decimals=36, price=1)
    yield (
        "many-decimals",
        "A token of 36 decimals.",
        deal(many, "FINE", "USDC", (10**36, 1_900 * 10**6), (2_100 * 10**6, 10**36)),
    )
    native = Intent.sell(
        start.signer("alice").address,
        (start.address("USDC"), 2_100 * 10**6),
        (NATIVE, 10**18),
        valid_to=TIME + 3_600,
        nonce=0,
    )
    yield (
        "native",
        "A want of the native coin meets an order that gives its wrapped token.",
        start.with_intent(native).with_sell("bob", ("WETH", 1), ("USDC", 1_900)),
    )


def _unpriced() -> Iterator[tuple[str, str, Market]]:
    start = tokens().with_token("TRASH")
    weth = (10**18, 10**18)
    yield "unpriced-side", "One token has no reference price.", deal(start, "WETH", "JUNK", (10**18, 9 * 10**17), weth)
    yield "unpriced-both", "Neither token has one.", deal(start, "TRASH", "JUNK", (10**18, 9 * 10**17), weth)
    odd = (
        a_market()
        .with_token("WETH", price=1)
        .with_token("DEAR", decimals=0, price=10**24)
        .with_token("FREE", price="0.000000000000000001")
    )
    yield "price-huge", "An atom is worth 10^42 wei.", deal(odd, "WETH", "DEAR", (10**42, 1), (2, 10**42))
    yield "price-tiny", "A whole token is worth one wei.", deal(odd, "FREE", "WETH", (10**36, 10**17), (10**18, 10**36))
