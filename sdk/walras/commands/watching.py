"""``walras house | watch | rounds | round | log``: look at a house."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from walras.client import Client
from walras.commands.common import DEFAULT_URL, AsJson, Url, UrlArgument, client, console, print_json, short


def install(app: typer.Typer) -> None:
    for command in (house, watch, rounds, round_, log):
        app.command(command.__name__.rstrip("_"))(command)


def house(url: UrlArgument = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show what a house says of itself: contracts, signer, tokens."""
    with client(url) as walras:
        info = walras.house()
    if as_json:
        return print_json(info.to_json())
    table = Table(title=f"{info.name} {info.version}", show_header=False)
    for name, value in info.to_json().items():
        if name not in ("tokens", "name", "version"):
            table.add_row(name, str(value))
    console.print(table)
    tokens = _table("symbol", "address", "decimals", "wei per 10^18 atoms")
    for token in info.tokens:
        tokens.add_row(token.symbol, token.address, str(token.decimals), str(token.price or "none"))
    return console.print(tokens)


def watch(
    uid: Annotated[str | None, typer.Argument(help="Only events that mention this intent.")] = None,
    url: Url = DEFAULT_URL,
    after: Annotated[int | None, typer.Option(help="Start after this event instead of now.")] = None,
    count: Annotated[int | None, typer.Option(help="Stop after so many events.")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow live events, through lost connections."""
    with client(url) as walras:
        for seen, event in enumerate(walras.watch(uid, after), start=1):
            if as_json:
                typer.echo(event.model_dump_json(by_alias=True))
            else:
                console.print(
                    f"[dim]{event.id:>6}[/] [bold]{event.kind:<14}[/] {escape(json.dumps(event.data))}", soft_wrap=True
                )
            if seen == count:
                return


def rounds(
    url: Url = DEFAULT_URL,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    before: Annotated[int | None, typer.Option(help="Rounds below this id.")] = None,
    as_json: AsJson = False,
) -> None:
    """List published rounds, newest first."""
    with client(url) as walras:
        page = walras.rounds(before, limit)
    if as_json:
        return print_json(page.to_json())
    table = _table("round", "intents", "bids", "winners", "score (wei)", "fills", "transaction")
    for line in page.rounds:
        winners = escape(", ".join(line.winners)) or "none"
        transaction = short(line.transaction or "")
        table.add_row(
            str(line.id), str(line.intents), str(line.bids), winners, f"{line.score:,}", str(line.fills), transaction
        )
    return console.print(table)


def round_(
    round_id: Annotated[int, typer.Argument(metavar="ID")],
    url: Url = DEFAULT_URL,
    out: Annotated[typer.FileBinaryWrite | None, typer.Option(help="Write the record's exact bytes here.")] = None,
) -> None:
    """Show the record of a round, or save it for ``walras replay``."""
    with client(url) as walras:
        record = walras.record(round_id)
    if out is not None:
        out.write(record)
    else:
        print_json(json.loads(record))


def log(
    url: Url = DEFAULT_URL,
    start: Annotated[int, typer.Option("--from", min=1, help="First sequence number.")] = 1,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    export: Annotated[Path | None, typer.Option(help="Write the whole log to this file, for walras audit log.")] = None,
    as_json: AsJson = False,
) -> None:
    """List entries of the hash-chained log, or export it."""
    with client(url) as walras:
        if export is not None:
            return _export(walras, export)
        page = walras.log(start, limit)
    if as_json:
        return print_json(page.to_json())
    table = _table("sequence", "time", "kind", "uid", "head")
    for line in page.entries:
        table.add_row(str(line.sequence), str(line.time), line.kind, line.uid, short(line.head))
    return console.print(table)


def _export(walras: Client, path: Path) -> None:
    """Write the export beside its name first, so that a file of that name is always whole."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        lines = sum(1 for line in walras.export_log() if file.write(line))
    part.replace(path)
    console.print(f"{lines} lines written to {path}", highlight=False, soft_wrap=True)


def _table(*names: str) -> Table:
    """A table that wraps what does not fit: an address cut short cannot be copied."""
    return Table(*(Column(name, overflow="fold") for name in names))
