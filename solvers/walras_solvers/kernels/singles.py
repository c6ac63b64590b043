"""Orders with one leg a side as flat arrays: what each would move, gain and be worth at given prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walras_solvers.kernels.market import Order
from walras_solvers.kernels.side import SLACK

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Quote:
    """Orders filled as far as possible at some prices; ``value`` is in the unit of the prices."""

    value: Floats  # given less fee, which is what is received
    margin: Floats  # gain beyond the limit over what moves, the least leg's
    worth: Floats  # wei
    given: Floats  # atoms of the first give, fee included
    willing: Bools


@dataclass(frozen=True, slots=True)
class Singles:
    """One entry an order. Bounds and fees are atoms at the greatest execution, tokens are indexes."""

    give: Ints
    want: Ints
    gives: Floats
    wants: Floats
    sells: Bools
    fee: Floats
    floor: Floats  # the least price of the give over that of the want that the price-impact guard allows
    reference: Floats  # wei an atom, by token; 0 without one

    @classmethod
    def of(
        cls, orders: Sequence[Order], at: Mapping[str, int], fees: Mapping[Order, float], reference: Floats
    ) -> Singles:
        """The arrays of ``orders`` over the tokens of ``at``."""
        give = np.array([at[order.gives[0]] for order in orders], dtype=np.int64)
        want = np.array([at[order.wants[0]] for order in orders], dtype=np.int64)
        part = np.array([order.most / order.intent.full_amount for order in orders], dtype=float)
        gives = np.array([float(order.give_bounds[0]) for order in orders], dtype=float) * part
        wants = np.array([float(order.want_bounds[0]) for order in orders], dtype=float) * part
        sells = np.array([order.sells for order in orders], dtype=bool)
        fee = np.array([fees[order] for order in orders], dtype=float)
        bound = np.array([np.inf if o.guard_bps is None else o.guard_bps / 1e4 for o in orders], dtype=float)
        known = np.isfinite(bound) & (reference[give] > 0) & (reference[want] > 0)
        least = (1 - bound) * reference[give] / np.maximum(reference[want], _TINY)
        floor = np.where(known, np.maximum(least, 0.0), 0.0) * (1 + SLACK)
        return cls(give, want, gives, wants, sells, fee, floor, reference)

    def quote(self, prices: Floats) -> Quote:
        """What each order does at ``prices``."""
        pays, gets = prices[self.give], prices[self.want]
        value = np.where(self.sells, (self.gives - self.fee) * pays, self.wants * gets)
        moving = np.where(self.sells, value / gets, value / pays + self.fee)
        gain = np.where(self.sells, moving - self.wants, self.gives - moving)
        margin = gain / np.maximum(np.where(self.sells, moving, value / pays), _TINY)
        worth = self._worth(gain, moving)
        given = np.where(self.sells, self.gives, moving)
        willing = (margin >= SLACK) & (value > 0) & (worth > 0) & np.isfinite(worth) & (pays >= self.floor * gets)
        return Quote(value, margin, worth, given, willing)

    def _worth(self, gain: Floats, moving: Floats) -> Floats:
        """Wei of the gain; in a token without a reference price it counts through the other side's."""
        own = self.reference[np.where(self.sells, self.want, self.give)]
        other = self.reference[np.where(self.sells, self.give, self.want)]
        fixed = np.where(self.sells, self.gives - self.fee, self.wants) * other
        return np.where(own > 0, gain * own, fixed * np.minimum(gain / np.maximum(moving, _TINY), 1.0))

    def limits(self) -> Floats:
        """The least log price of the give over that of the want at which each order gains, fee and guard included."""
        net = np.maximum(np.where(self.sells, self.gives - self.fee, self.gives - self.fee), _TINY)
        return np.log(np.maximum(np.maximum(self.wants / net, self.floor), _TINY))
