"""The order book to read: price-time priority in plain Python. The compiled one does the same, event for event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from walras_solvers.book.ladder import Ladder, Level
from walras_solvers.book.messages import MOST, Event, Happened, Kind, Message, Refusal, Rule, Side
from walras_solvers.book.shares import shares
from walras_solvers.book.snapshot import Depth, Open

# Plain numbers, looked up once: members of an enumeration cost a look-up at each use.
_LIMIT, _MARKET, _IOC, _FOK, _POST_ONLY, _CANCEL, _AMEND = (int(kind) for kind in Kind)
_RESTED, _TRADED, _CANCELLED, _EXPIRED, _AMENDED, _REQUEUED, _REFUSED = (int(kind) for kind in Happened)
_BUY, _SELL = int(Side.BUY), int(Side.SELL)

#: Event((…)) without a Python frame.
_event: Callable[[tuple[int, ...]], Event] = partial(tuple.__new__, Event)


class Book:
    """A book of limit orders for one pair. Prices and quantities are integers from 1 to 2^63-1, ids any 64-bit ones."""

    def __init__(self, rule: Rule = Rule.PRICE_TIME) -> None:
        self._rule = rule
        self._ladders = Ladder(Side.BUY), Ladder(Side.SELL)
        self._open: dict[int, Level] = {}
        self._post_only: set[int] = set()

    def __len__(self) -> int:
        """How many orders rest."""
        return len(self._open)

    def process(self, messages: Iterable[Message]) -> list[Event]:
        """All events of the messages, in turn."""
        return [event for message in messages for event in self.apply(message)]

    def apply(self, message: Message) -> list[Event]:
        """What one message makes happen. A bad one is answered by one event that names the refusal."""
        kind, order, side, price, quantity = message
        if kind == _CANCEL and order in self._open:
            return [self._cancel(order)]
        if kind == _LIMIT and side in (_BUY, _SELL):
            level = self._ladders[side].at(price)
            if level is not None and order not in self._open and 0 < quantity <= MOST - level.total:
                return [self._join(level, order, quantity)]  # where its own side rests it can meet nobody
        refusal = self._refusal(kind, order, side, price, quantity)
        if refusal is not Refusal.NONE:
            return [_event((_REFUSED, order, side, price, quantity, 0, 0, 0, int(refusal)))]
        if kind == _AMEND:
            return self._amend(order, price, quantity)
        return self._enter(kind, order, side, price, quantity)

    def order(self, order: int) -> Open | None:
        """The order of this id, if it rests."""
        level = self._open.get(order)
        return Open(order, Side(level.side), level.price, level.queue[order]) if level else None

    def depth(self, levels: int | None = None) -> Depth:
        """The best levels of both sides, all if ``levels`` is None."""
        bids, asks = self._ladders
        return Depth.of(bids.levels(), asks.levels(), levels)

    def _refusal(self, kind: int, order: int, side: int, price: int, quantity: int) -> Refusal:
        """Why the message cannot be carried out, the first reason of :class:`Refusal` that holds."""
        if not _LIMIT <= kind <= _AMEND:
            return Refusal.UNKNOWN_KIND
        if kind == _CANCEL:
            return Refusal.UNKNOWN_ID  # a known one never comes here
        if kind != _AMEND and side not in (_BUY, _SELL):
            return Refusal.BAD_SIDE
        if not 0 < quantity <= MOST:
            return Refusal.BAD_QUANTITY
        if kind != _MARKET and not 0 < price <= MOST:
            return Refusal.BAD_PRICE
        if kind == _AMEND:
            return self._amend_refusal(order, price, quantity)
        if order in self._open:
            return Refusal.DUPLICATE_ID
        if kind == _POST_ONLY and self._ladders[1 - side].meets(price):
            return Refusal.WOULD_CROSS
        return self._fullness(side, price, quantity) if kind in (_LIMIT, _POST_ONLY) else Refusal.NONE

    def _amend_refusal(self, order: int, price: int, quantity: int) -> Refusal:
        level = self._open.get(order)
        if level is None:
            return Refusal.UNKNOWN_ID
        if order in self._post_only and self._ladders[1 - level.side].meets(price):
            return Refusal.WOULD_CROSS
        return self._fullness(level.side, price, quantity - (level.queue[order] if price == level.price else 0))

    def _fullness(self, side: int, price: int, more: int) -> Refusal:
        level = self._ladders[side].at(price)
        return Refusal.LEVEL_FULL if level is not None and level.total + more > MOST else Refusal.NONE

    def _enter(self, kind: int, order: int, side: int, price: int, quantity: int) -> list[Event]:
        """Trade what can trade; the rest rests or expires."""
        events: list[Event] = []
        left = quantity
        if kind != _FOK or self._available(side, price, quantity):
            left = self._match(events, order, side, None if kind == _MARKET else price, quantity)
        if left and kind in (_LIMIT, _POST_ONLY):
            if kind == _POST_ONLY:
                self._post_only.add(order)
            events.append(self._join(self._ladders[side].make(price), order, left))
        elif left:
            events.append(_event((_EXPIRED, order, side, price, left, 0, 0, 0, 0)))
        return events

    def _match(self, events: list[Event], order: int, side: int, price: int | None, left: int) -> int:
        """Trade with the other side, the best price first; what is left."""
        ladder = self._ladders[1 - side]
        while left and (level := ladder.best()) is not None and (price is None or ladder.meets(price)):
            for maker, part in shares(level, left, self._rule):
                left -= part
                rest = self._reduce(level, maker, part)
                events.append(_event((_TRADED, order, side, level.price, part, left, maker, rest, 0)))
        return left

    def _available(self, side: int, price: int, quantity: int) -> bool:
        """Whether the other side has ``quantity`` at ``price`` or better."""
        for level in self._ladders[1 - side].levels():
            if (level.price > price) if side == _BUY else (level.price < price):
                return False
            quantity -= level.total
            if quantity <= 0:
                return True
        return False

    def _join(self, level: Level, order: int, left: int) -> Event:
        """Put an order at the end of a level."""
        level.queue[order] = left
        level.total += left
        self._open[order] = level
        return _event((_RESTED, order, level.side, level.price, left, left, 0, 0, 0))

    def _reduce(self, level: Level, order: int, quantity: int) -> int:
        """Take ``quantity`` off an order, and the order out if nothing is left of it; what is left."""
        level.total -= quantity
        left = level.queue[order] - quantity
        if left:
            level.queue[order] = left
            return left
        del level.queue[order], self._open[order]
        if self._post_only:
            self._post_only.discard(order)
        if not level.total:
            self._ladders[level.side].drop(level.price)
        return 0

    def _cancel(self, order: int) -> Event:
        level = self._open[order]
        left = level.queue[order]
        self._reduce(level, order, left)
        return _event((_CANCELLED, order, level.side, level.price, left, 0, 0, 0, 0))

    def _amend(self, order: int, price: int, quantity: int) -> list[Event]:
        level = self._open[order]
        side, left = level.side, level.queue[order]
        if price == level.price and quantity <= left:
            if quantity < left:
                self._reduce(level, order, left - quantity)
            return [_event((_AMENDED, order, side, price, quantity, quantity, 0, 0, 0))]
        kind = _POST_ONLY if order in self._post_only else _LIMIT
        self._reduce(level, order, left)
        events = [_event((_REQUEUED, order, side, price, quantity, quantity, 0, 0, 0))]
        return events + self._enter(kind, order, side, price, quantity)
