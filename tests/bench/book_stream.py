"""A stream of order-book messages: half are new orders that rest, two fifths cancels of live ones, a tenth cross."""

from __future__ import annotations

import random

from walras_solvers.book import Book, Happened, Kind, Message, Side

_MIDDLE = 100_000
#: Mean distance in ticks of a resting order from the middle, and how many rest before any is cancelled.
_DISTANCE, _LIVE = 40, 1_500


def stream(count: int, seed: int = 1) -> list[Message]:
    """``count`` messages on one pair. A cancel names an order that rests at that moment, so a book is run along."""
    chance, book = random.Random(seed), Book()
    live: list[int] = []
    made: list[Message] = []
    while len(made) < count:
        message = _next(chance, book, live, len(made) + 1)
        made.append(message)
        live += [event.order for event in book.apply(message) if event.kind == Happened.RESTED]
    return made


def _next(chance: random.Random, book: Book, live: list[int], order: int) -> Message:
    roll, side = chance.random(), chance.choice((Side.BUY, Side.SELL))
    if roll < 0.1:
        return _crossing(book, order, side, chance.randint(1, 200))
    if roll < 0.5 and len(live) > _LIVE:
        return Message(Kind.CANCEL, _pick(chance, book, live))
    away = 1 + int(chance.expovariate(1 / _DISTANCE))
    price = _MIDDLE - away if side is Side.BUY else _MIDDLE + away
    return Message(Kind.LIMIT, order, side, price, chance.randint(1, 100))


def _crossing(book: Book, order: int, side: Side, quantity: int) -> Message:
    """A limit order two ticks beyond the best price of the other side."""
    depth = book.depth(1)
    best = (depth.best_ask if side is Side.BUY else depth.best_bid) or _MIDDLE
    return Message(Kind.LIMIT, order, side, best + 2 if side is Side.BUY else best - 2, quantity)


def _pick(chance: random.Random, book: Book, live: list[int]) -> int:
    """An order that still rests; those that were filled are forgotten on the way."""
    while True:
        place = chance.randrange(len(live))
        live[place], live[-1] = live[-1], live[place]
        order = live.pop()
        if book.order(order) is not None:
            return order
