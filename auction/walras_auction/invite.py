"""Stage 4: send the batch to every solver under one deadline and gather sealed bids.

A slow, dead or lying solver costs the round nothing: its door answers with the reason instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError
from walras.rejections import Reason
from walras.wire import Answer, Batch, Notice

from walras_auction.bids import Proposed, SolverFailure, SolverIdentity
from walras_auction.verify import propose, reserved_for


class DoorError(Exception):
    """A solver gave no usable answer: the named reason, and what happened.

    ``said`` is what its process said besides. Unlike the rest it goes into no record.
    """

    def __init__(self, reason: Reason, detail: str, said: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail
        self.said = said


class SolverDoor(Protocol):
    """A way to one solver: a process, a URL, a queue."""

    identity: SolverIdentity

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        """The solver's answer to the ``solve`` message, within the deadline; raises :class:`DoorError`."""
        ...

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell the solver what became of its solutions; never raises, never waits."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Bids:
    """All sealed bids of a round, in an order that does not depend on arrival."""

    proposed: tuple[Proposed, ...]
    failures: tuple[SolverFailure, ...]


def invite(doors: Sequence[SolverDoor], batch: Batch) -> Bids:
    """Ask all doors at once. Nobody is shown an intent that is reserved for another solver."""
    if not doors:
        return Bids((), ())
    messages = _messages(doors, batch)
    with ThreadPoolExecutor(len(doors), thread_name_prefix="invite") as pool:
        answers = list(pool.map(lambda door: _ask(door, messages[door.identity.address], batch), doors))
    proposed = [bid for bids, _ in answers for bid in bids]
    failures = [failure for _, failed in answers for failure in failed]
    return Bids(tuple(proposed), tuple(failures))


def _messages(doors: Sequence[SolverDoor], batch: Batch) -> dict[str, bytes]:
    """The ``solve`` message for each solver's address; one for all of them while nothing is reserved."""
    holders = {entry.uid: reserved_for(entry, batch.time) for entry in batch.intents if entry.terms_data}
    named = {holder for holder in holders.values() if holder is not None}
    common = _message(batch, holders, "")
    return {
        door.identity.address: _message(batch, holders, door.identity.address)
        if door.identity.address in named
        else common
        for door in doors
    }


def _message(batch: Batch, holders: Mapping[str, str | None], solver: str) -> bytes:
    if any(holders.get(entry.uid) not in (None, solver) for entry in batch.intents):
        shown = tuple(entry for entry in batch.intents if holders.get(entry.uid) in (None, solver))
        batch = batch.model_copy(update={"intents": shown})
    return b'{"method":"solve","batch":' + batch.model_dump_json(by_alias=True).encode() + b"}\n"


def _ask(door: SolverDoor, message: bytes, batch: Batch) -> tuple[list[Proposed], list[SolverFailure]]:
    try:
        raw = door.ask(message, batch.deadline_ms)
        answer = read_answer(raw, batch.round)
    except DoorError as error:
        return [], [SolverFailure(door.identity, error.reason, error.detail)]
    kept = answer.solutions[: batch.max_solutions]
    failures = []
    if len(answer.solutions) > len(kept):
        detail = f"{len(answer.solutions)} sent, {len(kept)} read"
        failures.append(SolverFailure(door.identity, Reason.TOO_MANY_SOLUTIONS, detail))
    return [propose(door.identity, solution) for solution in kept], failures


def read_answer(raw: bytes, round_id: int) -> Answer:
    """Parse an answer strictly; raises :class:`DoorError` naming the first thing that is wrong."""
    try:
        answer = Answer.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DoorError(Reason.ANSWER_MALFORMED, f"{where}: {first['msg']}"[:300]) from error
    if answer.round != round_id:
        raise DoorError(Reason.ANSWER_MALFORMED, f"it answers round {answer.round}, asked was {round_id}")
    return answer
