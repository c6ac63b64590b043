"""Where a figure was measured: the machine, the interpreter, and the commit."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Machine:
    cpu: str
    cores: int
    memory_gib: int
    system: str
    python: str
    load: float

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gib} GiB, {self.system}, Python {self.python}, "
            f"load {self.load} at the start"
        )


@dataclass(frozen=True, slots=True)
class Commit:
    """``hash`` is ``unknown`` outside a checkout; ``dirty`` (shown as ``+dirty``): files differ from it."""

    hash: str
    dirty: bool

    def __str__(self) -> str:
        return self.hash + ("+dirty" if self.dirty else "")


def this_machine() -> Machine:
    return Machine(
        cpu=_cpu(),
        cores=len(usable_cores()),
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load=round(os.getloadavg()[0], 1),
    )


def this_commit() -> Commit:
    head = _git("rev-parse", "HEAD")
    return Commit(head or "unknown", bool(_git("status", "--porcelain")))


def usable_cores() -> list[int]:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
