"""A batch where much can be gained only by serving many pairs at once: crossing pairs, and rings beside them.

In a ring of three to five tokens everybody wants the next one's token, so that no two can trade with each other, and
all can together. Its orders cross by a fraction of a per cent, as those of the pairs do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from math import exp

from walras.testing.generate import Draft, batch_of, some_tokens
from walras.testing.market import FREE_GAS
from walras.wire import Batch, GasTerms, TokenInfo

_CROSSING = 0.5  # the part of the orders that is in crossing pairs
_GENEROUS, _SPREAD = 0.003, 0.004  # log slack to the limit at reference prices: mean and deviation
_SIZE, _SIZES = 2.0, 0.7  # log of whole native coins: mean and deviation


def rings_and_pairs(
    count: int, tokens: int, seed: int, *, gas: GasTerms = FREE_GAS, deadline_ms: int = 20_000
) -> Batch:
    """``count`` partial sells over ``tokens`` tokens (at least 5), all priced. Pure and seeded."""
    draw = random.Random(f"rings {seed}")  # noqa: S311 (repeatable, guards nothing)
    infos = some_tokens(tokens, seed)
    drafts: list[Draft] = []
    while len(drafts) < count:
        steps = _pair(tokens, draw) if draw.random() < _CROSSING else _ring(tokens, draw)
        drafts += [_order(infos, len(drafts) + offset, ends, draw) for offset, ends in enumerate(steps)]
    return batch_of(infos, drafts[:count], gas=gas, deadline_ms=deadline_ms)


def _pair(tokens: int, draw: random.Random) -> list[tuple[int, int]]:
    """Four orders of one of the even pairs (0, 1), (2, 3) …, two each way."""
    one = 2 * draw.randrange(tokens // 2)
    return [(one, one + 1), (one + 1, one)] * 2


def _ring(tokens: int, draw: random.Random) -> list[tuple[int, int]]:
    """A ring once round the circle of all tokens, in steps of less than half of it.

    So each pair of tokens is only ever stepped one way, and rings do not cross each other as pairs.
    """
    while True:
        ring = sorted(draw.sample(range(tokens), draw.randint(3, min(5, tokens))))
        if all(2 * ((want - give) % tokens) < tokens for give, want in _steps(ring)):
            return list(_steps(ring))


def _steps(ring: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, token in enumerate(ring):
        yield token, ring[(place + 1) % len(ring)]


def _order(tokens: Sequence[TokenInfo], purse: int, ends: tuple[int, int], draw: random.Random) -> Draft:
    give, want = ends
    prices = [float(tokens[end].price or 1) for end in ends]
    gives = max(round(exp(draw.gauss(_SIZE, _SIZES)) * 1e36 / prices[0]), 1)
    limit = prices[0] / prices[1] * exp(-draw.gauss(_GENEROUS, _SPREAD))
    return Draft(purse, give, want, gives, max(round(gives * limit), 1), gives)
