"""Refusals of a flood, counted in memory and announced in sums, so that refusing costs the store next to nothing."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from walras.rejections import Reason

from walras_auction.ports import StoreError

#: Seconds from the first refusal of a sum to its announcement.
GATHERED = 1.0

#: Calls a function once, so many seconds from now, in whatever thread.
Later = Callable[[float, Callable[[], None]], None]


def in_a_thread(seconds: float, function: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


class RefusalSums:
    """Announces ``refused`` with a ``count`` for each reason."""

    def __init__(self, announce: Callable[[str, dict[str, Any]], object], later: Later = in_a_thread) -> None:
        self._announce = announce
        self._later = later
        self._lock = threading.Lock()
        self._counts: Counter[Reason] = Counter()
        self._due = False

    def add(self, reason: Reason) -> None:
        """Count one refusal."""
        with self._lock:
            self._counts[reason] += 1
            due, self._due = self._due, True
        if not due:
            self._later(GATHERED, self.flush)

    def flush(self) -> None:
        """Announce what was counted. Where the store takes nothing more, nothing is announced."""
        with self._lock:
            counts, self._counts, self._due = self._counts, Counter(), False
        with contextlib.suppress(StoreError):
            for reason, count in counts.items():
                self._announce("refused", {"uid": "", "reason": reason.value, "field": "", "count": count})
