"""Stage 4: everybody is asked at once, and whatever comes back is a bid or a named reason."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from support.judged import a_match, solver, two_sides
from walras.rejections import Reason
from walras.wire import Answer, Batch, Notice
from walras_auction.bids import SolverIdentity
from walras_auction.invite import DoorError, invite, read_answer

BATCH = two_sides().batch(max_solutions=2)


@dataclass
class Door:
    """Answers as told."""

    identity: SolverIdentity
    answer: Callable[[bytes], bytes]

    def ask(self, batch: bytes, deadline_ms: int) -> bytes:
        assert deadline_ms == BATCH.deadline_ms
        return self.answer(batch)

    def tell(self, notices: Sequence[Notice]) -> None: ...

    def close(self) -> None: ...


def a_door(name: str, *numbers: int) -> Door:
    """Answers with as many solutions."""
    solutions = tuple(a_match(BATCH, number=number) for number in numbers)
    raw = Answer(round=BATCH.round, solutions=solutions).model_dump_json(by_alias=True).encode()
    return Door(solver(name), lambda _: raw)


def broken(name: str, error: DoorError) -> Door:
    def ask(_: bytes) -> bytes:
        raise error

    return Door(solver(name), ask)


def test_all_bids_are_gathered() -> None:
    bids = invite([a_door("one", 1, 2), a_door("other", 1)], BATCH)
    assert sorted((bid.solver.name, bid.solution.id) for bid in bids.proposed) == [("one", 1), ("one", 2), ("other", 1)]
    assert len({bid.hash for bid in bids.proposed}) == 3
    assert bids.failures == ()


def test_a_door_that_fails_is_named_and_the_others_count() -> None:
    bids = invite([broken("gone", DoorError(Reason.SOLVER_TIMEOUT, "5.0 s")), a_door("one", 1)], BATCH)
    assert len(bids.proposed) == 1
    assert [(failure.solver.name, failure.reason, failure.detail) for failure in bids.failures] == [
        ("gone", Reason.SOLVER_TIMEOUT, "5.0 s")
    ]


def test_all_are_asked_at_the_same_time() -> None:
    """Each waits for the other to be asked; one after the other they would wait for ever."""
    meeting = threading.Barrier(2, timeout=20)

    def waiting(name: str) -> Door:
        inner = a_door(name, 1)

        def ask(batch: bytes) -> bytes:
            meeting.wait()
            return inner.answer(batch)

        return Door(solver(name), ask)

    assert len(invite([waiting("one"), waiting("other")], BATCH).proposed) == 2


def test_the_question_is_the_batch() -> None:
    seen: list[bytes] = []
    inner = a_door("one", 1)

    def ask(batch: bytes) -> bytes:
        seen.append(batch)
        return inner.answer(batch)

    invite([Door(solver("one"), ask)], BATCH)
    (line,) = seen
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert Batch.model_validate_json(line[len(b'{"method":"solve","batch":') : -2]) == BATCH


def test_too_many_solutions_are_not_read() -> None:
    bids = invite([a_door("one", 1, 2, 3)], BATCH)
    assert [bid.solution.id for bid in bids.proposed] == [1, 2]
    assert [failure.reason for failure in bids.failures] == [Reason.TOO_MANY_SOLUTIONS]


def test_nobody_to_ask() -> None:
    assert invite([], BATCH).proposed == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"round":1}',
        b'{"round":2,"solutions":[]}',
        b'{"round":1,"solutions":[]}x',
        b'{"round":1,"solutions":[{}]}',
        b'{"round":1,"solutions":[],"hint":1}',
        b"[" * 100_000,
        b'{"round":' + b"9" * 10_000 + b"}",
        b'{"round":1,"solutions":["\\ud800"]}',
    ],
)
def test_what_is_no_answer(raw: bytes) -> None:
    with pytest.raises(DoorError) as caught:
        read_answer(raw, 1)
    assert caught.value.reason is Reason.ANSWER_MALFORMED
    assert 0 < len(caught.value.detail) <= 300
