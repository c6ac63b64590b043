"""Stage 6: the winning set. Pure; needs the SDK and OR-Tools alone, so anyone can recompute it.

Winners are the set of candidates with the highest total score among those that can settle together: disjoint
alternatives, disjoint directed token pairs, disjoint liquidity, and joint funds from opening balances (DESIGN §5).
CP-SAT with one worker, a fixed seed and a deterministic limit; scores are exact however large they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

_LIMB = 2**40
_CAPACITY = 2**40
#: Of a total that the two limbs hold with room to spare.
_MOST_BITS = 100
DETERMINISTIC_LIMIT = 8.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A valid bid as selection sees it. ``pair_scores`` are by ``give>want``.

    ``claims`` are things that only one winner may hold (a nonce, a pair, a pool).
    """

    hash: str
    solver: str
    score: int
    pair_scores: Mapping[str, int]
    claims: frozenset[str]
    draws: Mapping[tuple[str, str], int]
    fees: int = 0  # wei
    unpriced: bool = False  # trades a token without a reference price


@dataclass(frozen=True, slots=True)
class Unfair:
    """A candidate that the fairness filter dropped, with the pair and the score it was beaten by.

    ``pair`` is ``give>want``, or ``one<>other`` for both directions of a pair.
    """

    candidate: Candidate
    pair: str
    offered: int
    baseline: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Winners, those dropped as unfair, the total, its proven upper bound, and each solver's reward in wei."""

    winners: tuple[Candidate, ...]
    unfair: tuple[Unfair, ...]
    total: int
    bound: int
    rewards: Mapping[str, int]


