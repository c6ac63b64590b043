"""Misbehaviour below the protocol: time, size, processes. None of them looks at the batch."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from walras.wire import Batch, Notice, Solution


class Silent:
    """Bids nothing."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        return ()


class Chatty(Silent):
    """Prints where only answers belong."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        print("thinking")
        return ()


class HangsOnce(Silent):
    """Never answers."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        threading.Event().wait()
        return ()


class Crashes(Silent):
    """Ends while it thinks."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        os._exit(7)


class Raises(Silent):
    """Ends with a traceback."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        raise ZeroDivisionError


class SlowToStart(Silent):
    """Takes longer to start than a round gives it."""

    def __init__(self) -> None:
        threading.Event().wait(1.0)


class NeverReady(Silent):
    """Never gets so far as to be ready."""

    def __init__(self) -> None:
        threading.Event().wait()


def _raw(data: bytes) -> None:
    os.write(1, data)


class Junk(Silent):
    """Megabytes without an end of line."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        while True:
            _raw(b"x" * 65_536)


class JunkLines(Silent):
    """Short lines without end."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        while True:
            _raw(b"x\n" * 1_000)


class Bursts(Silent):
    """Forty short lines at once, then silence."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        _raw(b"x\n" * 40)
        threading.Event().wait()
        return ()


class Deaf(Silent):
    """Says that it is ready and never reads."""

    def __init__(self) -> None:
        _raw(b'{"ready": true}\n')
        threading.Event().wait()


class Breeds(Silent):
    """Leaves everything to a child that holds the pipes and does nothing; its id goes into a file."""

    def __init__(self) -> None:
        note = Path(os.environ["BAD_SOLVER_NOTE"])
        if os.fork() == 0:
            if not note.exists():
                note.write_text(str(os.getpid()))
            _raw(b'{"ready": true}\n')
            threading.Event().wait()
        os._exit(0)


class Twice(Silent):
    """Answers every question twice."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        _raw(b'{"round":%d,"solutions":[]}\n' % batch.round)
        return ()


class Remembers(Silent):
    """Bids a solution whose number is the score it was told last."""

    def __init__(self) -> None:
        self.score = 0

    def notify(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.score = int(notice.score)

    def solve(self, batch: Batch) -> Iterable[Solution]:
        return (Solution(id=self.score, prices={}, fills=()),)


class Hungry(Silent):
    """Takes 400 MiB of memory and touches it."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        self.held = bytearray(b"x") * (400 * 2**20)
        threading.Event().wait()
        return ()


class Gluttons(Silent):
    """Leaves the eating to a child."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        if os.fork() == 0:
            self.held = bytearray(b"x") * (400 * 2**20)
        threading.Event().wait()
        return ()


class Overreaches(Silent):
    """Asks for more memory at once than the kernel gives it."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        bytearray(16 * 2**30)
        return ()


class Spins(Silent):
    """Computes without end."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        while True:
            pass


class Explains(Silent):
    """Says much on standard error, and then ends."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        os.write(2, b"x" * 100_000 + b"\nthe pools are gone\n")
        os._exit(9)


class NoSolver:
    """Has another protocol."""

    def answer(self) -> None: ...


class RaisesWhenMade(Silent):
    """Can not be made."""

    def __init__(self) -> None:
        raise FileNotFoundError("no model.bin")


class NeedsMore(Silent):
    """Needs a package that is not there."""

    def __init__(self) -> None:
        import walras_nowhere  # type: ignore[import-not-found] # noqa: F401


class Exits(Silent):
    """Ends the process while it is made."""

    def __init__(self) -> None:
        raise SystemExit(3)
