"""``walras solver serve``: offer an installed engine to somebody else's auction, over that auction's protocol."""

from __future__ import annotations

import socket
from enum import StrEnum
from typing import Annotated

import typer

from walras.commands.common import console


class Protocol(StrEnum):
    """The protocols that engines can be served over."""

    COW = "cow"


def serve(
    engine: Annotated[str, typer.Argument(help="An installed engine, or module:factory or file.py:factory.")],
    protocol: Annotated[Protocol, typer.Option(help="Whose auction it is.")] = Protocol.COW,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535)] = 8080,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Requests that are worked on at once.")] = 2,
    chain_id: Annotated[int, typer.Option(min=1)] = 1,
    settlement: Annotated[str, typer.Option(help="The settlement contract; where swaps pay to.")] = "",
    wrapped_native: Annotated[str, typer.Option(help="The token that the native coin trades as.")] = "",
    slack_ms: Annotated[int, typer.Option(min=0, help="How long before a deadline the answer is there.")] = 500,
) -> None:
    """Serve ENGINE as a CoW solver engine: POST /solve, POST /notify, GET /healthz.

    Contracts default to those of CoW Protocol on Ethereum.
    """
    import uvicorn

    from walras.cow.app import create_app
    from walras.cow.batching import CowChain
    from walras.cow.engine import EngineFailure, EngineProcess
    from walras.cow.service import CowService

    known = CowChain()
    chain = CowChain(
        chain_id,
        (settlement or known.settlement).lower(),
        (wrapped_native or known.wrapped_native).lower(),
    )
    service = CowService([EngineProcess(engine) for _ in range(processes)], chain, slack_seconds=slack_ms / 1_000)
    try:
        for one in service.engines:
            one.start()
        with socket.create_server((host, port)) as listening:
            where = f"http://{host}:{listening.getsockname()[1]}/solve"
            console.print(f"{engine} at {where}", soft_wrap=True, highlight=False)
            server = uvicorn.Server(uvicorn.Config(create_app(service), log_level="warning"))
            server.run(sockets=[listening])
    except OSError as error:
        typer.echo(f"walras: {host}:{port}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None
    except EngineFailure as error:
        typer.echo(f"walras: {error}", err=True)
        raise typer.Exit(1) from None
    finally:
        service.close()
