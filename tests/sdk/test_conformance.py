"""The suite itself: enough cases, the same every time, each of the traps it promises."""

from __future__ import annotations

import pytest
from walras.conformance import SOLVER, Case, suite
from walras.conformance.suite import _made as made
from walras.intent import FillRule, bound_at, check_structure
from walras.terms import Terms


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.name: case for case in suite()}


def test_there_are_well_over_a_hundred_of_different_names(cases: dict[str, Case]) -> None:
    assert len(cases) == len(suite()) >= 200


def test_every_case_says_what_it_is_a_trap_for(cases: dict[str, Case]) -> None:
    assert all(case.why.endswith(".") and len(case.why) > 5 for case in cases.values())


def test_the_same_seed_makes_the_same_suite_and_another_one_another(cases: dict[str, Case]) -> None:
    made.cache_clear()
    again = {case.name: case.batch for case in suite()}
    assert again == {name: case.batch for name, case in cases.items()}
    other = {case.name: case.batch for case in suite(2)}
    changed = {name for name in again if other[name] != again[name]}
    assert changed == {name for name in again if name.startswith(("generated-", "large-"))}


def test_one_deadline_for_all(cases: dict[str, Case]) -> None:
    assert {case.batch.deadline_ms for case in suite(deadline_ms=77)} == {77}


def test_every_intent_could_have_passed_a_house(cases: dict[str, Case]) -> None:
    for case in cases.values():
        for entry in case.batch.intents:
            intent = entry.intent.intent()
            check_structure(intent, wrapped_native=case.batch.wrapped_native)
            assert 0 < entry.remaining <= intent.full_amount, case.name


def test_uids_and_sequences_are_different_in_a_batch(cases: dict[str, Case]) -> None:
    for case in cases.values():
        assert len({entry.uid for entry in case.batch.intents}) == len(case.batch.intents), case.name
        assert len({entry.sequence for entry in case.batch.intents}) == len(case.batch.intents), case.name


@pytest.mark.parametrize("crossing", ["cross-by-one", "touch", "miss-by-one"])
def test_the_crossings_cross_by_what_they_say(cases: dict[str, Case], crossing: str) -> None:
    one, other = (entry.intent.intent() for entry in cases[crossing].batch.intents)
    assert one.gives[0].end == other.wants[0].end
    assert other.gives[0].end - one.wants[0].end == {"cross-by-one": 1, "touch": 0, "miss-by-one": -1}[crossing]


def test_the_decays_are_before_in_and_after_their_crossing(cases: dict[str, Case]) -> None:
    asked = {}
    for name in ("dutch-before", "dutch-middle", "dutch-after"):
        batch = cases[name].batch
        intent = batch.intents[1].intent.intent()
        asked[name] = bound_at(intent.wants[0], intent, batch.time, give=False)
    most = 2_100 * 10**6
    assert asked["dutch-before"] > most > asked["dutch-middle"] > asked["dutch-after"] == 1_900 * 10**6


def test_the_traps_are_there(cases: dict[str, Case]) -> None:
    batches = {name: case.batch for name, case in cases.items()}
    assert batches["empty"].intents == ()
    assert batches["two-255"].intents[0].intent.gives[0].end == 2**255
    assert {token.decimals for token in batches["two-decimals"].tokens} >= {2, 6, 18}
    assert batches["expired"].intents[1].intent.valid_to < batches["expired"].time
    nonces = [(entry.intent.owner, entry.intent.nonce) for entry in batches["alternatives"].intents]
    assert len(set(nonces)) < len(nonces)
    assert {entry.intent.fill for entry in batches["ring-whole"].intents} == {FillRule.WHOLE}
    assert len(batches["basket-wide"].intents[0].intent.gives) == 8
    assert batches["unpriced-both"].tokens[-1].price is None
    assert batches["pool-empty"].pools[0].problem
    assert {pool.kind for pool in batches["kind-all"].pools} == {
        "weightedProduct",
        "stable",
        "concentratedLiquidity",
    }
    assert len(batches["large-5000"].intents) == 5_000
    terms = batches["terms-exclusive-here"].intents[0].terms_data
    assert terms is not None
    assert Terms.decode(terms).exclusive_solver == SOLVER


def test_honest_pools_of_every_kind_have_no_problem(cases: dict[str, Case]) -> None:
    for name in ("kind-weighted", "kind-weighted3", "kind-stable", "kind-concentrated", "pool-honest"):
        assert cases[name].batch.pools[0].problem is None, name
    for name in ("kind-weighted-sum", "kind-stable-flat", "kind-concentrated-unsorted", "kind-concentrated-price"):
        assert cases[name].batch.pools[0].problem is not None, name


def test_the_recorded_batches_are_of_real_size(cases: dict[str, Case]) -> None:
    assert len(cases["recorded-497"].batch.intents) == 239
    assert len(cases["recorded-derived"].batch.pools) == 12
