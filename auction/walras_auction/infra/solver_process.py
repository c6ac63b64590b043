"""The door to a solver in a process of its own: JSON lines over pipes, with caps on time, size and memory."""

from __future__ import annotations

import contextlib
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from walras.rejections import Reason
from walras.wire import Notice, canonical

from walras_auction.bids import SolverIdentity
from walras_auction.invite import DoorError

MAX_ANSWER_BYTES = 8 * 2**20
MEMORY_BYTES = 6 * 2**30
_START_SECONDS = 60.0
#: How long the end of a killed process's output is waited for.
_LAST_LINES_SECONDS = 1.0
#: Lines that nobody asked for, kept until the next question; a solver that sends more is ended.
_MAX_UNREAD = 16


class SolverProcess:
    """Runs ``python -m walras.solver NAME``; restarts it after a crash, a time-out or an oversized answer."""

    def __init__(
        self, identity: SolverIdentity, target: str | None = None, answer_bytes: int = MAX_ANSWER_BYTES
    ) -> None:
        self.identity = identity
        self._target = target or identity.name
        self._cap = answer_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | DoorError] = queue.Queue()
        self._reader: threading.Thread | None = None
        self._ready = False
        self._spawned = 0.0

    def start(self) -> None:
        """Start the process and wait until it is ready, so that the first round's deadline is the solver's alone."""
        self._spawn()
        self._await_ready(_START_SECONDS)

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        end = time.monotonic() + deadline_ms / 1000
        if self._process is None or _exit_status(self._process) is not None:
            self._spawn()
        if not self._ready:
            self._await_ready(end - time.monotonic())
        with contextlib.suppress(queue.Empty):
            while True:  # what came before the question does not answer it
                self._unwrap(self._lines.get_nowait())
        writer = threading.Thread(target=self._write, args=(batch,), daemon=True)
        writer.start()  # a solver that stops reading must not hold up the round
        return self._answer(end - time.monotonic())

    def tell(self, notices: Sequence[Notice]) -> None:
        if self._process is None or not self._ready or _exit_status(self._process) is not None:
            return
        message = canonical({"method": "notify", "notices": [notice.to_json() for notice in notices]}) + b"\n"
        threading.Thread(target=self._write, args=(message,), daemon=True).start()

    def close(self) -> None:
        """End the process and whatever it started."""
        process, self._process = self._process, None
        if process is None:
            return
        _kill(process)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()
        # The reader closes what it reads from: a number closed under it may be the next process's pipe a moment later,
        # of which it would then take the first line. Somebody who escaped the killing may hold the other end for long.
        if self._reader is not None:
            self._reader.join(_LAST_LINES_SECONDS)

    def _spawn(self) -> None:
        self.close()
        self._lines, self._ready, self._spawned = queue.Queue(), False, time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 -- what the operator configured
            [sys.executable, "-m", "walras.solver", self._target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # closing a buffered pipe waits for whoever is stuck in writing to it
            env=_environment(),
            start_new_session=True,  # so that its children can be ended with it
        )
        if hasattr(resource, "prlimit"):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        self._reader = threading.Thread(
            target=_read_lines,
            args=(self._process, self._lines, self._cap),
            name=f"read-{self.identity.name}",
            daemon=True,
        )
        self._reader.start()

    def _write(self, message: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        rest = memoryview(message)
        try:
            while rest:
                rest = rest[process.stdin.write(rest) :]
        except (OSError, ValueError):
            return  # the reader reports the end of the process

    def _await_ready(self, seconds: float) -> None:
        """Wait for the first line. A process that is slow to start is left to it, for a later round."""
        try:
            line = self._lines.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            if time.monotonic() - self._spawned >= _START_SECONDS:
                self.close()
            raise DoorError(Reason.SOLVER_TIMEOUT, "it is not ready yet") from None
        if isinstance(line, DoorError):
            self.close()
            raise line
        self._ready = True

    def _answer(self, seconds: float) -> bytes:
        try:
            line = self._lines.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            line = DoorError(Reason.SOLVER_TIMEOUT, f"no answer within {seconds:.1f} s; its process was ended")
        return self._unwrap(line)

    def _unwrap(self, line: bytes | DoorError) -> bytes:
        if isinstance(line, DoorError):
            self._spawn()  # for the next round, which need not wait for it
            raise line
        return line


def start_all(doors: Sequence[SolverProcess]) -> None:
    """Start all at once. One that does not start is left for its first round, which says why it has no answer."""

    def start(door: SolverProcess) -> None:
        with contextlib.suppress(DoorError):
            door.start()

    with ThreadPoolExecutor(max(len(doors), 1)) as pool:
        list(pool.map(start, doors))


def _environment() -> dict[str, str]:
    """The house's environment without its secrets, with unbuffered, single-threaded numerics."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WALRAS_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _exit_status(process: subprocess.Popen[bytes]) -> int | None:
    """None while it runs. Unlike ``poll`` this keeps the process's id from being given to another."""
    if process.returncode is not None:
        return process.returncode
    try:
        ended = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return process.poll()
    return None if ended is None else ended.si_status


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and its group; its id is still its own, since only ``close`` reaps it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _read_lines(process: subprocess.Popen[bytes], lines: queue.Queue[bytes | DoorError], cap: int) -> None:
    """Read to the end, or to the limit, and close the pipe."""
    assert process.stdout is not None
    with process.stdout:
        _read_from(process.stdout.fileno(), process, lines, cap)


def _read_from(
    descriptor: int, process: subprocess.Popen[bytes], lines: queue.Queue[bytes | DoorError], cap: int
) -> None:
    pending = bytearray()
    while True:
        try:
            chunk = os.read(descriptor, 1 << 16)
        except OSError:
            chunk = b""
        if not chunk:
            status = _exit_status(process)
            ended = "its output ended" if status is None else f"exit status {status}"
            lines.put(DoorError(Reason.SOLVER_CRASHED, ended))
            return
        pending += chunk
        while (end := pending.find(b"\n")) >= 0 and lines.qsize() < _MAX_UNREAD:
            lines.put(bytes(pending[:end]))
            del pending[: end + 1]
        if len(pending) > cap or lines.qsize() >= _MAX_UNREAD:
            lines.put(DoorError(Reason.ANSWER_TOO_LARGE, f"more than {cap} bytes, or {_MAX_UNREAD} lines, at once"))
            return
