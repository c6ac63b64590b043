"""Stage 6: the winning set is the best there is, whatever the order and however large the scores."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from walras_auction import select as selection
from walras_auction.select import Candidate, Selection, best_set, fairness, select

Funds = dict[tuple[str, str], int]
AB, BA, AC, BC, JC = "a>b", "b>a", "a>c", "b>c", "j>c"


def a_bid(
    number: int,
    score: int,
    pairs: dict[str, int] | None = None,
    *,
    solver: str = "",
    claims: Sequence[str] = (),
    draws: Funds | None = None,
    fees: int = 10**30,
    unpriced: bool = False,
) -> Candidate:
    """A candidate that claims its pairs; its hash is its number."""
    pairs = {AB: score} if pairs is None else pairs
    everything = frozenset((*claims, *(f"pair {pair}" for pair in pairs)))
    name = solver or f"solver{number}"
    return Candidate(f"0x{number:064x}", name, score, pairs, everything, draws or {}, fees, unpriced)


def numbers(chosen: Sequence[Candidate]) -> list[int]:
    return sorted(int(candidate.hash, 16) for candidate in chosen)


# ------------------------------------------------------------------ exactness


def feasible(chosen: Sequence[Candidate], funds: Funds) -> bool:
    claims = [claim for candidate in chosen for claim in candidate.claims]
    drawn: Funds = defaultdict(int)
    for candidate in chosen:
        for key, amount in candidate.draws.items():
            drawn[key] += amount
    return len(claims) == len(set(claims)) and all(amount <= funds.get(key, 0) for key, amount in drawn.items())


def brute_force(candidates: Sequence[Candidate], funds: Funds) -> int:
    sets = (
        chosen
        for size in range(len(candidates) + 1)
        for chosen in combinations(candidates, size)
        if feasible(chosen, funds)
    )
    return max(sum(candidate.score for candidate in chosen) for chosen in sets)


def an_instance(draw: random.Random) -> tuple[list[Candidate], Funds]:
    """Up to ten candidates that quarrel about pairs, pools, nonces and balances of every size."""
    funds = {(f"owner{number}", "t"): draw.choice([0, 1, 10, 10**18, 2**100]) for number in range(3)}
    rich = [key for key, amount in funds.items() if amount]
    candidates = []
    for number in range(draw.randint(1, 10)):
        score = draw.choice([draw.randint(1, 10), draw.randint(1, 2**90), 2**90, 2**40, 2**40 - 1, 2**80 + 1])
        draws = {key: draw.randint(1, funds[key]) for key in draw.sample(rich, draw.randint(0, len(rich)))}
        pairs = draw.sample(["a>b", "b>c", "c>a", "d>a", "a>d", "b>d", "d>c"], draw.randint(1, 3))
        claims = [f"pool {draw.randint(0, 5)}"] if draw.random() < 0.3 else []
        candidates.append(a_bid(number, score, dict.fromkeys(pairs, score), claims=claims, draws=draws))
    return candidates, funds


@given(st.integers(0, 2**32))
@settings(max_examples=120)
def test_the_best_set_is_the_best(seed: int) -> None:
    candidates, funds = an_instance(random.Random(seed))
    winners, total, bound = best_set(candidates, funds)
    assert feasible(winners, funds)
    assert total == bound == sum(winner.score for winner in winners) == brute_force(candidates, funds)


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_order_of_arrival_does_not_matter(seed: int) -> None:
    draw = random.Random(seed)
    candidates, funds = an_instance(draw)
    first = select(candidates, funds)
    for _ in range(2):
        draw.shuffle(candidates)
        assert select(candidates, funds) == first


def test_scores_are_compared_to_the_last_wei() -> None:
    large = 2**90
    assert numbers(best_set([a_bid(1, large), a_bid(2, large + 1), a_bid(3, large)], {})[0]) == [2]
    pair = [a_bid(1, large, {AB: 1, BA: 1}), a_bid(2, large // 2, {AB: 1}), a_bid(3, large // 2 + 1, {BA: 1})]
    assert numbers(best_set(pair, {})[0]) == [2, 3]


def test_balances_are_compared_to_the_last_atom() -> None:
    """Scaled down to the solver's integers both pairs would fit."""
    funds = {("owner", "t"): 2**120}
    half = {("owner", "t"): 2**119}
    more = {("owner", "t"): 2**119 + 1}
    bids = [a_bid(1, 10, {AB: 1}, draws=half), a_bid(2, 9, {BA: 1}, draws=more), a_bid(3, 5, {BA: 1}, draws=half)]
    assert numbers(best_set(bids, funds)[0]) == [1, 3]


def test_many_that_break_a_balance_by_an_atom_are_all_cut_off() -> None:
    funds = {("owner", "t"): 2**120}
    bids = [a_bid(n, 100 + n, {f"{n}>x": 1}, draws={("owner", "t"): 2**119 + n}) for n in range(1, 7)]
    assert numbers(best_set(bids, funds)[0]) == [6]


def test_a_balance_of_nothing_allows_nothing() -> None:
    bids = [a_bid(1, 10, draws={("owner", "t"): 1})]
    assert best_set(bids, {})[0] == []


def test_ties_are_settled_by_hash() -> None:
    bids = [a_bid(number, 7) for number in (5 << 216, 9 << 216, 3 << 216)]
    for order in (bids, bids[::-1]):
        assert best_set(sorted(order, key=lambda bid: bid.hash), {})[0] == [bids[1]]
        assert select(order, {}).winners == (bids[1],)


def test_no_candidates_no_winners() -> None:
    assert select([], {}) == Selection((), (), 0, 0, {})


