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
_TOLERANCE = 1e-9  # of a limit


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

    def limits(self) -> tuple[csr_array | None, Floats | None]:
        """``rows`` over traded values instead of parts, and the limit of each.

        The greatest entry of each is one: where dust and whales draw on one balance, HiGHS would refuse the numbers.
        """
        if self.rows is None:
            return None, None
        drawn = csr_array(self.rows / self.width)
        greatest = np.maximum(drawn.max(axis=1).toarray().ravel(), _TINY)
        return csr_array(drawn * (1 / greatest)[:, None]), 1 / greatest

    def within_limits(self, parts: Floats) -> Floats:
        """Parts from 0 to 1, within their rows: HiGHS's tolerance may be more than all of what moves little value.

        So what moves least is cut first.
        """
        parts = np.clip(parts, 0.0, 1.0)
        if self.rows is None:
            return parts
        for row in np.flatnonzero(self.rows @ parts > 1 + _TOLERANCE).tolist():
            entries = slice(self.rows.indptr[row], self.rows.indptr[row + 1])
            columns, drawn = self.rows.indices[entries], self.rows.data[entries]
            excess = float(drawn @ parts[columns]) - 1
            for place in np.argsort(self.width[columns], kind="stable").tolist():
                cut = min(max(excess, 0.0), float(drawn[place] * parts[columns[place]]))
                parts[columns[place]] -= cut / drawn[place] if drawn[place] > 0 else 0.0
                excess -= cut
        return parts


def best_parts(columns: Columns) -> Floats | None:
    """The best part of each column, or None if no answer was found. Unknowns are traded values, near one."""
    columns = columns.scaled()
    width = columns.width
    found = solve_fills(FillProgram(columns.worth / width, width, columns.matrix, *columns.limits()))
    return None if found is None else columns.within_limits(found.x / width)


def whole_parts(columns: Columns, least: Floats, slack: float = 0.0) -> Floats | None:
    """The best parts where each column is taken at 0 or from ``least`` (0…1) to 1; bounded in nodes and seconds.

    ``slack``: how much a token may be off balance, as a part of what comes in and goes out of it.
    """
    columns = columns.scaled()
    constraints = [LinearConstraint(columns.matrix + slack * abs(columns.matrix), 0.0, np.inf)]
    constraints.append(LinearConstraint(columns.matrix - slack * abs(columns.matrix), -np.inf, 0.0))
    if columns.rows is not None:
        shared, limit = columns.limits()
        constraints.append(LinearConstraint(shared, -np.inf, limit))
    # Semi-continuous columns: zero, or within their bounds.
    kinds = np.where(least > 0, 2, 0)
    found = milp(
        -columns.worth / columns.width,
        integrality=kinds,
        bounds=Bounds(least * columns.width, columns.width),
        constraints=constraints,
        options={"node_limit": _NODES, "time_limit": _SECONDS},
    )
    return None if found.x is None else columns.within_limits(np.asarray(found.x, dtype=float) / columns.width)
