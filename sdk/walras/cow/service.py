"""Answers to ``POST /solve``: engines, beside them the best single paths, and nothing that does not check."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

import structlog
from pydantic import ValidationError

from walras.cow.answering import answered
from walras.cow.auction import CowAuction
from walras.cow.base import loads
from walras.cow.batching import CowChain, Lot, lots
from walras.cow.checking import Executed, check
from walras.cow.engine import EngineFailure, EngineProcess
from walras.cow.paths import Paths, near
from walras.cow.solution import CowResponse, CowSolution, Notification
from walras.wire import Batch, Notice, Solution

log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))

#: How long before the deadline an answer is on its way.
SLACK_SECONDS = 0.5
#: Of the time that is left: what the engine is told, when it is ended, and when single paths are no longer looked for.
_TOLD, _ENDED, _PATHS = 0.7, 0.8, 0.9
#: Ids of an engine's solutions count up from here, lot by lot; single paths from the last.
_IDS = 10_000
_MOST_SOLUTIONS = 16


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class CowService:
    """A solver engine as CoW sees it. ``engines`` answer one auction at a time each; ``now`` is the wall clock."""

    engines: Sequence[EngineProcess]
    chain: CowChain = field(default_factory=CowChain)
    now: Callable[[], datetime] = utc_now
    slack_seconds: float = SLACK_SECONDS

    def __post_init__(self) -> None:
        self._idle: queue.Queue[EngineProcess] = queue.Queue()
        for engine in self.engines:
            self._idle.put(engine)

    def solve(self, body: bytes, request_id: str = "") -> CowResponse:
        """The response to the request's ``body``. Raises ``ValueError`` if that is no auction."""
        auction = _read(body)
        end = auction.deadline.timestamp() - self.slack_seconds
        budget = end - self.now().timestamp()
        journal = log.bind(request=request_id, auction=auction.id)
        found: list[CowSolution] = []
        if budget > 0:
            parts = lots(auction, self.chain)
            for number, lot in enumerate(parts):
                left = (end - self.now().timestamp()) / (len(parts) - number)
                found += self._of_lot(lot, left, number * _IDS, journal)
        late = self.now().timestamp() > auction.deadline.timestamp()
        journal.info("answered", orders=len(auction.orders), solutions=len(found), late=late)
        return CowResponse(solutions=tuple(found))

    def tell(self, body: bytes) -> None:
        """Pass a notification on to the engines. Raises ``ValueError`` if it is none."""
        notice = Notification.model_validate(loads(body))
        log.info("notified", auction=notice.auction_id, solution=notice.solution_id, kind=notice.kind)
        numbers = notice.solution_id if isinstance(notice.solution_id, tuple) else (notice.solution_id,)
        digits = str(notice.auction_id or "0").lstrip("-")
        if not digits.isdigit() or len(digits) > 19:
            return
        detail = (notice.reason or notice.kind)[:300]
        for number in numbers:
            if number is None or 0 <= number < 2 * _IDS:
                said = Notice(round=int(digits), solution=(number or 0) % _IDS, status=notice.kind[:64], detail=detail)
                for engine in self.engines:
                    engine.tell([said])

    def close(self) -> None:
        for engine in self.engines:
            engine.close()

    def _of_lot(self, lot: Lot, seconds: float, first: int, journal: structlog.BoundLogger) -> list[CowSolution]:
        start = self.now().timestamp()

        def drop(why: str) -> None:
            journal.info("a solution is not sent", why=why[:300])

        batch = lot.batch(int(start), max(int(seconds * _TOLD * 1_000), 1), _MOST_SOLUTIONS)
        end = start + seconds * _PATHS
        paths = Paths(batch, lambda: self.now().timestamp() >= end)
        asked = near(batch, paths) if lot.auction.is_quote else batch
        solutions = self._ask(asked, start + seconds * _ENDED - self.now().timestamp(), journal)
        found = [one for one in (answered(each, lot, first + number, drop) for number, each in solutions) if one]
        alone = list(_better_alone(lot, batch, found, paths, drop, first))
        return _ranked(_useful(found, alone, lot) + alone, lot)

    def _ask(self, batch: Batch, seconds: float, journal: structlog.BoundLogger) -> list[tuple[int, Solution]]:
        """The engine's solutions with their ids, those with an id of their own only."""
        end = self.now().timestamp() + seconds
        try:
            with self._engine(seconds) as engine:
                answer = engine.solve(batch, max(end - self.now().timestamp(), 0.001))
        except EngineFailure as error:
            journal.warning("the engine failed", why=str(error))
            return []
        return list({each.id: (each.id, each) for each in answer.solutions if each.id < _IDS // 2}.values())

    @contextmanager
    def _engine(self, seconds: float) -> Iterator[EngineProcess]:
        """An engine that is not busy. Raises :class:`EngineFailure` if all are, for so long."""
        try:
            engine = self._idle.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise EngineFailure("all engines are busy") from None
        try:
            yield engine
        finally:
            self._idle.put(engine)


def _read(body: bytes) -> CowAuction:
    try:
        return CowAuction.model_validate(loads(body))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}"[:300]) from None


def _better_alone(
    lot: Lot, batch: Batch, found: Iterable[CowSolution], paths: Paths, drop: Callable[[str], None], first: int
) -> Iterator[CowSolution]:
    """Solutions of one order through its best single path, where that beats what the engine found for the order."""
    known = _best(found, lot)
    number = first + _IDS // 2
    for entry in batch.intents:
        solution = paths.best(entry)
        made = answered(solution, lot, number, drop) if solution else None
        if made is None:
            continue
        (alone,) = check(made, lot)
        if number < first + _IDS // 2 + _MOST_SOLUTIONS and _beats(alone, known.get(alone.order.uid)):
            number += 1
            yield made


def _useful(found: Iterable[CowSolution], alone: Iterable[CowSolution], lot: Lot) -> list[CowSolution]:
    """Without the solutions of one order that a single path serves better."""
    beaten = {check(solution, lot)[0].order.uid for solution in alone}
    sizes = [(solution, check(solution, lot)) for solution in found]
    return [solution for solution, done in sizes if len(done) > 1 or done[0].order.uid not in beaten]


def _ranked(found: list[CowSolution], lot: Lot) -> list[CowSolution]:
    """Of a quote, of which the first solution is taken, the best first."""
    if not lot.auction.is_quote:
        return found
    return sorted(found, key=lambda one: Fraction(check(one, lot)[0].sold, check(one, lot)[0].bought))


def _best(found: Iterable[CowSolution], lot: Lot) -> dict[str, Executed]:
    best: dict[str, Executed] = {}
    for solution in found:
        for one in check(solution, lot):
            if _beats(one, best.get(one.order.uid)):
                best[one.order.uid] = one
    return best


def _beats(one: Executed, other: Executed | None) -> bool:
    """A better price for the trader, fee included."""
    return other is None or one.bought * other.sold > other.bought * one.sold
