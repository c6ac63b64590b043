"""The solver's door: one small protocol, one process, JSON lines on standard input and output.

A solver is any object with ``solve(batch)``; nothing is subclassed. Publish a factory under the entry-point
group ``walras.solvers`` and the house finds it by name::

    [project.entry-points."walras.solvers"]
    mine = "my_package:MySolver"

The house runs ``python -m walras.solver mine`` in a process of its own and waits for the line ``{"ready": true}``.
Then it writes one line ``{"method": "solve", "batch": {...}}`` a round and reads one line
``{"round": 7, "solutions": [...]}``. After the round it writes ``{"method": "notify", "notices": [...]}``, which is
not answered.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TextIO, runtime_checkable

from walras.wire import Answer, Batch, Notice, Solution

GROUP = "walras.solvers"


@runtime_checkable
class Solver(Protocol):
    """Anything that proposes solutions for a batch."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """Propose any number of solutions, up to ``batch.max_solutions``, within ``batch.deadline_ms``."""
        ...


def load(name: str) -> Solver:
    """The solver published as ``name`` (an entry point), or spelled out as ``module:factory`` or ``file.py:factory``.

    Raises ``LookupError`` naming what is installed if there is none of that name.
    """
    place, _, factory = name.rpartition(":")
    if place.endswith(".py"):
        return _instance(_module(Path(place)), factory)
    if place:
        return _instance(importlib.import_module(place), factory)
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        known = ", ".join(sorted(entry.name for entry in entry_points(group=GROUP))) or "none"
        raise LookupError(f"no solver is installed under the name {name!r}; installed: {known}")
    solver: Solver = found[0].load()()
    return solver


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise LookupError(f"no Python file {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def _instance(module: ModuleType, factory: str) -> Solver:
    if not hasattr(module, factory):
        raise LookupError(f"{module.__name__} has no {factory!r}")
    solver: Solver = getattr(module, factory)()
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


def main(arguments: list[str] | None = None) -> None:
    """Run one solver process: ``python -m walras.solver NAME``."""
    (name,) = sys.argv[1:] if arguments is None else arguments
    solver = load(name)
    replies = sys.stdout
    # A stray print inside an engine must not be read as an answer.
    with contextlib.redirect_stdout(sys.stderr):
        serve(solver, sys.stdin, replies)


if __name__ == "__main__":
    main()
