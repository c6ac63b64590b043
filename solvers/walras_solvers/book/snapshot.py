"""What a book holds at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from walras_solvers.book.messages import Side


class PriceLevel(Protocol):
    """What a snapshot needs of a level."""

    @property
    def price(self) -> int: ...

    @property
    def total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Open:
    """A resting order; ``left`` is what is open of it."""

    order: int
    side: Side
    price: int
    left: int


@dataclass(frozen=True, slots=True)
class Depth:
    """(price, open quantity) of the levels of both sides, the best first."""

    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, bids: Iterable[PriceLevel], asks: Iterable[PriceLevel], most: int | None = None) -> Depth:
        """The first ``most`` levels a side, all if None."""
        return cls(*(tuple((level.price, level.total) for level in islice(side, most)) for side in (bids, asks)))

    @property
    def best_bid(self) -> int | None:
        return self.bids[0][0] if self.bids else None

    @property
    def best_ask(self) -> int | None:
        return self.asks[0][0] if self.asks else None

    @property
    def spread(self) -> int | None:
        """Best ask less best bid; None with an empty side."""
        return self.asks[0][0] - self.bids[0][0] if self.bids and self.asks else None
