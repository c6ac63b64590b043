"""The ``walras`` command. Other packages add to it through the entry-point group ``walras.commands``."""

from __future__ import annotations

import sys

import httpx
import typer

from walras.calls import UntrustedHouseError, WalrasError
from walras.commands import audit, solvers, trading, watching
from walras.commands.plugins import PluginGroup
from walras.rejections import Rejection

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
