"""The door to a solver in a process of its own: whatever it does, an answer or a named reason comes in time."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pytest
from walras.rejections import Reason
from walras.testing.market import a_market
from walras.wire import Answer, Notice
from walras_auction.bids import SolverIdentity
from walras_auction.infra import solver_pipes, solver_process
from walras_auction.infra.solver_caps import Caps
from walras_auction.infra.solver_process import SolverProcess, start_all
from walras_auction.invite import DoorError

IDENTITY = SolverIdentity("odd", "0x" + "12" * 20)
BATCH = a_market().with_token("WETH", price=1).batch()
QUESTION = b'{"method":"solve","batch":' + BATCH.model_dump_json(by_alias=True).encode() + b"}\n"
GENEROUS = 60_000


@contextmanager
def a_door(behaviour: str, cap: int = 10_000, caps: Caps | None = None) -> Iterator[SolverProcess]:
    door = SolverProcess(IDENTITY, f"solvers_bad.{behaviour}", cap, caps)
    try:
        yield door
    finally:
        door.close()


def refusal(ask: Callable[[], object]) -> DoorError:
    with pytest.raises(DoorError) as caught:
        ask()
    return caught.value


@pytest.fixture(autouse=True)
def findable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The misbehaving solvers can be imported by the processes."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))


def test_an_answer_comes_back() -> None:
    with a_door("plain:Silent") as door:
        door.start()
        answer = Answer.model_validate_json(door.ask(QUESTION, GENEROUS))
        assert (answer.round, answer.solutions) == (BATCH.round, ())


def test_a_process_is_started_when_it_is_first_asked() -> None:
    with a_door("plain:Silent") as door:
        assert Answer.model_validate_json(door.ask(QUESTION, GENEROUS)).round == BATCH.round


def test_a_print_is_not_an_answer() -> None:
    with a_door("plain:Chatty") as door:
        assert Answer.model_validate_json(door.ask(QUESTION, GENEROUS)).solutions == ()


def test_a_hang_is_cut_off_and_the_next_round_has_a_fresh_process() -> None:
    with a_door("plain:HangsOnce") as door:
        door.start()
        error = refusal(lambda: door.ask(QUESTION, 100))
        assert error.reason is Reason.SOLVER_TIMEOUT


def test_a_crash_is_reported_with_its_status_and_mended() -> None:
    with a_door("plain:Crashes") as door:
        door.start()
        for _ in range(2):
            error = refusal(lambda: door.ask(QUESTION, GENEROUS))
            assert error.reason is Reason.SOLVER_CRASHED
            assert "exit status 7" in error.detail or "output ended" in error.detail


def test_one_that_can_not_be_imported_is_broken_and_says_why() -> None:
    with a_door("broken:Solver") as door:
        error = refusal(lambda: door.ask(QUESTION, GENEROUS))
        assert error.reason is Reason.SOLVER_BROKEN
        assert "RuntimeError: broken on purpose" in error.detail
        assert "Traceback" in error.said


def test_starting_slowly_does_not_hold_up_a_round_and_is_allowed_to_finish() -> None:
    with a_door("plain:SlowToStart") as door:
        error = refusal(lambda: door.ask(QUESTION, 50))
        assert error.reason is Reason.SOLVER_TIMEOUT
        process = door._process
        assert process is not None
        assert door.ask(QUESTION, GENEROUS)
        assert door._process is process


def test_one_that_never_becomes_ready_is_ended_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_door("plain:NeverReady") as door:
        refusal(lambda: door.ask(QUESTION, 50))
        monkeypatch.setattr(solver_process, "_START_SECONDS", 0.0)
        refusal(lambda: door.ask(QUESTION, 50))
        assert door._process is None


def test_an_endless_answer_is_cut_off() -> None:
    with a_door("plain:Junk") as door:
        door.start()
        assert refusal(lambda: door.ask(QUESTION, GENEROUS)).reason is Reason.ANSWER_TOO_LARGE


def test_endless_short_answers_do_not_pile_up() -> None:
    """The first line is taken for the answer; the rest is cut off soon after."""
    with a_door("plain:JunkLines") as door:
        door.start()
        reasons = []
        for _ in range(20):
            try:
                assert door.ask(QUESTION, GENEROUS) == b"x"
            except DoorError as error:
                reasons.append(error.reason)
            assert door._lines.qsize() <= solver_pipes.MAX_UNREAD + 1
        assert Reason.ANSWER_TOO_LARGE in reasons


def test_a_solver_that_reads_nothing_holds_nobody_up() -> None:
    """The batch is larger than the pipe, so writing it blocks until the process is ended."""
    with a_door("plain:Deaf") as door:
        door.start()
        assert refusal(lambda: door.ask(b" " * 10**7 + QUESTION, 200)).reason is Reason.SOLVER_TIMEOUT


def test_what_a_solver_starts_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its child holds the pipes open and does not read; neither it nor closing it holds up the house."""
    note = tmp_path / "child"
    monkeypatch.setenv("BAD_SOLVER_NOTE", str(note))
    with a_door("plain:Breeds") as door:
        door.start()
        assert refusal(lambda: door.ask(b" " * 10**7 + QUESTION, 300)).reason is Reason.SOLVER_TIMEOUT
        assert has_ended(int(note.read_text()))