@pytest.mark.parametrize("limit", [0.0, 1e-6, 1e-4, 1e-3, 1e-2])
def test_what_is_not_proven_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: float) -> None:
    """When the limit ends the search, the set found is one that can settle, and the bound is at least its worth."""
    monkeypatch.setattr(selection, "DETERMINISTIC_LIMIT", limit)
    draw = random.Random(3)
    names = [f"{n}>{m}" for n in range(12) for m in range(12) if n != m]
    bids = [a_bid(n, draw.randint(2**60, 2**61), dict.fromkeys(draw.sample(names, 6), 1)) for n in range(120)]
    winners, total, bound = best_set(bids, {})
    assert feasible(winners, {})
    assert bound >= total == sum(winner.score for winner in winners)
    if limit == 0.0:
        assert bound > total, "nothing can be proven in no time"


# ------------------------------------------------------------------ fairness


def unfair(*candidates: Candidate) -> list[int]:
    return numbers([drop.candidate for drop in fairness(candidates)[1]])


def test_greed_would_lose() -> None:
    """The largest bid serves both pairs for 300; two smaller ones serve them for 380."""
    bids = [a_bid(1, 300, {AB: 280, AC: 20}), a_bid(2, 280, {AB: 280}), a_bid(3, 100, {AC: 100})]
    outcome = select(bids, {})
    assert numbers(outcome.winners) == [2, 3]
    assert outcome.total == 380


def test_a_bundle_that_gives_a_pair_less_is_dropped() -> None:
    """It is worth more in all, and still no pair may pay for another."""
    bids = [a_bid(1, 1_000, {AB: 950, AC: 50}), a_bid(2, 60, {AC: 60})]
    outcome = select(bids, {})
    assert numbers(outcome.winners) == [2]
    (drop,) = outcome.unfair
    assert (drop.pair, drop.offered, drop.baseline) == (AC, 50, 60)


@pytest.mark.parametrize(
    ("pairs", "dropped"),
    [
        ({AB: 100, AC: 60}, False),  # as good as the best alone
        ({AB: 100, AC: 59}, True),
        ({AB: 100, BC: 1}, False),  # nobody serves that pair alone
        ({AC: 10}, False),  # one pair alone is a baseline, not a bundle
    ],
)
def test_the_filter(pairs: dict[str, int], dropped: bool) -> None:
    bids = (a_bid(1, sum(pairs.values()), pairs), a_bid(2, 60, {AC: 60}), a_bid(3, 55, {AC: 55}))
    assert unfair(*bids) == ([1] if dropped else [])


def test_a_match_of_two_sides_competes_with_one_sided_bids() -> None:
    match, pool = a_bid(1, 110, {AB: 50, BA: 60}), a_bid(2, 55, {AB: 55})
    assert unfair(match, pool) == [1]


def test_a_pair_with_prices_may_join_a_ring_that_serves_it_less_than_a_match() -> None:
    ring, match = a_bid(1, 200, {AB: 40, BA: 10, AC: 150}), a_bid(2, 110, {AB: 50, BA: 60})
    assert unfair(ring, match) == []


def test_a_token_without_a_price_cannot_carry_a_worse_match() -> None:
    wash, match = a_bid(1, 10**9, {AB: 40, BA: 10, JC: 10**9}, unpriced=True), a_bid(2, 110, {AB: 50, BA: 60})
    assert unfair(wash, match) == [1]
    fair = a_bid(3, 10**9, {AB: 10, BA: 100, JC: 10**9}, unpriced=True)
    assert unfair(fair, match) == []


# ------------------------------------------------------------------ rewards


def brute_reward(candidates: Sequence[Candidate], solver: str, funds: Funds) -> int:
    total = brute_force(fairness(candidates)[0], funds)
    rivals = [candidate for candidate in candidates if candidate.solver != solver]
    return max(total - brute_force(fairness(rivals)[0], funds), 0)


@given(st.integers(0, 2**32))
@settings(max_examples=40)
def test_a_reward_is_what_the_solver_adds(seed: int) -> None:
    candidates, funds = an_instance(random.Random(seed))
    outcome = select(candidates, funds)
    expected = {winner.solver: brute_reward(candidates, winner.solver, funds) for winner in outcome.winners}
    fees = sum(winner.fees for winner in outcome.winners)
    if sum(expected.values()) <= fees:
        assert outcome.rewards == expected
    assert sum(outcome.rewards.values()) <= fees
    assert all(0 <= outcome.rewards[solver] <= most for solver, most in expected.items())


def test_rewards_stay_within_the_fees_of_the_winners() -> None:
    """Fees of bids that lost were never paid; what there is is shared in proportion."""
    bids = [
        a_bid(1, 300, {AB: 300}, fees=30),
        a_bid(2, 100, {AC: 100}, fees=10),
        a_bid(3, 10, {AC: 10}, fees=10**9),
    ]
    outcome = select(bids, {})
    assert outcome.rewards == {"solver1": 300 * 40 // 390, "solver2": 90 * 40 // 390}


def test_a_solver_with_two_winners_is_rewarded_once() -> None:
    bids = [a_bid(1, 300, {AB: 300}, solver="one"), a_bid(2, 100, {AC: 100}, solver="one"), a_bid(3, 60, {AC: 60})]
    assert select(bids, {}).rewards == {"one": 340}


def test_setting_a_baseline_against_a_rival_earns_nothing() -> None:
    """One drops its rival's bundle by a bid for a pair alone; without it the bundle would have won."""
    mine = [a_bid(1, 60, {AC: 60}, solver="one"), a_bid(2, 90, {AB: 90}, solver="one")]
    rival = a_bid(3, 140, {AB: 90, AC: 50})
    outcome = select([*mine, rival], {})
    assert numbers(outcome.winners) == [1, 2]
    assert outcome.rewards == {"one": 10}
