"""One API process of several on a socket: what ``walras serve --workers`` starts."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from walras_auction.config import ConfigError, key_from_environment, load_config
from walras_auction.ports import ChainError, StoreError
from walras_auction.roles import answering, opened
from walras_auction.server import settle_heap


def command(config: Path, listener: int, life: int) -> list[str]:
    """How to start a worker that accepts on descriptor ``listener`` for as long as nobody closes ``life``."""
    words = ["--config", str(config), "--listener", str(listener), "--life", str(life)]
    return [sys.executable, "-m", "walras_auction.worker", *words]


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM, or until the parent is gone. 1 if the house can not be opened."""
    parser = argparse.ArgumentParser(prog="walras_auction.worker")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--life", type=int, required=True)
    given = parser.parse_args(arguments)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends its children
    threading.Thread(target=_await_orphanhood, args=(given.life, stop), daemon=True).start()
    try:
        with (
            opened(load_config(given.config), key_from_environment()) as post,
            socket.socket(fileno=given.listener) as sock,
            answering(post, sock),
        ):
            settle_heap()
            while not stop.wait(3600):
                pass
    except (ConfigError, ChainError, StoreError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _await_orphanhood(life: int, stop: threading.Event) -> None:
    os.read(life, 1)  # nobody writes: it returns when the parent's end is closed
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
