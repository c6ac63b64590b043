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
    (willing,) = np.nonzero(rate >= book.limit)
    parts = np.zeros(len(book.most))
    if len(willing) and len(np.unique(book.want[willing])) > 1:
        parts[willing] = _parts(book, prices, willing, gain[willing])
    total = float(gain @ parts) / _ATOM
    if valued == "clearing" and total > 0:
        moved = book.most * parts
        total *= float(moved @ book.recorded[book.give]) / float(moved @ prices[book.give])
    return Fills(total, parts)


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
    )
    if answer.status != 0:
        return np.zeros(len(willing))
    found: Floats = np.clip(answer.x / width, 0.0, 1.0)
    return found
