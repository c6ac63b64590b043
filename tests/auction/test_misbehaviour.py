"""Solvers that misbehave, as processes of their own: the round goes on, the honest bid wins, the record names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from solvers_bad.liar import LIES
from support.bids import MICRO, WEI, always, at, fill, solution, through_pool
from support.bytecode import BAD_TEXT, IDLE, TRAP, creation, reverting
from support.desk import Desk, ScriptedDoor, meddle, row_of
from support.world import MAX, STRAY, person
from walras.rejections import Reason
from walras.wire import Allowance, Batch, Call, Solution
from walras_auction.bids import SolverIdentity
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.solver_process import SolverProcess
from walras_auction.record import replay
from walras_auction.rounds import RoundOutcome

OFFENDER = "rival"


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


@pytest.fixture
def market(desk: Desk) -> tuple[str, str]:
    """Alice sells a WETH for 1,900 or more, Bob buys one for 2,100 or less; neither in crumbs."""
    desk.terms = replace(desk.terms, deadline_ms=20_000)
    sell = desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO), min_fill=100)
    return desk.submit("alice", sell), desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))


def honest(market: tuple[str, str]) -> ScriptedDoor:
    sell, buy = market
    return ScriptedDoor(always(lambda batch: at(batch, 2_000, fill(sell, WEI), fill(buy, WEI))))


def assert_the_honest_bid_won(desk: Desk, market: tuple[str, str], outcome: RoundOutcome) -> None:
    assert row_of(outcome.record, "honest")["status"] == "won", outcome.record["verdict"]
    assert [desk.stored(uid).state for uid in market] == ["filled", "filled"]
    published = desk.house.store.round_record(outcome.id)
    assert replay(outcome.record) == published


def reasons(record: dict[str, Any], solver: str = OFFENDER) -> list[str]:
    """What the record says of the solver's answer and of its bids."""
    found = [failure["reason"] for failure in record["inputs"]["failures"] if failure["solver"] == solver]
    return found + [row["reason"] for row in record["verdict"]["bids"] if row["solver"] == solver]


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
    "a_megabyte_of_calldata": [Reason.SIMULATION_FAILED],
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
        ("broken:Solver", Reason.SOLVER_CRASHED),
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


# ------------------------------------------------------------------ wash fills


def test_a_solvers_own_intents_count_nothing_for_its_bid(desk: Desk, market: tuple[str, str]) -> None:
    """It trades with itself at limits it set itself; without those fills there is no bid."""
    for symbol, amount in (("WETH", 10 * WEI), ("USDC", 20_000 * MICRO)):
        desk.world.transfer("dave", symbol, person(OFFENDER).address, amount)
        desk.world.approve(OFFENDER, symbol, MAX)
    own = desk.submit(OFFENDER, desk.sell(OFFENDER, ("WETH", 10 * WEI), ("USDC", 1)))
    same = desk.submit(OFFENDER, desk.sell(OFFENDER, ("USDC", 20_000 * MICRO), ("WETH", 1)))
    wash = ScriptedDoor(
        always(lambda batch: at(batch, 2_000, fill(own, 10 * WEI), fill(same, 20_000 * MICRO))), OFFENDER
    )
    outcome = desk.round(honest(market), wash)
    assert_the_honest_bid_won(desk, market, outcome)
    assert reasons(outcome.record) == [Reason.SCORE_NOT_POSITIVE]


def sock_puppets(desk: Desk, token: str = "JUNK") -> tuple[str, str]:
    """Carol and Dave are one person, who trades WETH for another token at limits of one atom."""
    left = desk.submit("carol", desk.sell("carol", ("WETH", 50 * WEI), (token, 1)))
    right = desk.submit("dave", desk.sell("dave", (token, 50 * WEI), ("WETH", 1)))
    return left, right


