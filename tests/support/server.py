"""A server process of a test: started on a free port, killed, paused, and gone when the test process is."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

START_SECONDS = 60
_PORT_ATTEMPTS = 5
_PR_SET_PDEATHSIG = 1


class Server:
    """One server process. ``port`` and the data stay the same over restarts."""

    ready_line: str
    port_taken_line: str

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="walras-engine-"))
        self.user: str | None = None
        self.port = 0
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self._paused: list[int] = []

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def start(self) -> None:
        """Returns when it accepts connections."""
        attempts = 1 if self.port else _PORT_ATTEMPTS
        for _ in range(attempts):
            self.port = self.port or _free_port()
            if self._launch():
                return
            if not any(self.port_taken_line in line for line in self._lines):
                break
            self.port = 0
        raise RuntimeError(f"{type(self).__name__} did not start:\n" + "\n".join(self._lines[-20:]))

    def kill(self) -> None:
        """As a crash would: nothing is flushed or said."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stand still: connections stay open, new ones are taken by the kernel, nothing is answered."""
        self._paused = [self.pid, *self._children()]
        for pid in self._paused:
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._paused:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._paused = []

    def close(self) -> None:
        self.resume()
        if self._process is not None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self) -> bool:
        self._lines = []
        settled = threading.Event()
        self._process = subprocess.Popen(
            self.command(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=_die_with_parent,
            **as_user(self.user),
        )
        threading.Thread(target=self._listen, args=(self._process, settled), daemon=True).start()
        if not settled.wait(START_SECONDS):
            self._lines.append(f"(nothing after {START_SECONDS} s)")
        if any(self.ready_line in line for line in self._lines):
            return True
        self.kill()
        return False

    def _listen(self, process: subprocess.Popen[str], settled: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                if not settled.is_set():
                    self._lines.append(line.rstrip())
                    if self.ready_line in line:
                        settled.set()
        settled.set()

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        assert process is not None, "the server does not run"
        process.send_signal(how)
        process.wait(START_SECONDS)

    def _children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]


def as_user(name: str | None) -> dict[str, Any]:
    """What makes a child process run as that user."""
    if name is None:
        return {}
    entry = pwd.getpwnam(name)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """In the child: a server does not outlive a test process that was killed (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
