"""A solution that the house has checked pays out no more of any token than it takes in."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import event, given, settings
from hypothesis import strategies as st
from solvers.checker import check as independent_check
from walras.rejections import Reason
from walras.testing.market import Market, a_market
from walras.wire import Batch, Fill, Solution
from walras_auction.bids import Checked, Refused, SolverIdentity
from walras_auction.verify import Book, check, expected_changes, propose

TOKENS = ("WETH", "USDC", "DAI")
SOLVER = SolverIdentity("any", "0x" + "12" * 20)


def a_random_market(draw: random.Random) -> Market:
    """Two to six crossing orders between three tokens worth the same, some of them baskets' simple cousins."""
    market = a_market().with_token("WETH", price=1).with_token("USDC", price=1).with_token("DAI", price=1)
    for number in range(draw.randint(2, 6)):
        give, want = draw.sample(TOKENS, 2)
        size = draw.choice([1, 7, 1_000, 10**6, 3 * 10**6 + 1])
        least = size * draw.randint(80, 105) // 100 or 1
        unit = f"{size}e-12"
        if draw.random() < 0.5:
            market = market.with_sell(f"trader{number}", (give, unit), (want, f"{least}e-12"))
        else:
            most = size * draw.randint(95, 120) // 100 or 1
            market = market.with_buy(f"trader{number}", (want, unit), (give, f"{most}e-12"))
    return market


def a_random_solution(batch: Batch, draw: random.Random) -> Solution:
    """Any subset, any amounts, prices near one: mostly refused, sometimes valid."""
    prices = {token.address: draw.choice([1_000, 1_000, 999, 1_003]) for token in batch.tokens}
    fills = [
        Fill(
            uid=entry.uid,
            executed=draw.choice([entry.remaining, entry.remaining, max(entry.remaining // 2, 1)]),
            fee=draw.choice([0, 0, 1]),
            round_up=draw.choice([0, 0, 1]),
        )
        for entry in batch.intents
        if draw.random() < 0.8
    ]
    return Solution(id=1, prices=prices, fills=tuple(fills))


@given(st.integers(0, 2**32))
@settings(max_examples=400)
def test_no_checked_solution_creates_tokens(seed: int) -> None:
    draw = random.Random(seed)
    batch = a_random_market(draw).batch()
    outcome = check(propose(SOLVER, a_random_solution(batch, draw)), Book(batch, {}))
    if isinstance(outcome, Refused):
        event(outcome.reason.value)
        return
    event("valid")
    assert_conserved(outcome)


def assert_conserved(checked: Checked) -> None:
    paid_in: dict[str, int] = defaultdict(int)
    for (token, _), change in expected_changes(checked).items():
        paid_in[token] -= change
    for trade in checked.trades:
        paid_in[trade.intent.gives[0].token] -= trade.fill.fee
    assert min(paid_in.values()) >= 0


@given(st.integers(0, 2**32))
@settings(max_examples=400)
def test_the_house_agrees_with_an_independent_reading_of_the_rules(seed: int) -> None:
    """The checker of the engines' tests reads the design in rational numbers; both must say yes, or both no."""
    draw = random.Random(seed)
    batch = a_random_market(draw).batch()
    solution = a_random_solution(batch, draw)
    outcome = check(propose(SOLVER, solution), Book(batch, {}))
    try:
        other = independent_check(solution, batch)
    except AssertionError:
        assert isinstance(outcome, Refused), "the house accepts what the rules forbid"
        return
    assert not isinstance(outcome, Refused), outcome
    assert 0 <= other.score - outcome.score < len(outcome.trades)


def test_the_generators_reach_valid_solutions() -> None:
    """Otherwise the properties above would hold of nothing."""
    verdicts = []
    for seed in range(400):
        draw = random.Random(seed)
        batch = a_random_market(draw).batch()
        verdicts.append(check(propose(SOLVER, a_random_solution(batch, draw)), Book(batch, {})))
    refused = {verdict.reason for verdict in verdicts if isinstance(verdict, Refused)}
    assert sum(isinstance(verdict, Checked) for verdict in verdicts) >= 20
    assert {Reason.NOT_CONSERVED, Reason.LIMIT_VIOLATED, Reason.ROUNDING_AGAINST_TRADER} <= refused
