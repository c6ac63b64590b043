"""An engine in a process of its own, asked over JSON lines; one that is late is ended, and started anew."""

from __future__ import annotations

import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from pydantic import ValidationError

from walras.wire import Answer, Batch, Notice, canonical

_START_SECONDS = 60.0
#: Bytes of one answer; a longer line ends the process.
_MOST_ANSWER = 64 * 2**20


class EngineFailure(Exception):
    """The engine gave no usable answer; the message says why."""


class EngineProcess:
    """Runs ``python -m walras.solver NAME``. One caller at a time asks; anyone may tell."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self._ready = False
        self._writing = threading.Lock()

    def start(self) -> None:
        """Start the process and wait until it is ready. Raises :class:`EngineFailure`."""
        self._spawn()
        self._await_ready(_START_SECONDS)

    def solve(self, batch: Batch, seconds: float) -> Answer:
        """The answer within ``seconds``. Raises :class:`EngineFailure`; the process is replaced if it was late."""
        end = time.monotonic() + seconds
        if self._process is None or self._process.poll() is not None:
            self._spawn()
        if not self._ready:
            self._await_ready(seconds)
        message = b'{"method":"solve","batch":' + batch.model_dump_json(by_alias=True).encode() + b"}\n"
        self._send(message)  # in a thread: an engine that stops reading must not hold up its caller
        try:
            answer = Answer.model_validate_json(self._line(end - time.monotonic()))
        except ValidationError as error:
            raise EngineFailure(f"it does not answer as documented: {error.error_count()} errors") from error
        if answer.round != batch.round:
            self._spawn()
            raise EngineFailure("it answers another question")
        return answer

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell the engine what became of its solutions; never waits."""
        if self._ready:
            self._send(canonical({"method": "notify", "notices": [notice.to_json() for notice in notices]}) + b"\n")

    def close(self) -> None:
        """End the process and whatever it started."""
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _spawn(self) -> None:
        self.close()
        self._lines, self._writing = queue.Queue(), threading.Lock()
        process = self._process = subprocess.Popen(  # noqa: S603 -- what the operator named
            [sys.executable, "-m", "walras.solver", self._name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        assert process.stdout is not None
        threading.Thread(target=_read, args=(process.stdout, self._lines), daemon=True).start()

    def _await_ready(self, seconds: float) -> None:
        line = self._line(seconds, keep=True)
        if b'"ready": true' not in line:
            self.close()
            raise EngineFailure(line.decode(errors="replace").strip()[:300])
        self._ready = True

    def _line(self, seconds: float, keep: bool = False) -> bytes:
        """The next line. ``keep``: a process that is slow to start is left to it."""
        try:
            line = self._lines.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            if not keep:
                self._spawn()
            raise EngineFailure("no answer in time") from None
        if line is None or not line.endswith(b"\n"):
            self.close()
            raise EngineFailure("its process ended, or sent too much")
        return line

    def _send(self, message: bytes) -> None:
        process, lock = self._process, self._writing
        if process is not None and process.stdin is not None:
            threading.Thread(target=_write, args=(process.stdin, lock, message), daemon=True).start()


def _write(pipe: IO[bytes], lock: threading.Lock, message: bytes) -> None:
    rest = memoryview(message)
    with lock, contextlib.suppress(OSError, ValueError):  # the reader reports the end of the process
        while rest:
            rest = rest[pipe.write(rest) :]


def _read(pipe: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    """Lines as they come, then None; who reads closes."""
    with contextlib.suppress(OSError, ValueError), io.BufferedReader(pipe, 2**16) as reader:  # type: ignore[type-var]
        while line := reader.readline(_MOST_ANSWER):
            lines.put(line)
            if not line.endswith(b"\n"):
                break
    lines.put(None)
