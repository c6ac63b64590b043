"""The conformance suite for solvers: batches that a solver must answer validly, or not at all.

Some are recorded, some are traps made by hand, most are made by seed; the same seed makes the same suite. Judging the
answers is the house's business: ``walras solver check``.
"""

from walras.conformance.case import SOLVER, Case
from walras.conformance.suite import SEED, suite

__all__ = ["SEED", "SOLVER", "Case", "suite"]
