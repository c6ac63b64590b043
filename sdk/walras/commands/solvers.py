"""``walras solver …``: list the engines installed here, look at a house's, start one of your own.

Further subcommands come through the entry-point group ``walras.solver_commands``; the house brings those that judge.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from walras.commands.common import DEFAULT_URL, AsJson, UrlArgument, client, console, print_json
from walras.commands.plugins import SolverPlugins
from walras.commands.solver_new import new
from walras.commands.solver_serve import serve
from walras.plugins import Origin, installed

app = typer.Typer(cls=SolverPlugins, no_args_is_help=True, help="Solver engines.")
app.command()(new)
app.command()(serve)

_START_SECONDS = 60.0


@app.callback()
def solver() -> None:
    """Solver engines."""


@app.command("list")
def list_(
    load: Annotated[bool, typer.Option("--load", help="Also start each one, in a process of its own.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the solvers that a house started here would find. With --load: exit code 1 if one of them is broken."""
    rows = [(one, _problem(one) if load else None) for one in installed()]
    if as_json:
        print_json([_as_json(one, problem, load) for one, problem in rows])
    else:
        table = Table("name", "object", "package", *(["loads"] if load else []))
        for one, problem in rows:
            cells = [one.name, one.value, f"{one.package} {one.version}".strip()]
            table.add_row(*cells, *([problem or "yes"] if load else []))
        console.print(table)
    if any(problem for _, problem in rows):
        raise typer.Exit(1)


@app.command()
def status(url: UrlArgument = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show how the solvers of a running house are. Exit code 1 if one of them fails or can not be loaded."""
    with client(url) as walras:
        found = walras.solvers()
    if as_json:
        print_json(found.to_json())
    else:
        table = Table("name", "state", "package", "reason", "detail")
        for one in found.solvers:
            package = f"{one.package} {one.version}".strip()
            table.add_row(one.name, one.state, package, one.reason or "", escape(one.detail))
        console.print(table)
    if any(one.state in ("failing", "broken") for one in found.solvers):
        raise typer.Exit(1)


def _as_json(one: Origin, problem: str | None, load: bool) -> dict[str, object]:
    row: dict[str, object] = {"name": one.name, "object": one.value, "package": one.package, "version": one.version}
    return {**row, "loads": problem is None, "problem": problem or ""} if load else row


def _problem(one: Origin) -> str | None:
    """What keeps the solver from starting, in one sentence; None if it starts."""
    command = [sys.executable, "-m", "walras.solver", one.name]
    try:
        done = subprocess.run(  # noqa: S603 -- what is installed here, and what a house would run
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_START_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"{one}: it was not ready within {_START_SECONDS:.0f} s"
    said = done.stdout.splitlines()
    try:
        ready = json.loads(said[0])
        return None if ready["ready"] is True else str(ready["error"])
    except (ValueError, LookupError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return f"{one}: exit status {done.returncode}: {last}"
