"""Matching in the compiled book: what arrives against the levels of the other side."""

from __future__ import annotations

from walras_solvers.book.ids import place_of
from walras_solvers.book.jit import inlined
from walras_solvers.book.layout import (
    BIDS,
    HEAD,
    ID,
    LEFT,
    NEXT,
    NONE,
    TOTAL,
    Number,
    Table,
)
from walras_solvers.book.messages import Happened, Rule
from walras_solvers.book.rows import trim, unlink
from walras_solvers.book.split import share

TRADED = int(Happened.TRADED)
PRO_RATA = int(Rule.PRO_RATA)


@inlined
def tell(
    events: Table, at: int, kind: int, order: int, side: int, price: int, quantity: int, left: int, refusal: int
) -> Number:
    """Write an event that has no maker; where the next one goes."""
    events[at, 0] = kind
    events[at, 1] = order
    events[at, 2] = side
    events[at, 3] = price
    events[at, 4] = quantity
    events[at, 5] = left
    events[at, 6] = 0
    events[at, 7] = 0
    events[at, 8] = refusal
    return at + 1


@inlined
def tell_trade(
    events: Table, at: int, order: int, side: int, price: int, part: int, left: int, maker: int, maker_left: int
) -> Number:
    """Write a trade; where the next event goes."""
    at = tell(events, at, TRADED, order, side, price, part, left, 0)
    events[at - 1, 6] = maker
    events[at - 1, 7] = maker_left
    return at


@inlined
def available(
    counts: Table, levels: Table, ranks: Table, places: Table, other: int, worst: int, quantity: int
) -> Number:
    """Whether side ``other`` has ``quantity`` at rank ``worst`` or better."""
    at = counts[BIDS + other] - 1
    while quantity > 0 and at >= 0 and ranks[other, at] >= worst:
        quantity -= levels[places[other, at], TOTAL]
        at -= 1
    return quantity <= 0


@inlined
def rounding(orders: Table, levels: Table, level: int, quantity: int) -> Number:
    """What the floors of pro-rata shares leave of ``quantity``."""
    rest, row = quantity, levels[level, HEAD]
    while row != NONE:
        rest -= share(quantity, orders[row, LEFT], levels[level, TOTAL])
        row = orders[row, NEXT]
    return rest


@inlined
def match(
    counts: Table,
    orders: Table,
    levels: Table,
    ranks: Table,
    places: Table,
    ids: Table,
    events: Table,
    at: int,
    order: int,
    side: int,
    worst: int,
    left: int,
    rule: int,
) -> tuple[Number, Number]:
    """Trade with the levels of rank ``worst`` or better. (what is left, where the next event goes)."""
    other = 1 - side
    best = counts[BIDS + other] - 1
    while left > 0 and best >= 0 and ranks[other, best] >= worst:
        level = places[other, best]
        rank = ranks[other, best]
        price = rank if other == 0 else -rank
        total = levels[level, TOTAL]
        arrived = left
        shared = rule == PRO_RATA and arrived < total
        rest = rounding(orders, levels, level, arrived) if shared else 0
        row = levels[level, HEAD]
        while row != NONE and left > 0:
            after = orders[row, NEXT]
            size = orders[row, LEFT]
            part = min(size, left)
            if shared:
                part = share(arrived, size, total)
                more = min(rest, size - part)
                rest -= more
                part += more
            if part > 0:
                left -= part
                if part == size:
                    unlink(counts, orders, levels, ids, row, place_of(counts, ids, orders[row, ID]))
                else:
                    orders[row, LEFT] = size - part
                    levels[level, TOTAL] -= part
                at = tell_trade(events, at, order, side, price, part, left, orders[row, ID], size - part)
            row = after
        if levels[level, HEAD] == NONE:
            trim(counts, levels, places, other)
            best = counts[BIDS + other] - 1
    return left, at
