"""Random signed messages, some of them at the edges of their types. They need not make sense as trades."""

from __future__ import annotations

import random

from walras.intent import MAX_LEGS, NATIVE, NO_TERMS, U48_MAX, ZERO_ADDRESS, FillRule, Intent, Kind, Leg

SEED = 20_261_122
#: Where encoders go wrong: signs, words, and integers that a double can not hold.
EDGES = (0, 1, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**63, 2**64, 2**127, 2**128 - 1, 2**128, 2**255, 2**256 - 1)
TIMES = (0, 1, 2**31, 2**32 - 1, 2**32, U48_MAX)


def number(draw: random.Random) -> int:
    """Any uint256, of any size, or an edge."""
    return draw.choice(EDGES) if draw.random() < 0.3 else draw.getrandbits(draw.randrange(1, 257))


def address(draw: random.Random) -> str:
    return "0x" + draw.randbytes(20).hex()


def moment(draw: random.Random) -> int:
    return draw.choice(TIMES) if draw.random() < 0.3 else draw.getrandbits(48)


def legs(draw: random.Random, most: int = MAX_LEGS) -> tuple[Leg, ...]:
    """One leg as often as several."""
    count = 1 if draw.random() < 0.5 else draw.randint(1, most)
    return tuple(leg(draw) for _ in range(count))


def leg(draw: random.Random) -> Leg:
    token, start = NATIVE if draw.random() < 0.1 else address(draw), number(draw)
    return Leg(token, start, start if draw.random() < 0.5 else number(draw))


def any_intent(draw: random.Random) -> Intent:
    return Intent(
        owner=address(draw),
        receiver=draw.choice((ZERO_ADDRESS, address(draw))),
        gives=legs(draw),
        wants=legs(draw),
        kind=draw.choice(list(Kind)),
        fill=draw.choice(list(FillRule)),
        min_fill=number(draw),
        valid_from=moment(draw),
        decay_to=moment(draw),
        valid_to=moment(draw),
        nonce=number(draw),
        terms=draw.choice((NO_TERMS, "0x" + draw.randbytes(32).hex())),
    )
