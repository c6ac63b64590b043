"""The house that ``intake.http`` loads: the real API and store in a process of its own, over a chain in memory.

``python -m tests.bench.http_server FOLDER CORE`` prints its address and ends when its standard input does. CORE is -1
for any.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from walras_auction.api.app import create_app
from walras_auction.api.house import House
from walras_auction.clock import SystemClock
from walras_auction.server import serving

from .fakes import HOUSE, FundedChain


def main(folder: Path, core: int) -> None:
    """Serve until standard input ends."""
    if core >= 0:
        os.sched_setaffinity(0, {core})  # threads started from here on inherit it
    house = House.open(folder / "walras.sqlite", FundedChain(), SystemClock(), HOUSE)
    with serving(create_app(house)) as url:
        print(url, flush=True)
        sys.stdin.read()
    house.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
