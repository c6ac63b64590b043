"""``walras solver list``: the engines installed here."""

from __future__ import annotations

from importlib.metadata import entry_points

import typer
from rich.table import Table

from walras.commands.common import console
from walras.solver import GROUP

app = typer.Typer(no_args_is_help=True, help="Solver engines.")


@app.callback()
def solver() -> None:
    """Solver engines."""


@app.command("list")
def list_() -> None:
    """List the solvers that a house started here would find."""
    table = Table("name", "object", "package")
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        table.add_row(point.name, point.value, point.dist.name if point.dist else "")
    console.print(table)
