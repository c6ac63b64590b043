"""The compiled order book: one function over flat arrays, with the same events as the plain one."""

from __future__ import annotations

from numba.np.numpy_support import carray

from walras_solvers.book.ids import place_of
from walras_solvers.book.jit import bare, inlined, pointer
from walras_solvers.book.layout import (
    BIDS,
    COUNTS,
    EVENT_COLUMNS,
    HEAD,
    HINTS,
    ID,
    ID_COLUMNS,
    LEFT,
    LEVEL,
    LEVEL_COLUMNS,
    LEVEL_FREE,
    LEVEL_TOP,
    LIVE,
    MESSAGE_COLUMNS,
    NEXT,
    NONE,
    ORDER_COLUMNS,
    POST,
    PRICE,
    ROW,
    RULE,
    SIDE,
    TOTAL,
    Number,
    Table,
)
from walras_solvers.book.messages import MOST, Happened, Kind, Refusal
from walras_solvers.book.rows import level_of, rank_of, rest, trim, unlink
from walras_solvers.book.trade import available, match, tell
from walras_solvers.jit import compiled

LIMIT, MARKET, FOK, POST_ONLY, CANCEL, AMEND = (
    int(kind) for kind in (Kind.LIMIT, Kind.MARKET, Kind.FOK, Kind.POST_ONLY, Kind.CANCEL, Kind.AMEND)
)
RESTED, _, CANCELLED, EXPIRED, AMENDED, REQUEUED, REFUSED = (int(kind) for kind in Happened)
ACCEPTED, UNKNOWN_KIND, BAD_SIDE, BAD_QUANTITY, BAD_PRICE, DUPLICATE_ID, UNKNOWN_ID, WOULD_CROSS, LEVEL_FULL = (
    int(refusal) for refusal in Refusal
)
_ANY_RANK = -MOST
#: Events of one message besides its trades, at most: it is taken out, and rests.
_EXTRA = 4


@inlined
def meets(counts: Table, ranks: Table, side: int, price: int) -> Number:
    """Whether an order of ``side`` at ``price`` would trade."""
    best = counts[BIDS + 1 - side] - 1
    return best >= 0 and ranks[1 - side, best] >= rank_of(1 - side, price)


@inlined
def fits(
    counts: Table, levels: Table, ranks: Table, places: Table, hints: Table, side: int, price: int, quantity: int
) -> Number:
    """Whether the level at ``price`` stays below 2^63 with ``quantity`` more."""
    level, _ = level_of(counts, levels, ranks, places, hints, side, price)
    return level == NONE or levels[level, TOTAL] <= MOST - quantity


@inlined
def refused(kind: int, side: int, price: int, quantity: int, row: int) -> Number:
    """What is wrong with a message that is no cancel, as far as its own numbers and its order's ``row`` tell."""
    refusal = ACCEPTED
    if kind < LIMIT or kind > AMEND:
        refusal = UNKNOWN_KIND
    elif kind != AMEND and side != 0 and side != 1:
        refusal = BAD_SIDE
    elif quantity <= 0:
        refusal = BAD_QUANTITY
    elif kind != MARKET and price <= 0:
        refusal = BAD_PRICE
    elif kind == AMEND and row == NONE:
        refusal = UNKNOWN_ID
    elif kind != AMEND and row != NONE:
        refusal = DUPLICATE_ID
    return refusal


@inlined
def room(counts: Table, orders: Table, levels: Table, events: Table, at: int) -> Number:
    """Whether any message finds room: an order and a level, and a trade with each order there is."""
    level = counts[LEVEL_FREE] != NONE or counts[LEVEL_TOP] < len(levels)
    return level and counts[LIVE] < len(orders) and len(events) - at >= counts[LIVE] + _EXTRA


