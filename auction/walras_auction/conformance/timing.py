"""How long a solver takes: to start, to answer batches of growing size; and what it holds meanwhile."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from walras.conformance import Case
from walras.conformance.generated import market_of
from walras.conformance.recorded import recorded_batches

from walras_auction.conformance.checker import Checker

SIZES = (10, 100, 1_000, 5_000)
DEADLINE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Timing:
    """One solver on one batch: ``milliseconds`` is the median of the answers, the process's pipe included.

    ``score`` is wei; ``resident`` is bytes that its processes hold after it. ``problem`` is empty if all went well.
    """

    batch: str
    intents: int
    milliseconds: float
    score: int
    resident: int
    problem: str


@dataclass(frozen=True, slots=True)
class Course:
    """All of one solver. ``start_seconds`` from the start of its process to the line that says it is ready."""

    target: str
    start_seconds: float
    timings: tuple[Timing, ...]


def batches(sizes: Sequence[int], seed: int) -> list[Case]:
    """The recorded batch with pools, and generated ones of these sizes over 20 tokens and 20 pools."""
    recorded = recorded_batches()["derived"].model_copy(update={"deadline_ms": DEADLINE_MS})
    cases = [Case("recorded", "Recorded orders, relaxed, beside pools.", recorded)]
    for size in sizes:
        draw = random.Random(f"{seed} bench {size}")  # noqa: S311 -- reproducible, not a secret
        batch = market_of(draw, size).batch(deadline_ms=DEADLINE_MS)
        cases.append(Case(f"generated-{size}", f"{size:,} orders over 20 tokens.", batch))
    return cases


def run(target: str, cases: Sequence[Case], times: int) -> Course:
    """Ask one solver each batch ``times`` times. Raises ``DoorError`` if it does not start."""
    with Checker(target) as checker:
        timings = tuple(_timed(checker, case, times) for case in cases)
        return Course(target, checker.start_seconds, timings)


def _timed(checker: Checker, case: Case, times: int) -> Timing:
    results = []
    for _ in range(times):
        results.append(checker.check(case))
        if not results[-1].ok:
            break
    median = statistics.median(result.milliseconds for result in results)
    problem = str(results[-1].findings[0]) if results[-1].findings else ""
    return Timing(case.name, len(case.batch.intents), median, results[-1].score, checker.usage().resident, problem)
