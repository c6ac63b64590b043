"""How figures are taken: ours and the peer's in turn, so that what else the machine does hits both; medians of each."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .machine import usable_cores

Measure = Callable[[int], float]
"""The figure of one pass, given the number of the pass."""


class BenchError(Exception):
    """What was measured did not do its work, so its figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The figures of all passes."""

    figures: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.figures)

    def __str__(self) -> str:
        low, high = (f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}" for figure in self._range)
        return f"{len(self.figures)} passes, {low} to {high}"

    @property
    def _range(self) -> tuple[float, float]:
        return min(self.figures), max(self.figures)


def interleaved(ours: Measure, peer: Measure, passes: int) -> tuple[Samples, Samples]:
    """Measure ours, peer, ours, peer …; what each pass prepares outside its clock is its own business."""
    pairs = [(ours(number), peer(number)) for number in range(passes)]
    return Samples(tuple(pair[0] for pair in pairs)), Samples(tuple(pair[1] for pair in pairs))


def per_second(work: Callable[[], object], count: int) -> float:
    """``count`` pieces of work done by one call, per second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


@contextlib.contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Keep this thread, and what it starts meanwhile, on one core; does nothing where that cannot be asked for."""
    if core is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def a_core() -> int | None:
    """The core for what is measured: the last usable one, since systems prefer the first for their own work."""
    return usable_cores()[-1] if hasattr(os, "sched_setaffinity") else None


def the_other_cores(core: int | None) -> list[int]:
    """Cores for what produces load; the same one if there is no other."""
    return [other for other in usable_cores() if other != core] or usable_cores()
