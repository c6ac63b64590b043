"""A house of several processes: API processes on one socket, and auctioneers of which one leads."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from support.town import HouseFile, Process, Town
from walras_auction.clock import SystemClock

from faults.checker import check
from faults.trader import Trader

SECONDS = 90.0
#: No nonces of the campaigns.
FIRST_NONCE = 10**6


def await_that(holds: Callable[[], bool], what: str) -> None:
    clock, pause = SystemClock(), threading.Event()
    end = clock.monotonic() + SECONDS
    while not holds():
        assert clock.monotonic() < end, f"it never happened that {what}"
        pause.wait(0.05)


def trade(trader: Trader) -> None:
    """A match, to its fill."""
    trader.invent()
    await_that(trader.settle_up, "the match was filled")


def leads(process: Process) -> bool:
    """Whether its last word on leading is that it does."""
    said = [line for line in process.lines if "leads" in line]
    return bool(said) and "leads_no_more" not in said[-1] and "another process leads" not in said[-1]


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_second_auctioneer_takes_over_from_one_that_is_gone(
    store: str, town: Town, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sections = {"store": f'url = "{request.getfixturevalue("database")}"'} if store == "postgres" else {}
    house = town.house(tmp_path, **sections)
    nonce = FIRST_NONCE if store == "sqlite" else 2 * FIRST_NONCE
    with ExitStack() as stack:
        stack.enter_context(house.running("--role", "api"))
        auctioneers = [stack.enter_context(house.running("--role", "auctioneer")) for _ in range(2)]
        trader = stack.enter_context(closing(Trader(house, town.chain, 1, nonce)))
        await_that(lambda: any(map(leads, auctioneers)), "an auctioneer led")
        assert sum(map(leads, auctioneers)) == 1
        trade(trader)
        first = next(process for process in auctioneers if leads(process))
        (second,) = [process for process in auctioneers if process is not first]
        first.kill()
        await_that(lambda: leads(second), "the second led")
        trade(trader)
        assert second.stop() == 0
        check(trader.evidence(), town.chain)


def test_a_leader_that_slept_through_its_lease_writes_nothing(town: Town, tmp_path: Path, database: str) -> None:
    house = town.house(tmp_path, store=f'url = "{database}"')
    with ExitStack() as stack:
        stack.enter_context(house.running("--role", "api"))
        old = stack.enter_context(house.running("--role", "auctioneer"))
        await_that(lambda: leads(old), "the first led")
        new = stack.enter_context(house.running("--role", "auctioneer"))
        trader = stack.enter_context(closing(Trader(house, town.chain, 1, 3 * FIRST_NONCE)))
        trade(trader)
        old.signal(signal.SIGSTOP)
        await_that(lambda: leads(new), "the second led")
        trade(trader)
        old.signal(signal.SIGCONT)
        await_that(lambda: not leads(old), "the first knew that it leads no more")
        trade(trader)
        assert leads(new)
        assert (old.stop(), new.stop()) == (0, 0)
        check(trader.evidence(), town.chain)


def workers(process: Process) -> list[int]:
    """Children that are API workers; a process id that ends meanwhile is none."""
    found = []
    for pid in {pid for task in Path(f"/proc/{process.pid}/task").iterdir() for pid in _children_of(task)}:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"walras_auction.worker" in words:
            found.append(pid)
    return found


def _children_of(task: Path) -> list[int]:
    try:
        return [int(pid) for pid in (task / "children").read_text().split()]
    except OSError:
        return []


def healthy(house: HouseFile) -> bool:
    try:
        return httpx.get(f"{house.url}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_workers_share_the_port_are_replaced_and_die_with_their_parent(town: Town, tmp_path: Path) -> None:
    house = town.house(tmp_path)
    with closing(Trader(house, town.chain, 1, 4 * FIRST_NONCE)) as trader, house.running("--workers", "2") as process:
        await_that(lambda: len(workers(process)) == 2 and healthy(house), "two workers ran")
        trade(trader)
        before = workers(process)
        os.kill(before[0], signal.SIGKILL)
        await_that(lambda: len(set(workers(process)) - {before[0]}) == 2, "the dead worker was replaced")
        trade(trader)
        last = workers(process)
        process.kill()
        await_that(lambda: not any(Path(f"/proc/{pid}").exists() for pid in last), "the workers ended too")
        with house.running("--role", "api"):
            check(trader.evidence(), town.chain)
