"""The checker judges as a house does: whatever is wrong with an answer is found, named and explained."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conformance_solvers import target
from walras.conformance import Case
from walras.rejections import Reason
from walras_auction.conformance import Checker
from walras_auction.invite import DoorError

Start = Callable[[str], Checker]


def test_an_honest_solver_passes_every_case(checker: Start, cases: dict[str, Case]) -> None:
    honest = checker("Honest")
    results = [honest.check(case) for case in cases.values()]
    assert [result.complaint for result in results if not result.ok] == []
    assert sum(result.bids > 0 for result in results) > 100
    assert honest.start_seconds > 0
    assert honest.usage().resident > 0


def test_silence_is_no_mistake(checker: Start, cases: dict[str, Case]) -> None:
    result = checker("Silent").check(cases["duplicates"])
    assert (result.ok, result.bids, result.score) == (True, 0, 0)


@pytest.mark.parametrize(
    ("solver", "case", "reason"),
    [
        ("Greedy", "duplicates", Reason.LIMIT_VIOLATED),
        ("Greedy", "alternatives", Reason.LIMIT_VIOLATED),
        ("Optimist", "pool-honest", Reason.SIMULATION_FAILED),
        ("Fragile", "empty", Reason.SOLVER_CRASHED),
        ("Stingy", "gas", Reason.FEES_BELOW_GAS),
    ],
)
def test_a_mistake_is_named_and_explained(
    checker: Start, cases: dict[str, Case], solver: str, case: str, reason: Reason
) -> None:
    result = checker(solver).check(cases[case])
    assert not result.ok
    assert result.findings[0].reason is reason
    assert reason.sentence in result.complaint
    row = result.to_json()
    assert (row["ok"], row["findings"][0]["reason"]) == (False, reason.value)


def test_one_that_crashes_is_back_for_the_next_case(checker: Start, cases: dict[str, Case]) -> None:
    fragile = checker("Fragile")
    assert not fragile.check(cases["empty"]).ok
    assert fragile.check(cases["gas"]).bids == 1


def test_patience_waits_longer_than_the_batch_says(cases: dict[str, Case]) -> None:
    hurried = Case(
        "hurried",
        "A millisecond is too short for a pipe.",
        cases["large-1000"].batch.model_copy(update={"deadline_ms": 1}),
    )
    with Checker(target("Honest")) as strict, Checker(target("Honest"), patience_ms=60_000) as patient:
        late = strict.check(hurried)
        assert [finding.reason for finding in late.findings] == [Reason.SOLVER_TIMEOUT]
        assert strict.check(cases["gas"]).ok  # the next case has a process that is ready
        assert patient.check(hurried).ok


def test_one_that_does_not_start_says_why() -> None:
    with pytest.raises(DoorError) as caught, Checker(target("Absent")):
        pass
    assert caught.value.reason is Reason.SOLVER_BROKEN
    assert "it has no solve(batch)" in caught.value.detail


def test_reserved_intents_are_shown_to_their_solver_alone(checker: Start, cases: dict[str, Case]) -> None:
    greedy = checker("Greedy")
    assert greedy.check(cases["terms-exclusive-elsewhere"]).findings[0].reason is Reason.LIMIT_VIOLATED
    shown = cases["terms-exclusive-elsewhere"].batch
    assert len(shown.intents) == 2  # and yet nothing was said of the reserved one
    assert "fills[0]" in greedy.check(cases["terms-exclusive-elsewhere"]).complaint