def select(candidates: Sequence[Candidate], funds: Mapping[tuple[str, str], int]) -> Selection:
    """Filter for fairness, choose the best set, and price each winner's contribution.

    ``funds`` are opening balances by (owner, token).
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.hash)
    fair, unfair = fairness(ordered)
    winners, total, bound = best_set(fair, funds)
    return Selection(tuple(winners), tuple(unfair), total, bound, _rewards(ordered, winners, total, funds))


def _rewards(
    candidates: Sequence[Candidate], winners: Sequence[Candidate], total: int, funds: Mapping[tuple[str, str], int]
) -> dict[str, int]:
    """By solver: the total less what the round would have come to without it, all within the winners' fees.

    "Without it" runs the filter again, so that nobody earns by setting a baseline that drops its rivals.
    """
    rewards = {}
    for solver in sorted({winner.solver for winner in winners}):
        rivals, _ = fairness([candidate for candidate in candidates if candidate.solver != solver])
        rewards[solver] = max(total - best_set(rivals, funds)[1], 0)
    fees, wanted = sum(winner.fees for winner in winners), sum(rewards.values())
    if wanted > fees:
        rewards = {solver: reward * fees // wanted for solver, reward in rewards.items()}
    return rewards


def fairness(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[Unfair]]:
    """Drop each candidate that gives a part of it less than the best candidate for that part alone.

    A part is a directed pair. Of a candidate that trades a token without a reference price, it is also each pair in
    both its directions: what such a token is worth is its traders' word alone, so two accounts of one person can make
    a trade in it look worth anything, and a match of others may not be starved on the strength of it.
    """
    baseline: dict[str, int] = defaultdict(int)
    for candidate in candidates:
        for parts in (candidate.pair_scores, _both_ways(candidate)):
            if len(parts) == 1:
                ((part, score),) = parts.items()
                baseline[part] = max(baseline[part], score)
    fair: list[Candidate] = []
    unfair: list[Unfair] = []
    for candidate in candidates:
        beaten = [
            (part, score)
            for parts in (candidate.pair_scores, _both_ways(candidate) if candidate.unpriced else {})
            for part, score in sorted(parts.items())
            if len(parts) > 1 and score < baseline[part]
        ]
        if beaten:
            part, score = beaten[0]
            unfair.append(Unfair(candidate, part, score, baseline[part]))
        else:
            fair.append(candidate)
    return fair, unfair


def _both_ways(candidate: Candidate) -> dict[str, int]:
    """What the candidate gives each pair, both directions together."""
    scores: dict[str, int] = defaultdict(int)
    for pair, score in candidate.pair_scores.items():
        give, want = pair.split(">")
        scores["<>".join(sorted((give, want)))] += score
    return dict(scores)


def best_set(candidates: Sequence[Candidate], funds: Mapping[tuple[str, str], int]) -> tuple[list[Candidate], int, int]:
    """(winners, total, proven bound) of the exact weighted set packing.

    Fund rows are scaled down into CP-SAT's integers, which can only relax them; a set that breaks one exactly
    is cut off and the problem solved again.
    """
    cuts: list[list[int]] = []
    while True:
        chosen, bound = _solve(candidates, funds, cuts)
        broken = _overdrawn([candidates[index] for index in chosen], funds)
        if broken is None:
            winners = [candidates[index] for index in chosen]
            total = sum(winner.score for winner in winners)
            return winners, total, max(bound, total)
        cuts.append([index for index in chosen if broken in candidates[index].draws])


def _overdrawn(chosen: Sequence[Candidate], funds: Mapping[tuple[str, str], int]) -> tuple[str, str] | None:
    drawn: dict[tuple[str, str], int] = defaultdict(int)
    for candidate in chosen:
        for key, amount in candidate.draws.items():
            drawn[key] += amount
    return next((key for key in sorted(drawn) if drawn[key] > funds.get(key, 0)), None)


def _solve(
    candidates: Sequence[Candidate], funds: Mapping[tuple[str, str], int], cuts: list[list[int]]
) -> tuple[list[int], int]:
    if not candidates:
        return [], 0
    # No market is worth 2^100 wei, but a batch of made-up amounts can be: such scores lose their last bits here, and
    # the bound is rounded up by as much.
    shift = max(sum(candidate.score for candidate in candidates).bit_length() - _MOST_BITS, 0)
    scores = [candidate.score >> shift for candidate in candidates]
    chosen, bound = _solve_scaled(scores, candidates, funds, cuts)
    return chosen, bound if not shift else (bound + len(candidates)) << shift


def _solve_scaled(
    scores: Sequence[int],
    candidates: Sequence[Candidate],
    funds: Mapping[tuple[str, str], int],
    cuts: list[list[int]],
) -> tuple[list[int], int]:
    """(chosen indexes, proven bound) with these scores."""
    model = cp_model.CpModel()
    take = [model.new_bool_var(f"x{index}") for index in range(len(candidates))]
    _add_claims(model, take, candidates)
    _add_funds(model, take, candidates, funds)
    for cut in cuts:
        model.add(sum(take[index] for index in cut) <= len(cut) - 1)
    # A score of up to 2^90 does not fit the solver's 63 bits: maximise the high limb with its carry, then the low.
    limit = sum(score % _LIMB for score in scores)
    carry = model.new_int_var(0, limit // _LIMB, "carry")
    rest = model.new_int_var(0, _LIMB - 1, "rest")
    low = sum(score % _LIMB * x for score, x in zip(scores, take, strict=True))
    model.add(low == carry * _LIMB + rest)
    high = sum(score // _LIMB * x for score, x in zip(scores, take, strict=True)) + carry
    found = _maximise(model, high, take)
    if found is None:
        return [], sum(scores)
    best_high, high_bound, chosen = found
    model.add(high == best_high)
    _hint(model, take, chosen)
    found = _maximise(model, rest, take)
    if found is None:
        return chosen, (high_bound + 1) * _LIMB - 1
    best_low, low_bound, chosen = found
    bound = best_high * _LIMB + low_bound if high_bound == best_high else (high_bound + 1) * _LIMB - 1
    if bound == best_high * _LIMB + best_low:
        model.add(rest == best_low)
        _hint(model, take, chosen)
        # Equal totals are settled by hash.
        ties = sum(int(candidate.hash[2:12], 16) * x for candidate, x in zip(candidates, take, strict=True))
        found = _maximise(model, ties, take)
        chosen = chosen if found is None else found[2]
    return chosen, bound


def _add_claims(model: cp_model.CpModel, take: list[cp_model.IntVar], candidates: Sequence[Candidate]) -> None:
    holders: dict[str, list[cp_model.IntVar]] = defaultdict(list)
    for candidate, x in zip(candidates, take, strict=True):
        for claim in candidate.claims:
            holders[claim].append(x)
    for claim in sorted(holders):
        if len(holders[claim]) > 1:
            model.add_at_most_one(holders[claim])


def _add_funds(
    model: cp_model.CpModel,
    take: list[cp_model.IntVar],
    candidates: Sequence[Candidate],
    funds: Mapping[tuple[str, str], int],
) -> None:
    rows: dict[tuple[str, str], list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
    for candidate, x in zip(candidates, take, strict=True):
        for key, amount in candidate.draws.items():
            rows[key].append((amount, x))
    for key, row in sorted(rows.items(), key=lambda item: item[0]):
        available = funds.get(key, 0)
        if sum(amount for amount, _ in row) > available > 0:
            # Rounded down: the scaled row never forbids what the exact one allows.
            model.add(sum(amount * _CAPACITY // available * x for amount, x in row) <= _CAPACITY)


def _hint(model: cp_model.CpModel, take: list[cp_model.IntVar], chosen: list[int]) -> None:
    model.clear_hints()  # type: ignore[no-untyped-call]
    for index, x in enumerate(take):
        model.add_hint(x, index in set(chosen))


def _maximise(
    model: cp_model.CpModel, objective: cp_model.LinearExprT, take: list[cp_model.IntVar]
) -> tuple[int, int, list[int]] | None:
    """(value, proven bound, chosen indexes), or None if the limit came before any set was found."""
    model.maximize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    # CP-SAT 9.15's presolve loses optima on rows with coefficients near 2^50: 9 of 1,500 random instances came back
    # "optimal" below the brute-force optimum; without it none of 10,000 did.
    solver.parameters.cp_model_presolve = False
    solver.parameters.max_deterministic_time = DETERMINISTIC_LIMIT
    status = solver.solve(model)
    if status == cp_model.UNKNOWN:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError(f"selection ended with {solver.status_name(status)}")
    value = int(solver.value(objective))  # exact; objective_value is a float
    bound = value if status == cp_model.OPTIMAL else math.ceil(math.nextafter(solver.best_objective_bound, math.inf))
    return value, bound, [index for index, x in enumerate(take) if solver.boolean_value(x)]
