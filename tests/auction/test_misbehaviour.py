"""Solvers that misbehave, as processes of their own: the round goes on, the honest bid wins, the record names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from solvers_bad.liar import LIES
from support.bytecode import BAD_TEXT, IDLE, creation, reverting
from support.desk import Desk
from support.offence import OFFENDER, assert_the_honest_bid_won, honest, reasons
from support.world import STRAY, person
from walras.rejections import Reason
from walras_auction.bids import SolverIdentity
from walras_auction.infra.solver_process import SolverProcess


@pytest.fixture(scope="session")
def note(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file from which the liar reads its next lie; its processes can find the modules of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("liar") / "note"
        patch.setenv("BAD_SOLVER_NOTE", str(path))
        patch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
        yield path


@pytest.fixture(scope="session")
def liar(note: Path) -> Iterator[SolverProcess]:
    """One process that tells every lie."""
    door = SolverProcess(SolverIdentity(OFFENDER, person(OFFENDER).address), "solvers_bad.liar:Liar")
    door.start()
    yield door
    door.close()


@pytest.fixture
def misfit(note: Path, request: pytest.FixtureRequest) -> Iterator[SolverProcess]:
    """A process of its own for a solver whose process does not survive."""
    identity = SolverIdentity(OFFENDER, person(OFFENDER).address)
    door = SolverProcess(identity, f"solvers_bad.{request.param}", 100_000)
    yield door
    door.close()


MALFORMED = (
    "a_float",
    "not_a_number",
    "negative_price",
    "negative_fee",
    "another_round",
    "an_extra_field",
    "three_hundred_prices",
    "three_hundred_covers",
    "a_million_nothings",
    "a_tower_of_brackets",
)
FORBIDDEN = (
    "calls_the_vault",
    "calls_the_settlement",
    "calls_the_executor",
    "calls_permit2",
    "calls_a_token",
    "approves_somebody",
    "transfers_for_somebody",
    "allows_the_vault",
)
EXPECTED: dict[str, list[Reason]] = {
    **{name: [Reason.ANSWER_MALFORMED] for name in MALFORMED},
    **{name: [Reason.FORBIDDEN_TARGET] for name in FORBIDDEN},
    "unknown_uid": [Reason.UNKNOWN_UID],
    "one_atom_too_much": [Reason.OVERFILL],
    "beyond_what_is_left": [Reason.OVERFILL],
    "below_the_least_fill": [Reason.BELOW_MIN_FILL],
    "the_same_fill_twice": [Reason.DUPLICATE_FILL],
    "no_fills": [Reason.EMPTY_SOLUTION],
    "a_limit_broken_by_one_atom": [Reason.LIMIT_VIOLATED],
    "one_more_atom_out_than_in": [Reason.NOT_CONSERVED],
    "rounding_of_a_leg_that_is_not_there": [Reason.BAD_ROUNDING],
    "rounded_to_nothing": [Reason.ROUNDING_AGAINST_TRADER],
    "a_price_of_zero": [Reason.BAD_PRICE],
    "a_price_of_ten_to_the_sixty": [Reason.BAD_PRICE],
    "no_price_at_all": [Reason.MISSING_PRICE],
    "a_fee_above_the_cap": [Reason.FEE_ABOVE_CAP],
    "a_fee_of_everything": [Reason.BAD_FEE],
    "more_out_than_in": [Reason.NOT_CONSERVED],
    "an_unknown_pool": [Reason.UNKNOWN_POOL],
    "a_token_that_is_not_in_the_pool": [Reason.BAD_INTERACTION],
    "more_than_the_pool_pays": [Reason.SIMULATION_FAILED],
    "cover_that_was_never_deposited": [Reason.INSUFFICIENT_COVER],
    "calls_nobody": [Reason.SIMULATION_FAILED],
    "calls_the_registry": [Reason.SIMULATION_FAILED],
    "declares_what_it_does_not_bring": [Reason.SIMULATION_FAILED],
    "reverts_with_words_that_are_none": [Reason.SIMULATION_FAILED],
    "a_megabyte_of_calldata": [Reason.BAD_INTERACTION],
    "too_many_solutions": [Reason.TOO_MANY_SOLUTIONS, *[Reason.OUTBID] * 8],
    "one_solution_three_times": [Reason.OUTBID],
}


def test_every_lie_is_told() -> None:
    assert EXPECTED.keys() == LIES.keys()


def address_behind(name: str, desk: Desk) -> str:
    """The contract that a lie needs."""
    if name == "calls_the_registry":
        return desk.chain.contracts.registry
    if name == "reverts_with_words_that_are_none":
        return desk.world.deploy(creation(reverting(BAD_TEXT)))
    if name in ("declares_what_it_does_not_bring", "a_megabyte_of_calldata"):
        return desk.world.deploy(creation(IDLE))
    return ""


@pytest.mark.parametrize("name", EXPECTED)
def test_a_lie_is_named_and_costs_the_round_nothing(
    desk: Desk, market: tuple[str, str], liar: SolverProcess, note: Path, name: str
) -> None:
    note.write_text(f"{name} {address_behind(name, desk)}")
    outcome = desk.round(honest(market), liar)
    assert_the_honest_bid_won(desk, market, outcome)
    assert reasons(outcome.record) == EXPECTED[name], outcome.record["verdict"]["bids"]


@pytest.mark.parametrize(
    ("misfit", "reason"),
    [
        ("plain:HangsOnce", Reason.SOLVER_TIMEOUT),
        ("plain:NeverReady", Reason.SOLVER_TIMEOUT),
        ("plain:Crashes", Reason.SOLVER_CRASHED),
        ("plain:Raises", Reason.SOLVER_CRASHED),
        ("broken:Solver", Reason.SOLVER_BROKEN),
        ("plain:Junk", Reason.ANSWER_TOO_LARGE),
        ("plain:JunkLines", Reason.ANSWER_MALFORMED),
    ],
    indirect=["misfit"],
)
def test_a_process_that_fails_is_named_and_costs_the_round_nothing(
    desk: Desk, market: tuple[str, str], misfit: SolverProcess, reason: Reason
) -> None:
    if reason is Reason.SOLVER_TIMEOUT:
        desk.terms = replace(desk.terms, deadline_ms=300)
    outcome = desk.round(honest(market), misfit)
    assert_the_honest_bid_won(desk, market, outcome)
    assert reasons(outcome.record) == [reason]


def test_a_solver_without_a_bond_is_not_asked(desk: Desk, market: tuple[str, str]) -> None:
    stray = honest(market)
    stray.name = STRAY
    outcome = desk.round(honest(market), stray)
    assert_the_honest_bid_won(desk, market, outcome)
    assert reasons(outcome.record, STRAY) == [Reason.SOLVER_NOT_BONDED]
