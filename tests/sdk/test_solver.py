"""The solver's side of the door: JSON lines in, JSON lines out, nothing else on standard output."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType

import pytest
from walras.solver import Solver, load, main, serve
from walras.testing.market import a_market
from walras.wire import Answer, Batch, Fill, Notice, Solution

BATCH = a_market().with_token("WETH", price=1).batch()
QUESTION = json.dumps({"method": "solve", "batch": BATCH.to_json()})
NOTICE = Notice(round=1, solution=2, status="won", score="5")
NEWS = json.dumps({"method": "notify", "notices": [NOTICE.to_json()]})


class Echo:
    """Answers with one solution a round and keeps its news."""

    def __init__(self) -> None:
        self.told: list[Notice] = []

    def solve(self, batch: Batch) -> Iterator[Solution]:
        print("a stray print")
        yield Solution(id=batch.round, prices={}, fills=(Fill(uid="0x" + "11" * 32, executed=1),))

    def notify(self, notices: Sequence[Notice]) -> None:
        self.told += notices


class Mute:
    """Has no ``notify``."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        return []


def talk(solver: Solver, *lines: str) -> list[str]:
    out = io.StringIO()
    serve(solver, io.StringIO("".join(line + "\n" for line in lines)), out)
    return out.getvalue().splitlines()


def test_it_says_that_it_is_ready_and_answers_each_question() -> None:
    ready, *answers = talk(Echo(), QUESTION, QUESTION)
    assert json.loads(ready) == {"ready": True}
    assert [Answer.model_validate_json(answer).solutions[0].id for answer in answers] == [BATCH.round] * 2


def test_news_are_not_answered() -> None:
    solver = Echo()
    assert len(talk(solver, NEWS, QUESTION)) == 2
    assert solver.told == [NOTICE]
    assert len(talk(Mute(), NEWS, QUESTION)) == 2


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> str:
    made = ModuleType("a_module_of_solvers")
    made.Echo = Echo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made.__name__


def test_main_keeps_stray_prints_out_of_the_answers(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(QUESTION + "\n"))
    main([f"{module}:Echo"])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "a stray print" in err


def test_a_solver_is_found_by_its_spelled_out_name(module: str) -> None:
    assert isinstance(load(f"{module}:Echo"), Echo)


def test_a_solver_is_found_by_its_entry_point() -> None:
    assert isinstance(load("orderbook"), Solver)


def test_an_unknown_name_lists_those_that_are_known() -> None:
    with pytest.raises(LookupError, match="orderbook"):
        load("nobody")


class _Late(Mute):
    """Gets ready first, or fails to."""

    def __init__(self, fails: bool) -> None:
        self.fails = fails

    def warm_up(self) -> None:
        if self.fails:
            raise ValueError("no compiler")
        print("compiling")


@pytest.mark.parametrize("fails", [False, True])
def test_it_warms_up_before_it_says_that_it_is_ready(
    fails: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("walras.solver.load", lambda name: _Late(fails))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    if fails:
        with pytest.raises(SystemExit):
            main(["late"])
    else:
        main(["late"])
    said = capsys.readouterr()
    message = json.loads(said.out)
    assert message["ready"] is not fails
    if fails:
        assert "its warm-up failed: ValueError: no compiler" in message["error"]
    else:
        assert said.err.startswith("compiling")