def has_ended(pid: int) -> bool:
    """Whether a process ends within seconds, or has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 20)[0])
    finally:
        os.close(handle)


def test_what_comes_unasked_does_not_answer_the_next_question() -> None:
    later = BATCH.model_copy(update={"round": BATCH.round + 1})
    question = b'{"method":"solve","batch":' + later.model_dump_json(by_alias=True).encode() + b"}\n"
    with a_door("plain:Twice") as door:
        door.start()
        assert Answer.model_validate_json(door.ask(QUESTION, GENEROUS)).round == BATCH.round
        with door._lines.not_empty:
            assert door._lines.not_empty.wait_for(lambda: door._lines.queue, 20)
        assert Answer.model_validate_json(door.ask(question, GENEROUS)).round == later.round


def test_a_burst_of_answers_is_too_large() -> None:
    with a_door("plain:Bursts") as door:
        door.start()
        assert door.ask(QUESTION, GENEROUS) == b"x"
        assert refusal(lambda: door.ask(QUESTION, GENEROUS)).reason is Reason.ANSWER_TOO_LARGE


def test_news_reach_a_solver_and_are_not_answered() -> None:
    with a_door("plain:Remembers") as door:
        door.start()
        door.tell([Notice(round=4, solution=2, status="lost", reason="outbid", score="17")])
        answer = Answer.model_validate_json(door.ask(QUESTION, GENEROUS))
        assert answer.solutions[0].id == 17


def test_telling_the_dead_is_harmless() -> None:
    with a_door("plain:Silent") as door:
        door.tell([])
        door.start()
        door.close()
        door.tell([])


def test_secrets_of_the_house_stay_in_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALRAS_HOUSE_KEY", "0x01")
    monkeypatch.setenv("OTHER", "kept")
    environment = solver_process._environment()
    assert "WALRAS_HOUSE_KEY" not in environment
    assert environment["OTHER"] == "kept"
    assert environment["OMP_NUM_THREADS"] == "1"


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        ("plain:NoSolver", "a NoSolver is no solver: it has no solve(batch)"),
        ("plain:RaisesWhenMade", "making it failed: FileNotFoundError: no model.bin"),
        ("plain:NeedsMore", "making it failed: ModuleNotFoundError: No module named 'walras_nowhere'"),
        ("plain:Exits", "making it failed: SystemExit: 3"),
        ("plain:Nobody", "solvers_bad.plain has no 'Nobody'"),
        ("nowhere:Solver", "ModuleNotFoundError: No module named 'solvers_bad.nowhere'"),
    ],
)
def test_one_that_can_not_be_used_says_what_is_wrong(behaviour: str, problem: str) -> None:
    with a_door(behaviour) as door:
        error = refusal(door.start)
        assert error.reason is Reason.SOLVER_BROKEN
        assert problem in error.detail
        standing = door.standing()
        assert (standing.state, standing.reason, standing.detail) == ("broken", "solver_broken", error.detail)


def test_a_broken_one_is_not_started_again_for_every_round() -> None:
    with a_door("broken:Solver") as door:
        first = refusal(lambda: door.ask(QUESTION, GENEROUS))
        born = door._spawned
        assert refusal(lambda: door.ask(QUESTION, GENEROUS)).detail == first.detail
        assert door._spawned == born


def test_a_broken_one_that_was_mended_is_back_after_a_while(tmp_path: Path) -> None:
    file = tmp_path / "mended.py"
    file.write_text("import walras_nowhere\n")
    door = SolverProcess(IDENTITY, f"{file}:Mine")
    try:
        assert "walras_nowhere" in refusal(door.start).detail
        file.write_text("class Mine:\n    def solve(self, batch):\n        return ()\n")
        door._retry.succeeded()  # the pause is over
        assert Answer.model_validate_json(door.ask(QUESTION, GENEROUS)).solutions == ()
        assert (door.standing().state, door.standing().reason) == ("ready", None)
    finally:
        door.close()


def test_the_package_and_its_version_are_named() -> None:
    standing = SolverProcess(SolverIdentity("orderbook", "0x" + "12" * 20)).standing()
    assert (standing.name, standing.package, standing.state) == ("orderbook", "walras", "starting")
    assert standing.version == version("walras")


def test_what_it_said_last_is_part_of_the_failure_and_the_rest_is_kept_up_to_a_bound() -> None:
    with a_door("plain:Explains") as door:
        door.start()
        error = refusal(lambda: door.ask(QUESTION, GENEROUS))
        assert error.detail.endswith("it said last: the pools are gone")
        assert 10_000 < len(error.said) <= solver_pipes.TAIL_BYTES
        assert door.standing().state == "failing"


@pytest.mark.parametrize("behaviour", ["plain:Hungry", "plain:Gluttons"])
def test_memory_that_is_held_counts_that_of_children_too(behaviour: str) -> None:
    with a_door(behaviour, caps=Caps(memory_bytes=300 * 2**20)) as door:
        door.start()
        error = refusal(lambda: door.ask(QUESTION, GENEROUS))
        assert error.reason is Reason.SOLVER_OVER_CAP
        assert "MiB of memory; at most 300 MiB" in error.detail


def test_memory_that_is_asked_for_at_once_is_refused_by_the_kernel() -> None:
    with a_door("plain:Overreaches", caps=Caps(memory_bytes=300 * 2**20)) as door:
        door.start()
        error = refusal(lambda: door.ask(QUESTION, GENEROUS))
        assert (error.reason, "MemoryError" in error.detail) == (Reason.SOLVER_CRASHED, True)


def test_cpu_time_for_an_answer_is_bounded() -> None:
    with a_door("plain:Spins", caps=Caps(cores=0.0, grace_seconds=0.2)) as door:
        door.start()
        error = refusal(lambda: door.ask(QUESTION, GENEROUS))
        assert (error.reason, "s of CPU for an answer" in error.detail) == (Reason.SOLVER_OVER_CAP, True)


def test_engines_start_and_answer_within_a_fraction_of_the_memory_cap() -> None:
    with contextlib.closing(SolverProcess(IDENTITY, "clearing")) as door:
        door.start()
        door.ask(QUESTION, GENEROUS)
        assert 0 < door.usage().resident < Caps().memory_bytes // 4


def test_start_all_leaves_a_broken_one_for_its_round() -> None:
    with a_door("plain:Silent") as good, a_door("broken:Solver") as bad:
        start_all([good, bad])
        assert good.ask(QUESTION, GENEROUS)
        assert refusal(lambda: bad.ask(QUESTION, GENEROUS)).reason is Reason.SOLVER_BROKEN


def test_closing_twice_is_closing_once() -> None:
    with a_door("plain:Silent") as door:
        door.start()
        process = door._process
        assert process is not None
        door.close()
        door.close()
        assert process.returncode is not None
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)
