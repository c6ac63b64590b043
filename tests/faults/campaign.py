"""One house killed again and again: at every named point in turn, while a client goes on trading."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from support.town import HouseFile, Process, Town
from walras_auction.clock import SystemClock
from walras_auction.faultpoints import POINTS, VARIABLE

from .checker import check
from .trader import Trader

#: A point that is not passed by then is a mistake of the campaign.
_REACH_SECONDS = 90.0
_SETTLE_SECONDS = 90.0


def run(
    town: Town, seed: int, first_nonce: int, *, points: Sequence[str] = POINTS, where: str | None = None
) -> tuple[dict[str, int], int]:
    """Kill a house at each of ``points``, in an order and after a number of passages that ``seed`` decides.

    ``where`` is a database, or else SQLite in a new folder. Returns what the checker looked at, and the last nonce.
    Raises :class:`~.checker.Broken`.
    """
    chance = random.Random(seed)
    order = list(points)
    chance.shuffle(order)
    with tempfile.TemporaryDirectory(prefix="walras-faults-") as folder:
        sections = {"store": f'url = "{where}"'} if where else {}
        house = town.house(Path(folder), **sections)
        with closing(Trader(house, town.chain, seed, first_nonce)) as trader:
            for point in order:
                _kill_at(house, trader, f"{point}:{chance.randint(1, 4)}")
            with house.running() as process:
                _settle(trader)
                process.stop()
            with house.running("--role", "api"):  # nothing changes while the evidence is gathered
                found = check(trader.evidence(), town.chain)
            return found | {"kills": len(order)}, trader.next_nonce


def _kill_at(house: HouseFile, trader: Trader, fault: str) -> None:
    """Start, and trade until the point has ended the process. Some points are passed before it serves."""
    process = house.start(**{VARIABLE: fault})
    try:
        _await_door(process)
        clock = SystemClock()
        end = clock.monotonic() + _REACH_SECONDS
        while process.runs:
            trader.step()
            if clock.monotonic() > end:
                raise TimeoutError(f"nothing passed {fault}:\n" + "\n".join(process.lines[-30:]))
        status = process.wait()
        if status != -9:
            raise RuntimeError(f"the process ended by itself ({status}):\n" + "\n".join(process.lines[-30:]))
    finally:
        process.close()


def _await_door(process: Process) -> None:
    try:
        process.await_line("Ctrl-C ends it")
    except RuntimeError:
        if process.wait() != -9:
            raise


def _settle(trader: Trader) -> None:
    """Until everything that was accepted is where it belongs."""
    clock, pause = SystemClock(), threading.Event()
    end = clock.monotonic() + _SETTLE_SECONDS
    while not trader.settle_up():
        if clock.monotonic() > end:
            raise TimeoutError("an accepted match was never filled")
        pause.wait(0.1)
