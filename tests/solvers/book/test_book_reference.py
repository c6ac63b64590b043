"""The plain book: every kind of message, every refusal, priority, amending, sharing by size."""

from __future__ import annotations

import pytest
from book_streams import check_sums, messages, rules
from hypothesis import given
from support.effort import examples
from walras_solvers.book import MOST, Book, Event, Happened, Kind, Message, Refusal, Rule, Side

BUY, SELL = Side.BUY, Side.SELL


def book_of(*orders: tuple[int, Side, int, int], rule: Rule = Rule.PRICE_TIME) -> Book:
    """A book with limit orders (id, side, price, quantity)."""
    book = Book(rule)
    book.process(Message(Kind.LIMIT, *order) for order in orders)
    return book


def trades(events: list[Event]) -> list[tuple[int, int, int]]:
    """(maker, price, quantity)."""
    return [(event.maker, event.price, event.quantity) for event in events if event.kind == Happened.TRADED]


def refusal(book: Book, message: Message) -> Refusal:
    before = book.depth()
    (event,) = book.apply(message)
    assert event.kind == Happened.REFUSED
    assert event[1:5] == message[1:]
    assert book.depth() == before
    return Refusal(event.refusal)


def test_better_prices_first_then_time() -> None:
    book = book_of((1, SELL, 102, 5), (2, SELL, 101, 5), (3, SELL, 101, 5), (4, SELL, 100, 1))
    events = book.apply(Message(Kind.LIMIT, 9, BUY, 101, 8))
    assert trades(events) == [(4, 100, 1), (2, 101, 5), (3, 101, 2)]
    assert [event.left for event in events] == [7, 2, 0]
    assert [event.maker_left for event in events] == [0, 0, 3]


def test_what_a_limit_order_does_not_trade_rests() -> None:
    book = book_of((1, SELL, 100, 5))
    events = book.apply(Message(Kind.LIMIT, 2, BUY, 100, 8))
    assert events[1] == Event(Happened.RESTED, 2, BUY, 100, 3, 3)
    assert book.depth().best_bid == 100
    assert book.depth().best_ask is None


def test_a_market_order_takes_any_price_and_never_rests() -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 1, 5))
    events = book.apply(Message(Kind.MARKET, 3, SELL, 0, 12))
    assert trades(events) == [(1, 100, 5), (2, 1, 5)]
    assert events[-1] == Event(Happened.EXPIRED, 3, SELL, 0, 2)
    assert len(book) == 0


def test_immediate_or_cancel_trades_within_its_price_and_the_rest_expires() -> None:
    book = book_of((1, SELL, 100, 5), (2, SELL, 101, 5))
    events = book.apply(Message(Kind.IOC, 3, BUY, 100, 9))
    assert trades(events) == [(1, 100, 5)]
    assert events[-1] == Event(Happened.EXPIRED, 3, BUY, 100, 4)


@pytest.mark.parametrize(("quantity", "fills"), [(10, True), (11, False)])
def test_fill_or_kill_takes_all_of_it_or_nothing(quantity: int, fills: bool) -> None:
    book = book_of((1, SELL, 100, 5), (2, SELL, 101, 5), (3, SELL, 102, 5))
    before = book.depth()
    events = book.apply(Message(Kind.FOK, 4, BUY, 101, quantity))
    if fills:
        assert trades(events) == [(1, 100, 5), (2, 101, 5)]
    else:
        assert events == [Event(Happened.EXPIRED, 4, BUY, 101, quantity)]
        assert book.depth() == before


def test_post_only_rests_or_is_refused() -> None:
    book = book_of((1, SELL, 100, 5))
    assert book.apply(Message(Kind.POST_ONLY, 2, BUY, 99, 5))[0].kind == Happened.RESTED
    assert refusal(book, Message(Kind.POST_ONLY, 3, BUY, 100, 5)) is Refusal.WOULD_CROSS


def test_a_cancelled_order_is_gone_and_its_id_is_free() -> None:
    book = book_of((1, SELL, 100, 5))
    assert book.apply(Message(Kind.CANCEL, 1)) == [Event(Happened.CANCELLED, 1, SELL, 100, 5)]
    assert book.order(1) is None
    assert book.apply(Message(Kind.LIMIT, 1, BUY, 7, 1)) == [Event(Happened.RESTED, 1, BUY, 7, 1, 1)]


@pytest.mark.parametrize(
    ("price", "quantity", "kept"), [(100, 5, True), (100, 4, True), (100, 6, False), (101, 5, False), (101, 1, False)]
)
def test_less_at_the_same_price_keeps_its_place_anything_else_loses_it(price: int, quantity: int, kept: bool) -> None:
    book = book_of((1, BUY, 100, 5), (2, BUY, 100, 5), (3, BUY, 101, 5))
    events = book.apply(Message(Kind.AMEND, 1, SELL, price, quantity))
    assert events[0] == Event(Happened.AMENDED if kept else Happened.REQUEUED, 1, BUY, price, quantity, quantity)
    book.apply(Message(Kind.CANCEL, 3))
    (first, *_) = trades(book.apply(Message(Kind.MARKET, 9, SELL, 0, 1)))
    assert (first[0] == 1) is (kept or price == 101)


