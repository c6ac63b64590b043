"""Python and Solidity say the same of the same intents: digests, bounds, amounts, and what they refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from eth_abi.abi import decode, encode
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import NOW, WRAPPED, Case, cases, intents
from support.world import World, a_world, person
from walras.amounts import Amounts, check_limits, fill_amounts
from walras.atoms import U256_MAX
from walras.digest import award_digest, intent_digest
from walras.intent import FillRule, Intent, Kind, Leg, bound_at, check_structure
from walras.rejections import Reason, Rejection
from walras_auction.infra.chain.encoding import selector
from walras_auction.infra.chain.errors import explain
from walras_auction.infra.chain.rpc import Reverted

LEG = "(address,uint256,uint256)"
INTENT = f"(address,address,{LEG}[],{LEG}[],uint8,uint8,uint256,uint48,uint48,uint48,uint256,bytes32)"
#: What Python may say where the contract says this. The order of their checks is not the same.
SAME = {
    "ExecutedOutOfRange": {Reason.OVERFILL, Reason.ZERO_LEG},
    "RoundUpOutOfRange": {Reason.BAD_ROUNDING},
    "FeeTooLarge": {Reason.BAD_FEE, Reason.ROUNDING_AGAINST_TRADER, Reason.AMOUNT_OVERFLOW, Reason.ZERO_LEG},
    "ZeroLeg": {Reason.ZERO_LEG, Reason.ROUNDING_AGAINST_TRADER, Reason.BAD_FEE, Reason.AMOUNT_OVERFLOW},
    "RoundingAgainstTrader": {Reason.ROUNDING_AGAINST_TRADER},
    "AmountTooLarge": {Reason.AMOUNT_OVERFLOW, Reason.ROUNDING_AGAINST_TRADER, Reason.BAD_FEE, Reason.ZERO_LEG},
    "WantBelowLimit": {Reason.LIMIT_VIOLATED},
    "GiveAboveLimit": {Reason.LIMIT_VIOLATED},
}


@dataclass(frozen=True)
class Contracts:
    """The harness of the pure rules, and a whole house, on one chain."""

    world: World
    harness: str

    def ask(self, signature: str, types: list[str], values: list[object], to: str | None = None) -> bytes:
        data = selector(f"{signature}({','.join(types)})") + encode(types, values)
        return self.world.local.rpc.call(to or self.harness, data)


@pytest.fixture(scope="module")
def contracts() -> Iterator[Contracts]:
    # Not in this process: hundreds of calls at an unlucky depth of the stack took py-evm nine times as long.
    with a_world("anvil") as world:
        deployer = world.deployer()
        harness = deployer.create("FillMathHarness")
        deployer.flush()
        yield Contracts(world, harness)


def packed(intent: Intent) -> tuple[object, ...]:
    """The intent as the contracts' ABI has it."""

    def legs(side: tuple[Leg, ...]) -> list[tuple[str, int, int]]:
        return [(leg.token, leg.start, leg.end) for leg in side]

    return (
        intent.owner,
        intent.receiver,
        legs(intent.gives),
        legs(intent.wants),
        list(Kind).index(intent.kind),
        list(FillRule).index(intent.fill),
        intent.min_fill,
        intent.valid_from,
        intent.decay_to,
        intent.valid_to,
        intent.nonce,
        bytes.fromhex(intent.terms[2:]),
    )


def by_contract(case: Case, contracts: Contracts) -> Amounts | str:
    """Amounts, or the name of the error."""
    types = [INTENT, "uint256", "uint256", "uint256", "uint256", "uint256[]", "uint256[]"]
    prices = [[case.prices[leg.token] for leg in side] for side in (case.intent.gives, case.intent.wants)]
    values = [packed(case.intent), case.time, case.executed, case.fee, case.round_up, *prices]
    try:
        gives, wants = decode(["uint256[]", "uint256[]"], contracts.ask("amounts", types, values))
    except Reverted as error:
        return explain(error.data).partition("(")[0]
    return Amounts(gives, wants)


def by_python(case: Case) -> Amounts | Reason:
    try:
        amounts = fill_amounts(case.intent, case.executed, case.fee, case.round_up, case.prices, WRAPPED)
        check_limits(case.intent, case.executed, amounts, case.time)
    except Rejection as refusal:
        return refusal.reason
    return amounts


def compare(case: Case, contracts: Contracts) -> str:
    """Assert that both agree; what they agreed on."""
    ours, theirs = by_python(case), by_contract(case, contracts)
    if isinstance(theirs, Amounts):
        assert ours == theirs
        return f"{case.intent.kind} of {max(len(case.intent.gives), len(case.intent.wants))}"
    if theirs in ("Panic", "ValueOverflow", "FullMulDivFailed"):
        return theirs  # a sum beyond 256 bits: Python counts on, and the simulation refuses
    assert isinstance(ours, Reason), f"the contract refuses with {theirs}, Python says {ours}"
    assert ours in SAME[theirs], (ours, theirs)
    return theirs


def test_amounts_agree_on_hundreds_of_fills(contracts: Contracts) -> None:
    seen: Counter[str] = Counter()

    @given(cases())
    @settings(max_examples=400)
    def agree(case: Case) -> None:
        seen[compare(case, contracts)] += 1

    agree()
    accepted = {name: count for name, count in seen.items() if " of " in name}
    assert sum(accepted.values()) >= 40, seen
    assert {"sell of 1", "buy of 1", "sell of 3", "buy of 3"} <= accepted.keys(), seen
    assert {"WantBelowLimit", "GiveAboveLimit", "RoundingAgainstTrader", "FeeTooLarge"} <= seen.keys(), seen


