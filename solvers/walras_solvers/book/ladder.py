"""One side of the plain book: levels by price, each a queue by time."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator

from walras_solvers.book.messages import Side


class Level:
    """The orders at one price: what is open of each, the first in time first, and of all together."""

    __slots__ = ("price", "queue", "side", "total")

    def __init__(self, side: int, price: int) -> None:
        self.side, self.price = side, price
        self.total = 0
        self.queue: OrderedDict[int, int] = OrderedDict()


class Ladder:
    """All levels of one side, none of them empty. A *rank* is a price that is larger the better it is."""

    __slots__ = ("_levels", "_ranks", "_side", "_sign")

    def __init__(self, side: Side) -> None:
        self._side = int(side)
        self._sign = 1 if side is Side.BUY else -1
        self._levels: dict[int, Level] = {}
        self._ranks: list[int] = []  # ascending, so that the best is cheap to remove

    def best(self) -> Level | None:
        """The level that trades first."""
        return self._levels[self._sign * self._ranks[-1]] if self._ranks else None

    def meets(self, price: int) -> bool:
        """Whether the best level is at ``price`` or better for who comes from the other side."""
        return bool(self._ranks) and self._ranks[-1] >= self._sign * price

    def at(self, price: int) -> Level | None:
        """The level at ``price``, if anything rests there."""
        return self._levels.get(price)

    def levels(self) -> Iterator[Level]:
        """The best first."""
        return (self._levels[self._sign * rank] for rank in reversed(self._ranks))

    def make(self, price: int) -> Level:
        """The level at ``price``, new if there is none; whoever asks puts an order into it."""
        level = self._levels.get(price)
        if level is None:
            level = self._levels[price] = Level(self._side, price)
            insort(self._ranks, self._sign * price)
        return level

    def drop(self, price: int) -> None:
        """Remove a level that was left empty."""
        del self._levels[price]
        rank = self._sign * price
        if self._ranks[-1] == rank:
            self._ranks.pop()
        else:
            del self._ranks[bisect_left(self._ranks, rank)]
