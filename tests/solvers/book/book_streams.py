"""Random messages that meet: few prices, few ids, now and then what no book accepts."""

from __future__ import annotations

import random

from hypothesis import strategies as st
from walras_solvers.book import MOST, Book, Event, Happened, Kind, Message, Rule

#: Numbers that fit into 64 bits and that a message may hold, likely ones first.
EDGES = (0, -1, 1, MOST, MOST - 1, MOST // 2, -MOST - 1)

_prices = st.one_of(st.integers(95, 105), st.integers(1, MOST), st.sampled_from(EDGES))
_quantities = st.one_of(st.integers(1, 20), st.integers(1, MOST), st.sampled_from(EDGES))
_ids = st.one_of(st.integers(0, 12), st.sampled_from(EDGES), st.integers(-MOST - 1, MOST))
_kinds = st.one_of(st.sampled_from(list(Kind)), st.sampled_from((Kind.LIMIT, Kind.AMEND)), st.integers(-2, 9))
_sides = st.one_of(st.integers(0, 1), st.integers(0, 1), st.integers(-1, 2))

messages = st.lists(st.builds(Message, _kinds, _ids, _sides, _prices, _quantities), max_size=120)
rules = st.sampled_from(list(Rule))


def long_stream(count: int, seed: int, prices: int = 40, ids: int = 400) -> list[Message]:
    """``count`` random messages of every kind on a book of about ``ids`` orders."""
    chance = random.Random(seed)
    weights = [8, 1, 1, 1, 2, 4, 4]
    return [
        Message(
            chance.choices(list(Kind), weights)[0],
            chance.randrange(ids),
            chance.randrange(2),
            1_000 + chance.randrange(prices),
            chance.randint(1, 50),
        )
        for _ in range(count)
    ]


def check_sums(book: Book, done: list[Event]) -> None:
    """What entered is what traded twice, left, or rests; and the book is not crossed."""
    depth = book.depth()
    assert depth.spread is None or depth.spread > 0
    resting: dict[int, int] = {}
    for event in done:
        if event.kind in (Happened.RESTED, Happened.AMENDED):
            resting[event.order] = event.quantity
        elif event.kind in (Happened.CANCELLED, Happened.REQUEUED):
            del resting[event.order]
        elif event.kind == Happened.TRADED:
            assert resting[event.maker] - event.quantity == event.maker_left >= 0
            resting[event.maker] = event.maker_left
            if not event.maker_left:
                del resting[event.maker]
    assert len(book) == len(resting)
    assert sum(resting.values()) == sum(total for _, total in depth.bids + depth.asks)
