"""``walras audit log | receipt``: hold a house to its word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from walras.chained import ChainedReceipt
from walras.client import Client
from walras.commands.common import DEFAULT_URL, AsJson, Url, console, print_json
from walras.wire import Receipt

if TYPE_CHECKING:
    from walras.audit import LogReport
    from walras.audit_outcome import Audit, Seen

app = typer.Typer(no_args_is_help=True, help="Hold a house to its word.")

SignerAddress = Annotated[str | None, typer.Option("--signer", help="The house's receipt signer, as you know it.")]
Rpc = Annotated[str | None, typer.Option("--rpc", help="A node to read the ledger from.")]
Ledger = Annotated[str | None, typer.Option("--ledger", help="The ledger contract, as you know it.")]
_RECEIPT: TypeAdapter[Receipt | ChainedReceipt] = TypeAdapter(Receipt | ChainedReceipt)
#: Findings that are printed; --json has up to a thousand.
_SHOWN = 20


@app.callback()
def audit() -> None:
    """Hold a house to its word."""


@app.command()
def log(
    file: Annotated[Path, typer.Argument(help="An export, as walras log --export writes it.", dir_okay=False)],
    signer: SignerAddress = None,
    rpc: Rpc = None,
    ledger: Ledger = None,
    from_block: Annotated[int, typer.Option(min=0, help="Look for posted roots from this block on.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Check an export of a log: offline, and with --rpc against the chain. Exit code 1 if anything is found."""
    from walras.audit import audit_file
    from walras.audit_ledger import check_ledger
    from walras.jsonrpc import JsonRpc
    from walras.ledger import ChainAnswerError

    try:
        found = audit_file(file, signer)
        if rpc is not None:
            with JsonRpc(rpc) as node:
                check_ledger(found, node, ledger, from_block)
    except (OSError, ChainAnswerError) as error:
        raise _failed(error) from None
    if as_json:
        print_json(found.report.to_json())
    else:
        _show_report(found.report)
    if not found.report.ok:
        raise typer.Exit(1)


@app.command()
def receipt(
    source: Annotated[str, typer.Argument(metavar="UID|FILE", help="An intent's uid, or a file with its receipt.")],
    url: Url = DEFAULT_URL,
    rpc: Rpc = None,
    ledger: Ledger = None,
    signer: SignerAddress = None,
    seen: Annotated[Path | None, typer.Option(help="Keeps the last root that was seen, from audit to audit.")] = None,
    as_json: AsJson = False,
) -> None:
    """Prove that a receipt's entry is in the log, or print the transaction that shows that it is not.

    Exit code 1 if the house broke its word.
    """
    from walras.ledger import ChainAnswerError

    with Client(url, house_signer=signer) as walras:
        held: Receipt | ChainedReceipt = walras.receipt(source) if source.startswith("0x") else _receipt(Path(source))
        try:
            outcome = walras.audit(held, chain=rpc, ledger=ledger, seen=_seen(seen))
        except ChainAnswerError as error:
            raise _failed(error) from None
    if seen is not None and outcome.seen is not None:
        seen.write_text(outcome.seen.model_dump_json(by_alias=True) + "\n")
    if as_json:
        print_json(outcome.to_json())
    else:
        _show_outcome(outcome)
    if outcome.outcome.value in ("evidence", "inconsistent"):
        raise typer.Exit(1)


def _failed(error: Exception) -> typer.Exit:
    """What could not be judged is neither right nor wrong: exit code 2."""
    typer.echo(f"walras: {error}", err=True)
    return typer.Exit(2)


def _receipt(path: Path) -> Receipt | ChainedReceipt:
    try:
        return _RECEIPT.validate_json(path.read_bytes())
    except OSError as error:
        raise typer.BadParameter(f"neither a uid nor a file: {error}") from None
    except ValidationError as error:
        raise typer.BadParameter(f"{path} is not a receipt: {error}") from None


def _seen(path: Path | None) -> Seen | None:
    from walras.audit_outcome import Seen

    if path is None or not path.exists():
        return None
    try:
        return Seen.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise typer.BadParameter(f"{path} is not what an audit keeps: {error}") from None


def _show_report(report: LogReport) -> None:
    for check in report.checks:
        failures = report.failures(check)
        mark, words = ("[red]✗[/]", f"{failures} found") if failures else ("[green]✓[/]", check.sentence)
        console.print(f"{mark} {check.value:9} {words}", highlight=False, soft_wrap=True)
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(report.counts.items()))
    console.print(f"read: {counts or 'nothing'}", highlight=False, soft_wrap=True)
    for finding in report.findings[:_SHOWN]:
        console.print(f"  {escape(str(finding))}", highlight=False, soft_wrap=True)
    rest = sum(report.faults.values()) - min(len(report.findings), _SHOWN)
    if rest:
        console.print(f"  and {rest:,} more", highlight=False)


def _show_outcome(audit: Audit) -> None:
    good = audit.outcome.value in ("proven", "pending")
    mark = "[green]✓[/]" if good else "[red]✗[/]"
    console.print(f"{mark} {audit.outcome.value}: {escape(audit.sentence)}", highlight=False, soft_wrap=True)
    if audit.call is not None:
        call = {"to": audit.call.to, "data": audit.call.hex, "value": "0x0"}
        typer.echo(json.dumps(call))
        if audit.not_before is not None:
            when = f"The ledger takes it from Unix second {audit.not_before} to {audit.not_after}."
            console.print(when, highlight=False, soft_wrap=True)
