"""The exact fills of a recorded batch at given prices: one linear programme, solved by scipy's HiGHS in full.

In units of value each willing order moves what it gives into what it wants; every token is conserved and no balance is
overdrawn. The surplus is what an order gets beyond its limit, valued either at the recorded prices, or at the clearing
prices themselves, scaled so that what is traded is worth as much as at the recorded ones (clearing prices have no scale
of their own, and a token that nobody trades must not lend them one).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from .referee_book import Book, Floats

Valued = Literal["recorded", "clearing"]
_CLOSE = 1e-6
_ATOM = 1e18  # the reference token has 18 decimals


@dataclass(frozen=True, slots=True)
class Fills:
    """Surplus in whole reference tokens, and the part of each order that is filled."""

    surplus: float
    parts: Floats


def best_fills(book: Book, log_prices: Floats, valued: Valued) -> Fills:
    """The fills with the most surplus at these prices; none if the programme is not solved."""
    prices = np.exp(log_prices)
    rate = prices[book.give] / prices[book.want]
    gain = book.most * (rate - book.limit) * (book.recorded if valued == "recorded" else prices)[book.want]
    willing, parts = rate >= book.limit, np.zeros(len(book.most))
    # Where what is moved spans many decimal orders a token may be balanced no better than HiGHS's tolerance, which is
    # nothing beside the largest order and much beside the token's own trade: then it is not traded.
    for _ in range(len(prices)):
        chosen = np.flatnonzero(willing)
        if not len(chosen):
            break
        parts[chosen] = _parts(book, prices, chosen, gain[chosen])
        off = _unbalanced(book, prices, parts)
        if not off.any():
            break
        parts[:] = 0.0
        willing &= ~(off[book.give] | off[book.want])
    total = float(gain @ parts) / _ATOM
    if valued == "clearing" and total > 0:
        moved = book.most * parts
        total *= float(moved @ book.recorded[book.give]) / float(moved @ prices[book.give])
    return Fills(total, parts)


def _unbalanced(book: Book, prices: Floats, parts: Floats) -> np.ndarray:
    """Tokens of which what comes in and what goes out differ by more than a millionth."""
    value = book.most * prices[book.give] * parts
    given, wanted = (np.bincount(ends, weights=value, minlength=len(prices)) for ends in (book.give, book.want))
    off: np.ndarray = np.abs(given - wanted) > _CLOSE * np.minimum(given, wanted)
    return off


def _parts(book: Book, prices: Floats, willing: np.ndarray, gain: Floats) -> Floats:
    value = (book.most * prices[book.give])[willing]
    scale = value.max()
    width, column = value / scale, np.arange(len(willing))
    rows = np.concatenate([book.give[willing], book.want[willing]])
    signs = np.concatenate([-np.ones(len(willing)), np.ones(len(willing))])
    conserved = csr_matrix((signs, (rows, np.tile(column, 2))), shape=(len(prices), len(willing)))
    purses, rank = np.unique(book.purse[willing], return_inverse=True)
    # Each balance is measured in the same unit of value as what is drawn from it.
    held = np.zeros(len(purses))
    held[rank] = book.funds[purses[rank]] * prices[book.give[willing]] / scale
    drawn = np.bincount(rank, weights=width)
    short = drawn > held * (1 + 1e-12)
    draws = csr_matrix((np.ones(len(willing)), (rank, column)), shape=(len(purses), len(willing)))[short]
    answer = linprog(
        -gain / value / max(float((gain / value).max()), 1e-300),
        A_ub=draws if short.any() else None,
        b_ub=held[short] if short.any() else None,
        A_eq=conserved,
        b_eq=np.zeros(len(prices)),
        bounds=np.column_stack([np.zeros(len(willing)), width]),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if answer.status != 0:
        return np.zeros(len(willing))
    found: Floats = np.clip(answer.x / width, 0.0, 1.0)
    return found
