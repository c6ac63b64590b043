"""One solver that tells the lie whose name it reads from a file before every answer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from walras.wire import Batch, Solution

from solvers_bad import lies_of_calls, lies_of_numbers, lies_of_shape
from solvers_bad.telling import LIES

__all__ = ["LIES", "Liar", "lies_of_calls", "lies_of_numbers", "lies_of_shape"]


class Liar:
    """Reads the name of its lie from the file that ``BAD_SOLVER_NOTE`` names."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        name, _, argument = Path(os.environ["BAD_SOLVER_NOTE"]).read_text().partition(" ")
        os.environ["BAD_SOLVER_ARGUMENT"] = argument
        told = LIES[name](batch)
        if isinstance(told, list):
            return told
        os.write(1, told + b"\n")
        return ()
