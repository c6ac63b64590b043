"""What the commands share: the house's address, the key, amounts in whole tokens, JSON on the screen."""

from __future__ import annotations

import os
from decimal import Decimal, InvalidOperation, localcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from walras.client import Client
from walras.signing import Signer
from walras.wire import HouseInfo, TokenInfo

Url = Annotated[str, typer.Option("--url", envvar="WALRAS_URL", help="Address of the house.")]
UrlArgument = Annotated[str, typer.Argument(envvar="WALRAS_URL", help="Address of the house.")]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="File with the key in hexadecimal; else the variable WALRAS_KEY.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

DEFAULT_URL = "http://127.0.0.1:8000"

console = Console()


def client(url: str) -> Client:
    return Client(url)


def signer(key_file: Path | None) -> Signer:
    """The key from the file or ``WALRAS_KEY``; never from the command line, which other users can read."""
    text = key_file.read_text() if key_file else os.environ.get("WALRAS_KEY", "")
    if not text.strip():
        raise typer.BadParameter("set WALRAS_KEY or name a --key-file")
    try:
        return Signer.from_hex(text.strip())
    except ValueError:
        raise typer.BadParameter("the key is not 32 bytes of hexadecimal") from None


def find_token(name: str, info: HouseInfo) -> TokenInfo | None:
    """A token of the house by symbol or address."""
    wanted = name.lower()
    return next((token for token in info.tokens if wanted in (token.symbol.lower(), token.address)), None)


def parse_amount(text: str, info: HouseInfo) -> tuple[str, int]:
    """``"1.5 WETH"`` as (token address, atoms); of a token the house does not list, the amount is in atoms."""
    amount, _, name = text.strip().partition(" ")
    token = find_token(name.strip(), info)
    if token is None and not (name.startswith("0x") and len(name) == 42):
        raise typer.BadParameter(f"{text!r}: expected AMOUNT TOKEN, a symbol of the house or an address")
    try:
        with localcontext() as context:
            context.prec = 160
            atoms = Decimal(amount).scaleb(0 if token is None else token.decimals)
            whole = atoms.to_integral_value()
    except InvalidOperation:
        raise typer.BadParameter(f"{amount!r} is not a number") from None
    if atoms != whole or not whole > 0:
        raise typer.BadParameter(f"{amount} is not a positive whole number of atoms of {name}")
    return (name.lower() if token is None else token.address), int(whole)


def show_amount(atoms: int, address: str, info: HouseInfo) -> str:
    """``atoms`` as whole tokens with the symbol, exactly."""
    token = find_token(address, info)
    if token is None:
        return f"{atoms} atoms of {short(address)}"
    with localcontext() as context:
        context.prec = 160
        return f"{Decimal(atoms).scaleb(-token.decimals):f} {token.symbol}"


def short(word: str) -> str:
    """An address or hash as people compare it."""
    return word if len(word) < 15 else f"{word[:8]}…{word[-4:]}"


def print_json(value: Any) -> None:
    """JSON without decoration, for programs."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
