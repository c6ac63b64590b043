"""The solver's door: one small protocol, one process, JSON lines on standard input and output.

A solver is any object with ``solve(batch)``; nothing is subclassed. Publish a factory under the entry-point
group ``walras.solvers`` and the house finds it by name::

    [project.entry-points."walras.solvers"]
    mine = "my_package:MySolver"

The house runs ``python -m walras.solver mine`` in a process of its own and waits for the line ``{"ready": true}``; one
that can not be loaded says ``{"ready": false, "error": "..."}`` instead. What a solver wants to do first, such as
compiling, it does in an optional ``warm_up()`` before that. Then the house writes one line
``{"method": "solve", "batch": {...}}`` a round and reads one line ``{"round": 7, "solutions": [...]}``. After the round
it writes ``{"method": "notify", "notices": [...]}``, which is not answered.
"""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Iterable
from typing import Any, Protocol, TextIO, runtime_checkable

from walras.plugins import GROUP, BrokenSolver, load_solver, origin_of
from walras.wire import Answer, Batch, Notice, Solution

__all__ = ["GROUP", "BrokenSolver", "Solver", "load", "main", "serve"]


@runtime_checkable
class Solver(Protocol):
    """Anything that proposes solutions for a batch."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """Propose any number of solutions, up to ``batch.max_solutions``, within ``batch.deadline_ms``."""
        ...


def load(name: str) -> Solver:
    """The solver published as ``name`` (an entry point), or spelled out as ``module:factory`` or ``file.py:factory``.

    Raises :class:`~walras.plugins.BrokenSolver`, a ``LookupError``, naming the package and what is wrong with it.
    """
    solver: Solver = load_solver(name)
    return solver


def serve(solver: Solver, reader: TextIO, writer: TextIO) -> None:
    """Answer rounds from ``reader`` on ``writer`` until the input ends."""
    writer.write('{"ready": true}\n')
    writer.flush()
    for line in reader:
        message: dict[str, Any] = json.loads(line)
        if message["method"] == "notify":
            notify = getattr(solver, "notify", None)
            if notify is not None:
                notify([Notice.model_validate(notice) for notice in message["notices"]])
            continue
        batch = Batch.model_validate(message["batch"])
        answer = Answer(round=batch.round, solutions=tuple(solver.solve(batch)))
        writer.write(answer.model_dump_json(by_alias=True) + "\n")
        writer.flush()


def _warm_up(name: str, solver: Solver) -> None:
    """Let a solver that has a ``warm_up()`` get ready, say compile, before it says that it is.

    Raises :class:`~walras.plugins.BrokenSolver` if that fails.
    """
    warm_up = getattr(solver, "warm_up", None)
    if warm_up is None:
        return
    try:
        warm_up()
    except Exception as error:
        problem = f"its warm-up failed: {type(error).__name__}: {error}"
        raise BrokenSolver(origin_of(name), problem) from error


def main(arguments: list[str] | None = None) -> None:
    """Run one solver process: ``python -m walras.solver NAME``. Exit code 1 if it can not be loaded."""
    (name,) = sys.argv[1:] if arguments is None else arguments
    replies = sys.stdout
    # A stray print inside an engine must not be read as an answer.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            solver = load(name)
            _warm_up(name, solver)
        except BrokenSolver as error:
            if error.__cause__ is not None:
                traceback.print_exception(error.__cause__)
            replies.write(json.dumps({"ready": False, "error": str(error)}) + "\n")
            replies.flush()
            sys.exit(1)
        serve(solver, sys.stdin, replies)


if __name__ == "__main__":
    main()
