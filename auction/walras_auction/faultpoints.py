"""Named points at which a test can end the process as a power cut would: nothing is flushed, said or closed.

A house in earnest has none armed, and passing one costs a comparison. ``WALRAS_FAULT=after-commit:3`` arms the third
passage of one point, for the processes of ``tests/faults``.
"""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "WALRAS_FAULT"
#: In the order in which an intent comes by.
POINTS = (
    "after-read",  # the request's bytes are here
    "after-verify",  # signature, funds and time are checked
    "before-commit",  # written, not durable
    "after-commit",  # durable, nobody told
    "before-answer",  # the receipt is signed
    "after-begin-round",
    "after-journal",  # the settlement is signed and journaled, not sent
    "after-send",
    "before-publish",  # settled, not in the record
    "after-publish",
)


class UnknownPoint(ValueError):
    """The environment arms a point that does not exist."""


class _Armed:
    def __init__(self, text: str) -> None:
        name, _, count = text.partition(":")
        if name and name not in POINTS:
            raise UnknownPoint(f"{VARIABLE} names {name!r}; the points are {', '.join(POINTS)}")
        self.name = name
        self._left = int(count or 1)
        self._lock = threading.Lock()

    def passed(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


_armed = _Armed(os.environ.get(VARIABLE, ""))


def reach(name: str) -> None:
    """This is the point ``name``."""
    if name == _armed.name:
        _armed.passed()
