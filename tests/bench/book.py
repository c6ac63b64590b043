"""The order book: the compiled one in chunks, and one message a call, beside ``litebook`` on the same stream.

litebook is the fastest book on the package index that returns fills. Before anything is timed, the events of the plain
book and of the compiled one must be the same, and so must litebook's fills: which two orders, how much, in which order.
(It prints the seller's limit as the price of a fill, and now and then swaps the names of the two sides.)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import litebook
import numpy as np
from walras_solvers.book import Book, Event, Happened, Kind, Message
from walras_solvers.book.compiled import CompiledBook, rows

from .book_stream import stream
from .measure import BenchError, a_core, interleaved, on_core, per_second
from .rows import Row, row
from .sizes import Sizes

#: Messages a chunk; the smaller one is reported beside.
_CHUNK, _SMALL = 1_000, 100
_PEER = "litebook, one message a call"

Fill = tuple[int, int, int]
"""(the earlier order, the later, quantity)."""


def kernel(sizes: Sizes) -> Row:
    """Messages a second through the compiled book in chunks of 1,000."""
    made = stream(sizes.books["book.kernel"])
    _check(made)
    table, samples = rows(made), [np.zeros(0)]

    def ours(_pass: int) -> float:
        return _chunked(table, _CHUNK, samples)

    with on_core(a_core()):
        small = sorted(_chunked(table, _SMALL, []) for _ in range(sizes.passes))[sizes.passes // 2]
        found, peer = interleaved(ours, lambda _: _lite(made), sizes.passes)
    p99 = float(np.percentile(np.concatenate(samples), 99)) * 1e6
    detail = (
        f"{found}; peer {peer}; one core; {_mix(made)}; chunks of {_CHUNK}, 99 of 100 within {p99:,.0f} µs; "
        f"in chunks of {_SMALL}: {small:,.0f} messages/s; events identical to the plain book's, fills to the peer's"
    )
    return row("book.kernel", found.median, "messages/s", _PEER, peer.median, detail, better="more")


def call(sizes: Sizes) -> Row:
    """Messages a second, each a call from Python that returns its events."""
    made = stream(sizes.books["book.call"])
    _check(made)
    with on_core(a_core()):
        plain = sorted(_one_by_one(made, Book().apply) for _ in range(sizes.passes))[sizes.passes // 2]
        found, peer = interleaved(
            lambda _: _one_by_one(made, CompiledBook().apply), lambda _: _lite(made), sizes.passes
        )
    detail = (
        f"{found}; peer {peer}; one core; {_mix(made)}; the compiled book's apply(); the plain book makes "
        f"{plain:,.0f} messages/s; events identical to its, fills to the peer's"
    )
    return row("book.call", found.median, "messages/s", _PEER, peer.median, detail, better="more")


def _chunked(table: np.ndarray[tuple[int, int], np.dtype[np.int64]], size: int, samples: list[np.ndarray]) -> float:
    """Messages a second; the seconds of each chunk go to ``samples``."""
    book, clock = CompiledBook(), time.perf_counter
    chunks = [table[start : start + size] for start in range(0, len(table), size)]
    moments = [clock()]
    for chunk in chunks:
        book.run(chunk)
        moments.append(clock())
    samples.append(np.diff(moments))
    return len(table) / (moments[-1] - moments[0])


def _one_by_one(made: Sequence[Message], apply: Callable[[Message], list[Event]]) -> float:
    def work() -> None:
        for message in made:
            apply(message)

    return per_second(work, len(made))


def _lite(made: Sequence[Message]) -> float:
    """The same through litebook: an order is created and added, or cancelled by the id it gave."""
    book, names = litebook.OrderBook(tick_size=1.0), dict[int, str]()
    sides = (litebook.OrderType.Buy, litebook.OrderType.Sell)

    def work() -> None:
        for kind, order, side, price, quantity in made:
            if kind == Kind.CANCEL:
                book.cancel(names[order])
            else:
                one = book.create_order(sides[side], price, quantity)
                names[order] = one.id
                book.add(one)

    return per_second(work, len(made))


def _check(made: Sequence[Message]) -> None:
    """All three books make the same fills in the same order."""
    plain = Book().process(made)
    if CompiledBook().process(made) != plain:
        raise BenchError("the compiled book differs from the plain one")
    one_by_one = CompiledBook()
    if [event for message in made for event in one_by_one.apply(message)] != plain:
        raise BenchError("the compiled book differs from the plain one, message by message")
    if _fills(plain) != _lite_fills(made):
        raise BenchError("litebook makes other fills")


def _fills(events: Sequence[Event]) -> list[Fill]:
    return [(event.maker, event.order, event.quantity) for event in events if event.kind == Happened.TRADED]


def _lite_fills(made: Sequence[Message]) -> list[Fill]:
    book, names, ids = litebook.OrderBook(tick_size=1.0), dict[int, str](), dict[str, int]()
    sides = (litebook.OrderType.Buy, litebook.OrderType.Sell)
    found: list[Fill] = []
    for kind, order, side, price, quantity in made:
        if kind == Kind.CANCEL:
            book.cancel(names[order])
            continue
        one = book.create_order(sides[side], price, quantity)
        names[order], ids[one.id] = one.id, order
        for fill in book.add(one):
            maker, taker = sorted((ids[fill.buy_id], ids[fill.sell_id]))
            found.append((maker, taker, int(fill.quantity)))
    return found


def _mix(made: Sequence[Message]) -> str:
    events = Book().process(made)
    count = len(made)
    cancels = sum(message.kind == Kind.CANCEL for message in made)
    crossing = len({event.order for event in events if event.kind == Happened.TRADED})
    trades = sum(event.kind == Happened.TRADED for event in events)
    rest = count - cancels - crossing
    return (
        f"{count:,} messages: {rest / count:.0%} new orders that rest, {cancels / count:.0%} cancels, "
        f"{crossing / count:.0%} that cross, {trades:,} fills"
    )
