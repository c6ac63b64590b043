"""The API beside a running house: uvicorn in a thread of its own."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


def settle_heap() -> None:
    """Tell the garbage collector of this process that what it holds now is there to stay, and to look less often.

    For programs that serve, once they are open: modules, tables and contracts' ABIs are a million objects, which would
    be searched again and again while intents come in; that was a fifteenth of what taking one costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes any free one."""
    # With the protocol named, asyncio turns Nagle's delay off; without it every answer waits for a delayed ACK.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(2048)  # at once, so that whoever is told the address can connect
    return sock


@contextlib.contextmanager
def serving(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve ``app`` while the context lasts; yields its address."""
    with listen(host, port) as sock, serving_on(app, sock):
        yield address_of(sock)


def address_of(sock: socket.socket) -> str:
    """The address of what is served on ``sock``."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if sock.family is socket.AF_INET6 else f"http://{host}:{port}"


@contextlib.contextmanager
def serving_on(app: ASGIApp, sock: socket.socket) -> Iterator[None]:
    """Serve ``app`` on a socket that listens, perhaps for other processes too, while the context lasts."""
    # Whose request it is, behind a proxy, is the throttle's business: it has a list of those to trust.
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, proxy_headers=False, lifespan="off", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="api", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
