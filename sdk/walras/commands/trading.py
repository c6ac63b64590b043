"""``walras submit | amend | status | cancel``: trade from the command line."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape

from walras.client import Client
from walras.commands.common import (
    DEFAULT_URL,
    AsJson,
    KeyFile,
    Url,
    client,
    console,
    parse_amount,
    print_json,
    show_amount,
    signer,
)
from walras.intent import FillRule, Intent
from walras.signing import Signer
from walras.wire import HouseInfo, IntentMessage, IntentStatus

if TYPE_CHECKING:
    from walras.terms import Terms


def install(app: typer.Typer) -> None:
    for command in (submit, amend, status, cancel, terms):
        app.command()(command)


def submit(
    file: Annotated[Path | None, typer.Argument(help="Intent as JSON; - reads standard input.")] = None,
    give: Annotated[str | None, typer.Option(help='What you give at most, such as "1.5 WETH".')] = None,
    want: Annotated[str | None, typer.Option(help='What you want at least, such as "3000 USDC".')] = None,
    buy: Annotated[bool, typer.Option("--buy", help="Want exactly --want; save on what you give.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="All or nothing.")] = False,
    valid_for: Annotated[int, typer.Option(min=1, help="Seconds from the house's now.")] = 600,
    terms: Annotated[str | None, typer.Option(help="Terms as 0x hex, or the name of a file that holds them.")] = None,
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Sign an intent and submit it; prints its receipt."""
    key = signer(key_file)
    data = None if terms is None else _terms(terms)
    with client(url) as walras:
        intent = _intent(walras, key, file, give, want, buy=buy, whole=whole, valid_for=valid_for)
        intent = intent if data is None or file else replace(intent, terms=data.hash())
        receipt = walras.submit(intent, key, terms=data)
    if as_json:
        return print_json(receipt.to_json())
    return console.print(f"accepted as number {receipt.sequence}: [bold]{receipt.uid}[/]", soft_wrap=True)


def amend(
    uid: str,
    file: Annotated[Path | None, typer.Argument(help="The new intent as JSON; - reads standard input.")] = None,
    give: Annotated[str | None, typer.Option(help='What you give at most, such as "1.5 WETH".')] = None,
    want: Annotated[str | None, typer.Option(help='What you want at least, such as "3000 USDC".')] = None,
    buy: Annotated[bool, typer.Option("--buy", help="Want exactly --want; save on what you give.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="All or nothing.")] = False,
    valid_for: Annotated[int, typer.Option(min=1, help="Seconds from the house's now.")] = 600,
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a new intent in the place of an open one that has no fill yet: both happen, or neither."""
    key = signer(key_file)
    with client(url) as walras:
        nonce = walras.status(uid).intent.nonce
        intent = _intent(walras, key, file, give, want, buy=buy, whole=whole, valid_for=valid_for, nonce=nonce)
        receipt = walras.amend(uid, intent, key)
    if as_json:
        return print_json(receipt.to_json())
    return console.print(f"accepted as number {receipt.sequence}: [bold]{receipt.uid}[/]", soft_wrap=True)


def status(uid: str, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """Show where an intent stands, its fills, and why it is unfilled if it is."""
    with client(url) as walras:
        found, info = walras.status(uid), walras.house()
    if as_json:
        return print_json(found.to_json())
    return _show(found, info)


def cancel(
    uid: Annotated[str | None, typer.Argument(help="The intent.")] = None,
    word: Annotated[int | None, typer.Option(min=0, help="All nonces from WORD * 256 to WORD * 256 + 255.")] = None,
    epoch: Annotated[
        int | None, typer.Option(min=0, help="All of this epoch and before; then raise it on chain.")
    ] = None,
    url: Url = DEFAULT_URL,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw an intent, or all of a word or an epoch, from the house. (On chain the nonces stay usable; cancel there
    to bind everyone.)"""
    key = signer(key_file)
    if [uid, word, epoch].count(None) != 2:
        raise typer.BadParameter("name one of: an intent, --word, --epoch")
    with client(url) as walras:
        if uid is not None:
            receipt = walras.cancel(uid, key)
        elif word is not None:
            receipt = walras.cancel_word(word, key)
        else:
            receipt = walras.cancel_epoch(epoch or 0, key)
    if as_json:
        return print_json(receipt.to_json())
    return console.print(f"cancelled from round {receipt.first_round} on; log entry {receipt.sequence}")


def terms(data: Annotated[str, typer.Argument(help="Terms as 0x hex, or the name of a file that holds them.")]) -> None:
    """Say in words what terms ask for, and the hash that an intent signs for them."""
    found = _terms(data)
    for line in found.describe():
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"hash {found.hash()}", markup=False, soft_wrap=True)


def _terms(text: str) -> Terms:
    from walras.terms import Terms

    hexadecimal = text if text.startswith("0x") else Path(text).read_text().strip()
    try:
        raw = bytes.fromhex(hexadecimal.removeprefix("0x"))
    except ValueError:
        raise typer.BadParameter("terms are bytes in hexadecimal") from None
    return Terms.decode(raw)


def _from_file(file: Path) -> Intent:
    text = sys.stdin.read() if str(file) == "-" else file.read_text()
    try:
        return IntentMessage.model_validate_json(text).intent()
    except ValidationError as error:
        raise typer.BadParameter(f"{file} is not an intent: {error}") from None


def _intent(
    walras: Client, key: Signer, file: Path | None, give: str | None, want: str | None, **options: Any
) -> Intent:
    if file is not None:
        return _from_file(file)
    if give and want:
        return _from_options(walras, key, give, want, **options)
    raise typer.BadParameter("name a file, or both --give and --want")


def _from_options(
    walras: Client,
    key: Signer,
    give: str,
    want: str,
    *,
    buy: bool,
    whole: bool,
    valid_for: int,
    nonce: int | None = None,
) -> Intent:
    info = walras.house(fresh=True)
    gives, wants = parse_amount(give, info), parse_amount(want, info)
    fill = FillRule.WHOLE if whole else FillRule.PARTIAL
    nonce = walras.next_nonce(key.address) if nonce is None else nonce
    valid_to = info.time + valid_for
    if buy:
        return Intent.buy(key.address, wants, gives, valid_to=valid_to, nonce=nonce, fill=fill)
    return Intent.sell(key.address, gives, wants, valid_to=valid_to, nonce=nonce, fill=fill)


def _show(status: IntentStatus, info: HouseInfo) -> None:
    console.print(f"[bold]{status.state}[/] {status.uid}", soft_wrap=True)
    for word, legs in (("gives up to", status.intent.gives), ("wants at least", status.intent.wants)):
        console.print(f"  {word} " + ", ".join(show_amount(leg.end, leg.token, info) for leg in legs))
    if status.reason:
        console.print(f"  {status.reason}: {escape(status.detail)}")
    for fill in status.fills:
        gave = ", ".join(
            show_amount(a, leg.token, info) for a, leg in zip(fill.gives, status.intent.gives, strict=True)
        )
        got = ", ".join(show_amount(a, leg.token, info) for a, leg in zip(fill.wants, status.intent.wants, strict=True))
        console.print(
            f"  round {fill.round}: gave {gave}, got {got}, by {escape(fill.solver)} in {fill.transaction}",
            soft_wrap=True,
        )
