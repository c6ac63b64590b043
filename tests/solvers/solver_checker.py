"""The rules of DESIGN §5 once more, written for tests in rational numbers and without the engines' kernels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from walras.intent import NATIVE, Intent, Leg
from walras.wire import AnyPool, Batch, Fill, Pool, PoolSwap, Solution

FLOOR = 10**6


@dataclass(frozen=True)
class Checked:
    """What a valid solution does: its score in wei (exact), the directed pairs and the pools it uses."""

    score: Fraction
    pairs: frozenset[tuple[str, str]]
    pools: frozenset[str]
    filled: dict[str, int]


def check(solution: Solution, batch: Batch) -> Checked:
    """Assert every rule that the solution's integers decide."""
    entries = {entry.uid: entry for entry in batch.intents}
    left: dict[str, int] = defaultdict(int)
    drawn: dict[tuple[str, str], int] = defaultdict(int)
    nonces: set[tuple[str, int]] = set()
    score, fee_worth = Fraction(0), Fraction(0)
    pairs: set[tuple[str, str]] = set()
    assert solution.fills, "fills nothing"
    assert all(1 <= price < 2**128 for price in solution.prices.values())
    assert len({fill.uid for fill in solution.fills}) == len(solution.fills)
    for fill in solution.fills:
        entry = entries[fill.uid]
        intent = entry.intent.intent()
        assert (intent.owner, intent.nonce) not in nonces, "alternatives clash"
        nonces.add((intent.owner, intent.nonce))
        assert intent.valid_from <= batch.time
        assert max(batch.time, batch.settle_by) <= intent.valid_to
        check_fill_rule(fill, intent, entry.remaining)
        gives, wants = amounts(fill, intent, solution.prices, batch)
        for leg, atoms in zip(intent.gives, gives, strict=True):
            left[leg.token] += atoms
            drawn[(intent.owner, leg.token)] += atoms
        for leg, atoms in zip(intent.wants, wants, strict=True):
            left[traded(leg, batch)] -= atoms
        left[intent.gives[0].token] -= fill.fee
        check_guard(fill, intent, gives, wants, batch)
        score += worth(fill, intent, gives, wants, batch)
        fee_worth += fee_value(fill, intent, solution, batch)
        pairs |= {(give.token, traded(want, batch)) for give in intent.gives for want in intent.wants}
    funds = {(entry.owner, entry.token): entry.available for entry in batch.funds}
    for key, atoms in drawn.items():
        assert atoms <= funds.get(key, 0), "overdrawn"
    pools = check_swaps(solution, batch, left)
    for token, atoms in left.items():
        assert atoms + solution.cover.get(token, 0) >= 0, f"{-atoms} atoms of {token} short"
    assert score > 0
    gas = batch.gas
    used = gas.base + len(solution.fills) * gas.per_fill + len(solution.interactions) * gas.per_interaction
    assert used <= gas.limit, "more gas than a solution may use"
    assert fee_worth >= used * gas.price, "fees do not pay for the gas"
    return Checked(score, frozenset(pairs), pools, {fill.uid: fill.executed for fill in solution.fills})


def check_fill_rule(fill: Fill, intent: Intent, remaining: int) -> None:
    assert 0 < fill.executed <= remaining
    if intent.fill == "whole":
        assert fill.executed == intent.full_amount
    assert fill.executed >= intent.min_fill or fill.executed == remaining


def check_guard(fill: Fill, intent: Intent, gives: list[int], wants: list[int], batch: Batch) -> None:
    reference = references(batch)
    tokens = [leg.token for leg in intent.gives] + [traded(leg, batch) for leg in intent.wants]
    if batch.guard_bps is not None and all(token in reference for token in tokens):
        given = sum(atoms * reference[leg.token] for leg, atoms in zip(intent.gives, gives, strict=True))
        given -= fill.fee * reference[intent.gives[0].token]
        got = sum(atoms * reference[traded(leg, batch)] for leg, atoms in zip(intent.wants, wants, strict=True))
        assert got * 10_000 >= given * (10_000 - batch.guard_bps), "worse than the guard allows"


def traded(leg: Leg, batch: Batch) -> str:
    return batch.wrapped_native if leg.token == NATIVE else leg.token


def bound(leg: Leg, intent: Intent, time: int) -> Fraction:
    if leg.start == leg.end or time >= intent.decay_to:
        return Fraction(leg.end)
    passed = Fraction(max(time - intent.valid_from, 0), intent.decay_to - intent.valid_from)
    return leg.start + (leg.end - leg.start) * passed


