"""``clearing.lp.*``: the fill programme alone, beside the fastest library on the whole of it.

Ours screens by a smoothed dual and proves its optimum; the peers get the same matrices, ready made: HiGHS through scipy
(exact) and OR-Tools' PDLP (first order, at its own default tolerance, which is far looser than ours). The faster of
the two is the peer. HiGHS's optimum is the reference for the gap where it was run.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from ortools.pdlp import solvers_pb2
from ortools.pdlp.python import pdlp
from scipy.optimize import linprog
from walras_solvers.kernels.fill_lp import FillAnswer, FillProgram, solve_fills

from .clearing_programs import fill_program
from .measure import BenchError, Samples
from .rows import Row, row
from .sizes import Sizes

TOKENS = 20
MOST_PASSES = 3  # for what takes long: the peers need half a minute at 100,000
_SEED = 20


def bench(name: str) -> Callable[[Sizes], Row]:
    """The row ``name``: milliseconds for one programme of as many intents as the sizes say."""

    def run(sizes: Sizes) -> Row:
        count, passes = sizes.books[name], _passes(sizes.books[name], sizes)
        program = fill_program(count, TOKENS, _SEED)
        ours(program)  # compiled and warm before any clock
        timed = [[_timed(work, program) for work in (ours, highs, pdlp_answer)] for _ in range(passes)]
        taken = [Samples(tuple(1000 * one[which][0] for one in timed)) for which in range(3)]
        mine, exact, loose = (timed[0][which][1] for which in range(3))
        peer, named = min((taken[1], "scipy HiGHS"), (taken[2], "OR-Tools PDLP"), key=lambda one: one[0].median)
        gap = abs(mine - exact) / max(abs(exact), 1e-300)
        if gap > 1e-9:
            raise BenchError(f"the optimum is off by {gap:.1e}")
        detail = (
            f"{count} intents, {TOKENS} tokens; certified and HiGHS gap {gap:.1e} (PDLP {abs(loose / exact - 1):.1e}); "
            f"ours {taken[0]}, HiGHS {taken[1]}, PDLP {taken[2]}"
        )
        return row(name, taken[0].median, "ms", f"{named}, whole", peer.median, detail, better="less")

    return run


def _passes(count: int, sizes: Sizes) -> int:
    return min(sizes.passes, MOST_PASSES) if count >= 10_000 else 3 * sizes.passes


def _timed(work: Callable[[FillProgram], float], program: FillProgram) -> tuple[float, float]:
    began = time.perf_counter()
    worth = work(program)
    return time.perf_counter() - began, worth


def ours(program: FillProgram) -> float:
    """The screened optimum, proved to 1e-9."""
    answer: FillAnswer | None = solve_fills(program)
    if answer is None or abs(answer.gap) > 1e-9:
        raise BenchError("the screened programme has no proof")
    return answer.worth


def highs(program: FillProgram) -> float:
    """HiGHS's own choice of method on all columns."""
    found = linprog(
        -program.gain,
        A_eq=program.balance,
        b_eq=np.zeros(program.balance.shape[0]),
        bounds=np.column_stack([np.zeros(len(program.most)), program.most]),
        method="highs",
    )
    if found.status != 0:
        raise BenchError(f"HiGHS: {found.message}")
    return -float(found.fun)


def pdlp_answer(program: FillProgram) -> float:
    """OR-Tools' first-order method at its default tolerance of 1e-6, on two threads."""
    quadratic = pdlp.QuadraticProgram()
    tokens, count = program.balance.shape
    quadratic.resize_and_initialize(count, tokens)
    quadratic.objective_vector = -program.gain
    quadratic.constraint_matrix = program.balance
    quadratic.constraint_lower_bounds = quadratic.constraint_upper_bounds = np.zeros(tokens)
    quadratic.variable_lower_bounds, quadratic.variable_upper_bounds = np.zeros(count), program.most
    options = solvers_pb2.PrimalDualHybridGradientParams(num_threads=2)
    return float(program.gain @ pdlp.primal_dual_hybrid_gradient(quadratic, options).primal_solution)