def bundle(market: tuple[str, str], puppets: tuple[str, str], usdc: int, token: str = "JUNK") -> ScriptedDoor:
    """The honest pair at ``usdc``, carried by a wash trade that seems to be worth a lot."""

    def make(batch: Batch) -> Solution:
        rates = {"WETH": usdc * MICRO, "USDC": WEI, token: usdc * MICRO}
        fills = [fill(market[0], WEI // 2), fill(market[1], WEI // 2)]
        return solution(batch, rates, *fills, fill(puppets[0], 50 * WEI), fill(puppets[1], 50 * WEI))

    return ScriptedDoor(always(make), OFFENDER)


def test_a_wash_trade_cannot_carry_a_pair_that_is_served_worse(desk: Desk, market: tuple[str, str]) -> None:
    outcome = desk.round(honest(market), bundle(market, sock_puppets(desk), 1_900))
    assert_the_honest_bid_won(desk, market, outcome)
    row = row_of(outcome.record, OFFENDER)
    assert int(row["score"]) > 50 * int(row_of(outcome.record, "honest")["score"])
    assert row["reason"] == Reason.UNFAIR_TO_PAIR


def test_a_wash_trade_that_everyone_sees_is_served_alone_and_carries_nothing(
    desk: Desk, market: tuple[str, str]
) -> None:
    """A solver that works pair by pair serves the puppets too: the two bids together are worth more than the bundle."""
    puppets = sock_puppets(desk, "DAI")

    def pair_by_pair(batch: Batch) -> list[Solution]:
        alone = [fill(uid, 50 * WEI) for uid in puppets]
        return [
            at(batch, 2_000, *[fill(uid, WEI) for uid in market]),
            solution(batch, {"WETH": 1, "DAI": 1}, *alone, number=2),
        ]

    outcome = desk.round(ScriptedDoor(pair_by_pair), bundle(market, puppets, 1_900, "DAI"))
    assert [row_of(outcome.record, "honest", number)["status"] for number in (1, 2)] == ["won", "won"]
    assert row_of(outcome.record, OFFENDER)["reason"] == Reason.OUTBID
    assert desk.house.store.fills(market[0])[0].wants == (2_000 * MICRO,)


def test_nor_a_pair_that_a_pool_serves_better(desk: Desk) -> None:
    """One side only: the pool pays 1,991, the bundle gives 1,950 and keeps the rest from the trader."""
    desk.terms = replace(desk.terms, deadline_ms=20_000)
    sell = desk.submit("alice", desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO)))
    left, right = sock_puppets(desk)

    def wash(batch: Batch) -> Solution:
        served = through_pool(batch, sell, WEI)
        weth, usdc = served.prices.keys()
        junk = desk.world.token("JUNK")
        prices = {weth: 1_950 * MICRO, usdc: WEI, junk: 1_950 * MICRO}
        fills = (fill(sell, WEI), fill(left, 50 * WEI), fill(right, 50 * WEI))
        return served.model_copy(update={"prices": prices, "fills": fills})

    door = ScriptedDoor(always(lambda batch: through_pool(batch, sell, WEI)))
    outcome = desk.round(door, ScriptedDoor(always(wash), OFFENDER))
    assert row_of(outcome.record, "honest")["status"] == "won", outcome.record["verdict"]
    assert row_of(outcome.record, OFFENDER)["reason"] == Reason.UNFAIR_TO_PAIR


# ------------------------------------------------------------------ honest in simulation, not on chain


def trap_bid(market: tuple[str, str], trap: str) -> ScriptedDoor:
    """The best match there is, and a call of a contract that can be switched off."""
    sell, buy = market
    call = Call(target=trap, data="0x12345678")
    return ScriptedDoor(
        always(lambda batch: at(batch, 2_000, fill(sell, WEI), fill(buy, WEI), interactions=(call,))), OFFENDER
    )


def test_who_wins_and_sabotages_its_settlement_is_benched(desk: Desk, market: tuple[str, str]) -> None:
    trap = desk.world.deploy(creation(TRAP))
    meddle(desk, lambda: desk.world.send(person(STRAY), trap, b""))
    first = desk.round(trap_bid(market, trap))
    assert row_of(first.record, OFFENDER)["status"] == "failed"
    assert [desk.stored(uid).state for uid in market] == ["open", "open"]
    second = desk.round(honest(market), trap_bid(market, trap))
    assert_the_honest_bid_won(desk, market, second)
    assert reasons(second.record) == [Reason.SOLVER_BENCHED]


def test_an_allowance_does_not_outlive_its_call(desk: Desk, market: tuple[str, str]) -> None:
    """The spender that an interaction names may take nothing once the solution is through."""
    idle = desk.world.deploy(creation(IDLE))
    sell, buy = market
    usdc = desk.world.token("USDC")
    allowance = Allowance(token=usdc, spender=person(STRAY).address, amount=10**6)

    def bid(batch: Batch) -> Solution:
        call = Call(target=idle, data="0x12345678", allowances=(allowance,))
        return at(batch, 2_000, fill(sell, WEI), fill(buy, WEI), interactions=(call,))

    outcome = desk.round(ScriptedDoor(always(bid)))
    assert outcome.fills == 2, outcome.record["verdict"]
    asked = encode(["address", "address"], [desk.chain.contracts.executor, person(STRAY).address])
    assert int.from_bytes(desk.chain.rpc.call(usdc, selector("allowance(address,address)") + asked), "big") == 0
