"""One side of the plain book: levels by price, each a queue by time."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from walras_solvers.book.messages import Side


@dataclass(slots=True)
class Resting:
    """An order in the book; ``left`` is what is open of it."""

    order: int
    side: int
    price: int
    left: int
    post_only: bool


@dataclass(slots=True)
class Level:
    """The orders at one price, the first in time first, and what is open of all of them."""

    price: int
    total: int = 0
    queue: OrderedDict[int, Resting] = field(default_factory=OrderedDict)


class Ladder:
    """All levels of one side. A *rank* is a price that is larger the better it is: negative for sells."""

    __slots__ = ("_levels", "_ranks", "_sign")

    def __init__(self, side: Side) -> None:
        self._sign = 1 if side is Side.BUY else -1
        self._levels: dict[int, Level] = {}
        self._ranks: list[int] = []  # ascending, so that the best is cheap to remove

    def best(self) -> Level | None:
        """The level that trades first."""
        return self._levels[self._sign * self._ranks[-1]] if self._ranks else None

    def meets(self, price: int) -> bool:
        """Whether the best level is at ``price`` or better for who comes from the other side."""
        return bool(self._ranks) and self._ranks[-1] >= self._sign * price

    def levels(self) -> Iterator[Level]:
        """The best first."""
        return (self._levels[self._sign * rank] for rank in reversed(self._ranks))

    def total(self, price: int) -> int:
        """What is open at ``price``."""
        level = self._levels.get(price)
        return level.total if level else 0

    def add(self, resting: Resting) -> None:
        """Put an order at the end of its level."""
        price = resting.price
        level = self._levels.get(price)
        if level is None:
            level = self._levels[price] = Level(price)
            insort(self._ranks, self._sign * price)
        level.queue[resting.order] = resting
        level.total += resting.left

    def reduce(self, resting: Resting, quantity: int) -> None:
        """Take ``quantity`` off an order, and the order out if nothing is left of it."""
        level = self._levels[resting.price]
        level.total -= quantity
        resting.left -= quantity
        if not resting.left:
            del level.queue[resting.order]
            if not level.queue:
                self._drop(level.price)

    def _drop(self, price: int) -> None:
        del self._levels[price]
        rank = self._sign * price
        if self._ranks[-1] == rank:
            self._ranks.pop()
        else:
            del self._ranks[bisect_left(self._ranks, rank)]
