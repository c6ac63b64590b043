"""The compiled book does what the plain one does, event for event; and it grows."""

from __future__ import annotations

import random

import numpy as np
import pytest
from bench.book_stream import stream
from book_streams import long_stream, messages, rules
from hypothesis import given
from hypothesis import strategies as st
from support.effort import effort, examples
from walras_solvers.book import MOST, Book, Kind, Message, Refusal, Rule, Side
from walras_solvers.book.compiled import CompiledBook, rows
from walras_solvers.book.split import share

_PART = 10_000 if effort() == 1 else 40_000


def same(plain: Book, compiled: CompiledBook) -> bool:
    ids = range(500)
    open_orders = [plain.order(one) for one in ids] == [compiled.order(one) for one in ids]
    return plain.depth() == compiled.depth() and len(plain) == len(compiled) and open_orders


@examples(60)
@given(messages, rules, st.integers(1, 40), st.integers(1, 3))
def test_hostile_messages(made: list[Message], rule: Rule, chunk: int, capacity: int) -> None:
    plain, compiled = Book(rule), CompiledBook(rule, capacity)
    for start in range(0, len(made), chunk):
        part = made[start : start + chunk]
        assert compiled.process(part) == plain.process(part)
    assert same(plain, compiled)


@examples(25)
@given(messages, rules)
def test_one_message_a_call(made: list[Message], rule: Rule) -> None:
    plain, compiled = Book(rule), CompiledBook(rule, 1)
    assert [compiled.apply(one) for one in made] == [plain.apply(one) for one in made]
    assert same(plain, compiled)


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("seed", range(2 * effort()))
def test_long_streams_of_every_kind(rule: Rule, seed: int) -> None:
    if effort() > 1:
        seed = random.SystemRandom().randrange(2**32)
    made = long_stream(_PART, seed, prices=10 + seed % 50)
    plain, compiled = Book(rule), CompiledBook(rule, 16)
    for start in range(0, _PART, 1_000):
        part = made[start : start + 1_000]
        assert compiled.process(part) == plain.process(part), f"seed {seed}"
    assert same(plain, compiled)


def test_the_stream_of_the_benchmarks() -> None:
    made = stream(20_000)
    assert CompiledBook().process(made) == Book().process(made)


def test_prices_anywhere_and_capacity_that_grows_lose_nothing() -> None:
    chance = random.Random(5)
    made = [
        Message(Kind.LIMIT, number, side := chance.randrange(2), abs(chance.randrange(1, 2**61) + side * 2**62), 3)
        for number in range(3_000)
    ]
    plain, compiled = Book(), CompiledBook(capacity=1)
    assert compiled.process(made) == plain.process(made)
    assert len(compiled) == 3_000
    assert compiled.depth() == plain.depth()
    assert compiled.process([Message(Kind.MARKET, -1, Side.BUY, 0, MOST)]) == plain.process(
        [Message(Kind.MARKET, -1, Side.BUY, 0, MOST)]
    )


def test_levels_that_come_and_go_do_not_fill_the_book() -> None:
    """A drifting price leaves empty levels behind the best one."""
    made = [Message(Kind.LIMIT, 0, Side.BUY, 10**6, 1)]
    for number in range(1, 2_000):
        made += [Message(Kind.LIMIT, number, Side.BUY, number, 1), Message(Kind.CANCEL, number)]
    plain, compiled = Book(), CompiledBook(capacity=4)
    assert compiled.process(made) == plain.process(made)
    assert compiled.depth().bids == ((10**6, 1),)


def test_no_messages_no_events() -> None:
    compiled = CompiledBook()
    assert compiled.process([]) == []
    assert compiled.run(rows([])).shape == (0, 9)


def test_events_belong_to_who_asked() -> None:
    compiled = CompiledBook()
    first = compiled.run(rows([Message(Kind.LIMIT, 1, Side.BUY, 5, 5)]))
    kept = first.copy()
    compiled.run(rows([Message(Kind.LIMIT, 2, Side.SELL, 9, 9)]))
    assert np.array_equal(first, kept)


def test_a_number_beyond_64_bits_is_no_message() -> None:
    compiled = CompiledBook()
    with pytest.raises(OverflowError):
        compiled.process([Message(Kind.LIMIT, 1, Side.BUY, 5, 5), Message(Kind.LIMIT, 2, Side.BUY, 5, 2**63)])
    with pytest.raises(OverflowError):
        compiled.apply(Message(Kind.LIMIT, 2**63, Side.BUY, 5, 5))
    assert len(compiled) == 0


def test_a_book_needs_room() -> None:
    with pytest.raises(ValueError, match="capacity"):
        CompiledBook(capacity=0)


def test_refusals_have_the_same_names() -> None:
    (event,) = CompiledBook().apply(Message(Kind.CANCEL, 4))
    assert event.refusal == Refusal.UNKNOWN_ID


@examples(200)
@given(st.integers(1, MOST), st.integers(1, MOST), st.integers(1, MOST))
def test_shares_are_exact_beyond_64_bits(one: int, two: int, three: int) -> None:
    low, middle, high = sorted((one, two, three))
    assert share(low, middle, high) == low * middle // high
    assert share(middle, low, high) == low * middle // high
