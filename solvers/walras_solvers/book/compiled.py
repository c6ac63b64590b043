"""The compiled order book, for streams of messages. The first call compiles; later processes find it done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from walras_solvers.book.kernel import find, move, process
from walras_solvers.book.layout import (
    BIDS,
    EVENT_COLUMNS,
    LEFT,
    LIVE,
    MESSAGE_COLUMNS,
    NONE,
    PRICE,
    SIDE,
    TOTAL,
    Arrays,
    Table,
)
from walras_solvers.book.messages import Event, Message, Rule, Side
from walras_solvers.book.snapshot import Depth, Open

#: Room for events beyond one an order and one a message.
_SPARE = 64


class CompiledBook:
    """The same book as :class:`~walras_solvers.book.reference.Book`, message for message, on flat arrays.

    ``capacity`` is for how many resting orders there is room at first; it doubles whenever they would not fit.
    """

    def __init__(self, rule: Rule = Rule.PRICE_TIME, capacity: int = 4_096) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._rule = int(rule)
        self._arrays = Arrays.empty(capacity)
        self._events = np.zeros((0, EVENT_COLUMNS), np.int64)

    def __len__(self) -> int:
        """How many orders rest."""
        return int(self._arrays.counts[LIVE])

    def process(self, messages: Iterable[Message]) -> list[Event]:
        """All events of the messages, in turn. Raises OverflowError on a number beyond 64 bits, and runs none then."""
        return [Event(*row) for row in self.run(rows(messages)).tolist()]

    def run(self, messages: Table) -> Table:
        """The same without objects: rows of :class:`Message` in, rows of :class:`Event` out, which are the caller's."""
        parts: list[Table] = []
        number = 0
        while number < len(messages):
            number, written = self._step(messages, number)
            parts.append(self._events[:written].copy())
        return parts[0] if len(parts) == 1 else np.concatenate([self._events[:0], *parts])

    def order(self, order: int) -> Open | None:
        """The order of this id, if it rests."""
        row = int(find(self._arrays.counts, self._arrays.ids, order))
        if row == NONE:
            return None
        one = self._arrays.orders[row].tolist()
        return Open(order, Side(one[SIDE]), one[PRICE], one[LEFT])

    def depth(self, levels: int | None = None) -> Depth:
        """The best levels of both sides, all if ``levels`` is None."""
        return Depth.of(self._levels(Side.BUY), self._levels(Side.SELL), most=levels)

    def _levels(self, side: Side) -> Iterator[_Level]:
        arrays, count = self._arrays, int(self._arrays.counts[BIDS + side])
        for at in reversed(range(count)):
            total = int(arrays.levels[arrays.places[side, at], TOTAL])
            if total:
                yield _Level(abs(int(arrays.ranks[side, at])), total)

    def _step(self, messages: Table, number: int) -> tuple[int, int]:
        """Make room and run from message ``number`` on; (the next message, events written)."""
        live, capacity = len(self), self._arrays.capacity
        if live == capacity:
            self._move(2 * capacity)
        elif self._arrays.full_of_levels:
            self._move(capacity)
        need = live + len(messages) - number + _SPARE
        if len(self._events) < need:
            self._events = np.zeros((2 * need, EVENT_COLUMNS), np.int64)
        after, written = process(*self._arrays, messages, self._events, self._rule, number)
        return int(after), int(written)

    def _move(self, capacity: int) -> None:
        larger = Arrays.empty(capacity)
        move(*self._arrays, *larger)
        self._arrays = larger


@dataclass(frozen=True, slots=True)
class _Level:
    price: int
    total: int


def rows(messages: Iterable[Message]) -> Table:
    """Messages as the compiled book reads them. Raises OverflowError on a number beyond 64 bits."""
    return np.array(list(messages), dtype=np.int64).reshape(-1, MESSAGE_COLUMNS)
