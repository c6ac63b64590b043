"""A solver in a process of its own, asked case by case through the house's own door, judged by its own rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from walras.conformance import SOLVER, Case
from walras.plugins import Origin
from walras.rejections import Reason
from walras.wire import Batch, Notice

from walras_auction.bids import Checked, Refused, SolverIdentity
from walras_auction.conformance.simulated import predicted
from walras_auction.infra.solver_caps import Caps, Usage
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.invite import Bids, DoorError, invite
from walras_auction.judge import check_all, judge
from walras_auction.verify import Book

#: The name under which a solver bids here.
NAME = "yours"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: with a solution, or with the answer as a whole (``solution`` is None)."""

    solution: int | None
    reason: Reason
    detail: str

    def __str__(self) -> str:
        where = "the answer" if self.solution is None else f"solution {self.solution}"
        return f"{where}: {self.reason.value}: {self.reason.sentence} {self.detail}".strip()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case. ``score`` is wei: of its best set of valid bids, as a house without rivals selects it."""

    case: str
    why: str
    bids: int
    score: int
    milliseconds: float
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def complaint(self) -> str:
        """All that is wrong, a line each."""
        return "\n".join(map(str, self.findings))

    def to_json(self) -> dict[str, Any]:
        found = [
            {
                "solution": one.solution,
                "reason": one.reason.value,
                "sentence": one.reason.sentence,
                "detail": one.detail,
            }
            for one in self.findings
        ]
        return {
            "case": self.case,
            "why": self.why,
            "ok": self.ok,
            "bids": self.bids,
            "score": str(self.score),
            "ms": round(self.milliseconds, 1),
            "findings": found,
        }


class _Patient:
    """The door, a little wider open."""

    def __init__(self, door: SolverProcess, more_ms: int) -> None:
        self.identity = door.identity
        self._door = door
        self._more = more_ms

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        return self._door.ask(batch, deadline_ms + self._more)

    def tell(self, notices: Sequence[Notice]) -> None:
        self._door.tell(notices)

    def close(self) -> None:
        self._door.close()


class Checker:
    """``with Checker("my_solver.py:Mine") as checker: checker.check(case)``. Entering raises ``DoorError``.

    Answers are waited for ``patience_ms`` longer than the batch says: for machines that do much else at the same time.
    """

    def __init__(
        self,
        target: str,
        caps: Caps | None = None,
        *,
        patience_ms: int = 0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.door = SolverProcess(SolverIdentity(NAME, SOLVER), target, caps=caps, report=quiet)
        self._patient = _Patient(self.door, patience_ms)
        self._clock = clock
        self.start_seconds = 0.0

    def __enter__(self) -> Checker:
        began = self._clock()
        try:
            self.door.start()
        except DoorError:
            self.door.close()
            raise
        self.start_seconds = self._clock() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.door.close()

    def check(self, case: Case) -> Result:
        """Ask the solver one case, and judge the answer."""
        self.door.revive()
        began = self._clock()
        bids = invite([self._patient], case.batch)
        taken = (self._clock() - began) * 1000
        score, findings = judged(case.batch, bids)
        return Result(case.name, case.why, len(bids.proposed), score, taken, findings)

    def usage(self) -> Usage:
        """What the solver's processes use now."""
        return self.door.usage()


def judged(batch: Batch, bids: Bids) -> tuple[int, tuple[Finding, ...]]:
    """(wei that the bids are worth, everything that is wrong with them)."""
    book = Book(batch, {})
    checked: Sequence[Checked | Refused] = check_all(bids.proposed, book)
    simulations = {bid.proposed.hash: predicted(bid, book) for bid in checked if isinstance(bid, Checked)}
    judgement = judge(checked, simulations, book)
    findings = [Finding(None, failure.reason, failure.detail) for failure in bids.failures]
    refused = sorted(judgement.refused, key=lambda bid: bid.proposed.solution.id)
    findings += [Finding(bid.proposed.solution.id, bid.reason, bid.detail) for bid in refused]
    return judgement.ranked.total, tuple(findings)


def quiet(identity: SolverIdentity, origin: Origin, error: DoorError) -> None:
    """What fails is shown with its case."""
