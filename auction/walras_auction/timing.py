"""How long each stage of a round took, for the record."""

from __future__ import annotations

from walras_auction.ports import Clock


class Stopwatch:
    """Milliseconds from lap to lap, on the injected clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.monotonic()
        self.laps: dict[str, int] = {}

    def lap(self, name: str) -> None:
        now = self._clock.monotonic()
        self.laps[name] = round((now - self._last) * 1000)
        self._last = now
