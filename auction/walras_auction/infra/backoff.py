"""When to try a server again that has just failed."""

from __future__ import annotations

import threading

from walras_auction.ports import Clock

FIRST_SECONDS = 0.1
MOST_SECONDS = 5.0


class Backoff:
    """A pause after every failure, twice as long as the last one up to a bound; none after a success. Thread-safe."""

    def __init__(self, clock: Clock, first: float = FIRST_SECONDS, most: float = MOST_SECONDS) -> None:
        self._clock = clock
        self._first = first
        self._most = most
        self._pause = 0.0
        self._until = clock.monotonic()
        self._lock = threading.Lock()

    def left(self) -> float:
        """Seconds until the next attempt; 0 or less if it may be made now."""
        with self._lock:
            return self._until - self._clock.monotonic()

    def failed(self) -> None:
        """Failures of attempts that ran side by side count once."""
        with self._lock:
            now = self._clock.monotonic()
            if now < self._until:
                return
            self._pause = min(max(self._first, 2 * self._pause), self._most)
            self._until = now + self._pause

    def succeeded(self) -> None:
        with self._lock:
            self._pause = 0.0
            self._until = self._clock.monotonic()