def amounts(fill: Fill, intent: Intent, prices: dict[str, int], batch: Batch) -> tuple[list[int], list[int]]:
    """Executed atoms a leg; asserts rounding, limits and sizes on the way."""
    part = Fraction(fill.executed, intent.full_amount)
    give_prices = [prices[leg.token] for leg in intent.gives]
    want_prices = [prices[traded(leg, batch)] for leg in intent.wants]
    fee_value = fill.fee * give_prices[0]
    sells = intent.kind == "sell"
    fixed_legs, moving_legs = (intent.gives, intent.wants) if sells else (intent.wants, intent.gives)
    fixed_prices, moving_prices = (give_prices, want_prices) if sells else (want_prices, give_prices)
    snap = floor if sells else ceil
    fixed = [snap(part * leg.start) for leg in fixed_legs]
    value = sum(atoms * price for atoms, price in zip(fixed, fixed_prices, strict=True))
    value += -fee_value if sells else fee_value
    basis = sum(leg.end * price for leg, price in zip(moving_legs, moving_prices, strict=True))
    moving = []
    for index, leg in enumerate(moving_legs):
        exact = Fraction(leg.end * value, basis)
        up = bool(fill.round_up >> index & 1)
        atoms = ceil(exact) if up else floor(exact)
        if exact != atoms and up is not sells:
            assert atoms >= FLOOR, "a small leg is rounded against its trader"
        limit = part * bound(leg, intent, batch.time)
        assert atoms >= limit if sells else atoms <= limit, "limit"
        moving.append(atoms)
    assert fill.round_up < 1 << len(moving_legs)
    gives, wants = (fixed, moving) if sells else (moving, fixed)
    assert min(gives) > 0
    assert min(wants) > 0
    assert max(gives + wants) < 2**128
    assert 0 <= fill.fee < gives[0]
    return gives, wants


def references(batch: Batch) -> dict[str, Fraction]:
    return {token.address: Fraction(token.price, 10**18) for token in batch.tokens if token.price is not None}


def worth(fill: Fill, intent: Intent, gives: list[int], wants: list[int], batch: Batch) -> Fraction:
    """Wei of surplus of a fill whose moving side is priced, else by the fixed side's worth (single legs)."""
    reference = references(batch)
    sells = intent.kind == "sell"
    legs, moved = (intent.wants, wants) if sells else (intent.gives, gives)
    fixed_legs, fixed = (intent.gives, gives) if sells else (intent.wants, wants)
    total, shares = Fraction(0), []
    for leg, atoms in zip(legs, moved, strict=True):
        limit = Fraction(fill.executed, intent.full_amount) * bound(leg, intent, batch.time)
        extra = atoms - ceil(limit) if sells else floor(limit) - atoms
        if traded(leg, batch) in reference:
            total += extra * reference[traded(leg, batch)]
        else:
            shares.append(Fraction(extra, atoms))
    if shares:
        other = sum(
            atoms * reference.get(traded(leg, batch), Fraction(0)) for leg, atoms in zip(fixed_legs, fixed, strict=True)
        )
        total += other * min(1, *shares)
    return total


def fee_value(fill: Fill, intent: Intent, solution: Solution, batch: Batch) -> Fraction:
    reference, token = references(batch), intent.gives[0].token
    if token in reference:
        return fill.fee * reference[token]
    for leg in intent.wants:
        want = traded(leg, batch)
        if want in reference:
            return Fraction(fill.fee * solution.prices[token], solution.prices[want]) * reference[want]
    return Fraction(0)


def check_swaps(solution: Solution, batch: Batch, left: dict[str, int]) -> frozenset[str]:
    """Swaps pay what the pool's formula says, and the Executor holds each input when its turn comes."""
    pools = {pool.id: pool for pool in batch.pools}
    swaps = [item for item in solution.interactions if isinstance(item, PoolSwap)]
    assert len(swaps) == len(solution.interactions)
    assert len({swap.pool for swap in swaps}) == len(swaps), "a pool is used twice"
    held: dict[str, int] = defaultdict(int)
    for swap in swaps:
        bought = partner(pools[swap.pool], swap)
        held[swap.token_in] += swap.amount_in
        held[bought] -= swap.amount_out
    held = defaultdict(int, {token: max(0, need) for token, need in held.items()})
    for swap in swaps:
        pool = pools[swap.pool]
        bought = partner(pool, swap)
        assert {swap.token_in, bought} <= set(solution.prices)
        assert 0 < swap.amount_in <= held[swap.token_in], "the Executor does not hold the input"
        assert 0 < swap.amount_out <= pays(pool, swap)
        held[swap.token_in] -= swap.amount_in
        held[bought] += swap.amount_out
        left[swap.token_in] -= swap.amount_in
        left[bought] += swap.amount_out
    return frozenset(swap.pool for swap in swaps)


def partner(pool: AnyPool, swap: PoolSwap) -> str:
    wanted = swap.token_out
    if wanted is None:
        assert len(pool.tokens) == 2, "which token?"
        (wanted,) = set(pool.tokens) - {swap.token_in}
    assert {swap.token_in, wanted} <= set(pool.tokens)
    return wanted


def pays(pool: AnyPool, swap: PoolSwap) -> int:
    if not isinstance(pool, Pool):  # their arithmetic has tests of its own, against the contracts
        return pool.amount_out(swap.token_in, swap.amount_in, swap.token_out)
    zero = swap.token_in == pool.token0
    reserve_in, reserve_out = (pool.reserve0, pool.reserve1) if zero else (pool.reserve1, pool.reserve0)
    kept = Fraction(swap.amount_in * (10**6 - pool.fee_ppm), 10**6)
    return floor(reserve_out * kept / (reserve_in + kept))
