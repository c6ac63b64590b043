"""``walras serve`` and ``walras deploy``: run a house, on a made-up chain or on a real one."""

from __future__ import annotations

import contextlib
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from walras.wire import HouseInfo
from web3 import HTTPProvider, Web3

from walras_auction import worker
from walras_auction.config import KEY_VARIABLE, ConfigError, key_from_environment, load_config
from walras_auction.dev import dev_house
from walras_auction.infra.chain.deploy import Deployer, deploy_house
from walras_auction.infra.chain.local import LocalChain
from walras_auction.infra.chain.rpc import Rpc
from walras_auction.liquidity import Liquidity
from walras_auction.ports import ChainError, StoreError
from walras_auction.roles import Role, answering, auctioning, opened
from walras_auction.server import address_of, listen, settle_heap
from walras_auction.workers import Workers


def serve(
    config: Annotated[
        Path | None, typer.Option(help="House configuration (TOML). Without it: a development chain.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on in development.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on in development.")] = 8000,
    role: Annotated[Role, typer.Option(help="What this process of the house does; needs --config.")] = Role.ALL,
    workers: Annotated[int, typer.Option(min=1, max=64, help="API processes on the port; needs --config.")] = 1,
) -> None:
    """Run a house until Ctrl-C: with --config on your chain, without it on a development chain with funded keys."""
    console = Console()
    try:
        if config is not None:
            _serve(console, config, role, workers)
        elif role is not Role.ALL or workers != 1:
            raise ConfigError("--role and --workers need --config: a development house is one process")
        else:
            _serve_dev(console, host, port)
    except (ConfigError, ChainError, StoreError, OSError) as error:
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
        settle_heap()
        _until_stopped()


def _serve(console: Console, path: Path, role: Role, workers: int) -> None:
    config = load_config(path)
    with contextlib.ExitStack() as stack:
        stop = _stopping()
        sock = stack.enter_context(listen(config.host, config.port)) if role.serves else None
        post = stack.enter_context(opened(config, key_from_environment()))
        if role.holds_rounds:
            stack.enter_context(auctioning(post))
        if sock is not None and workers > 1:
            running = Workers(partial(worker.command, path), workers, sock, post.house.clock)
            stack.callback(running.close)
        elif sock is not None:
            stack.enter_context(answering(post, sock))
        if config.liquidity.names_any:
            _say_liquidity(console, post.liquidity)
        info: HouseInfo = post.house.info()
        where = "stands by to hold rounds" if sock is None else f"at [bold]{address_of(sock)}[/]"
        console.print(f"house [bold]{info.name}[/] on chain {info.chain_id} {where}; Ctrl-C ends it", soft_wrap=True)
        settle_heap()
        _wait(stop)


def _say_liquidity(console: Console, liquidity: Liquidity) -> None:
    """What the configured exchanges come to, once read: an operator sees a wrong address here first."""
    liquidity.refresh()
    health = liquidity.health()
    if health.error is not None:
        console.print(f"[yellow]outside liquidity cannot be read: {health.error}[/]", soft_wrap=True)
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in health.pools.items()) or "no pools"
    console.print(f"outside liquidity at block {health.block}: {kinds}", highlight=False, soft_wrap=True)
    for row in health.dropped:
        console.print(f"  left out: {row.pool} ({row.reason}: {row.detail})", highlight=False, soft_wrap=True)


def _until_stopped() -> None:
    _wait(_stopping())


def _stopping() -> threading.Event:
    """Set by Ctrl-C or SIGTERM; the round under way is finished before the house closes."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    return stop


def _wait(stop: threading.Event) -> None:
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
