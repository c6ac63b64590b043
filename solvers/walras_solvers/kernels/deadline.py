"""When an engine has to stop searching and hand in what it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]

#: The part of a round's deadline that an engine uses; the rest is for encoding and the way back.
SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on a monotonic clock, in seconds."""

    clock: Clock
    start: float
    end: float

    @classmethod
    def after(cls, clock: Clock, deadline_ms: int) -> Deadline:
        now = clock()
        return cls(clock, now, now + deadline_ms / 1000 * SHARE)

    @property
    def passed(self) -> bool:
        return self.clock() >= self.end

    def part(self, share: float) -> Deadline:
        """An earlier deadline after ``share`` of the whole time."""
        return Deadline(self.clock, self.start, self.start + (self.end - self.start) * share)
