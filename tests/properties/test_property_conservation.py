"""A solution that the house has checked pays out no more of any token than it takes in."""

from __future__ import annotations

import random
from collections import defaultdict

from hypothesis import event, given, settings
from hypothesis import strategies as st
from solver_checker import check as independent_check
from walras.rejections import Reason
from walras.testing.market import Market, a_market
from walras.wire import Batch, Fill, Solution
from walras_auction.bids import Checked, Refused, SolverIdentity
from walras_auction.verify import Book, check, expected_changes, propose

TOKENS = ("WETH", "USDC", "DAI")
SOLVER = SolverIdentity("any", "0x" + "12" * 20)


def a_random_market(draw: random.Random) -> Market:
    """One to three crossing pairs of orders between tokens worth the same; sizes from one atom to millions."""
    market = a_market().with_token("WETH", price=1).with_token("USDC", price=1).with_token("DAI", price=1)
    for number in range(draw.randint(1, 3)):
        one, other = draw.sample(TOKENS, 2)
        size = draw.choice([10, 1_000, 10**6, 3 * 10**6 + 1, 10**9])
        for owner, give, want in (("left", one, other), ("right", other, one)):
            least, most = size - draw.randint(0, size // 5), size + draw.randint(0, size // 5)
            atoms = {name: f"{amount}e-18" for name, amount in (("size", size), ("least", least), ("most", most))}
            if draw.random() < 0.5:
                market = market.with_sell(f"{owner}{number}", (give, atoms["size"]), (want, atoms["least"]))
            else:
                market = market.with_buy(f"{owner}{number}", (want, atoms["size"]), (give, atoms["most"]))
    return market


def a_random_solution(batch: Batch, draw: random.Random) -> Solution:
    """Everybody at equal prices, with up to two things changed: about half of them valid."""
    prices = {token.address: 1_000 for token in batch.tokens}
    fills = [Fill(uid=entry.uid, executed=entry.remaining) for entry in batch.intents]
    for _ in range(draw.choice([0, 1, 1, 2])):
        place, change = draw.randrange(len(fills)), draw.randrange(5)
        if change == 0:
            prices[draw.choice(list(prices))] = draw.choice([999, 1_001, 990, 1_010])
        elif change == 1:
            less = max(fills[place].executed * draw.randint(1, 9) // 10, 1)
            fills[place] = fills[place].model_copy(update={"executed": less})
        elif change == 2:
            fills[place] = fills[place].model_copy(update={"fee": draw.choice([1, 2, 100])})
        elif change == 3:
            fills[place] = fills[place].model_copy(update={"round_up": 1})
        elif len(fills) > 1:
            del fills[place]
    return Solution(id=1, prices=prices, fills=tuple(fills))


@given(st.integers(0, 2**32))
@settings(max_examples=200)
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
@settings(max_examples=200)
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
    assert {Reason.NOT_CONSERVED, Reason.LIMIT_VIOLATED, Reason.ROUNDING_AGAINST_TRADER} <= refused, refused
