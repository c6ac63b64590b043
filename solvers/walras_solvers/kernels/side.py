"""One side of a pair's book as arrays: the orders that give one token for another, best limit first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from walras.atoms import floor_div

from walras_solvers.kernels.market import Market, Order

Floats = NDArray[np.float64]

#: An order trades only where it gains at least this share of its limit, so that an exact price next to the searched one
#: still meets the limit.
SLACK = 1e-9

#: How many orders that cannot be split are passed over at one price, before the rest is left unfilled.
_PASSED_OVER = 12


@dataclass(frozen=True, slots=True)
class Side:
    """Orders by priority: the lowest ask first, equal ones by sequence. Prices are want atoms a give atom.

    ``allotted`` (and ``most``, its float) is what each may execute after its owner's better orders took their part of
    the funds. ``guard`` is the lowest price that the bound on price impact allows. ``give_value`` and ``want_value``
    are wei an atom at reference prices, 0 without one. ``extra`` is wei of gas that an order's own terms cost,
    ``shared`` the atoms of its fee shares if it fills as far as it can.
    """

    orders: tuple[Order, ...]
    allotted: tuple[int, ...]
    limit: Floats
    sells: NDArray[np.bool_]
    least: Floats
    most: Floats
    fee: Floats
    extra: Floats
    shared: Floats
    guard: Floats
    give_value: float
    want_value: float

    @classmethod
    def of(cls, orders: Sequence[Order], market: Market, give: str, want: str) -> Side:
        """The side that gives ``give``; orders that funds or better alternatives leave nothing for are left out."""
        taken: dict[str, int] = {}
        alternatives: set[tuple[str, int]] = set()
        kept: list[tuple[Order, int]] = []
        for order in sorted(orders, key=lambda order: (order.limit, order.sequence)):
            most = _allotted(order, market, taken)
            if most < order.least or order.alternative in alternatives:
                continue
            alternatives.add(order.alternative)
            taken[order.intent.owner] = taken.get(order.intent.owner, 0) + order.most_given(most)[0]
            kept.append((order, most))
        return cls(
            orders=tuple(order for order, _ in kept),
            allotted=tuple(most for _, most in kept),
            limit=np.array([order.limit for order, _ in kept], dtype=float),
            sells=np.array([order.sells for order, _ in kept], dtype=bool),
            least=np.array([float(order.least) for order, _ in kept], dtype=float),
            most=np.array([float(most) for _, most in kept], dtype=float),
            fee=np.zeros(len(kept)),
            extra=np.array([float(order.extra_gas * market.gas.price) for order, _ in kept], dtype=float),
            shared=np.array([float(order.shared(order.most_given(most)[0])) for order, most in kept], dtype=float),
            guard=np.array([_guard(order, most, market) for order, most in kept], dtype=float),
            give_value=market.value(give),
            want_value=market.value(want),
        )

    def with_fees(self, share: int, price: float) -> Side:
        """The same side where each fill pays ``share`` wei, at ``price`` if the given token has no reference price."""
        value = self.give_value or price * self.want_value
        gas = share + self.extra
        fee = np.ceil(gas / value) if value else np.where(gas > 0, np.inf, 0.0)
        return replace(self, fee=fee + self.shared)

    def net(self, price: float) -> Floats:
        """Atoms each order would give at ``price`` without its fee; 0 where it would not gain or its guard forbids."""
        room = np.where(self.sells, self.most - self.fee, self.most / price)
        gain = self.gains(price, room)
        # The least gain asked for is a share of what the order moves.
        moved = np.where(self.sells, self.most * self.limit, self.most / self.limit)
        return np.where((room > 0) & (gain >= SLACK * moved) & (price >= self.guard), room, 0.0)

    def gains(self, price: float, net: Floats) -> Floats:
        """Atoms beyond the limit, fee paid, when ``net`` atoms trade at ``price``: wants of a sell, gives of a buy."""
        with np.errstate(invalid="ignore"):
            return np.where(
                self.sells, net * price - self.limit * (net + self.fee), net * price / self.limit - net - self.fee
            )

    def gain_of(self, index: int, price: float, net: float) -> float:
        """:meth:`gains` of one order."""
        limit, fee = float(self.limit[index]), float(self.fee[index])
        if self.sells[index]:
            return net * price - limit * (net + fee)
        return net * price / limit - net - fee

    def worth(self, price: float, net: Floats) -> Floats:
        """Wei of surplus of each order, 0 where nothing trades."""
        want_value = self.want_value or self.give_value / price
        give_value = self.give_value or self.want_value * price
        value = np.where(self.sells, want_value, give_value)
        return np.where(net > 0, self.gains(price, np.maximum(net, 0.0)) * value, 0.0)

    def ration(self, price: float, cap: float, other: float) -> Floats:
        """Net atoms by priority until ``cap`` atoms are reached; the last one gets a part if that may be and pays.

        One that may not be split exceeds ``cap`` if it :meth:`stretches` to share ``other``, or is passed over.
        """
        net = self.net(price)
        for _ in range(_PASSED_OVER):
            before = np.cumsum(net) - net
            taken = np.minimum(net, np.maximum(cap - before, 0.0))
            partly = np.flatnonzero((taken > 0) & (taken < net))
            if not len(partly) or self.divides(index := int(partly[0]), price, float(taken[index])):
                return taken
            least = self.least_net(index, price)
            if self.stretches(index, least, float(before[index]), other):
                taken[index] = least
                return taken
            net[index] = 0.0
        taken[partly] = 0.0
        return taken

    def divides(self, index: int, price: float, amount: float) -> bool:
        """Whether the order may trade only ``amount`` and gains by it."""
        return amount >= self.least_net(index, price) and self.gain_of(index, price, amount) >= 0

    def least_net(self, index: int, price: float) -> float:
        """The least that the order may give without its fee."""
        least = float(self.least[index])
        return least - float(self.fee[index]) if self.sells[index] else least / price

    def stretches(self, index: int, amount: float, before: float, other: float) -> bool:
        """Whether the order gains where it and those before it share ``other`` atoms of what they want."""
        return amount > 0 and self.gain_of(index, other / (before + amount) * (1 + SLACK), amount) >= 0

    def breakeven(self) -> Floats:
        """The lowest price at which each order gains, fees included, and its guard allows it to trade."""
        with np.errstate(divide="ignore", invalid="ignore"):
            sell = self.limit * self.most / (self.most - self.fee)
            buy = 1 / (1 / self.limit - self.fee / self.most)
            price = np.maximum(np.where(self.sells, sell, buy), self.guard) * (1 + 4 * SLACK)
        return price[np.isfinite(price) & (price > 0)]


def _allotted(order: Order, market: Market, taken: dict[str, int]) -> int:
    """How much may be executed when the owner's better orders on this side have taken their funds."""
    owner = order.intent.owner
    left = market.funds.get((owner, order.gives[0]), 0) - taken.get(owner, 0)
    return min(order.most, floor_div(max(left, 0) * order.intent.full_amount, order.give_bounds[0]))


def _guard(order: Order, most: int, market: Market) -> float:
    """The lowest price that the order's bound on price impact allows, and an atom more than that for rounding."""
    give, want = order.gives[0], order.wants[0]
    if order.guard_bps is None or give not in market.reference or want not in market.reference:
        return 0.0
    lowest = market.value(give) * (1 - order.guard_bps / 10_000)
    if not market.value(want):
        return np.inf if lowest > 0 else 0.0
    floor = lowest / market.value(want)
    return floor * (1 + 1 / max(most * floor if order.sells else most / floor, 1.0)) if floor else 0.0
