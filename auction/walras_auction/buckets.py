"""Token buckets: so many at once, so many a second from then on, for each key.

A bucket is kept as the moment at which it will be full again, so that one that is full needs no memory.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from walras.rejections import Reason, Rejection

#: Buckets in memory before full ones are looked for and forgotten.
_KEPT = 100_000


class Buckets:
    """One bucket of ``burst`` tokens a key, refilled by ``per_second``. ``monotonic`` is in seconds.

    Any thread may call.
    """

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float]) -> None:
        if per_second <= 0 or burst < 1:
            raise ValueError("a bucket holds at least one token and is refilled")
        self._token = 1 / per_second
        self._depth = burst / per_second
        self._now = monotonic
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()
        self._sweep_at = _KEPT

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str) -> float:
        """Take a token and return zero; if there is none, seconds until there will be."""
        with self._lock:
            now = self._now()
            full = max(self._full_at.get(key, now), now) + self._token
            wait = full - now - self._depth
            if wait > 1e-9:  # less is rounding
                return wait
            self._put(key, full, now)
            return 0.0

    def owe(self, key: str, tokens: float) -> None:
        """Take ``tokens`` whether they are there or not; what is missing has to come in before the next one."""
        with self._lock:
            now = self._now()
            self._put(key, max(self._full_at.get(key, now), now) + tokens * self._token, now)

    def _put(self, key: str, full: float, now: float) -> None:
        self._full_at[key] = full
        if len(self._full_at) > self._sweep_at:
            self._full_at = {name: moment for name, moment in self._full_at.items() if moment > now}
            self._sweep_at = max(_KEPT, 2 * len(self._full_at))


def rate_limited(wait: float, what: str) -> Rejection:
    """The refusal of someone who has to wait ``wait`` seconds, in whole ones."""
    seconds = max(1, math.ceil(wait))
    detail = f"too many {what}; try again in {seconds} s"
    return Rejection(Reason.RATE_LIMITED, "", detail, retryAfter=str(seconds))
