"""Commands that other packages add through entry points. Nothing of a plugin is imported until its command is used."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class PluginGroup(TyperGroup):
    """A command group that finds further commands through the entry points of ``group``.

    An entry names a command and loads to a function with typer annotations, or to a ``typer.Typer`` of subcommands.
    """

    group: ClassVar[str] = "walras.commands"

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *sorted(self.plugins().keys() - self.commands.keys())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        plugin = self.plugins().get(cmd_name)
        return own if own is not None or plugin is None else _command(plugin)

    @classmethod
    def plugins(cls) -> dict[str, EntryPoint]:
        """What is installed, by the command's name."""
        return {point.name: point for point in entry_points(group=cls.group)}


class SolverPlugins(PluginGroup):
    """``walras solver …``."""

    group: ClassVar[str] = "walras.solver_commands"


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
