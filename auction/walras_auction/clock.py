"""The one place that asks what time it is."""

from __future__ import annotations

import time
from typing import Protocol


class SystemClock:
    """The machine's clock, as the :class:`~walras_auction.ports.Clock` port."""

    def now(self) -> int:
        """Unix seconds, rounded down."""
        return int(time.time())

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; only adapters that poll something do."""
        time.sleep(seconds)


class SleepingClock(Protocol):
    """A clock that can wait: for adapters that poll a chain."""

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...
