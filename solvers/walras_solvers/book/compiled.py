"""The compiled order book, for streams of messages. The first call compiles; later processes find it done."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from walras_solvers.book.jit import direct
from walras_solvers.book.kernel import find, move, process, step
from walras_solvers.book.layout import (
    BIDS,
    EVENT_COLUMNS,
    LEFT,
    LIVE,
    MESSAGE_COLUMNS,
    NONE,
    PRICE,
    RULE,
    SIDE,
    TOTAL,
    Arrays,
    Table,
)
from walras_solvers.book.messages import Event, Message, Rule, Side
from walras_solvers.book.snapshot import Depth, Open

#: Room for events beyond one an order and one a message.
_SPARE = 64
_MESSAGE, _EVENT = struct.Struct(f"{MESSAGE_COLUMNS}q"), struct.Struct(f"{EVENT_COLUMNS}q")
_pack, _unpack = _MESSAGE.pack_into, _EVENT.unpack_from
#: Event((…)) without a Python frame.
_event: Callable[[tuple[int, ...]], Event] = partial(tuple.__new__, Event)


class CompiledBook:
    """The same book as :class:`~walras_solvers.book.reference.Book`, message for message, on flat arrays.

    ``capacity`` is for how many resting orders there is room at first; it doubles whenever they would not fit.
    """

    def __init__(self, rule: Rule = Rule.PRICE_TIME, capacity: int = 4_096) -> None:
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._run_one = direct(step)
        self._message = bytearray(_MESSAGE.size)
        self._provide(capacity + _SPARE)
        self._use(Arrays.empty(capacity))
        self._arrays.counts[RULE] = int(rule)

    def __len__(self) -> int:
        """How many orders rest."""
        return int(self._arrays.counts[LIVE])

    def apply(self, message: Message) -> list[Event]:
        """What one message makes happen. Raises OverflowError on a number beyond 64 bits."""
        try:
            _pack(self._message, 0, *message)
        except struct.error as error:
            raise OverflowError(f"no message of 64-bit numbers: {message!r}") from error
        while (written := self._run_one(self._address)) == NONE:
            self._make_room(1)
        if written == 1:
            return [_event(_unpack(self._memory))]
        return [_event(row) for row in _EVENT.iter_unpack(self._memory[: written * _EVENT.size])]

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
        return Depth.of(self._levels(Side.BUY), self._levels(Side.SELL), levels)

    def _levels(self, side: Side) -> Iterator[_Level]:
        arrays, count = self._arrays, int(self._arrays.counts[BIDS + side])
        for at in reversed(range(count)):
            total = int(arrays.levels[arrays.places[side, at], TOTAL])
            if total:
                yield _Level(abs(int(arrays.ranks[side, at])), total)

    def _step(self, messages: Table, number: int) -> tuple[int, int]:
        """Make room and run from message ``number`` on; (the next message, events written)."""
        self._make_room(len(messages) - number)
        after, written = process(self._book, messages, self._events, number)
        return int(after), int(written)

    def _make_room(self, messages: int) -> None:
        """Twice the room for orders if all is taken, new arrays if levels have run out, and room for events."""
        live, capacity = len(self), self._arrays.capacity
        need = live + messages + _SPARE
        if len(self._events) < need:
            self._provide(2 * need)
            self._use(self._arrays)
        if live == capacity or self._arrays.full_of_levels:
            larger = Arrays.empty(2 * capacity if live == capacity else capacity)
            move(self._book, larger.table())
            self._use(larger)

    def _provide(self, events: int) -> None:
        """Room for so many events, as an array and as bytes."""
        self._events = np.zeros((events, EVENT_COLUMNS), np.int64)
        self._memory = memoryview(self._events.data).cast("B")

    def _use(self, arrays: Arrays) -> None:
        self._arrays = arrays
        message = np.frombuffer(self._message, np.int64).reshape(1, MESSAGE_COLUMNS)
        self._book = arrays.table(message, self._events)
        self._address = int(self._book.ctypes.data)


@dataclass(frozen=True, slots=True)
class _Level:
    price: int
    total: int


def rows(messages: Iterable[Message]) -> Table:
    """Messages as the compiled book reads them. Raises OverflowError on a number beyond 64 bits."""
    return np.array(list(messages), dtype=np.int64).reshape(-1, MESSAGE_COLUMNS)
