"""Who sits out, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from support.judged import solver
from walras.rejections import Reason
from walras_auction.bench import Bench


def record(round_id: int, *rows: tuple[str, str, str]) -> dict[str, Any]:
    bids = [{"solver": name, "status": status, "detail": detail} for name, status, detail in rows]
    return {"inputs": {"batch": {"round": round_id}}, "verdict": {"bids": bids}}


FAULT = "CoverExceeded(token=0x1, missing=5, cover=0)"


def sits_out(bench: Bench, name: str, rounds: range) -> list[int]:
    found = {round_id: bench.reason(solver(name), round_id) for round_id in rounds}
    assert set(found.values()) <= {None, Reason.SOLVER_BENCHED}
    return [round_id for round_id, reason in found.items() if reason]


def test_nobody_sits_out_at_first() -> None:
    assert sits_out(Bench(), "one", range(1, 9)) == []


def test_each_failure_in_a_row_doubles_the_time() -> None:
    bench = Bench()
    bench.learn(record(1, ("one", "failed", FAULT)))
    assert sits_out(bench, "one", range(2, 20)) == [2]
    bench.learn(record(3, ("one", "failed", FAULT)))
    assert sits_out(bench, "one", range(4, 20)) == [4, 5]
    bench.learn(record(6, ("one", "failed", FAULT)))
    assert sits_out(bench, "one", range(7, 20)) == [7, 8, 9, 10]
    assert sits_out(bench, "other", range(1, 20)) == []


def test_a_settled_win_clears_the_slate() -> None:
    bench = Bench()
    bench.learn(record(1, ("one", "failed", FAULT)))
    bench.learn(record(3, ("one", "won", "")))
    bench.learn(record(4, ("one", "failed", FAULT)))
    assert sits_out(bench, "one", range(5, 20)) == [5]


@pytest.mark.parametrize("detail", ["InteractionFailed(index=0)", "NotConserved()", FAULT])
def test_what_a_solver_answers_for(detail: str) -> None:
    bench = Bench()
    bench.learn(record(1, ("one", "failed", detail)))
    assert sits_out(bench, "one", range(2, 3)) == [2]


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        ("failed", "PullFailed(token=0x1, from=0x2)"),
        ("failed", "NonceTaken(owner=0x1)"),
        ("failed", "NativePaymentFailed(to=0x1)"),
        ("failed", "it was not mined in time"),
        ("lost", FAULT),
        ("refused", FAULT),
    ],
)
def test_what_it_does_not_answer_for(status: str, detail: str) -> None:
    bench = Bench()
    bench.learn(record(1, ("one", status, detail)))
    assert sits_out(bench, "one", range(1, 9)) == []
