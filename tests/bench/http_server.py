"""The house that the HTTP benchmarks load: the real API and store, over a chain in memory.

``python -m tests.bench.http_server WHERE WORKERS`` prints its address and ends when its standard input does. ``WHERE``
is a folder, for SQLite, or the address of a Postgres.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from walras_auction.api.app import create_app
from walras_auction.api.house import House
from walras_auction.clock import SystemClock
from walras_auction.server import listen, serving_on, settle_heap

from .fakes import HOUSE, FundedChain


def main(where: str, workers: int) -> None:
    """Listen, and serve from ``workers`` processes until standard input ends."""
    with listen("127.0.0.1", 0) as sock:
        os.set_inheritable(sock.fileno(), True)
        command = [sys.executable, "-m", "tests.bench.http_server", where, "worker", str(sock.fileno())]
        open_house(where).close()  # makes the tables
        children = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[sock.fileno()])
            for _ in range(workers)
        ]
        for child in children:
            assert child.stdout is not None
            child.stdout.readline()
        print(f"http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
        sys.stdin.read()
        for child in children:
            child.communicate()  # closes its input, which ends it


def work(where: str, descriptor: int) -> None:
    """One of the processes, on a socket that it inherits."""
    house = open_house(where)
    with serving_on(create_app(house), socket.socket(fileno=descriptor)):
        settle_heap()
        print("ready", flush=True)
        sys.stdin.read()
    house.close()


def open_house(where: str) -> House:
    """A house over a chain in memory."""
    path = where if "://" in where else Path(where) / "walras.sqlite"
    return House.open(path, FundedChain(), SystemClock(), HOUSE)


if __name__ == "__main__":
    if sys.argv[2] == "worker":
        work(sys.argv[1], int(sys.argv[3]))
    else:
        main(sys.argv[1], int(sys.argv[2]))
