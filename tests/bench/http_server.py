"""The house that ``intake.http`` loads: the real API and store in a process of its own, over a chain in memory.

``python -m tests.bench.http_server FOLDER CORE`` prints its address and ends when its standard input does. CORE is -1
for any.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from walras_auction.api.app import create_app
from walras_auction.api.house import House
from walras_auction.clock import SystemClock
from walras_auction.server import serving

from .fakes import HOUSE, FundedChain

START_SECONDS = 30


def main(folder: Path, core: int) -> None:
    """Serve until standard input ends."""
    if core >= 0:
        os.sched_setaffinity(0, {core})  # threads started from here on inherit it
    house = House.open(folder / "walras.sqlite", FundedChain(), SystemClock(), HOUSE)
    with serving(create_app(house)) as url:
        _await_listening(url)
        print(url, flush=True)
        sys.stdin.read()
    house.close()


def _await_listening(url: str) -> None:
    """The address is known a moment before the server listens."""
    where = urlsplit(url)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((where.hostname, where.port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
