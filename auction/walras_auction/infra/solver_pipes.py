"""The two pipes that come out of a solver's process: answers, line by line up to a cap, and what it says besides."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Callable

from walras.rejections import Reason

from walras_auction.invite import DoorError

#: Lines that nobody asked for, kept until the next question; a solver that sends more is ended.
MAX_UNREAD = 16
#: Bytes of standard error that are kept, the last ones.
TAIL_BYTES = 16 * 1024
#: Characters of its last line that a failure repeats; records are public, so the rest stays in the house's log.
LAST_LINE = 200

Lines = queue.Queue[bytes | DoorError]


class Tail:
    """The end of what a process says on standard error. Read by a thread of its own until the pipe ends."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        self._kept = bytearray()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, args=(process,), name=f"stderr-{name}", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        with self._lock:
            return self._kept.decode(errors="replace").strip()

    def all_of_it(self, seconds: float) -> str:
        """What is kept once the pipe has ended or ``seconds`` have passed: somebody may hold it open for long."""
        self._thread.join(seconds)
        return self.text

    def last_line(self, seconds: float) -> str:
        """The last line of :meth:`all_of_it`."""
        lines = self.all_of_it(seconds).splitlines()
        return lines[-1].strip()[:LAST_LINE] if lines else ""

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr:
            while chunk := _chunk(process.stderr.fileno()):
                with self._lock:
                    self._kept += chunk
                    del self._kept[:-TAIL_BYTES]


def read_lines(process: subprocess.Popen[bytes], lines: Lines, cap: int, ended: Callable[[], DoorError]) -> None:
    """Read answers to the end, or to the cap, and close the pipe; ``ended`` says what the end means."""
    assert process.stdout is not None
    with process.stdout:
        descriptor, pending = process.stdout.fileno(), bytearray()
        while chunk := _chunk(descriptor):
            pending += chunk
            while (end := pending.find(b"\n")) >= 0 and lines.qsize() < MAX_UNREAD:
                lines.put(bytes(pending[:end]))
                del pending[: end + 1]
            if len(pending) > cap or lines.qsize() >= MAX_UNREAD:
                detail = f"more than {cap} bytes, or {MAX_UNREAD} lines, at once"
                lines.put(DoorError(Reason.ANSWER_TOO_LARGE, detail))
                return
        lines.put(ended())


def _chunk(descriptor: int) -> bytes:
    """What has come; nothing at the end."""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
