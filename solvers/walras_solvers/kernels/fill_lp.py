"""The fill programme in full generality, solved by screening: exact, certified, and fast where there are many columns.

max Σ dᵢxᵢ with 0 ≤ xᵢ ≤ vᵢ, A·x = 0 (a row a token) and C·x ≤ c (shared funds, alternatives). A column has a few
entries: two for an order of one leg a side, more for a basket, two for a segment of a pool. For prices λ of the tokens
and μ ≥ 0 of the other rows, dᵢ − aᵢλ − cᵢμ is what a unit of column i still earns, and Σ vᵢ·max(0, that) + c·μ bounds
every solution from above. So only columns that earn close to nothing are in doubt:

1. a smoothed dual in λ alone (``fill_lp_dual``) says roughly what each column earns;
2. columns that clearly earn or lose are fixed at vᵢ or 0, and HiGHS solves what is left exactly;
3. its λ and μ re-price all columns; those fixed on the wrong side join the rest, until there are none.

The last λ and μ give the bound, and with it the proof. (Column generation by reduced costs: Dantzig and Wolfe, 1960.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array

from walras_solvers.kernels.fill_lp_dual import minimised

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Below this many columns the whole programme goes to HiGHS at once.
SCREENED = 500
_ROUNDS = 20
_HEAT = 0.1  # the smoothing relative to the columns in doubt: so that they span some ten temperatures to either side
_WRONG = 1e-11  # of the greatest gain: a column fixed on the wrong side by more is in doubt again
_TOLERANCE = 1e-10  # HiGHS's feasibility tolerances, the finest it takes


@dataclass(frozen=True, slots=True)
class FillProgram:
    """``gain`` is d, a unit of x; ``most`` is v; ``balance`` is A by columns; ``shared`` is C with its ``limit`` c ≥ 0.

    Everything is finite and ``most`` is positive. Entries of A near ±1 keep HiGHS's tolerances meaningful.
    """

    gain: Floats
    most: Floats
    balance: csc_array
    shared: csr_array | None = None
    limit: Floats | None = None


@dataclass(frozen=True, slots=True)
class FillAnswer:
    """``x`` with its worth, the dual prices ``token_price`` (λ) and ``row_price`` (μ), and the ``bound`` they prove.

    ``core`` counts the columns that HiGHS saw in the last of ``rounds`` solves.
    """

    x: Floats
    worth: float
    bound: float
    token_price: Floats
    row_price: Floats
    core: int
    rounds: int

    @property
    def gap(self) -> float:
        """The certified distance to the optimum, relative to the bound; a little below 0 within HiGHS's tolerance."""
        return (self.bound - self.worth) / max(abs(self.bound), 1e-300)


def solve_fills(program: FillProgram, warm: Floats | None = None) -> FillAnswer | None:
    """The optimum of ``program``; None if HiGHS fails. ``warm``: λ of a similar programme, to start from.

    Raises ``ValueError`` if a number is not finite: no answer would mean anything.
    """
    if not (np.isfinite(program.gain).all() and np.isfinite(program.most).all()):
        raise ValueError("gains and bounds must be finite")
    count = len(program.gain)
    if not count:
        return FillAnswer(np.zeros(0), 0.0, 0.0, np.zeros(program.balance.shape[0]), _no_price(program), 0, 0)
    everything = np.ones(count, dtype=bool)
    if count >= SCREENED:
        earned = _first_guess(program, warm)
        answer = _screened(program, earned)
        if answer is not None:
            return answer
    return _solved(program, everything, np.zeros(count, dtype=bool), 1)


def _first_guess(program: FillProgram, warm: Floats | None) -> Floats:
    """What a unit of each column roughly earns at the smoothed dual's prices, the other rows left aside."""
    last = _HEAT * _doubtful(program) / len(program.gain)
    price = minimised(program.balance, program.gain, program.most, warm, last)
    earned: Floats = program.gain - program.balance.T @ price
    return earned


