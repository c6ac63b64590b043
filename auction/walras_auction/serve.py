"""``walras serve`` and ``walras deploy``: run a house, on a made-up chain or on a real one."""

from __future__ import annotations

import contextlib
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from walras.wire import HouseInfo
from web3 import HTTPProvider, Web3

from walras_auction.api.house import ApiConfig
from walras_auction.assembly import round_loop, running
from walras_auction.bids import SolverIdentity
from walras_auction.close import RoundTerms
from walras_auction.config import KEY_VARIABLE, Config, ConfigError, key_from_environment, load_config
from walras_auction.dev import dev_house
from walras_auction.infra.chain import EvmChain
from walras_auction.infra.chain.deploy import Deployer, deploy_house
from walras_auction.infra.chain.local import LocalChain
from walras_auction.infra.chain.rpc import Rpc
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.ports import ChainError


def serve(
    config: Annotated[
        Path | None, typer.Option(help="House configuration (TOML). Without it: a development chain.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on in development.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on in development.")] = 8000,
) -> None:
    """Run a house until Ctrl-C: with --config on your chain, without it on a development chain with funded keys."""
    console = Console()
    try:
        if config is None:
            _serve_dev(console, host, port)
        else:
            _serve(console, load_config(config))
    except (ConfigError, ChainError, OSError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from error


def _serve_dev(console: Console, host: str, port: int) -> None:
    console.print("[dim]starting a development chain; its tokens and keys are made up[/]")
    with dev_house(host=host, port=port) as house:
        for symbol, token in house.tokens.items():
            console.print(f"  {symbol:5} {token.address}", highlight=False, soft_wrap=True)
        console.print("[dim]funded keys for development (never use them elsewhere):[/]")
        for trader in house.traders:
            console.print(f"  {trader.address}  0x{trader.secret.hex()}", highlight=False, soft_wrap=True)
        console.print(f"house and dashboard at [bold]{house.url}[/]; Ctrl-C ends it")
        _until_stopped()


def _serve(console: Console, config: Config) -> None:
    key = key_from_environment()
    chain = EvmChain(
        Rpc(Web3(HTTPProvider(config.rpc))),
        config.contracts.contracts(),
        config.contracts.lens,
        key,
        [section.token() for section in config.tokens],
        [section.pool() for section in config.pools],
        gas_price=config.rounds.gas_price,
        block_gas=config.rounds.settlement_gas,
    )
    doors = [SolverProcess(SolverIdentity(section.name, section.address)) for section in config.solvers]
    rounds = config.rounds
    terms = RoundTerms(
        gas=rounds.gas(),
        deadline_ms=rounds.deadline_ms,
        max_solutions=rounds.max_solutions,
        guard_bps=rounds.guard_bps,
        horizon=rounds.horizon_seconds,
    )
    config.folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        up = stack.enter_context(
            running(
                chain,
                key,
                doors,
                terms,
                config.folder,
                name=config.name,
                host=config.host,
                port=config.port,
                round_seconds=max(round(rounds.interval_seconds), 1),
                api_config=ApiConfig(cors_origins=config.cors_origins),
            )
        )
        stack.enter_context(round_loop(up.rounds, rounds.interval_seconds))
        info: HouseInfo = up.house.info()
        console.print(f"house [bold]{info.name}[/] on chain {info.chain_id} at [bold]{up.url}[/]; Ctrl-C ends it")
        _until_stopped()


def _until_stopped() -> None:
    """Wait for Ctrl-C or SIGTERM; the round under way is finished before the house closes."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    while not stop.wait(3600):
        pass


def deploy(
    rpc: Annotated[str, typer.Argument(help="JSON-RPC address of the chain.")],
    wrapped_native: Annotated[str, typer.Option(help="The chain's wrapped native token.")],
    treasury: Annotated[str, typer.Option(help="Account that fees go to.")],
    bond: Annotated[int, typer.Option(help="Least bond of a solver, in atoms of the wrapped native token.")] = 10**18,
    out: Annotated[Path, typer.Option(help="Configuration file to write.")] = Path("house.toml"),
) -> None:
    """Deploy a house's contracts, owned and run by the key in WALRAS_HOUSE_KEY, and write its configuration."""
    console = Console()
    if out.exists():
        console.print(f"[red]{out} exists; name another file with --out[/]")
        raise typer.Exit(2)
    try:
        key = key_from_environment()
        chain = LocalChain(Rpc(Web3(HTTPProvider(rpc)), key.address), "remote", 15_000_000)
        deployer = Deployer(chain, key)
        made = deploy_house(deployer, wrapped_native.lower(), key.address, treasury.lower(), bond)
        deployer.flush()
    except (ConfigError, ChainError, OSError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from error
    places = {**{name: getattr(made.contracts, name) for name in made.contracts.__slots__}, "lens": made.lens}
    lines = [f'rpc = "{rpc}"', "", "[contracts]", *(f'{name} = "{address}"' for name, address in places.items())]
    out.write_text("\n".join(lines) + "\n")
    console.print(
        f"deployed; add tokens, pools and solvers to {out}, then: {KEY_VARIABLE}=… walras serve --config {out}"
    )
