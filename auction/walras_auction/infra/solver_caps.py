"""What a solver's process may use: memory that counts, CPU time for an answer.

Memory is what it and its children hold resident, read from ``/proc`` while the house waits for an answer; a page that
several of them share counts for each. The kernel's own limit (``RLIMIT_DATA``: private memory, touched or not) stands a
little above, for what grows faster than it is looked at. Address space is not limited: numerics reserve much more of it
than they use. Where there is no ``/proc`` only the deadline is left.
"""

from __future__ import annotations

import contextlib
import os
import resource
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
#: Bytes of private memory beyond the resident cap at which the kernel says no.
_HEADROOM = 2**30
#: Fields of ``/proc/PID/stat`` after the command's closing parenthesis.
_GROUP, _CPU, _RESIDENT = 2, slice(11, 15), 21


@dataclass(frozen=True, slots=True)
class Caps:
    """``memory_bytes`` is resident, of the process and its children; ``cores`` times the deadline bounds CPU time."""

    memory_bytes: int = 4 * 2**30
    cores: float = 2.0
    grace_seconds: float = 1.0  # of CPU time, on top


@dataclass(frozen=True, slots=True)
class Usage:
    """What a group of processes holds and has used: bytes, and seconds of CPU."""

    resident: int = 0
    cpu: float = 0.0


def limit(pid: int, caps: Caps) -> None:
    """Set the kernel's limits on a process that has just started; its children inherit them."""
    if hasattr(resource, "prlimit"):
        most = caps.memory_bytes + _HEADROOM
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (most, most))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def usage(group: int) -> Usage:
    """Of all processes of the group ``group`` together; zero where that can not be read."""
    resident, ticks = 0, 0
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[_GROUP]) == group:
            resident += int(fields[_RESIDENT]) * _PAGE
            ticks += sum(map(int, fields[_CPU]))
    return Usage(resident, ticks / _TICK)


def excess(caps: Caps, now: Usage, before: Usage, seconds: float) -> str | None:
    """What is used beyond the caps, in words, for a question that has ``seconds``; None if nothing is."""
    if now.resident > caps.memory_bytes:
        return f"it holds {now.resident >> 20} MiB of memory; at most {caps.memory_bytes >> 20} MiB"
    spent, most = now.cpu - before.cpu, caps.cores * seconds + caps.grace_seconds
    if spent > most:
        return f"it used {spent:.1f} s of CPU for an answer; at most {most:.1f} s"
    return None
