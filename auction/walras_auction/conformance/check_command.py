"""``walras solver check``: run the conformance suite."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Annotated

import typer
from rich.markup import escape
from walras.commands.common import AsJson, console, print_json
from walras.conformance import SEED, Case, suite

from walras_auction.conformance.checker import Checker, Result
from walras_auction.invite import DoorError

Target = Annotated[str, typer.Argument(help="A solver: its name, module:factory, or file.py:factory.")]


def check(
    target: Target,
    only: Annotated[str, typer.Option(help="Only cases of this name; * stands for anything.")] = "*",
    seed: Annotated[int, typer.Option(help="Makes the generated cases.")] = SEED,
    deadline_ms: Annotated[int | None, typer.Option(min=1, help="What every case gives the solver.")] = None,
    patience_ms: Annotated[int, typer.Option(min=0, help="Wait so much longer, on a machine that is busy.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Ask a solver every batch of the conformance suite and judge its answers as a house does.

    Exit code 1 if an answer is invalid, late or missing; 2 if the solver can not be started.
    """
    cases = [case for case in suite(seed, deadline_ms=deadline_ms) if fnmatch(case.name, only)]
    if not cases:
        raise typer.BadParameter(f"no case is called {only}")
    try:
        with Checker(target, patience_ms=patience_ms) as checker:
            results = [_checked(checker, case, quiet=as_json) for case in cases]
    except DoorError as error:
        raise failed_to_start(error) from None
    wrong = [result for result in results if not result.ok]
    if as_json:
        print_json({"target": target, "seed": seed, "ok": not wrong, "cases": [one.to_json() for one in results]})
    else:
        _show_totals(results, wrong)
    if wrong:
        raise typer.Exit(1)


def failed_to_start(error: DoorError) -> typer.Exit:
    """Say what the solver's process said; exit code 2."""
    typer.echo(f"walras: {error.detail}", err=True)
    if error.said:
        typer.echo(error.said, err=True)
    return typer.Exit(2)


def _checked(checker: Checker, case: Case, *, quiet: bool) -> Result:
    result = checker.check(case)
    if not quiet:
        mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
        worth = f"{result.bids} bids worth {result.score / 1e18:.6g}" if result.bids else "no bid"
        console.print(f"{mark} {case.name}: {worth}, {result.milliseconds:.0f} ms", highlight=False, soft_wrap=True)
        for finding in result.findings:
            console.print(f"    {escape(str(finding))}", highlight=False, soft_wrap=True)
        if not result.ok:
            console.print(f"    [dim]the case: {escape(case.why)}[/]", highlight=False, soft_wrap=True)
    return result


def _show_totals(results: list[Result], wrong: list[Result]) -> None:
    slowest = max(results, key=lambda result: result.milliseconds)
    bids, answered = sum(result.bids for result in results), sum(result.bids > 0 for result in results)
    console.print(
        f"{len(results)} cases, {len(results) - len(wrong)} passed, {len(wrong)} failed; {bids} bids in {answered} "
        f"cases; slowest {slowest.case}, {slowest.milliseconds:.0f} ms",
        highlight=False,
        soft_wrap=True,
    )
