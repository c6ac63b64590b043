"""Intents whose own terms made a winning solution fail on chain: they sit out, twice as long each time.

A hook or condition can behave in a simulation and misbehave in the block. Without this its owner could undo
everybody's solutions, round after round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from walras.rejections import Reason

from walras_auction.waiting import Waiting

#: Contract errors that name the intent (``uid`` first) whose terms are the cause.
_CAUSE = re.compile(r"(?:HookFailed|ConditionNotMet)\(uid=(0x[0-9a-f]{64})")
FIRST_SECONDS = 60
MOST_SECONDS = 86_400


class Setbacks:
    """Which intents sit out, and until when (Unix seconds). Forgotten on a restart."""

    def __init__(self) -> None:
        self._until: dict[str, int] = {}
        self._seconds: dict[str, int] = {}

    def learn(self, record: Mapping[str, Any]) -> None:
        """Have the intents sit out whose terms made a winner of the round fail."""
        time = record["inputs"]["batch"]["time"]
        for row in record["verdict"]["bids"]:
            cause = _CAUSE.match(row["detail"]) if row["status"] == "failed" else None
            if cause is not None:
                uid = cause.group(1)
                self._seconds[uid] = min(2 * self._seconds.get(uid, 0) or FIRST_SECONDS, MOST_SECONDS)
                self._until[uid] = time + self._seconds[uid]

    def waiting(self, now: int) -> dict[str, Waiting]:
        """Why intents sit out at Unix second ``now``, by uid."""
        return {
            uid: Waiting(Reason.TERMS_FAILED, f"its terms made a settlement fail; it sits out until {until}")
            for uid, until in self._until.items()
            if now < until
        }