def _doubtful(program: FillProgram) -> int:
    """How many columns HiGHS gets at first: enough for every token to be balanced, few enough to be quick."""
    tokens, count = program.balance.shape
    return int(min(max(10 * tokens, count // 64), count))


def _screened(program: FillProgram, earned: Floats) -> FillAnswer | None:
    core = _in_doubt(program, earned)
    unit = float(np.abs(program.gain).max()) or 1.0
    for number in range(1, _ROUNDS + 1):
        full = ~core & (earned > 0)
        answer = _solved(program, core, full, number)
        if answer is None:  # what is fixed cannot be balanced by the rest: more of it must be free
            if core.all():
                return None
            core |= _closest(earned, min(4 * int(core.sum()) + 100, len(earned)))
            continue
        earned = _earned(program, answer.token_price, answer.row_price)
        wrong = ~core & np.where(full, earned < -_WRONG * unit, earned > _WRONG * unit)
        if not wrong.any():
            return answer
        core |= wrong
    return None


def _in_doubt(program: FillProgram, earned: Floats) -> Bools:
    """The columns nearest to earning nothing, and, of those in other rows, all that seem to earn: μ may forbid them."""
    core = _closest(earned, _doubtful(program))
    if program.shared is not None:
        core |= (np.bincount(program.shared.indices, minlength=len(earned)) > 0) & (earned > 0)
    return core


def _closest(earned: Floats, count: int) -> Bools:
    distance = np.abs(earned)
    count = min(count, len(earned))
    within: Bools = distance <= np.partition(distance, count - 1)[count - 1]
    return within


def _earned(program: FillProgram, token_price: Floats, row_price: Floats) -> Floats:
    earned: Floats = program.gain - program.balance.T @ token_price
    if program.shared is not None:
        earned = earned - program.shared.T @ row_price
    return earned


def _solved(program: FillProgram, core: Bools, full: Bools, number: int) -> FillAnswer | None:
    """HiGHS on the core, with the columns of ``full`` at their bound and the others at 0."""
    x = np.where(full, program.most, 0.0)
    scale, unit = float(program.most.max()), float(np.abs(program.gain).max()) or 1.0
    columns = np.flatnonzero(core)
    shared = None if program.shared is None else program.shared.tocsc()[:, columns]
    left = None if program.shared is None else (_limit(program) - program.shared @ x) / scale
    found = linprog(
        -program.gain[columns] / unit,
        A_ub=shared,
        b_ub=left,
        A_eq=program.balance[:, columns],
        b_eq=-(program.balance @ x) / scale,
        bounds=np.column_stack([np.zeros(len(columns)), program.most[columns] / scale]),
        method="highs-ds",
        options={"primal_feasibility_tolerance": _TOLERANCE, "dual_feasibility_tolerance": _TOLERANCE},
    )
    if found.status != 0:
        return None
    x[columns] = np.clip(np.asarray(found.x) * scale, 0.0, program.most[columns])
    token_price: Floats = -np.asarray(found.eqlin.marginals) * unit
    row_price = _no_price(program) if shared is None else np.maximum(-np.asarray(found.ineqlin.marginals) * unit, 0.0)
    bound = dual_bound(program, token_price, row_price)
    return FillAnswer(x, float(program.gain @ x), bound, token_price, row_price, len(columns), number)


def dual_bound(program: FillProgram, token_price: Floats, row_price: Floats) -> float:
    """What no solution can be worth more than, for any λ and any μ ≥ 0 (weak duality)."""
    earned = np.maximum(_earned(program, token_price, row_price), 0.0)
    return float(program.most @ earned + _limit(program) @ row_price)


def _limit(program: FillProgram) -> Floats:
    return np.zeros(0) if program.limit is None else program.limit


def _no_price(program: FillProgram) -> Floats:
    return np.zeros(len(_limit(program)))
