"""Orders and levels of the compiled book: entering, leaving, and the sorted prices of a side."""

from __future__ import annotations

from walras_solvers.book.ids import forget
from walras_solvers.book.jit import inlined
from walras_solvers.book.layout import (
    BEFORE,
    BIDS,
    HEAD,
    ID,
    KEY,
    LEFT,
    LEVEL,
    LEVEL_FREE,
    LEVEL_TOP,
    LIVE,
    NEXT,
    NONE,
    ORDER_FREE,
    ORDER_TOP,
    POST,
    PRICE,
    RANK,
    ROW,
    SIDE,
    TAIL,
    TOTAL,
    Number,
    Table,
)


@inlined
def rank_of(side: int, price: int) -> Number:
    """A price as a number that is larger the better it is for the other side."""
    return price if side == 0 else -price


@inlined
def position(counts: Table, ranks: Table, side: int, rank: int) -> Number:
    """How many levels of a side are worse than ``rank``: where it stands, or would stand."""
    low, high = 0, counts[BIDS + side]
    while low < high:
        middle = (low + high) >> 1
        if ranks[side, middle] < rank:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def level_of(
    counts: Table, levels: Table, ranks: Table, places: Table, hints: Table, side: int, price: int
) -> tuple[Number, Number]:
    """(the row of the level, or NONE; where it would stand then)."""
    rank = rank_of(side, price)
    hint = rank & (len(hints) - 1)
    row, at = hints[hint], 0
    if levels[row, RANK] != rank:
        at = position(counts, ranks, side, rank)
        row = NONE
        if at < counts[BIDS + side] and ranks[side, at] == rank:
            row = places[side, at]
            hints[hint] = row
    return row, at


@inlined
def add_level(
    counts: Table, levels: Table, ranks: Table, places: Table, hints: Table, side: int, at: int, rank: int
) -> Number:
    """A new, empty level at position ``at`` of its side; its row."""
    row = counts[LEVEL_FREE]
    if row == NONE:
        row = counts[LEVEL_TOP]
        counts[LEVEL_TOP] += 1
    else:
        counts[LEVEL_FREE] = levels[row, HEAD]
    levels[row, TOTAL] = 0
    levels[row, HEAD] = NONE
    levels[row, TAIL] = NONE
    levels[row, RANK] = rank
    above = counts[BIDS + side]
    while above > at:
        ranks[side, above] = ranks[side, above - 1]
        places[side, above] = places[side, above - 1]
        above -= 1
    ranks[side, at] = rank
    places[side, at] = row
    counts[BIDS + side] += 1
    hints[rank & (len(hints) - 1)] = row
    return row


@inlined
def trim(counts: Table, levels: Table, places: Table, side: int) -> None:
    """Drop empty levels from the top until the best one is not empty."""
    count = counts[BIDS + side]
    while count > 0 and levels[places[side, count - 1], HEAD] == NONE:
        count -= 1
        row = places[side, count]
        levels[row, RANK] = 0
        levels[row, HEAD] = counts[LEVEL_FREE]
        counts[LEVEL_FREE] = row
    counts[BIDS + side] = count


@inlined
def rest(
    counts: Table,
    orders: Table,
    levels: Table,
    ranks: Table,
    places: Table,
    ids: Table,
    hints: Table,
    place: int,
    key: int,
    side: int,
    price: int,
    left: int,
    post: int,
) -> None:
    """Put a new order at the end of its level. ``place`` is the empty one of its id."""
    row = counts[ORDER_FREE]
    if row == NONE:
        row = counts[ORDER_TOP]
        counts[ORDER_TOP] += 1
    else:
        counts[ORDER_FREE] = orders[row, NEXT]
    level, at = level_of(counts, levels, ranks, places, hints, side, price)
    if level == NONE:
        level = add_level(counts, levels, ranks, places, hints, side, at, rank_of(side, price))
    last = levels[level, TAIL]
    orders[row, ID] = key
    orders[row, SIDE] = side
    orders[row, PRICE] = price
    orders[row, LEFT] = left
    orders[row, LEVEL] = level
    orders[row, NEXT] = NONE
    orders[row, BEFORE] = last
    orders[row, POST] = post
    if last == NONE:
        levels[level, HEAD] = row
    else:
        orders[last, NEXT] = row
    levels[level, TAIL] = row
    levels[level, TOTAL] += left
    ids[place, KEY] = key
    ids[place, ROW] = row
    counts[LIVE] += 1


@inlined
def unlink(counts: Table, orders: Table, levels: Table, ids: Table, row: int, place: int) -> None:
    """Take an order out of its level, which may be left empty, and its id out of its ``place``."""
    level, after, before = orders[row, LEVEL], orders[row, NEXT], orders[row, BEFORE]
    if before == NONE:
        levels[level, HEAD] = after
    else:
        orders[before, NEXT] = after
    if after == NONE:
        levels[level, TAIL] = before
    else:
        orders[after, BEFORE] = before
    levels[level, TOTAL] -= orders[row, LEFT]
    forget(counts, ids, place)
    orders[row, NEXT] = counts[ORDER_FREE]
    counts[ORDER_FREE] = row
    counts[LIVE] -= 1
