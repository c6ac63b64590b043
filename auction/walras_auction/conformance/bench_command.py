"""``walras solver bench``: answer times, memory and start-up, beside other solvers in the same run."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from walras.commands.common import AsJson, console, print_json
from walras.conformance import SEED
from walras.plugins import installed

from walras_auction.conformance.check_command import Target, failed_to_start
from walras_auction.conformance.timing import SIZES, Course, batches, run
from walras_auction.invite import DoorError


def bench(
    target: Target,
    beside: Annotated[
        str, typer.Option(help="Solvers to compare with, by commas; all: those that are installed; none.")
    ] = "naive",
    sizes: Annotated[str, typer.Option(help="Orders of the generated batches, by commas.")] = ",".join(map(str, SIZES)),
    times: Annotated[int, typer.Option(min=1, help="How often each batch is asked; the median counts.")] = 3,
    seed: Annotated[int, typer.Option(help="Makes the generated batches.")] = SEED,
    as_json: AsJson = False,
) -> None:
    """Measure a solver over batches of growing size, each in a process of its own, one after the other.

    Speed of the machine changes from run to run, so compare within one. Exit code 2 if the solver does not start.
    """
    if not all(size.strip().isdigit() for size in sizes.split(",")):
        raise typer.BadParameter(f"{sizes!r} is not a list of sizes such as 10,100")
    cases = batches([int(size) for size in sizes.split(",")], seed)
    try:
        courses = [run(one, cases, times) for one in (target, *_others(target, beside))]
    except DoorError as error:
        raise failed_to_start(error) from None
    if as_json:
        print_json([_as_json(course) for course in courses])
    else:
        _show(courses)


def _others(target: str, beside: str) -> list[str]:
    names = [one.name for one in installed()] if beside == "all" else beside.split(",")
    return [name.strip() for name in names if name.strip() not in ("none", "", target)]


def _as_json(course: Course) -> dict[str, object]:
    rows = [
        {
            "batch": one.batch,
            "intents": one.intents,
            "ms": round(one.milliseconds, 1),
            "score": str(one.score),
            "residentBytes": one.resident,
            "problem": one.problem,
        }
        for one in course.timings
    ]
    return {"target": course.target, "startSeconds": round(course.start_seconds, 3), "batches": rows}


def _show(courses: list[Course]) -> None:
    yours = courses[0]
    table = Table("solver", "batch", "orders", "ms", "worth", "MiB", "÷ yours")
    for course in courses:
        table.add_row(course.target, "start", "", f"{course.start_seconds * 1000:.0f}", "", "", "")
        for one, mine in zip(course.timings, yours.timings, strict=True):
            ratio = f"{one.milliseconds / mine.milliseconds:.2f}"
            table.add_row(
                "",
                one.batch,
                f"{one.intents:,}",
                f"{one.milliseconds:.0f}",
                escape(one.problem) or f"{one.score / 1e18:.6g}",
                f"{one.resident >> 20}",
                "" if course is yours else ratio,
            )
    console.print(table)
