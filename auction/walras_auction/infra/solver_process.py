"""The door to a solver in a process of its own: JSON lines over pipes, with caps on time, size, memory and CPU.

One that can not be loaded says so, with its package and version, and is tried again after a pause that doubles.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import structlog
from walras.answers import SolverHealth
from walras.plugins import Origin, origin_of
from walras.rejections import Reason
from walras.wire import Notice, canonical

from walras_auction.bids import SolverIdentity
from walras_auction.clock import SystemClock
from walras_auction.infra.backoff import Backoff
from walras_auction.infra.solver_caps import Caps, Usage, excess, limit, usage
from walras_auction.infra.solver_pipes import Lines, Tail, read_lines
from walras_auction.invite import DoorError

MAX_ANSWER_BYTES = 8 * 2**20
_START_SECONDS = 60.0
#: How long the end of a killed process's output is waited for.
_LAST_LINES_SECONDS = 1.0
#: How often it is looked at what a process uses.
_LOOK_SECONDS = 0.1
#: Pauses before one that can not be loaded is tried again.
_RETRY_SECONDS, _RETRY_MOST_SECONDS = 5.0, 300.0


class SolverProcess:
    """Runs ``python -m walras.solver NAME``; restarts it after a crash, a time-out or an oversized answer."""

    def __init__(
        self,
        identity: SolverIdentity,
        target: str | None = None,
        answer_bytes: int = MAX_ANSWER_BYTES,
        caps: Caps | None = None,
        report: Callable[[SolverIdentity, Origin, DoorError], None] | None = None,
    ) -> None:
        self.identity = identity
        self.origin = origin_of(target or identity.name)
        self._target = target or identity.name
        self._cap = answer_bytes
        self._caps = caps or Caps()
        self._report = report or log_failure
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: Lines = queue.Queue()
        self._reader: threading.Thread | None = None
        self._tail: Tail | None = None
        self._ready = False
        self._spawned = 0.0
        self._broken: DoorError | None = None
        self._retry = Backoff(SystemClock(), _RETRY_SECONDS, _RETRY_MOST_SECONDS)
        self._failure: DoorError | None = None

    def start(self) -> None:
        """Start the process and wait until it is ready, so that the first round's deadline is the solver's alone."""
        try:
            self._spawn()
            self._await_ready(_START_SECONDS)
        except DoorError as error:
            raise self._failed(error) from None

    def revive(self) -> None:
        """After a failure: wait until the process is ready again, so that the next question does not pay for it."""
        with contextlib.suppress(DoorError):
            if self._process is None or _exit_status(self._process) is not None:
                self._spawn()
            if not self._ready:
                self._await_ready(_START_SECONDS)

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        try:
            answer = self._ask(batch, deadline_ms / 1000)
        except DoorError as error:
            raise self._failed(error) from None
        self._failure = None
        return answer

    def tell(self, notices: Sequence[Notice]) -> None:
        if self._process is None or not self._ready or _exit_status(self._process) is not None:
            return
        message = canonical({"method": "notify", "notices": [notice.to_json() for notice in notices]}) + b"\n"
        threading.Thread(target=self._write, args=(message,), daemon=True).start()

    def standing(self) -> SolverHealth:
        """How the solver is: ready, starting, broken (with what is wrong), or failing since its last question."""
        failure = self._broken or self._failure
        state: Literal["ready", "starting", "failing", "broken"] = "ready" if self._ready else "starting"
        if failure is not None:
            state = "broken" if failure.reason is Reason.SOLVER_BROKEN else "failing"
        return SolverHealth(
            name=self.identity.name,
            address=self.identity.address,
            package=self.origin.package,
            version=self.origin.version,
            state=state,
            reason=failure.reason.value if failure else None,
            detail=failure.detail if failure else "",
        )

    @property
    def said(self) -> str:
        """The end of what the process said on standard error."""
        return self._tail.text if self._tail is not None else ""

    def usage(self) -> Usage:
        """What the process and its children use now."""
        return Usage() if self._process is None else usage(self._process.pid)

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

    def _ask(self, batch: bytes, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        if self._broken is not None and self._retry.left() > 0:
            raise self._broken
        if self._process is None or _exit_status(self._process) is not None:
            self._spawn()
        if not self._ready:
            self._await_ready(end - time.monotonic())
        with contextlib.suppress(queue.Empty):
            while True:  # what came before the question does not answer it
                self._unwrap(self._lines.get_nowait())
        before = self.usage()
        writer = threading.Thread(target=self._write, args=(batch,), daemon=True)
        writer.start()  # a solver that stops reading must not hold up the round
        return self._unwrap(self._answer(end, seconds, before))

    def _failed(self, error: DoorError) -> DoorError:
        """Keep the failure for the view, and its first appearance for the log with all that the process said."""
        if self._failure is None or self._failure.detail != error.detail:
            self._report(self.identity, self.origin, error)
        self._failure = error
        return error

    def _spawn(self) -> None:
        self.close()
        self._lines, self._ready, self._spawned = queue.Queue(), False, time.monotonic()
        process = self._process = subprocess.Popen(  # noqa: S603 -- what the operator configured
            [sys.executable, "-m", "walras.solver", self._target],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # closing a buffered pipe waits for whoever is stuck in writing to it
            env=_environment(),
            start_new_session=True,  # so that its children can be ended with it
        )
        limit(process.pid, self._caps)
        tail = self._tail = Tail(process, self.identity.name)
        self._reader = threading.Thread(
            target=read_lines,
            args=(process, self._lines, self._cap, lambda: _ended(process, tail)),
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
        error = line if isinstance(line, DoorError) else _unready(line, self._tail)
        if error is not None:
            self.close()
            if error.reason is Reason.SOLVER_BROKEN:
                self._broken = error
                self._retry.failed()
            raise error
        self._broken, self._ready = None, True
        self._retry.succeeded()

    def _answer(self, end: float, seconds: float, before: Usage) -> bytes | DoorError:
        """The next line, or why there is none before ``end``; meanwhile it is looked at what the process uses."""
        while (left := end - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                return self._lines.get(timeout=min(left, _LOOK_SECONDS))
            if self._process is not None:
                beyond = excess(self._caps, usage(self._process.pid), before, seconds)
                if beyond is not None:
                    return DoorError(Reason.SOLVER_OVER_CAP, f"{beyond}; its process was ended", self.said)
        return DoorError(Reason.SOLVER_TIMEOUT, f"no answer within {seconds:.1f} s; its process was ended", self.said)

    def _unwrap(self, line: bytes | DoorError) -> bytes:
        if isinstance(line, DoorError):
            self._spawn()  # for the next round, which need not wait for it
            raise line
        return line


def log_failure(identity: SolverIdentity, origin: Origin, error: DoorError) -> None:
    """One line on standard error, with all that the process said."""
    structlog.wrap_logger(structlog.PrintLogger(sys.stderr)).warning(
        "a solver failed",
        solver=identity.name,
        package=origin.package,
        version=origin.version,
        reason=error.reason.value,
        detail=error.detail,
        said=error.said,
    )


def start_all(doors: Sequence[SolverProcess]) -> None:
    """Start all at once, each in its own process. One that does not start harms no other: it is named in the log and
    in the view of the solvers, and left for its first round, which says why it has no answer."""

    def start(door: SolverProcess) -> None:
        with contextlib.suppress(DoorError):
            door.start()

    with ThreadPoolExecutor(max(len(doors), 1)) as pool:
        list(pool.map(start, doors))


def _ended(process: subprocess.Popen[bytes], tail: Tail) -> DoorError:
    """What the end of the answers means, with the last thing that the process said."""
    last = tail.last_line(_LAST_LINES_SECONDS)
    status = _exit_status(process)
    ended = "its output ended" if status is None else f"exit status {status}"
    return DoorError(Reason.SOLVER_CRASHED, f"{ended}; it said last: {last}" if last else ended, tail.text)


def _unready(line: bytes, tail: Tail | None) -> DoorError | None:
    """None if the line says that the solver is ready."""
    try:
        message = json.loads(line)
        if message["ready"] is True:
            return None
        # It ends now: what it had to say of that comes by another pipe.
        said = tail.all_of_it(_LAST_LINES_SECONDS) if tail is not None else ""
        return DoorError(Reason.SOLVER_BROKEN, str(message["error"])[:1_000], said)
    except (ValueError, LookupError, TypeError):
        detail = f"its first line was not that it is ready: {line[:100]!r}"
        return DoorError(Reason.SOLVER_BROKEN, detail, tail.text if tail is not None else "")


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
