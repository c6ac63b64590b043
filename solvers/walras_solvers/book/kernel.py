"""The compiled order book: one function over flat arrays, the same events as the plain one."""

from __future__ import annotations

import numpy as np

from walras_solvers.book.ids import place_of
from walras_solvers.book.jit import bare, compiled, inlined
from walras_solvers.book.layout import (
    BIDS,
    HEAD,
    ID,
    LEFT,
    LEVEL,
    LEVEL_FREE,
    LEVEL_TOP,
    LIVE,
    NEXT,
    NONE,
    POST,
    PRICE,
    ROW,
    SIDE,
    TOTAL,
    Table,
)
from walras_solvers.book.messages import MOST, Happened, Kind, Refusal
from walras_solvers.book.rows import level_of, rank_of, rest, trim, unlink
from walras_solvers.book.trade import available, match, tell

LIMIT, MARKET, FOK, POST_ONLY, CANCEL, AMEND = (
    int(kind) for kind in (Kind.LIMIT, Kind.MARKET, Kind.FOK, Kind.POST_ONLY, Kind.CANCEL, Kind.AMEND)
)
RESTED, _, CANCELLED, EXPIRED, AMENDED, REQUEUED, REFUSED = (int(kind) for kind in Happened)
ACCEPTED, UNKNOWN_KIND, BAD_SIDE, BAD_QUANTITY, BAD_PRICE, DUPLICATE_ID, UNKNOWN_ID, WOULD_CROSS, LEVEL_FULL = (
    int(refusal) for refusal in Refusal
)
_ANY_RANK = -MOST
#: Events of one message besides its trades: it is taken out, and rests.
_EXTRA = 4


@inlined
def meets(counts: Table, ranks: Table, side: int, price: int) -> bool:
    """Whether an order of ``side`` at ``price`` would trade."""
    best = counts[BIDS + 1 - side] - 1
    return best >= 0 and ranks[1 - side, best] >= rank_of(1 - side, price)


@inlined
def fits(
    counts: Table, levels: Table, ranks: Table, places: Table, hints: Table, side: int, price: int, quantity: int
) -> bool:
    """Whether the level at ``price`` stays below 2^63 with ``quantity`` more."""
    level, _ = level_of(counts, levels, ranks, places, hints, side, price)
    return level == NONE or levels[level, TOTAL] <= MOST - quantity


