"""The clearing engine's inner parts: the fill programme, its smoothed dual, and fills moved by atoms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array
from solver_checker import check
from walras.testing import a_market
from walras_solvers.clearing import ClearingSolver
from walras_solvers.kernels.balance import Trade
from walras_solvers.kernels.market import Market
from walras_solvers.kernels.quantities import Columns, best_parts, whole_parts
from walras_solvers.kernels.repair import snapped


def ring(sizes: list[float]) -> Columns:
    """Three orders around three tokens."""
    matrix = csc_array(np.array([[-1.0, 0.0, 1.0], [1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]))
    return Columns(np.array(sizes), matrix, np.array(sizes))


def test_a_ring_is_as_large_as_its_smallest_order() -> None:
    parts = best_parts(ring([4.0, 2.0, 1.0]))
    assert parts == pytest.approx([0.25, 0.5, 1.0])


def test_an_order_that_cannot_be_split_stops_the_ring() -> None:
    assert whole_parts(ring([4.0, 2.0, 1.0]), np.array([1.0, 0.0, 0.0])) == pytest.approx([0.0, 0.0, 0.0])
    assert whole_parts(ring([4.0, 4.0, 4.0]), np.array([1.0, 0.0, 0.0])) == pytest.approx([1.0, 1.0, 1.0])


def test_what_nobody_can_serve_does_not_set_the_scale() -> None:
    tight, most = ring([1e30, 2.0, 1.0]).tight()
    assert tight.width == pytest.approx([1.0, 1.0, 1.0])
    assert most == pytest.approx([1e-30, 0.5, 1.0])


def test_a_screened_programme_is_worth_what_the_whole_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    count, tokens = 400, 5
    ends = np.array([random.permutation(tokens)[:2] for _ in range(count)])
    rows, data = ends.ravel(), np.tile([1.0, -1.0], count)
    matrix = csc_array((data, rows, 2 * np.arange(count + 1)), shape=(tokens, count))
    width = random.uniform(0.1, 1.0, count)
    columns = Columns(width * random.uniform(0.0, 0.1, count), matrix, width)
    whole = best_parts(columns)
    monkeypatch.setattr("walras_solvers.kernels.fill_lp.SCREENED", 1)
    screened = best_parts(columns)
    assert whole is not None
    assert screened is not None
    assert columns.worth @ screened == pytest.approx(columns.worth @ whole, rel=1e-9)
    assert matrix @ (width * screened) == pytest.approx(np.zeros(tokens), abs=1e-7)


def test_a_snapped_fill_costs_no_atom_of_a_dear_token_and_stays() -> None:
    market = a_market().with_token("A", price=1).with_token("B", decimals=2, price=1)
    (order,) = Market.of(market.with_sell("ann", ("A", 10), ("B", 9)).batch()).orders
    prices = {order.gives[0]: 10**6, order.wants[0]: 10**22}
    trade = snapped(Trade(order, 9_876_543_210_000_000_000, 0), prices)
    assert trade.executed * 10**6 % 10**22 == 0
    assert snapped(trade, prices) == trade


def test_the_price_impact_guard_is_kept_by_the_search() -> None:
    market = a_market().with_token("A", price=1).with_token("B", price=1)
    market = market.with_sell("ann", ("A", 10), ("B", "9")).with_sell("bob", ("B", 10), ("A", "9"))
    batch = market.batch().model_copy(update={"guard_bps": 500})
    solutions = list(ClearingSolver().solve(batch))
    assert solutions
    for solution in solutions:
        check(solution, batch)


def test_an_engine_that_breaks_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ArithmeticError("a lie")

    monkeypatch.setattr("walras_solvers.clearing.clear", breaks)
    market = a_market().with_token("A", price=1).with_token("B", price=1).with_sell("ann", ("A", 10), ("B", 9))
    assert list(ClearingSolver().solve(market.batch())) == []