@compiled
def process(book: Table, messages: Table, events: Table, first: int) -> tuple[Number, Number]:
    """Run messages from row ``first`` on while there is room. (the next message, how many events were written).

    ``book`` is :meth:`Arrays.table`. Whoever calls makes room and calls again.
    """
    counts, orders, levels, ranks, places, ids, hints = (
        carray(pointer(book[0, 0]), COUNTS),
        carray(pointer(book[1, 0]), (book[1, 1], ORDER_COLUMNS)),
        carray(pointer(book[2, 0]), (book[2, 1], LEVEL_COLUMNS)),
        carray(pointer(book[3, 0]), (2, book[2, 1])),
        carray(pointer(book[4, 0]), (2, book[2, 1])),
        carray(pointer(book[5, 0]), (book[5, 1], ID_COLUMNS)),
        carray(pointer(book[6, 0]), HINTS),
    )
    messages, events = bare(messages), bare(events)
    rule = counts[RULE]
    at, number = 0, first
    while number < len(messages) and room(counts, orders, levels, events, at):
        kind, order, side = messages[number, 0], messages[number, 1], messages[number, 2]
        price, quantity = messages[number, 3], messages[number, 4]
        number += 1
        place = place_of(counts, ids, order)
        row = ids[place, ROW]
        if kind == CANCEL and row != NONE:
            side, price, quantity = orders[row, SIDE], orders[row, PRICE], orders[row, LEFT]
            unlink(counts, orders, levels, ids, row, place)
            trim(counts, levels, places, side)
            at = tell(events, at, CANCELLED, order, side, price, quantity, 0, 0)
            continue
        refusal = UNKNOWN_ID if kind == CANCEL else refused(kind, side, price, quantity, row)
        way, post, rests, same = side, kind == POST_ONLY, kind in (LIMIT, POST_ONLY), 0
        if refusal == ACCEPTED:
            if kind == AMEND:
                way, post, rests = orders[row, SIDE], orders[row, POST] == 1, True
                if price == orders[row, PRICE]:
                    same = orders[row, LEFT]
            if post and meets(counts, ranks, way, price):
                refusal = WOULD_CROSS
            elif (
                rests
                and quantity > same
                and not fits(counts, levels, ranks, places, hints, way, price, quantity - same)
            ):
                refusal = LEVEL_FULL
        if refusal != ACCEPTED:
            at = tell(events, at, REFUSED, order, side, price, quantity, 0, refusal)
            continue
        if kind == AMEND and quantity <= same:
            levels[orders[row, LEVEL], TOTAL] -= same - quantity
            orders[row, LEFT] = quantity
            at = tell(events, at, AMENDED, order, way, price, quantity, quantity, 0)
            continue
        if kind == AMEND:
            unlink(counts, orders, levels, ids, row, place)
            trim(counts, levels, places, way)
            at = tell(events, at, REQUEUED, order, way, price, quantity, quantity, 0)
        worst = _ANY_RANK if kind == MARKET else rank_of(1 - way, price)
        left, before = quantity, at
        if kind != FOK or available(counts, levels, ranks, places, 1 - way, worst, quantity):
            left, at = match(counts, orders, levels, ranks, places, ids, events, at, order, way, worst, left, rule)
        if left > 0 and rests:
            if kind == AMEND or at != before:  # ids that were forgotten may have moved others
                place = place_of(counts, ids, order)
            rest(counts, orders, levels, ranks, places, ids, hints, place, order, way, price, left, post)
            at = tell(events, at, RESTED, order, way, price, left, left, 0)
        elif left > 0:
            at = tell(events, at, EXPIRED, order, way, price, left, 0, 0)
    return number, at


@compiled
def step(address: int) -> Number:
    """Run the one message that was written into the book's own row for it; how many events, or NONE without room.

    ``address`` is that of a book whose last two arrays are that row and the events. To be handed one number costs a
    third of what one array and five numbers cost.
    """
    book = carray(pointer(address), (9, 2))
    messages = carray(pointer(book[7, 0]), (1, MESSAGE_COLUMNS))
    events = carray(pointer(book[8, 0]), (book[8, 1], EVENT_COLUMNS))
    done, written = process(book, messages, events, 0)
    return written if done else NONE


@compiled
def find(counts: Table, ids: Table, order: int) -> Number:
    """The row of a resting order, or NONE."""
    return ids[place_of(counts, ids, order), ROW]


@compiled
def move(old: Table, new: Table) -> None:
    """Put all orders of one :meth:`Arrays.table` into another, empty one, in the order of price and time."""
    counts, orders = carray(pointer(old[0, 0]), COUNTS), carray(pointer(old[1, 0]), (old[1, 1], ORDER_COLUMNS))
    levels = carray(pointer(old[2, 0]), (old[2, 1], LEVEL_COLUMNS))
    places = carray(pointer(old[4, 0]), (2, old[2, 1]))
    to_counts, to_orders = carray(pointer(new[0, 0]), COUNTS), carray(pointer(new[1, 0]), (new[1, 1], ORDER_COLUMNS))
    to_levels = carray(pointer(new[2, 0]), (new[2, 1], LEVEL_COLUMNS))
    to_ranks, to_places = carray(pointer(new[3, 0]), (2, new[2, 1])), carray(pointer(new[4, 0]), (2, new[2, 1]))
    to_ids, to_hints = carray(pointer(new[5, 0]), (new[5, 1], ID_COLUMNS)), carray(pointer(new[6, 0]), HINTS)
    to_counts[RULE] = counts[RULE]
    for side in range(2):
        for at in range(counts[BIDS + side]):
            row = levels[places[side, at], HEAD]
            while row != NONE:
                order, price, left, post = orders[row, ID], orders[row, PRICE], orders[row, LEFT], orders[row, POST]
                place = place_of(to_counts, to_ids, order)
                rest(
                    to_counts,
                    to_orders,
                    to_levels,
                    to_ranks,
                    to_places,
                    to_ids,
                    to_hints,
                    place,
                    order,
                    side,
                    price,
                    left,
                    post,
                )
                row = orders[row, NEXT]
