"""The order book to read: price-time priority in plain Python. The compiled one does the same, event for event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from walras_solvers.book.ladder import Ladder, Resting
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
        self._open: dict[int, Resting] = {}

    def __len__(self) -> int:
        """How many orders rest."""
        return len(self._open)

    def process(self, messages: Iterable[Message]) -> list[Event]:
        """All events of the messages, in turn."""
        return [event for message in messages for event in self.apply(message)]

    def apply(self, message: Message) -> list[Event]:
        """What one message makes happen. A bad one is answered by one event that names the refusal."""
        kind, order, side, price, quantity = message
        refusal = self._refusal(kind, order, side, price, quantity)
        if refusal:
            return [_event((_REFUSED, order, side, price, quantity, 0, 0, 0, int(refusal)))]
        if kind == _CANCEL:
            return [self._cancel(order)]
        if kind == _AMEND:
            return self._amend(self._open[order], price, quantity)
        return self._enter(kind, order, side, price, quantity)

    def order(self, order: int) -> Open | None:
        """The order of this id, if it rests."""
        one = self._open.get(order)
        return Open(one.order, Side(one.side), one.price, one.left) if one else None

    def depth(self, levels: int | None = None) -> Depth:
        """The best levels of both sides, all if ``levels`` is None."""
        return Depth.of(*(ladder.levels() for ladder in self._ladders), most=levels)

    def _refusal(self, kind: int, order: int, side: int, price: int, quantity: int) -> Refusal:
        """Why the message cannot be carried out, the first reason of :class:`Refusal` that holds."""
        if not _LIMIT <= kind <= _AMEND:
            return Refusal.UNKNOWN_KIND
        if kind == _CANCEL:
            return Refusal.NONE if order in self._open else Refusal.UNKNOWN_ID
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
        if (kind in (_LIMIT, _POST_ONLY)) and self._ladders[side].total(price) + quantity > MOST:
            return Refusal.LEVEL_FULL
        return Refusal.NONE

    def _amend_refusal(self, order: int, price: int, quantity: int) -> Refusal:
        resting = self._open.get(order)
        if resting is None:
            return Refusal.UNKNOWN_ID
        if resting.post_only and self._ladders[1 - resting.side].meets(price):
            return Refusal.WOULD_CROSS
        own = resting.left if price == resting.price else 0
        full = self._ladders[resting.side].total(price) - own + quantity > MOST
        return Refusal.LEVEL_FULL if full else Refusal.NONE

    def _enter(self, kind: int, order: int, side: int, price: int, quantity: int) -> list[Event]:
        """Trade what can trade; the rest rests or expires."""
        events: list[Event] = []
        left = quantity
        if kind != _FOK or self._available(side, price, quantity):
            left = self._match(events, order, side, None if kind == _MARKET else price, quantity)
        if left and kind in (_LIMIT, _POST_ONLY):
            self._rest(events, Resting(order, side, price, left, kind == _POST_ONLY))
        elif left:
            events.append(_event((_EXPIRED, order, side, price, left, 0, 0, 0, 0)))
        return events

    def _match(self, events: list[Event], order: int, side: int, price: int | None, left: int) -> int:
        """Trade with the other side, the best price first; what is left."""
        ladder = self._ladders[1 - side]
        while left and (level := ladder.best()) is not None and (price is None or ladder.meets(price)):
            for maker, part in shares(level, left, self._rule):
                left -= part
                ladder.reduce(maker, part)
                if not maker.left:
                    del self._open[maker.order]
                trade = (_TRADED, order, side, level.price, part, left, maker.order, maker.left, 0)
                events.append(_event(trade))
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

    def _rest(self, events: list[Event], resting: Resting) -> None:
        order, side, price, left = resting.order, resting.side, resting.price, resting.left
        self._open[order] = resting
        self._ladders[side].add(resting)
        events.append(_event((_RESTED, order, side, price, left, left, 0, 0, 0)))

    def _cancel(self, order: int) -> Event:
        one = self._open.pop(order)
        side, price, left = one.side, one.price, one.left
        self._ladders[side].reduce(one, left)
        return _event((_CANCELLED, order, side, price, left, 0, 0, 0, 0))

    def _amend(self, resting: Resting, price: int, quantity: int) -> list[Event]:
        order, side = resting.order, resting.side
        if price == resting.price and quantity <= resting.left:
            self._ladders[side].reduce(resting, resting.left - quantity)
            return [_event((_AMENDED, order, side, price, quantity, quantity, 0, 0, 0))]
        self._cancel(order)
        events = [_event((_REQUEUED, order, side, price, quantity, quantity, 0, 0, 0))]
        return events + self._enter(_POST_ONLY if resting.post_only else _LIMIT, order, side, price, quantity)
