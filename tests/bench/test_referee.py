"""The referee's own parts, on books small enough to do by hand; nothing here searches for minutes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples

from .clearing_batches import RECORDED, book_of, recorded
from .machine import ROOT
from .referee import ANSWERS, answer
from .referee_book import Book, read_book
from .referee_fills import best_fills
from .referee_pairs import best_pairs, pair_by_pair, starts
from .referee_search import search

DATA = ROOT / "examples" / "data"


def book(orders: list[tuple[int, int, float, float]], tokens: int = 2, purses: list[int] | None = None) -> Book:
    """(give, want, most, limit) in whole reference tokens, all tokens being worth one; a purse an order unless told."""
    give, want, most, limit = (np.array(column) for column in zip(*orders, strict=True))
    purse = np.arange(len(orders)) if purses is None else np.array(purses)
    held = np.zeros(int(purse.max()) + 1)
    np.maximum.at(held, purse, most * 1e18)
    names = tuple(f"T{index}" for index in range(tokens))
    return Book(names, np.ones(tokens), give, want, most * 1e18, limit.astype(float), purse, held)


def test_two_orders_share_what_their_limits_leave() -> None:
    two = book([(0, 1, 10.0, 0.9), (1, 0, 10.0, 0.8)])
    at_par = best_fills(two, np.zeros(2), "recorded")
    assert at_par.surplus == pytest.approx(10 * 0.1 + 10 * 0.2)
    assert at_par.parts == pytest.approx([1, 1])


def test_a_shared_balance_is_spent_once() -> None:
    orders = [(0, 1, 10.0, 0.9), (0, 1, 10.0, 0.5), (1, 0, 30.0, 1.0)]
    assert best_fills(book(orders, purses=[0, 0, 1]), np.zeros(2), "recorded").surplus == pytest.approx(10 * 0.5)
    assert best_fills(book(orders), np.zeros(2), "recorded").surplus == pytest.approx(10 * 0.5 + 10 * 0.1)


def test_clearing_prices_lend_no_scale() -> None:
    ring = book([(0, 1, 10.0, 0.9), (1, 2, 10.0, 0.9), (2, 0, 10.0, 0.9)], tokens=3)
    low, high = (best_fills(ring, np.full(3, level), "clearing").surplus for level in (-5.0, 5.0))
    assert low == pytest.approx(high) == pytest.approx(3.0)


def test_a_ring_has_no_pairs_and_is_found_by_the_search() -> None:
    ring = book([(0, 1, 10.0, 0.9), (1, 2, 10.0, 0.9), (2, 0, 10.0, 0.9)], tokens=3)
    assert best_pairs(ring, ring.funds) == []
    found = search(ring, "recorded", 1, 7, clock=iter([0.0, *[1.0] * 20, 1e9]).__next__)
    assert found.surplus >= 3.0 - 1e-9


limits = st.floats(0.5, 2.0)
sizes = st.floats(0.1, 100.0)


@given(st.lists(st.tuples(st.integers(0, 1), sizes, limits), min_size=2, max_size=9), st.integers(1, 4))
@examples(25)
def test_the_pairs_best_price_is_not_beaten_at_any_other(rows: list[tuple[int, float, float]], purses: int) -> None:
    held = [index % purses + purses * side for index, (side, _, _) in enumerate(rows)]
    some = book([(side, 1 - side, most, limit) for side, most, limit in rows], purses=held)
    best = sum(one.surplus for one in best_pairs(some, some.funds))
    grid = np.concatenate([np.linspace(-1.5, 1.5, 81), np.log(some.limit), -np.log(some.limit)])
    for ratio in grid.tolist():
        assert best_fills(some, np.array([ratio, 0.0]), "recorded").surplus <= best * (1 + 1e-6) + 1e-6


def test_what_a_pair_uses_is_gone_for_the_next() -> None:
    orders = [(0, 1, 10.0, 0.5), (0, 2, 10.0, 0.6), (1, 0, 10.0, 0.5), (2, 0, 10.0, 0.5)]
    apart, shared = book(orders, tokens=3), book(orders, tokens=3, purses=[0, 0, 1, 2])
    assert len(pair_by_pair(apart)) == 2
    assert sum(one.surplus for one in pair_by_pair(shared)) < sum(one.surplus for one in pair_by_pair(apart))


def test_the_search_starts_no_lower_than_the_best_pair() -> None:
    far = read_book(DATA / RECORDED["803"])
    best = best_pairs(far, far.funds)[0].surplus
    assert max(best_fills(far, start, "recorded").surplus for start in starts(far)) >= best * (1 - 1e-9)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_the_engines_batch_and_the_referees_book_are_the_same_orders(name: str) -> None:
    theirs, task = read_book(DATA / RECORDED[name]), recorded(name, 1_000)
    ours = book_of(task.batch)
    assert len(ours.most) == len(theirs.most)
    assert sorted(ours.most) == sorted(theirs.most)
    # A recorded token is worth as many reference tokens as the batch says in native coins.
    values = sorted(ours.recorded * 1e18 / float(task.unit))
    assert values == pytest.approx(sorted(theirs.recorded))
    assert isinstance(task.unit, Fraction)


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_the_stored_answers_are_what_their_prices_give(name: str) -> None:
    stored, orders = json.loads(ANSWERS.read_text())[RECORDED[name]], read_book(DATA / RECORDED[name])
    assert "recorded" in stored
    for valued, kept in stored.items():
        prices = np.log([kept["prices"][token] for token in orders.tokens])
        assert best_fills(orders, prices, valued).surplus == pytest.approx(kept["surplus"], rel=1e-6)
        assert kept["pair_by_pair"] == pytest.approx(sum(one.surplus for one in pair_by_pair(orders)))
        assert f"--valued {valued}" in kept["command"]


def test_an_answer_says_how_it_came_about(tmp_path: Path) -> None:
    raw = json.loads((DATA / RECORDED["497"]).read_text())
    small = tmp_path / "small.json"
    small.write_text(json.dumps({**raw, "orders": raw["orders"][:150]}))
    kept = answer(small, "recorded", 0.0, 3)
    assert kept["prices_tried"] > 0
    assert "--seed 3" in kept["command"]
    assert set(kept["prices"]) >= {"xOWL", "WETH"}
