"""Cuts connections whose server has gone silent: a client library waits for ever for a machine that stands still.

One thread looks after all connections of a process; a statement costs two assignments.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import threading

from walras_auction.clock import SystemClock

#: The thread looks so often while an answer is due, as a share of the time that it may take.
_SHARE = 1 / 8


class Guarded:
    """One connection. Between :meth:`begin` and :meth:`end` an answer is due."""

    def __init__(self, guard: Guard, wire: socket.socket) -> None:
        self._guard = guard
        self.wire = wire
        self.due = math.inf

    def begin(self) -> None:
        self.due = self._guard.clock.monotonic() + self._guard.seconds

    def end(self) -> None:
        self.due = math.inf

    def close(self) -> None:
        self._guard.forget(self)
        self.wire.close()


class Guard:
    """Cuts what has been silent for ``seconds``; whoever waits for it gets the error for a lost connection."""

    def __init__(self, seconds: float, clock: SystemClock | None = None) -> None:
        self.seconds = seconds
        self.clock = clock or SystemClock()
        self._watched: set[Guarded] = set()
        self._changed = threading.Condition()
        self._runs = False

    def watch(self, descriptor: int) -> Guarded:
        """Look after the connection on a socket's file descriptor, which stays the caller's."""
        guarded = Guarded(self, socket.socket(fileno=os.dup(descriptor)))
        with self._changed:
            self._watched.add(guarded)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="walras-store-guard", daemon=True).start()
        return guarded

    def forget(self, guarded: Guarded) -> None:
        with self._changed:
            self._watched.discard(guarded)
            self._changed.notify_all()

    def _run(self) -> None:
        with self._changed:
            while self._watched:
                now = self.clock.monotonic()
                for guarded in self._watched:
                    if guarded.due <= now:
                        guarded.end()
                        with contextlib.suppress(OSError):
                            guarded.wire.shutdown(socket.SHUT_RDWR)
                self._changed.wait(self.seconds * _SHARE)
            self._runs = False