@compiled
def process(
    counts: Table,
    orders: Table,
    levels: Table,
    ranks: Table,
    places: Table,
    ids: Table,
    hints: Table,
    messages: Table,
    events: Table,
    rule: int,
    first: int,
) -> tuple[int, int]:
    """Run messages from row ``first`` on while there is room. (the next message, how many events were written).

    It stops before a message that might not find room: for an order that rests, or for its events, which are at most
    one trade with each order there is and a few more. Whoever calls makes room and calls again.
    """
    # The same memory without its reference counts, which would cost more than the matching.
    counts, orders, levels = bare(counts), bare(orders), bare(levels)
    ranks, places, ids, hints = bare(ranks), bare(places), bare(ids), bare(hints)
    messages, events = bare(messages), bare(events)
    at, number = 0, first
    while number < len(messages):
        if (
            len(events) - at < counts[LIVE] + _EXTRA
            or counts[LIVE] == len(orders)
            or (counts[LEVEL_FREE] == NONE and counts[LEVEL_TOP] == len(levels))
        ):
            break
        kind, order, side = messages[number, 0], messages[number, 1], messages[number, 2]
        price, quantity = messages[number, 3], messages[number, 4]
        number += 1
        place = place_of(counts, ids, order)
        row = ids[place, ROW]
        refusal = ACCEPTED
        if kind == CANCEL:
            if row == NONE:
                at = tell(events, at, REFUSED, order, side, price, quantity, 0, UNKNOWN_ID)
                continue
            own, old, left = orders[row, SIDE], orders[row, PRICE], orders[row, LEFT]
            unlink(counts, orders, levels, ids, row, place)
            trim(counts, levels, places, own)
            at = tell(events, at, CANCELLED, order, own, old, left, 0, 0)
            continue
        if kind < LIMIT or kind > AMEND:
            refusal = UNKNOWN_KIND
        elif kind != AMEND and side != 0 and side != 1:
            refusal = BAD_SIDE
        elif quantity <= 0:
            refusal = BAD_QUANTITY
        elif kind != MARKET and price <= 0:
            refusal = BAD_PRICE
        elif kind == AMEND:
            if row == NONE:
                refusal = UNKNOWN_ID
        elif row != NONE:
            refusal = DUPLICATE_ID
        if refusal != ACCEPTED:
            at = tell(events, at, REFUSED, order, side, price, quantity, 0, refusal)
            continue
        way, post = side, kind == POST_ONLY
        entered = kind
        same = 0
        if kind == AMEND:
            way, post = orders[row, SIDE], orders[row, POST] == 1
            entered = LIMIT
            if price == orders[row, PRICE]:
                same = orders[row, LEFT]
        if post and meets(counts, ranks, way, price):
            refusal = WOULD_CROSS
        elif (entered == LIMIT or entered == POST_ONLY) and quantity > same:
            if not fits(counts, levels, ranks, places, hints, way, price, quantity - same):
                refusal = LEVEL_FULL
        if refusal != ACCEPTED:
            at = tell(events, at, REFUSED, order, side, price, quantity, 0, refusal)
            continue
        if kind == AMEND:
            level = orders[row, LEVEL]
            if quantity <= same:
                levels[level, TOTAL] -= same - quantity
                orders[row, LEFT] = quantity
                at = tell(events, at, AMENDED, order, way, price, quantity, quantity, 0)
                continue
            unlink(counts, orders, levels, ids, row, place)
            trim(counts, levels, places, way)
            place = place_of(counts, ids, order)
            at = tell(events, at, REQUEUED, order, way, price, quantity, quantity, 0)
        worst = _ANY_RANK if kind == MARKET else rank_of(1 - way, price)
        left, before = quantity, at
        if kind != FOK or available(counts, levels, ranks, places, 1 - way, worst, quantity):
            left, at = match(counts, orders, levels, ranks, places, ids, events, at, order, way, worst, left, rule)
        if left > 0:
            if entered == LIMIT or entered == POST_ONLY:
                if at != before:  # makers whose ids were forgotten may have moved others
                    place = place_of(counts, ids, order)
                rest(counts, orders, levels, ranks, places, ids, hints, place, order, way, price, left, np.int64(post))
                at = tell(events, at, RESTED, order, way, price, left, left, 0)
            else:
                at = tell(events, at, EXPIRED, order, way, price, left, 0, 0)
    return number, at


@compiled
def find(counts: Table, ids: Table, order: int) -> int:
    """The row of a resting order, or NONE."""
    return ids[place_of(counts, ids, order), ROW]


@compiled
def move(
    counts: Table,
    orders: Table,
    levels: Table,
    ranks: Table,
    places: Table,
    ids: Table,
    hints: Table,
    new_counts: Table,
    new_orders: Table,
    new_levels: Table,
    new_ranks: Table,
    new_places: Table,
    new_ids: Table,
    new_hints: Table,
) -> None:
    """Put all orders into empty, larger arrays, in the order of price and time."""
    for side in range(2):
        for at in range(counts[BIDS + side]):
            row = levels[places[side, at], HEAD]
            while row != NONE:
                place = place_of(new_counts, new_ids, orders[row, ID])
                rest(
                    new_counts,
                    new_orders,
                    new_levels,
                    new_ranks,
                    new_places,
                    new_ids,
                    new_hints,
                    place,
                    orders[row, ID],
                    side,
                    orders[row, PRICE],
                    orders[row, LEFT],
                    orders[row, POST],
                )
                row = orders[row, NEXT]
