"""``walras solver replay``: what a solver would have scored in published rounds."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from walras.client import Client
from walras.commands.common import AsJson, console, print_json

from walras_auction.bids import SolverIdentity
from walras_auction.conformance.check_command import failed_to_start
from walras_auction.conformance.checker import NAME, quiet
from walras_auction.conformance.replaying import Replayed, replay_with
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.invite import DoorError

#: Who bids where no account is named: nobody that any house knows.
NOBODY = "0x" + "ff" * 20


def replay(
    source: Annotated[str, typer.Argument(help="The address of a house, or a record as a file.")],
    rounds: Annotated[str, typer.Argument(metavar="ROUND", help="A round, or several as 3-9; of a file: its own.")],
    target: Annotated[str, typer.Argument(help="A solver: its name, module:factory, or file.py:factory.")],
    account: Annotated[str, typer.Option(help="Bid as this account, in the place of its recorded bids.")] = NOBODY,
    deadline_ms: Annotated[int | None, typer.Option(min=1, help="Instead of the round's own deadline.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a solver's bids among those of published rounds and let the house's own selection decide.

    Exit code 1 if an answer is missing or a bid is refused; 2 if there is no such record, or the solver does not start.
    """
    try:
        with _started(target, account.lower()) as door:
            found = [replay_with(record, door, deadline_ms) for record in _records(source, rounds)]
    except DoorError as error:
        raise failed_to_start(error) from None
    except (KeyError, TypeError, ValueError) as error:
        typer.echo(f"walras: not a round's record: {type(error).__name__}: {error}", err=True)
        raise typer.Exit(2) from None
    if as_json:
        print_json([one.to_json() for one in found])
    else:
        for one in found:
            _show(one)
    if any(one.failures or any(outcome.status == "refused" for outcome in one.outcomes) for one in found):
        raise typer.Exit(1)


@contextlib.contextmanager
def _started(target: str, account: str) -> Iterator[SolverProcess]:
    door = SolverProcess(SolverIdentity(NAME, account), target, report=quiet)
    try:
        door.start()
        yield door
    finally:
        door.close()


def _records(source: str, rounds: str) -> Iterator[dict[str, Any]]:
    """The records, the oldest first."""
    first, _, last = rounds.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        raise typer.BadParameter(f"{rounds!r} is neither a round nor rounds as in 3-9")
    if not source.startswith(("http://", "https://")):
        path = Path(source)
        if not path.is_file():
            raise typer.BadParameter(f"no file {source}")
        record = json.loads(path.read_bytes())
        if record["inputs"]["batch"]["round"] not in range(int(first), int(last or first) + 1):
            raise ValueError(f"it is of round {record['inputs']['batch']['round']}")
        yield record
        return
    with Client(source) as client:
        for number in range(int(first), int(last or first) + 1):
            yield json.loads(client.record(number))


def _show(one: Replayed) -> None:
    won = "[green]✓[/]" if one.yours else "[yellow]·[/]"
    console.print(f"{won} round {one.round}: {escape(one.sentence)}", highlight=False, soft_wrap=True)
    if one.yours:
        more = one.with_yours - one.total
        words = f"the round would have come to {one.with_yours} wei, {more} more; your reward {one.reward} wei"
        console.print(f"    {words}", highlight=False, soft_wrap=True)
    for outcome in one.outcomes:
        console.print(f"    {escape(str(outcome))}", highlight=False, soft_wrap=True)
    for reason, detail in one.failures:
        console.print(
            f"    no answer: {reason.value}: {reason.sentence} {escape(detail)}", highlight=False, soft_wrap=True
        )
    if not one.outcomes and not one.failures:
        console.print("    your solver bid nothing", highlight=False)
