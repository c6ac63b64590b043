"""The door to a solver in a process of its own: JSON lines over pipes, with caps on time, size and memory."""

from __future__ import annotations

import contextlib
import os
import queue
import resource
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

    def start(self) -> None:
        """Start the process and wait until it is ready, so that the first round's deadline is the solver's alone."""
        self._lines = queue.Queue()
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter; the operator names the solver
            [sys.executable, "-m", "walras.solver", self._target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        if hasattr(resource, "prlimit"):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        reader = threading.Thread(
            target=_read_lines,
            args=(self._process, self._lines, self._cap),
            name=f"read-{self.identity.name}",
            daemon=True,
        )
        reader.start()
        self._next(_START_SECONDS)

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        if self._process is None or self._process.poll() is not None:
            self.start()
        began = time.monotonic()
        writer = threading.Thread(target=self._write, args=(batch,), daemon=True)
        writer.start()  # a solver that stops reading must not hold up the round
        return self._next(deadline_ms / 1000 - (time.monotonic() - began))

    def tell(self, notices: Sequence[Notice]) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        message = canonical({"method": "notify", "notices": [notice.to_json() for notice in notices]}) + b"\n"
        threading.Thread(target=self._write, args=(message,), daemon=True).start()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _write(self, message: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(message)
            process.stdin.flush()
        except (OSError, ValueError):
            return  # the reader reports the end of the process

    def _next(self, seconds: float) -> bytes:
        try:
            line = self._lines.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            self.close()
            raise DoorError(Reason.SOLVER_TIMEOUT, f"no answer within {seconds:.1f} s; its process was ended") from None
        if isinstance(line, DoorError):
            self.close()
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


def _read_lines(process: subprocess.Popen[bytes], lines: queue.Queue[bytes | DoorError], cap: int) -> None:
    assert process.stdout is not None
    pending = bytearray()
    while True:
        try:
            chunk = os.read(process.stdout.fileno(), 1 << 16)
        except (OSError, ValueError):
            chunk = b""
        if not chunk:
            lines.put(DoorError(Reason.SOLVER_CRASHED, f"exit status {process.poll()}"))
            return
        pending += chunk
        while (end := pending.find(b"\n")) >= 0:
            lines.put(bytes(pending[:end]))
            del pending[: end + 1]
        if len(pending) > cap:
            lines.put(DoorError(Reason.ANSWER_TOO_LARGE, f"more than {cap} bytes"))
            process.kill()
            return
