"""The fill programme: which part of each column to take, for the most worth, with every token balanced.

A linear programme where orders can be split, a mixed-integer one where they cannot. Large linear programmes are
screened: the smoothed dual says which columns are clearly in or out, HiGHS solves the rest exactly, and its own dual
re-prices every column until none is on the wrong side, so that the answer is the whole programme's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csc_array, csr_array

from walras_solvers.kernels.singles import Bools, Floats
from walras_solvers.kernels.smooth import smoothed_dual, tightened

#: From this many columns on, a programme is screened.
SCREENED = 3_000
#: The temperature of the screening dual, and how many of it count as clear.
_TEMPERATURE, _CLEAR = 3e-4, 20.0
_WRONG = 1e-11  # a reduced cost on the wrong side by more than this is a violation
_ROUNDS = 12
_TIGHTENINGS = 6
_TINY = 1e-300
_NODES, _SECONDS = 2_000, 1.0


@dataclass(frozen=True, slots=True)
class Columns:
    """max Σ worth·x with matrix·(width·x) = 0, rows·x ≤ 1 and 0 ≤ x ≤ 1.

    ``matrix`` has a row a token and a column an order or pool flow, with entries near one; ``width`` is the value that
    a whole column moves.
    """

    worth: Floats
    matrix: csc_array
    width: Floats
    rows: csr_array | None = None

    def some(self, kept: Bools) -> Columns:
        """The programme of the kept columns."""
        rows = None if self.rows is None else csr_array(self.rows[:, kept])
        return Columns(self.worth[kept], csc_array(self.matrix[:, kept]), self.width[kept], rows)

    def tight(self) -> tuple[Columns, Floats]:
        """The same programme where a column is only what others can serve of it, and which part of it that is."""
        matrix = self.matrix
        indptr, rows = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
        width = tightened(indptr, rows, matrix.data, self.width, matrix.shape[0], _TIGHTENINGS)
        most = width / np.maximum(self.width, _TINY)
        shared = None if self.rows is None else csr_array(self.rows * most)
        return Columns(self.worth * most, matrix, width, shared), most

    def scaled(self) -> Columns:
        """In units of the largest width and worth."""
        width = self.width / max(float(self.width.max()), _TINY)
        worth = self.worth / max(float(self.worth.max()), _TINY)
        return Columns(worth, self.matrix, np.maximum(width, _TINY), self.rows)


def best_parts(columns: Columns) -> Floats | None:
    """The best part of each column, or None if no answer was found."""
    columns = columns.scaled()
    parts = _screened(columns) if len(columns.width) >= SCREENED else None
    if parts is None:
        found = _solved(columns, np.zeros(columns.matrix.shape[0]))
        parts = None if found is None else np.asarray(found.x) / columns.width
    return None if parts is None else np.clip(parts, 0.0, 1.0)


def whole_parts(columns: Columns, least: Floats, slack: float = 0.0) -> Floats | None:
    """The best parts where each column is taken at 0 or from ``least`` (0…1) to 1; bounded in nodes and seconds.

    ``slack``: how much a token may be off balance, as a part of what comes in and goes out of it.
    """
    columns = columns.scaled()
    constraints = [LinearConstraint(columns.matrix + slack * abs(columns.matrix), 0.0, np.inf)]
    constraints.append(LinearConstraint(columns.matrix - slack * abs(columns.matrix), -np.inf, 0.0))
    if columns.rows is not None:
        constraints.append(LinearConstraint(csr_array(columns.rows / columns.width), -np.inf, 1.0))
    # Semi-continuous columns: zero, or within their bounds.
    kinds = np.where(least > 0, 2, 0)
    found = milp(
        -columns.worth / columns.width,
        integrality=kinds,
        bounds=Bounds(least * columns.width, columns.width),
        constraints=constraints,
        options={"node_limit": _NODES, "time_limit": _SECONDS},
    )
    return None if found.x is None else np.clip(np.asarray(found.x, dtype=float) / columns.width, 0.0, 1.0)


def _solved(columns: Columns, right: Floats) -> OptimizeResult | None:
    """HiGHS on the programme; unknowns are traded values, so that all entries are near one."""
    rows = columns.rows
    found = linprog(
        -columns.worth / columns.width,
        A_ub=None if rows is None else csr_array(rows / columns.width),
        b_ub=None if rows is None else np.ones(rows.shape[0]),
        A_eq=columns.matrix,
        b_eq=right,
        bounds=np.column_stack([np.zeros(len(columns.width)), columns.width]),
        method="highs-ds",
    )
    return found if found.status == 0 else None


def _screened(columns: Columns) -> Floats | None:
    """The exact answer by way of the columns whose part is not clear; None if that leads nowhere."""
    density = columns.worth / columns.width
    unit = float(np.median(density)) or 1.0
    dual = smoothed_dual(columns.matrix, columns.width, density / unit, _TEMPERATURE)
    reduced = density / unit + columns.matrix.T @ dual
    core = np.abs(reduced) < _CLEAR * _TEMPERATURE
    if columns.rows is not None:
        core |= np.asarray(columns.rows.sum(axis=0)).ravel() > 0
    for _ in range(_ROUNDS):
        full = ~core & (reduced > 0)
        right = -(columns.matrix @ np.where(full, columns.width, 0.0))
        found = _solved(columns.some(core), right)
        if found is None:
            if core.all():
                return None
            core |= np.abs(reduced) <= np.quantile(np.abs(reduced[~core]), 0.3)
            continue
        priced = density + columns.matrix.T @ np.asarray(found.eqlin.marginals)
        wrong = ~core & np.where(full, priced < -_WRONG * unit, priced > _WRONG * unit)
        if not wrong.any():
            parts: Floats = full.astype(float)
            parts[core] = np.asarray(found.x) / columns.width[core]
            return parts
        core |= wrong
    return None
