"""One measured figure beside its peer's, and the table of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from .machine import Commit, Machine

Better = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Row:
    """``ratio`` says how many times better ours is than the peer: above one is better, whatever the unit."""

    name: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None
    ratio: float | None
    detail: str


def row(
    name: str, value: float, unit: str, peer: str | None, peer_value: float | None, detail: str, *, better: Better
) -> Row:
    """A row with its ratio: value ÷ peer where more is better, peer ÷ value where less is."""
    if peer is None or peer_value is None:
        return Row(name, rounded(value), unit, None, None, None, detail)
    ratio = value / peer_value if better == "more" else peer_value / value
    return Row(name, rounded(value), unit, peer, rounded(peer_value), rounded(ratio), detail)


def rounded(value: float) -> float:
    """Four significant digits; no benchmark here repeats to more. Counts of up to six digits stay whole."""
    if value == int(value) and abs(value) < 10**6:
        return float(int(value))
    return float(f"{value:.4g}")


def report(machine: Machine, commit: Commit, rows: Sequence[Row]) -> dict[str, Any]:
    """What ``bench-results.json`` holds."""
    return {"machine": asdict(machine), "commit": str(commit), "rows": [asdict(one) for one in rows]}


def write(path: Path, machine: Machine, commit: Commit, rows: Sequence[Row]) -> None:
    path.write_text(json.dumps(report(machine, commit, rows), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(console: Console, rows: Sequence[Row]) -> None:
    """Print the table, then each row's detail."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("benchmark")
    for heading in ("value", "peer's", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("unit")
    table.add_column("peer")
    for one in rows:
        table.add_row(
            one.name, _figure(one.value), _figure(one.peer_value), _figure(one.ratio), one.unit, one.peer or "-"
        )
    console.print(table)
    for one in rows:
        console.print(f"[dim]{one.name}: {one.detail}[/]", highlight=False)


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:,.3g}"
