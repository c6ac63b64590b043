"""Orders with several legs a side, a row over all tokens each: what they move, gain and are worth at prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from walras_solvers.kernels.market import Order
from walras_solvers.kernels.side import SLACK
from walras_solvers.kernels.singles import Bools, Floats, Ints, Quote

_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Moved:
    """Baskets filled as far as possible: the quote, and atoms a token given less fee, and received."""

    quote: Quote
    given: Floats
    received: Floats


@dataclass(frozen=True, slots=True)
class Baskets:
    """Rows are orders, columns tokens. Amounts are atoms at the greatest execution."""

    gives: Floats
    wants: Floats
    shape: Floats  # value is shared over the moving legs in proportion to their final bounds
    sells: Bools
    fee: Floats
    first_give: Ints
    least_share: Floats  # of what is given at reference prices, what the price-impact guard wants back; 0 without one
    reference: Floats

    @classmethod
    def of(
        cls, orders: Sequence[Order], at: Mapping[str, int], fees: Mapping[Order, float], reference: Floats
    ) -> Baskets:
        """The rows of ``orders`` over the tokens of ``at``."""
        shape = _rows([(o, o.wants if o.sells else o.gives, _ends(o)) for o in orders], at)
        gives = _rows([(o, o.gives, o.give_bounds) for o in orders], at)
        wants = _rows([(o, o.wants, o.want_bounds) for o in orders], at)
        known = (((gives + wants) <= 0) | (reference > 0)).all(axis=1)
        bound = np.array([1.0 if o.guard_bps is None else o.guard_bps / 1e4 for o in orders], dtype=float)
        return cls(
            gives,
            wants,
            shape,
            np.array([order.sells for order in orders], dtype=bool),
            np.array([fees[order] for order in orders], dtype=float),
            np.array([at[order.gives[0]] for order in orders], dtype=np.int64),
            np.where(known, np.maximum(1 - bound, 0.0), 0.0) * (1 + SLACK),
            reference,
        )

    def moved(self, prices: Floats) -> Moved:
        """What each basket does at ``prices``."""
        sells = self.sells[:, None]
        fee = np.zeros_like(self.gives)
        fee[np.arange(len(self.fee)), self.first_give] = self.fee
        fixed = np.where(sells, self.gives - fee, self.wants)
        shape = self.shape / np.maximum(self.shape @ prices, _TINY)[:, None]
        # A buy's fee is spread over its gives like the rest of what it pays.
        value = fixed @ prices
        moving = shape * np.where(self.sells, value, value + self.fee * prices[self.first_give])[:, None]
        given = np.where(sells, fixed, moving - fee)
        received = np.where(sells, moving, fixed)
        gain = np.where(sells, moving - self.wants, self.gives - moving)
        worth = self._worth(gain, moving, fixed)
        margin = np.where(self.shape > 0, gain / np.maximum(np.where(sells, received, given), _TINY), np.inf)
        least = margin.min(axis=1, initial=np.inf)
        guarded = received @ self.reference >= self.least_share * (given @ self.reference)
        willing = (least >= SLACK) & (worth > 0) & np.isfinite(worth) & (given.min(axis=1, initial=0.0) >= 0) & guarded
        first = given[np.arange(len(self.fee)), self.first_give] + self.fee
        return Moved(Quote(received @ prices, least, worth, first, willing), given, received)

    def _worth(self, gain: Floats, moving: Floats, fixed: Floats) -> Floats:
        """Wei of each gain; a token without a reference price counts through the other side's."""
        priced: Floats = gain @ self.reference
        other: Floats = fixed @ self.reference
        unpriced = (self.shape > 0) & (self.reference <= 0)
        share = np.where(unpriced, gain / np.maximum(moving, _TINY), np.inf).min(axis=1, initial=np.inf)
        return priced + np.where(np.isfinite(share), other * np.minimum(share, 1.0), 0.0)


def _ends(order: Order) -> tuple[int, ...]:
    return tuple(leg.end for leg in order.intent.moving_side)


def _rows(sides: Sequence[tuple[Order, tuple[str, ...], tuple[int, ...]]], at: Mapping[str, int]) -> Floats:
    matrix = np.zeros((len(sides), len(at)))
    for row, (order, tokens, bounds) in enumerate(sides):
        part = order.most / order.intent.full_amount
        for token, bound in zip(tokens, bounds, strict=True):
            matrix[row, at[token]] = bound * part
    return matrix
