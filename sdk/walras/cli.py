"""The ``walras`` command. Other packages add to it through the entry-point group ``walras.commands``.

An entry names a command and loads to a function with typer annotations, or to a ``typer.Typer`` of subcommands.
Nothing of a plugin is imported until its command is used or help is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import httpx
import typer
from typer.core import TyperGroup

from walras.calls import UntrustedHouseError, WalrasError
from walras.commands import audit, solvers, trading, watching
from walras.rejections import Rejection

GROUP = "walras.commands"


class PluginGroup(TyperGroup):
    """A command group that finds further commands through entry points."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *sorted(_plugins().keys() - self.commands.keys())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        plugin = _plugins().get(cmd_name)
        return own if own is not None or plugin is None else _command(plugin)


def _plugins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _command(point: EntryPoint) -> Any:
    try:
        loaded = point.load()
    except (ImportError, AttributeError) as error:
        loaded = _unavailable(point, error)
    if not isinstance(loaded, typer.Typer):
        function, loaded = loaded, typer.Typer(add_completion=False)
        loaded.command(point.name)(function)
    command = typer.main.get_command(loaded)
    command.name = point.name
    return command


def _unavailable(point: EntryPoint, error: Exception) -> Callable[[], None]:
    """A command that says why it cannot run, so that one broken plugin does not take the others with it."""
    reason = f"{point.value} does not load: {error}"

    def unavailable() -> None:
        typer.echo(f"walras: {reason}", err=True)
        raise typer.Exit(1)

    unavailable.__doc__ = f"Unavailable: {reason}"
    return unavailable


app = typer.Typer(
    cls=PluginGroup, no_args_is_help=True, add_completion=False, help="Sign what you want; solvers compete."
)
watching.install(app)
trading.install(app)
app.add_typer(solvers.app, name="solver")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run the command; a refusal or a missing house is one line and exit code 1, not a traceback."""
    try:
        app()
    except (WalrasError, Rejection, UntrustedHouseError, LookupError) as error:
        sys.exit(f"walras: {error}")
    except httpx.TransportError as error:
        sys.exit(f"walras: the house does not answer: {error}")


if __name__ == "__main__":
    main()
