"""Reads liquidity as blocks come, so that a round finds it read."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Protocol


class Refreshing(Protocol):
    """What is read again; it deals with its own failures."""

    def refresh(self) -> None: ...


@contextlib.contextmanager
def watching(liquidity: Refreshing, seconds: float) -> Iterator[None]:
    """Look for a new block every ``seconds`` in a thread of its own, while the context lasts."""
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            liquidity.refresh()
            stopping.wait(seconds)

    thread = threading.Thread(target=run, name="liquidity", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
