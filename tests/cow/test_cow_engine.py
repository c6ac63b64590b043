"""An engine's process: answers, lateness, ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from walras.cow.engine import EngineFailure, EngineProcess
from walras.testing.market import a_market
from walras.wire import Notice

BATCH = (
    a_market()
    .with_token("WETH", price=1)
    .with_token("USDC", decimals=6, price="0.0005")
    .with_pool("WETH", "USDC", 100, 200_000)
    .with_sell("alice", give=("WETH", 1), want=("USDC", 1_900))
    .batch()
)
GENEROUS = 60.0


@pytest.fixture(autouse=True)
def findable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The misbehaving solvers can be imported by the processes."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))


@contextmanager
def an_engine(name: str) -> Iterator[EngineProcess]:
    with contextlib.closing(EngineProcess(name)) as engine:
        yield engine


def test_it_answers_again_and_again_and_hears_notices() -> None:
    with an_engine("naive") as engine:
        engine.start()
        first = engine.solve(BATCH, GENEROUS)
        engine.tell([Notice(round=1, solution=0, status="won")])
        assert first == engine.solve(BATCH, GENEROUS)
        assert len(first.solutions) == 1


def test_one_that_is_late_is_ended_and_replaced() -> None:
    with an_engine("solvers_bad.plain:HangsOnce") as engine:
        engine.start()
        before = engine._process
        with pytest.raises(EngineFailure, match="no answer in time"):
            engine.solve(BATCH, 0.05)
        assert before is not None
        assert before.poll() is not None
        assert engine._process is not before


@pytest.mark.parametrize("behaviour", ["Crashes", "Raises"])
def test_one_that_ends_is_named_and_started_again(behaviour: str) -> None:
    with an_engine(f"solvers_bad.plain:{behaviour}") as engine:
        engine.start()
        for _ in range(2):
            with pytest.raises(EngineFailure, match="its process ended"):
                engine.solve(BATCH, GENEROUS)


def test_one_that_can_not_be_loaded_says_so() -> None:
    with an_engine("nobody") as engine, pytest.raises(EngineFailure, match="no solver is installed"):
        engine.start()


def test_lines_that_are_no_answers_are_named() -> None:
    with an_engine("solvers_bad.plain:JunkLines") as engine, pytest.raises(EngineFailure, match="as documented"):
        engine.solve(BATCH, GENEROUS)
