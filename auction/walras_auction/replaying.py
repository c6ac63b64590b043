"""``walras replay``: recompute published rounds offline and compare byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from walras.client import Client
from walras.wire import canonical

from walras_auction.record import record_hash, replay


def first_difference(left: bytes, right: bytes) -> int:
    """The offset of the first byte that differs, or the shorter length."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def replay_command(
    source: Annotated[str, typer.Argument(help="A record as a file, or the address of a house.")],
    round_id: Annotated[int | None, typer.Argument(help="The round, when the source is a house.")] = None,
    save: Annotated[Path | None, typer.Option(help="Also write the published record to this file.")] = None,
) -> None:
    """Recompute a round from its published record: verification, selection, results. Exit code 1 if a byte differs.

    Simulation results are read from the record; they are facts of the chain at the record's block.
    """
    console = Console()
    published = _published(source, round_id)
    if save is not None:
        save.write_bytes(published)
    try:
        record = json.loads(published)
        recomputed = replay(record)
    except (KeyError, TypeError, ValueError) as error:
        console.print(f"[red]not a round's record:[/] {type(error).__name__}: {error}")
        raise typer.Exit(2) from error
    verdict = record["verdict"]
    console.print(
        f"round {record['inputs']['batch']['round']}: {len(verdict['bids'])} bids, {len(verdict['winners'])} winners, "
        f"total {verdict['total']} wei, proof {verdict['proof']}, record {record_hash(published)}",
        highlight=False,
    )
    if recomputed == published:
        console.print(f"[green]✓ replay gives the same {len(published)} bytes[/]")
        return
    if canonical(record) != published:
        console.print("[red]✗ the record is not in canonical form[/]")
    at = first_difference(recomputed, published)
    console.print(f"[red]✗ replay differs at byte {at}[/]", highlight=False)
    console.print(f"  published:  …{published[max(0, at - 60) : at + 60].decode(errors='replace')}…", markup=False)
    console.print(f"  recomputed: …{recomputed[max(0, at - 60) : at + 60].decode(errors='replace')}…", markup=False)
    raise typer.Exit(1)


def _published(source: str, round_id: int | None) -> bytes:
    if source.startswith(("http://", "https://")):
        if round_id is None:
            raise typer.BadParameter("name the round after the house's address")
        with Client(source) as client:
            return client.record(round_id)
    path = Path(source)
    if not path.is_file():
        raise typer.BadParameter(f"no file {source}")
    return path.read_bytes()
