"""Who leads holds rounds: it takes over first, finishes what was left, and stops when it leads no more."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
from walras_auction.auctioneer import Auctioneer, keep_rounds
from walras_auction.ports import ChainError, StaleLeader, Store, StoreError
from walras_auction.rounds import RoundOutcome

SECONDS = 30.0


class Script:
    """Rounds that say what they are asked, and fail as they are told."""

    def __init__(self, *faults: Exception | None, stop: threading.Event | None = None) -> None:
        self.said: list[str] = []
        self._faults = list(faults)
        self._stop = stop or threading.Event()

    def recover(self) -> list[int]:
        self.said.append("recover")
        return []

    def run(self, *, skip_fruitless: bool = False) -> RoundOutcome | None:
        self.said.append("run")
        if not self._faults:
            self._stop.set()
            return None
        fault = self._faults.pop(0)
        if fault is not None:
            raise fault
        return None


class FencedStore:
    """Keeps who took over; ``faults`` are raised by the first calls."""

    def __init__(self, *faults: Exception) -> None:
        self.leaders: queue.Queue[int] = queue.Queue()
        self._faults = list(faults)

    def take_over(self, token: int) -> None:
        if self._faults:
            raise self._faults.pop(0)
        self.leaders.put(token)

    def fenced(self, token: Callable[[], int | None]) -> Any:
        return token


@pytest.mark.parametrize("fault", [ChainError("away"), StoreError("away"), ValueError("a mistake")])
def test_after_a_failed_round_what_it_left_is_finished_first(fault: Exception) -> None:
    stop = threading.Event()
    script = Script(None, fault, None, stop=stop)
    keep_rounds(script, 0.0, stop)
    assert script.said == ["recover", "run", "run", "recover", "run", "run"]


def test_a_round_of_an_old_leader_is_the_last() -> None:
    script = Script(None, StaleLeader("another leads"), None)
    keep_rounds(script, 0.0, threading.Event(), recovered=True)
    assert script.said == ["run", "run"]


def test_a_leader_takes_over_before_it_reads_anything() -> None:
    store, made = FencedStore(), queue.Queue[tuple[int | None, int]]()
    stop_rounds = threading.Event()

    def make(fenced: Store) -> Script:
        made.put((fenced(), store.leaders.get(timeout=SECONDS)))  # type: ignore[operator]
        return Script(stop=stop_rounds)

    work = Auctioneer(store, make, 0.0)
    work.start(7)
    assert made.get(timeout=SECONDS) == (7, 7)
    work.stop()
    work.start(8)
    assert made.get(timeout=SECONDS) == (8, 8)
    work.stop()
    work.join()


def test_a_store_that_is_away_is_tried_again_and_a_later_leader_respected() -> None:
    made: list[int] = []
    away = FencedStore(StoreError("away"))

    def make(fenced: Store) -> Script:
        made.append(1)
        return Script()

    work = Auctioneer(away, make, 0.0)
    work.start(1)
    assert away.leaders.get(timeout=SECONDS) == 1
    work.stop()
    work.join()
    late = Auctioneer(FencedStore(StaleLeader("2 leads")), make, 0.0)
    made.clear()
    late.start(1)
    late.join()
    assert made == []
