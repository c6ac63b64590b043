"""The demo's report: the JSON that is written, and what a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from walras.rejections import Reason

from walras_auction.demo.market import MarketRun, solver_table, standing, unfilled_reasons
from walras_auction.demo.world import SOLVERS, World

_MARKS = {
    "won": "[bold green]won[/]",
    "lost": "[yellow]lost[/]",
    "refused": "[red]refused[/]",
    "failed": "[red]failed[/]",
}


def market_json(run: MarketRun, surplus: Decimal, gas_used: int) -> dict[str, Any]:
    """One market of ``demo-report.json``. ``surplus_reference`` is a decimal number of reference units."""
    fills = sum(outcome.fills for outcome in run.outcomes)
    return {
        "submitted": len(run.orders),
        "accepted": len(run.accepted),
        "refused": dict(sorted(run.refused.items())),
        "rounds": [_round_json(record) for record in run.records],
        "fills": fills,
        "standing": dict(sorted(standing(run).items())),
        "unfilled": unfilled_reasons(run),
        "surplus_reference": float(round(surplus, 6)),
        "gas": {"total": gas_used, "per_trade": gas_used // fills if fills else 0},
        "solvers": solver_table(run.records, SOLVERS),
    }


def _round_json(record: Mapping[str, Any]) -> dict[str, Any]:
    verdict = record["verdict"]
    return {
        "id": record["inputs"]["batch"]["round"],
        "bids": [
            {key: row[key] for key in ("solver", "solution", "score", "status", "reason", "detail", "fills", "gas")}
            for row in verdict["bids"]
        ],
        "failures": record["inputs"]["failures"],
        "winners": verdict["winners"],
        "total": verdict["total"],
        "proof": verdict["proof"],
        "rewards": verdict["rewards"],
        "transactions": [bundle["transaction"] for bundle in record["settlement"]],
    }


def print_market(console: Console, run: MarketRun, report: Mapping[str, Any], world: World) -> None:
    """The market as a person reads it: standing, rounds with every bid, prices, refusals."""
    console.rule(f"[bold]{run.name} market")
    counts = report["standing"]
    console.print(
        f"{report['submitted']} intents submitted, {report['accepted']} accepted: "
        f"[green]{counts.get('filled', 0)} filled[/], {counts.get('partly_filled', 0)} in part, "
        f"{counts.get('unfilled', 0)} unfilled; {counts.get('refused', 0)} refused "
        f"({', '.join(f'{reason} {count}' for reason, count in report['refused'].items()) or 'none'})"
    )
    for record in run.records:
        console.print(_round_table(record))
        _print_prices(console, record, world)
    _print_reasons(console, report["unfilled"])
    gas = report["gas"]
    console.print(
        f"[bold]surplus {report['surplus_reference']:.4f}[/] reference units over {report['fills']} fills; "
        f"{gas['total']:,} gas, {gas['per_trade']:,} a trade"
    )
    console.print(_league(report["solvers"]))


def _round_table(record: Mapping[str, Any]) -> Table:
    verdict, timings = record["verdict"], record["inputs"]["timingsMs"]
    best = max((int(row["score"]) for row in verdict["bids"]), default=0)
    title = (
        f"round {record['inputs']['batch']['round']}: winners worth {_ether(verdict['total'])} to traders, "
        f"proof {verdict['proof']}; " + ", ".join(f"{stage} {ms} ms" for stage, ms in timings.items())
    )
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name, justify in (("solver", "left"), ("#", "right"), ("fills", "right"), ("score, ETH", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name in ("of the best", "outcome", "why"):
        table.add_column(name, overflow="fold")
    for row in sorted(verdict["bids"], key=lambda row: -int(row["score"])):
        share = int(row["score"]) * 20 // best if best > 0 else 0
        table.add_row(
            row["solver"],
            str(row["solution"]),
            str(row["fills"]),
            _ether(row["score"]),
            "█" * max(share, 0),
            _MARKS[row["status"]],
            _why(row),
        )
    for failure in record["inputs"]["failures"]:
        table.add_row(
            failure["solver"], "", "", "", "", "[red]no answer[/]", f"{failure['reason']}: {failure['detail']}"
        )
    return table


def _why(row: Mapping[str, Any]) -> str:
    return f"[dim]{row['reason']}: {row['detail'][:90]}[/]" if row["reason"] else ""


def _print_prices(console: Console, record: Mapping[str, Any], world: World) -> None:
    """Each winner's clearing prices, in WETH per token."""
    symbols = {token.address: token for token in world.tokens()}
    winners = set(record["verdict"]["winners"])
    hashes = [row["hash"] for row in record["verdict"]["bids"]]
    for key, bid in zip(hashes, record["inputs"]["bids"], strict=True):
        if key not in winners:
            continue
        prices = {token: int(price) for token, price in bid["solution"]["prices"].items()}
        base = min(prices, key=lambda token: symbols[token].symbol)
        shown = ", ".join(
            f"1 {symbols[token].symbol} = {_rate(prices, symbols, token, base):.6g} {symbols[base].symbol}"
            for token in sorted(prices, key=lambda token: symbols[token].symbol)
            if token != base
        )
        console.print(f"  [cyan]{bid['solver']['name']}/{bid['solution']['id']} clears at[/] {shown}", highlight=False)


def _rate(prices: Mapping[str, int], tokens: Mapping[str, Any], token: str, base: str) -> Decimal:
    scale = Decimal(10) ** (tokens[token].decimals - tokens[base].decimals)
    rate: Decimal = Decimal(prices[token]) / Decimal(prices[base]) * scale
    return rate


def _print_reasons(console: Console, reasons: Mapping[str, int]) -> None:
    for reason, count in reasons.items():
        console.print(f"  {count:4} not (wholly) filled: [dim]{reason}: {Reason(reason).sentence}[/]", highlight=False)


def _league(solvers: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("solver")
    for name in ("bids", "wins", "surplus for traders, ETH"):
        table.add_column(name, justify="right")
    for name, row in solvers.items():
        table.add_row(name, str(row["bids"]), str(row["wins"]), _ether(row["surplus"]))
    return table


def print_checks(console: Console, checks: Mapping[str, bool]) -> None:
    """Every check with its outcome."""
    console.rule("[bold]checks, from chain data")
    for name, passed in checks.items():
        console.print(f"  {'[green]✓[/]' if passed else '[bold red]✗[/]'} {name.replace('_', ' ')}", highlight=False)


def _ether(wei: str | int) -> str:
    return f"{Decimal(int(wei)) / Decimal(10**18):.6f}"
