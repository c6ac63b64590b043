"""The price search where pools take part: a few of the starting points are climbed a little, the best one on.

The surplus at settled prices has many peaks, as each pool comes in or drops out with the prices, and the highest start
is seldom below the highest peak. What counts is the exact bid: where some order only just gains there may be none.
"""

from __future__ import annotations

from collections.abc import Sequence

from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.finish import Finished, finish
from walras_solvers.kernels.program import Program
from walras_solvers.kernels.search import climb
from walras_solvers.kernels.settle import worth_settled
from walras_solvers.kernels.singles import Floats

#: How many starts are climbed, and how far, before the best one is.
_CLIMBED, _LOOKS = 4, 30
_STEP = 0.01


def best_start(program: Program, starts: Sequence[Floats], deadline: Deadline) -> tuple[Program, Floats, Finished]:
    """The program, with one pair of tokens a pool, log prices to go on from, and the bid there.

    The last start is always climbed.
    """
    worth = worth_settled(program)
    ranked = sorted(starts[:-1], key=lambda start: -worth(start))[: _CLIMBED - 1]
    found: list[tuple[int, int, Program, Floats, Finished]] = []
    for start in (starts[-1], *ranked):
        if found and deadline.passed:
            break
        narrow = program.narrowed(start)
        point = climb(worth_settled(narrow), [start], deadline, _STEP, _LOOKS)
        for where in (point, start):
            exact = finish(narrow, where)
            found.append((exact.bid.score if exact.bid else 0, -len(found), narrow, where, exact))
    _, _, narrow, point, exact = max(found, key=lambda one: one[:2])
    return narrow, point, exact