@given(case=cases(most_legs=1), nudge=st.sampled_from([-1, 0, 1]))
@settings(max_examples=150)
def test_amounts_agree_at_the_edge_of_the_limit(contracts: Contracts, case: Case, nudge: int) -> None:
    """Prices at which the fill lies exactly on its limit, an atom above, or an atom below."""
    intent = case.intent
    give, want = intent.gives[0], intent.wants[0]
    limit_give = bound_at(give, intent, case.time, give=True)
    limit_want = bound_at(want, intent, case.time, give=False)
    prices = {give.token: max(limit_want + nudge, 1), want.token: limit_give}
    compare(replace(case, fee=0, prices=prices), contracts)


@given(leg=st.tuples(st.integers(1, 2**128 - 1), st.integers(1, 2**128 - 1)), offset=st.integers(-5, 1_005))
@settings(max_examples=100)
def test_moving_bounds_agree(contracts: Contracts, leg: tuple[int, int], offset: int) -> None:
    low, high = sorted(leg)
    types = [LEG, "uint256", "uint256", "uint256"]
    for name, give, start, end in (("giveBound", True, low, high), ("wantBound", False, high, low)):
        one = Leg("0x" + "11" * 20, start, end)
        intent = Intent(
            "0x" + "0a" * 20, "0x" + "00" * 20, (one,), (one,), Kind.BUY, FillRule.PARTIAL, 1, NOW, NOW + 1_000, NOW, 0
        )
        answer = contracts.ask(name, types, [(one.token, start, end), NOW, NOW + 1_000, NOW + offset])
        assert int.from_bytes(answer, "big") == bound_at(one, intent, NOW + offset, give=give)


@given(intent=intents(most_legs=8), nonce=st.one_of(st.just(U256_MAX), st.integers(0, U256_MAX)))
@settings(max_examples=60)
def test_the_settlement_contract_agrees_on_uids(contracts: Contracts, intent: Intent, nonce: int) -> None:
    intent = replace(intent, nonce=nonce)
    settlement = contracts.world.deployment.contracts.settlement
    answer = contracts.ask("intentDigest", [INTENT], [packed(intent)], settlement)
    assert answer == intent_digest(intent, contracts.world.chain().domain)


def test_the_settlement_contract_agrees_at_the_largest_numbers(contracts: Contracts) -> None:
    """Every number of the intent at its largest; so that padding and width are right."""
    top = Leg("0x" + "ff" * 20, U256_MAX, U256_MAX)
    intent = Intent(
        owner="0x" + "ff" * 20,
        receiver="0x" + "ff" * 20,
        gives=(top,) * 8,
        wants=(top,) * 8,
        kind=Kind.BUY,
        fill=FillRule.PARTIAL,
        min_fill=U256_MAX,
        valid_from=2**48 - 1,
        decay_to=2**48 - 1,
        valid_to=2**48 - 1,
        nonce=U256_MAX,
        terms="0x" + "ff" * 32,
    )
    settlement = contracts.world.deployment.contracts.settlement
    answer = contracts.ask("intentDigest", [INTENT], [packed(intent)], settlement)
    assert answer == intent_digest(intent, contracts.world.chain().domain)


@given(numbers=st.tuples(*[st.integers(0, U256_MAX)] * 3), solution=st.binary(min_size=32, max_size=32))
@settings(max_examples=40)
def test_the_settlement_contract_agrees_on_awards(
    contracts: Contracts, numbers: tuple[int, int, int], solution: bytes
) -> None:
    settlement, solver = contracts.world.deployment.contracts.settlement, person("rival").address
    types = ["uint256", "address", "bytes32", "uint256", "uint256"]
    answer = contracts.ask("awardDigest", types, [numbers[0], solver, solution, *numbers[1:]], settlement)
    domain = contracts.world.chain().domain
    assert answer == award_digest(numbers[0], solver, solution, numbers[1], numbers[2], domain)


SHAPES = st.sampled_from(
    [
        {},
        {"min_fill": 0},
        {"min_fill": 2**130},
        {"terms": "0x" + "01" * 32},
        {"decay_to": 5},
        {"valid_from": NOW + 5_000},
        {"gives": ()},
        {"wants": ()},
        {"gives": tuple(Leg.fixed(f"0x{n:040x}", 5) for n in range(20, 29))},
        {"gives": (Leg("0x" + "aa" * 20, 5, 4),)},
        {"wants": (Leg("0x" + "ab" * 20, 4, 5),)},
        {"gives": (Leg("0x" + "aa" * 20, 0, 5),)},
        {"wants": (Leg("0x" + "ab" * 20, 5, 0),)},
        {"gives": (Leg.fixed("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", 5),)},
    ]
)


@given(intent=intents(), changes=SHAPES)
@settings(max_examples=150)
def test_structure_agrees(contracts: Contracts, intent: Intent, changes: dict[str, object]) -> None:
    """Whatever the SDK calls well formed, the contract does, and the other way round."""
    changed = replace(intent, **changes)  # type: ignore[arg-type]
    try:
        check_structure(changed)
        ours = True
    except (Rejection, IndexError):
        ours = False
    try:
        contracts.ask("checkShape", [INTENT], [packed(changed)])
        theirs = True
    except Reverted:
        theirs = False
    if ours and not theirs:
        raise AssertionError("accepted by the SDK, refused by the contract")
    if theirs and not ours:
        assert changed.valid_to < changed.valid_from, "refused by the SDK, accepted by the contract"
