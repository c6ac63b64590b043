"""Hypothesis strategies: well-formed intents of every shape, and the price vectors and fills that go with them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from walras.atoms import U128_MAX
from walras.digest import Domain
from walras.intent import EPOCH_SHIFT, NO_TERMS, ZERO_ADDRESS, FillRule, Intent, Kind, Leg

WRAPPED = "0x" + "ee" * 19 + "01"
OWNER = "0x" + "0a" * 20
DOMAIN = Domain(31337, "0x" + "5e" * 20)
NOW = 1_800_000_000


def token(number: int) -> str:
    return f"0x{number + 1:040x}"


#: Amounts of every size, with the edges over-represented.
amounts = st.one_of(
    st.integers(1, 10),
    st.integers(1, 10**7),
    st.integers(1, 10**30),
    st.sampled_from([1, 10**6 - 1, 10**6, 10**18, 2**64, 2**127]),
)
prices = st.one_of(st.integers(1, 100), st.integers(1, 10**24), st.sampled_from([1, 10**18, 2**64]))


@dataclass(frozen=True)
class Case:
    """An intent, a fill of it, a price vector and a moment."""

    intent: Intent
    executed: int
    fee: int
    round_up: int
    prices: dict[str, int]
    time: int


@st.composite
def intents(draw: st.DrawFn, most_legs: int = 3, dutch: bool = True) -> Intent:
    """A well-formed intent: sell or buy, whole or partial, one leg a side or several, still or moving."""
    kind, rule = draw(st.sampled_from(Kind)), draw(st.sampled_from(FillRule))
    counts = draw(st.tuples(st.integers(1, most_legs), st.integers(1, most_legs)))
    moves = dutch and draw(st.booleans())
    number = 0
    sides: list[tuple[Leg, ...]] = []
    for give, count in zip((True, False), counts, strict=True):
        fixed = give is (kind is Kind.SELL)
        legs = []
        for _ in range(count):
            end = draw(amounts)
            start = end
            if moves and not fixed:
                start = draw(st.integers(1, end)) if give else draw(st.integers(end, min(4 * end, U128_MAX)))
            legs.append(Leg(token(number), start, end))
            number += 1
        sides.append(tuple(legs))
    moving = sides[1] if kind is Kind.SELL else sides[0]
    really = any(leg.moves for leg in moving)
    full = (sides[0] if kind is Kind.SELL else sides[1])[0].start
    return Intent(
        owner=OWNER,
        receiver=draw(st.sampled_from([ZERO_ADDRESS, "0x" + "0b" * 20])),
        gives=sides[0],
        wants=sides[1],
        kind=kind,
        fill=rule,
        min_fill=full if rule is FillRule.WHOLE else draw(st.integers(1, full)),
        valid_from=NOW if really else 0,
        decay_to=NOW + 1_000 if really else 0,
        valid_to=NOW + 2_000,
        nonce=draw(st.integers(0, 2**64)) | draw(st.integers(0, 3)) << EPOCH_SHIFT,
        terms=NO_TERMS,
    )


@st.composite
def cases(draw: st.DrawFn, most_legs: int = 3) -> Case:
    """A fill whose price vector gives the limits a chance: near the intent's own rate, or anything."""
    intent = draw(intents(most_legs))
    full = intent.full_amount
    executed = draw(st.one_of(st.just(full), st.integers(1, full)))
    vector = {leg.token: draw(prices) for leg in intent.gives + intent.wants}
    if draw(st.booleans()):
        # Prices at which each leg is worth about the same, so that many fills lie near their limits.
        worth = draw(st.integers(10**20, 10**30)) * 10**8
        for leg in intent.gives + intent.wants:
            tilt = draw(st.integers(900, 1_100)) if leg in intent.moving_side else 1_000
            vector[leg.token] = min(max(worth * tilt // (1_000 * leg.end), 1), U128_MAX)
    fee = draw(st.one_of(st.just(0), st.integers(0, intent.gives[0].end)))
    legs = len(intent.moving_side)
    round_up = draw(st.integers(0, 2**legs - 1))
    return Case(intent, executed, fee, round_up, vector, NOW + draw(st.integers(-10, 1_500)))
