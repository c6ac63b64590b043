"""The random price search: a few chains of prices, each moved by chance and kept where the exact fills are worth more.

Moves are of one token, of all, of a token to where some order's limit is met exactly (the best prices lie there), or
half-way to the best chain. A chain that has long stood still starts again near the best one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .referee_book import Book, Floats
from .referee_fills import Valued, best_fills

_CHAINS = 6
_PATIENCE = 800  # moves without a gain before a chain starts again


@dataclass(slots=True)
class Chain:
    """Log prices, what they are worth, and for how many moves that has not risen."""

    prices: Floats
    worth: float
    still: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The best log prices, their surplus in whole reference tokens, and how many prices were tried."""

    prices: Floats
    surplus: float
    tried: int


def search(
    book: Book,
    valued: Valued,
    minutes: float,
    seed: int,
    starts: Sequence[Floats] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Found:
    """The best prices that random moves find in ``minutes`` from the recorded prices and ``starts``."""
    draw = np.random.default_rng(seed)
    recorded = np.log(book.recorded)
    begins = [recorded, *starts]
    begins += [recorded + draw.normal(0, 0.03, len(recorded)) for _ in range(_CHAINS - len(begins))]
    chains = [Chain(start, best_fills(book, start, valued).surplus) for start in begins]
    best = max(chains, key=lambda chain: chain.worth)
    best, tried, end = Chain(best.prices, best.worth), len(chains), clock() + 60 * minutes
    while clock() < end:
        for chain in chains:
            moved = _moved(book, chain, best, draw)
            worth = best_fills(book, moved, valued).surplus
            tried += 1
            if worth > chain.worth:
                chain.prices, chain.worth, chain.still = moved, worth, 0
            else:
                chain.still += 1
            if chain.worth > best.worth:
                best = Chain(chain.prices, chain.worth)
            elif chain.still > _PATIENCE:
                start = best.prices + draw.normal(0, 10 ** draw.uniform(-5, -1), len(recorded))
                chain.prices, chain.worth, chain.still = start, best_fills(book, start, valued).surplus, 0
    return Found(best.prices, best.worth, tried)


def _moved(book: Book, chain: Chain, best: Chain, draw: np.random.Generator) -> Floats:
    prices, kind = chain.prices.copy(), draw.random()
    size = 10 ** draw.uniform(-7, -1)
    token = int(draw.integers(len(prices)))
    if kind < 0.3:
        prices[token] += draw.normal(0, size)
    elif kind < 0.5:
        prices += draw.normal(0, size, len(prices))
    elif kind < 0.9:
        _meet_a_limit(book, prices, draw)
    else:
        prices += draw.random() * (best.prices - prices)
    return prices


def _meet_a_limit(book: Book, prices: Floats, draw: np.random.Generator) -> None:
    """Move one side of an order, mostly one near its limit, until that is met, by a hair on the willing side."""
    slack = prices[book.give] - prices[book.want] - np.log(book.limit)
    near = np.flatnonzero(np.abs(slack) < 10 ** draw.uniform(-4, 1.5))
    if not len(near):
        return
    order = int(draw.choice(near))
    change = slack[order] - 1e-12
    if draw.random() < 0.5:
        prices[book.give[order]] -= change
    else:
        prices[book.want[order]] += change
