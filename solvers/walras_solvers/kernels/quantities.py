"""The fill programme: which part of each column to take, for the most worth, with every token balanced.

A linear programme (``fill_lp``) where orders can be split, a mixed-integer one where they cannot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array

from walras_solvers.kernels.fill_lp import FillProgram, solve_fills
from walras_solvers.kernels.singles import Bools, Floats
from walras_solvers.kernels.smooth import tightened

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
    """The best part of each column, or None if no answer was found. Unknowns are traded values, near one."""
    columns = columns.scaled()
    width, rows = columns.width, columns.rows
    shared = None if rows is None else csr_array(rows / width)
    limit = None if rows is None else np.ones(rows.shape[0])
    found = solve_fills(FillProgram(columns.worth / width, width, columns.matrix, shared, limit))
    return None if found is None else np.clip(found.x / width, 0.0, 1.0)


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
