"""API processes beside each other on one listening socket: started, started again when they end, ended together.

The parent binds and listens, the children accept. A child holds the reading end of a pipe that only the parent can
write to, so it notices when the parent is gone, however that came.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence

import structlog

from walras_auction.infra.backoff import Backoff
from walras_auction.ports import Clock

#: Pauses before a child is started again, doubling from the first to the second while none lives as long as the third.
FIRST_SECONDS, MOST_SECONDS, STEADY_SECONDS = 0.5, 30.0, 10.0
_END_SECONDS = 15.0
#: Makes the command of a child from the descriptors of the socket and of the pipe.
Command = Callable[[int, int], Sequence[str]]


class Workers:
    """``count`` children of ``command``. To be closed; not for many threads."""

    def __init__(self, command: Command, count: int, sock: socket.socket, clock: Clock) -> None:
        self._clock = clock
        self._stopping = threading.Event()
        self._life, self._held = os.pipe()
        self._descriptors = (sock.fileno(), self._life)
        self._command = list(command(*self._descriptors))
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        self._keepers = [threading.Thread(target=self._keep, args=(number,), daemon=True) for number in range(count)]
        for keeper in self._keepers:
            keeper.start()

    @property
    def pids(self) -> list[int]:
        """Of the children that run."""
        with self._lock:
            return [child.pid for _, child in sorted(self._children.items()) if child.returncode is None]

    def close(self) -> None:
        """Ask every child to end, and see to it."""
        with self._lock:
            self._stopping.set()
            for child in self._children.values():
                child.terminate()
        for keeper in self._keepers:
            keeper.join(_END_SECONDS)
        with self._lock:
            for child in self._children.values():
                child.kill()
        for keeper in self._keepers:
            keeper.join()
        os.close(self._held)
        os.close(self._life)

    def _keep(self, number: int) -> None:
        """See to one child until the end."""
        backoff = Backoff(self._clock, FIRST_SECONDS, MOST_SECONDS)
        while (child := self._start(number)) is not None:
            born = self._clock.monotonic()
            status = child.wait()
            if self._stopping.is_set():
                return
            if self._clock.monotonic() - born >= STEADY_SECONDS:
                backoff.succeeded()
            backoff.failed()
            structlog.get_logger().warning("an API process ended", status=status, again_in=round(backoff.left(), 1))
            self._stopping.wait(backoff.left())

    def _start(self, number: int) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            child = subprocess.Popen(  # noqa: S603 -- our own program
                self._command, stdin=subprocess.DEVNULL, pass_fds=self._descriptors
            )
            self._children[number] = child
            return child
