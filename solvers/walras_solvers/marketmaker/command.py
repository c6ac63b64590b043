"""``walras maker``: run a market maker beside a house."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from walras.atoms import ceil_div
from walras.calls import domain_of
from walras.client import Client
from walras.commands.common import console
from walras.scoring import PRICE_UNIT
from walras.signing import Signer

from walras_solvers.marketmaker.agent import MakerAgent
from walras_solvers.marketmaker.config import (
    KEY_VARIABLE,
    MakerConfig,
    MakerConfigError,
    atoms_of,
    load_maker_config,
    prices_of,
)
from walras_solvers.marketmaker.desk import QuoteDesk, QuoteRules
from walras_solvers.marketmaker.inventory import Inventory
from walras_solvers.marketmaker.pricing import Pricing, mid_of
from walras_solvers.marketmaker.server import create_app


def maker(config: Annotated[Path, typer.Option(help="The maker's configuration (TOML).")]) -> None:
    """Sign firm quotes from an inventory: on request over HTTP, and for open intents of a house that they satisfy.

    The key is in WALRAS_MAKER_KEY; its account has allowed the house's vault what it quotes.
    """
    try:
        settings = load_maker_config(config)
        signer = key_from_environment()
        with Client(settings.house) as client:
            desk = desk_of(settings, signer, client)
            serve(settings, desk, MakerAgent(client, desk))
    except MakerConfigError as error:
        typer.echo(f"walras: {error}", err=True)
        raise typer.Exit(1) from None


def desk_of(config: MakerConfig, signer: Signer, client: Client) -> QuoteDesk:
    """The desk that the file describes, for the house of ``client``. Raises :class:`MakerConfigError`."""
    info = client.house()
    prices = prices_of(config, info)
    pricing = Pricing(mid_of(prices), config.spread_bps, config.lean_bps, atoms_of(config.targets, info))
    inventory = Inventory(atoms_of(config.holdings, info), client.next_nonce(signer.address))
    rules = QuoteRules(config.lifetime_seconds, config.most_live, config.solver)
    return QuoteDesk(signer, domain_of(info), pricing, inventory, _now, rules, gas_in(prices, config.fill_wei))


def gas_in(prices: Mapping[str, int], wei: int) -> Callable[[str], int]:
    """Atoms of a token that are worth ``wei``, rounded up; none of a token without a price."""
    return lambda token: ceil_div(wei * PRICE_UNIT, prices[token]) if prices.get(token) else 0


def _now() -> int:
    return int(time.time())


def serve(config: MakerConfig, desk: QuoteDesk, agent: MakerAgent) -> None:
    """Answer requests, and step beside that, until Ctrl-C."""
    stop = threading.Event()
    stepping = threading.Thread(target=agent.run, args=(stop, config.step_seconds), name="maker", daemon=True)
    stepping.start()
    console.print(
        f"maker {desk.signer.address} for {config.house}; quotes at http://{config.host}:{config.port}/v1/quote"
    )
    try:
        uvicorn.run(create_app(desk, agent), host=config.host, port=config.port, log_level="warning")
    finally:
        stop.set()
        stepping.join()


def key_from_environment() -> Signer:
    """The key in the environment; never shown. Raises :class:`MakerConfigError`."""
    try:
        return Signer.from_hex(os.environ.get(KEY_VARIABLE, ""))
    except (ValueError, TypeError):
        raise MakerConfigError(f"set {KEY_VARIABLE} to a private key: 0x and 64 hexadecimal digits") from None
