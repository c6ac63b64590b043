"""A call auction: all orders meet at once, at one price."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from walras_solvers.book.messages import Side


class Order(NamedTuple):
    """An order of a call: to trade at ``price`` or better. Integers of any size."""

    order: int
    side: Side
    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Cleared:
    """The price of a call, and what each order trades at it: (order, quantity), buys first."""

    price: int
    volume: int
    fills: tuple[tuple[int, int], ...]


def call(orders: Sequence[Order]) -> Cleared | None:
    """Clear the orders, which are in the order of time; None if no two of them meet.

    The price is the one at which most trades; of several limits at which it does, those with the least imbalance of
    what is bid and what is asked; then the middle of the lowest and the highest of these, rounded down, which favours
    buyers by less than one unit of price. At the price the better limits fill first, equal ones by time.
    """
    buys = sorted((one for one in orders if one.side is Side.BUY), key=lambda one: -one.price)
    sells = sorted((one for one in orders if one.side is Side.SELL), key=lambda one: one.price)
    prices = sorted({one.price for one in orders})
    bid, asked = _reached(buys, -1), _reached(sells, 1)
    found = {price: (bid(price), asked(price)) for price in prices}
    volume = max((min(both) for both in found.values()), default=0)
    if not volume:
        return None
    best = [price for price, both in found.items() if min(both) == volume]
    gap = min(abs(found[price][0] - found[price][1]) for price in best)
    least = [price for price in best if abs(found[price][0] - found[price][1]) == gap]
    return Cleared((least[0] + least[-1]) // 2, volume, (*in_turn(buys, volume), *in_turn(sells, volume)))


def in_turn(orders: Iterable[Order], volume: int) -> list[tuple[int, int]]:
    """Each as much as it can until ``volume`` is reached."""
    fills: list[tuple[int, int]] = []
    for one in orders:
        part = min(one.quantity, volume)
        volume -= part
        if part:
            fills.append((one.order, part))
    return fills


def _reached(orders: Sequence[Order], sign: int) -> Callable[[int], int]:
    """What is open at a price or better, of orders with the best first."""
    ranks = [sign * one.price for one in orders]
    sums = list(accumulate((one.quantity for one in orders), initial=0))
    return lambda price: sums[bisect_right(ranks, sign * price)]