def test_an_amended_order_that_crosses_trades() -> None:
    book = book_of((1, BUY, 100, 5), (2, SELL, 103, 2))
    events = book.apply(Message(Kind.AMEND, 1, BUY, 103, 5))
    assert [Happened(event.kind).name for event in events] == ["REQUEUED", "TRADED", "RESTED"]
    assert book.depth().bids == ((103, 3),)


def test_a_post_only_order_stays_one_when_amended() -> None:
    book = book_of((1, SELL, 103, 2))
    book.apply(Message(Kind.POST_ONLY, 2, BUY, 100, 5))
    assert refusal(book, Message(Kind.AMEND, 2, BUY, 103, 5)) is Refusal.WOULD_CROSS
    book.apply(Message(Kind.AMEND, 2, BUY, 102, 9))
    assert refusal(book, Message(Kind.AMEND, 2, BUY, 104, 5)) is Refusal.WOULD_CROSS


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message(7, 2, BUY, 100, 1), Refusal.UNKNOWN_KIND),
        (Message(-1, 2, BUY, 100, 1), Refusal.UNKNOWN_KIND),
        (Message(Kind.LIMIT, 2, 2, 100, 1), Refusal.BAD_SIDE),
        (Message(Kind.LIMIT, 2, BUY, 100, 0), Refusal.BAD_QUANTITY),
        (Message(Kind.MARKET, 2, BUY, 0, -5), Refusal.BAD_QUANTITY),
        (Message(Kind.LIMIT, 2, BUY, 100, MOST + 1), Refusal.BAD_QUANTITY),
        (Message(Kind.AMEND, 1, BUY, 100, 0), Refusal.BAD_QUANTITY),
        (Message(Kind.IOC, 2, BUY, 0, 1), Refusal.BAD_PRICE),
        (Message(Kind.LIMIT, 2, BUY, -100, 1), Refusal.BAD_PRICE),
        (Message(Kind.AMEND, 1, BUY, MOST + 1, 1), Refusal.BAD_PRICE),
        (Message(Kind.LIMIT, 1, SELL, 100, 1), Refusal.DUPLICATE_ID),
        (Message(Kind.MARKET, 1, BUY, 0, 1), Refusal.DUPLICATE_ID),
        (Message(Kind.CANCEL, 2), Refusal.UNKNOWN_ID),
        (Message(Kind.AMEND, 2, BUY, 100, 1), Refusal.UNKNOWN_ID),
        (Message(Kind.POST_ONLY, 2, SELL, 100, 1), Refusal.WOULD_CROSS),
        (Message(Kind.LIMIT, 2, BUY, 100, MOST), Refusal.LEVEL_FULL),
        (Message(Kind.AMEND, 3, BUY, 100, MOST), Refusal.LEVEL_FULL),
    ],
)
def test_each_refusal_is_named_and_changes_nothing(message: Message, reason: Refusal) -> None:
    book = book_of((1, BUY, 100, 5), (3, BUY, 99, 5))
    assert refusal(book, message) is reason


def test_a_level_may_hold_all_that_64_bits_hold() -> None:
    book = book_of((1, BUY, 100, 5))
    assert book.apply(Message(Kind.LIMIT, 2, BUY, 100, MOST - 5))[0].kind == Happened.RESTED
    assert book.depth().bids == ((100, MOST),)


def test_by_size_rounded_down_and_the_rest_by_time() -> None:
    book = book_of((1, SELL, 100, 10), (2, SELL, 100, 30), (3, SELL, 100, 60), rule=Rule.PRO_RATA)
    # Shares of 7 are 0.7, 2.1 and 4.2: rounded down 0, 2 and 4, and the one left goes to the first.
    assert trades(book.apply(Message(Kind.LIMIT, 9, BUY, 100, 7))) == [(1, 100, 1), (2, 100, 2), (3, 100, 4)]


def test_by_size_who_takes_the_whole_level_fills_it_by_time() -> None:
    book = book_of((1, SELL, 100, 10), (2, SELL, 100, 30), (3, SELL, 101, 2), rule=Rule.PRO_RATA)
    assert trades(book.apply(Message(Kind.MARKET, 9, BUY, 0, 41))) == [(1, 100, 10), (2, 100, 30), (3, 101, 1)]


def test_snapshots() -> None:
    book = book_of((1, SELL, 102, 5), (2, SELL, 101, 5), (3, BUY, 99, 4), (4, BUY, 99, 3))
    depth = book.depth(1)
    assert (depth.bids, depth.asks, depth.spread) == (((99, 7),), ((101, 5),), 2)
    one = book.order(4)
    assert one is not None
    assert (one.side, one.price, one.left) == (BUY, 99, 3)


def test_records_explain_themselves() -> None:
    book = book_of((1, SELL, 102, 5))
    (event,) = book.apply(Message(Kind.LIMIT, 2, BUY, 103, 4))
    assert str(event) == "TRADED order=2 side=BUY price=102 quantity=4 maker=1 maker_left=1"
    assert str(Message(Kind.FOK, 2, SELL, 103, 4)) == "FOK order=2 side=SELL price=103 quantity=4"
    (event,) = book.apply(Message(Kind.CANCEL, 77))
    assert str(event) == "REFUSED order=77 side=BUY because of UNKNOWN_ID"


@examples(100)
@given(messages, rules)
def test_nothing_is_lost_and_the_book_never_stands_crossed(stream: list[Message], rule: Rule) -> None:
    book = Book(rule)
    check_sums(book, book.process(stream))
