"""The screened fill programme says what HiGHS says on the whole, and proves it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array
from support.effort import examples
from walras_solvers.kernels import fill_lp
from walras_solvers.kernels.fill_lp import FillAnswer, FillProgram, dual_bound, solve_fills
from walras_solvers.kernels.fill_lp_dual import minimised


def random_program(count: int, tokens: int, seed: int, *, legs: int = 2, purses: int = 0) -> FillProgram:
    """Columns of ``legs`` entries, the last three times as long as the others; ``purses`` rows share funds."""
    draw = np.random.default_rng(seed)
    rows = np.array([draw.choice(tokens, legs, replace=False) for _ in range(count)])
    entries = draw.uniform(0.2, 1.0, (count, legs)) * draw.choice([-1.0, 1.0], (count, legs))
    entries[:, 0], entries[:, -1] = -1.0, 1.0
    balance = csc_array((entries.ravel(), rows.ravel(), np.arange(0, legs * count + 1, legs)), shape=(tokens, count))
    gain, most = draw.normal(0, 0.02, count), draw.lognormal(0, 1.5, count)
    if not purses:
        return FillProgram(gain, most, balance)
    members = draw.integers(0, 4 * purses, count)  # three columns of four are in no row
    inside = np.flatnonzero(members < purses)
    shared = csr_array((np.ones(len(inside)), (members[inside], inside)), shape=(purses, count))
    return FillProgram(gain, most, balance, shared, 0.3 * (shared @ most) + 1e-6)


def whole(program: FillProgram) -> float:
    """The optimum by HiGHS on all columns, asked in another way than the code under test does."""
    found = linprog(
        -program.gain,
        A_ub=program.shared,
        b_ub=program.limit,
        A_eq=program.balance,
        b_eq=np.zeros(program.balance.shape[0]),
        bounds=[(0.0, value) for value in program.most],
        method="highs-ipm",
    )
    assert found.status == 0
    return -float(found.fun)


def assert_optimal(program: FillProgram, answer: FillAnswer | None) -> None:
    assert answer is not None
    assert (answer.x >= 0).all()
    assert (answer.x <= program.most).all()
    size = float(program.most.sum())
    assert np.abs(program.balance @ answer.x).max() <= 1e-9 * size
    if program.shared is not None and program.limit is not None:
        assert (program.shared @ answer.x <= program.limit + 1e-9 * size).all()
    assert (answer.row_price >= 0).all()
    assert answer.bound == pytest.approx(dual_bound(program, answer.token_price, answer.row_price))
    assert abs(answer.gap) <= 1e-9
    assert answer.worth == pytest.approx(whole(program), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("count", [1, 2, 30, fill_lp.SCREENED - 1, fill_lp.SCREENED, 4_000])
def test_the_answer_is_the_whole_programmes(count: int) -> None:
    program = random_program(count, 8, count)
    assert_optimal(program, solve_fills(program))


@pytest.mark.parametrize("legs", [3, 5])
def test_baskets_and_pool_segments_fit(legs: int) -> None:
    program = random_program(1_500, 7, legs, legs=legs)
    assert_optimal(program, solve_fills(program))


@pytest.mark.parametrize("purses", [1, 40, 400])
def test_shared_funds_bind_and_are_priced(purses: int) -> None:
    program = random_program(2_000, 6, purses, purses=purses)
    answer = solve_fills(program)
    assert_optimal(program, answer)
    assert answer is not None
    assert (answer.row_price > 0).any()


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.sampled_from([0, 5, 60]))
@examples(15)
def test_screening_never_changes_the_optimum(seed: int, tokens: int, purses: int) -> None:
    program = random_program(700, tokens, seed, purses=purses)
    assert_optimal(program, solve_fills(program))


def test_a_warm_start_far_off_is_only_slower() -> None:
    program = random_program(3_000, 5, 1)
    cold, warm = solve_fills(program), solve_fills(program, np.array([9.0, -9.0, 3.0, 0.0, 1.0]))
    assert_optimal(program, warm)
    assert cold is not None
    assert warm is not None
    assert warm.worth == pytest.approx(cold.worth, rel=1e-9)


def test_a_warm_start_leaves_little_to_solve() -> None:
    program = random_program(20_000, 5, 2)
    first = solve_fills(program)
    assert first is not None
    moved = dataclasses.replace(program, gain=program.gain + 1e-5)
    again = solve_fills(moved, first.token_price)
    assert_optimal(moved, again)
    assert again is not None
    assert again.core < 1_000


def test_a_core_that_cannot_balance_the_rest_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill_lp, "_first_guess", lambda program, warm: np.ones(len(program.gain)))
    program = random_program(800, 6, 3)
    assert_optimal(program, solve_fills(program))


@pytest.mark.parametrize("lie", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(lie: float) -> None:
    program = random_program(10, 4, 4)
    program.gain[3] = lie
    with pytest.raises(ValueError, match="finite"):
        solve_fills(program)


def test_nobody_gains_nothing_moves() -> None:
    program = random_program(1_000, 4, 5)
    answer = solve_fills(dataclasses.replace(program, gain=-np.abs(program.gain) - 1))
    assert answer is not None
    assert answer.worth == answer.bound == 0
    assert not answer.x.any()


def test_an_empty_programme_has_an_empty_answer() -> None:
    empty = FillProgram(np.zeros(0), np.zeros(0), csc_array((3, 0)))
    answer = solve_fills(empty)
    assert answer is not None
    assert (answer.worth, answer.gap, answer.core) == (0.0, 0.0, 0)


def test_the_smoothed_dual_is_near_the_optimum() -> None:
    program = random_program(5_000, 6, 6)
    price = minimised(program.balance, program.gain, program.most)
    best = whole(program)
    assert best <= dual_bound(program, price, np.zeros(0)) <= best * 1.001
