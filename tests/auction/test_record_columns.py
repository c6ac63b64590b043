"""The choice among many open intents, against the same choice made plainly."""

import random

from hypothesis import given
from hypothesis import strategies as st
from walras_auction.infra.record.columns import Columns

TOKENS = ("0xa", "0xb", "0xc")
PRICES = {"0xa": 1.0, "0xb": 2.5}


def filled(count: int, seed: int = 1) -> tuple[Columns, dict[int, tuple[str, int, int]]]:
    draw = random.Random(seed)
    columns, held = Columns(), {}
    for sequence in range(1, count + 1):
        held[sequence] = (draw.choice(TOKENS), draw.randint(1, 50), draw.randint(1, 100))
        columns.put(sequence, *held[sequence])
    return columns, held


@given(st.integers(0, 300), st.integers(1, 60), st.integers(0, 10**6))
def test_the_best_are_those_worth_most_and_of_equal_ones_the_earlier(count: int, limit: int, seed: int) -> None:
    columns, held = filled(count, seed)
    draw = random.Random(seed + 1)
    funded = {sequence: draw.choice((0.0, 0.5, 1.0)) for sequence in held if draw.random() < 0.5}
    columns.learn(funded)

    def worth(sequence: int) -> float:
        token, amount, _ = held[sequence]
        return amount * funded.get(sequence, 1.0) * PRICES.get(token, 0.0)

    plain = sorted(sorted(held, key=lambda sequence: (-worth(sequence), sequence))[:limit])
    assert columns.best(limit, PRICES) == plain


def test_what_is_dropped_is_chosen_no_more_and_its_row_is_used_again() -> None:
    columns, held = filled(2000)
    for sequence in range(1, 1990):
        columns.drop(sequence)
    columns.drop(5)
    assert (len(columns), columns.best(100, PRICES)) == (11, list(range(1990, 2001)))
    columns.put(3000, "0xa", 7, 9)
    assert columns.best(100, PRICES)[-1] == 3000
    assert columns.still([1, 1999, 3000]) == [1999, 3000]
    assert held


def test_the_ended_are_those_whose_last_second_lies_before() -> None:
    columns, held = filled(500)
    assert columns.ended(40) == [sequence for sequence, (_, _, end) in held.items() if end < 40]


@given(st.integers(1, 40), st.integers(1, 15))
def test_the_window_passes_over_everyone_in_turn(count: int, width: int) -> None:
    columns, held = filled(count)
    seen: list[int] = []
    mark = 0
    while len(seen) < count:
        window = columns.after(mark, width)
        assert len(window) == min(width, count)
        seen += window
        mark = window[-1]
    assert seen[:count] == sorted(held)


def test_there_is_nothing_to_choose_from_nobody() -> None:
    columns = Columns()
    assert (columns.best(5, {}), columns.ended(9), columns.after(0, 5), columns.still([1])) == ([], [], [], [])
