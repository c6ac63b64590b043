"""Exact swaps through the pools of a batch, and the constant product over real numbers, for searching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from walras.atoms import ceil_div, floor_div
from walras.wire import AnyPool, Pool, PoolSwap

from walras_solvers.kernels.market import MILLION


def other_token(pool: Pool, token: str) -> str:
    """The pool's other token."""
    return pool.token1 if token == pool.token0 else pool.token0


def bought(pools: Mapping[str, AnyPool], step: PoolSwap) -> str:
    """The token that a swap pays out."""
    wanted = pools[step.pool].other(step.token_in, step.token_out)
    if wanted is None:
        raise ValueError(f"pool {step.pool} does not hold both tokens of a swap")
    return wanted


def reserves(pool: Pool, token_in: str) -> tuple[int, int]:
    """(reserve of ``token_in``, reserve of the other token) in atoms."""
    one, other = pool.reserve0, pool.reserve1
    return (one, other) if token_in == pool.token0 else (other, one)


def amount_out(pool: Pool, token_in: str, amount_in: int) -> int:
    """Atoms that a swap pays out, rounded down as the pool does."""
    reserve_in, reserve_out = reserves(pool, token_in)
    kept = amount_in * (MILLION - pool.fee_ppm)
    return floor_div(reserve_out * kept, reserve_in * MILLION + kept)


def amount_in(pool: Pool, token_in: str, amount: int) -> int:
    """The least input that pays out ``amount`` atoms, which must be less than the reserve."""
    reserve_in, reserve_out = reserves(pool, token_in)
    return ceil_div(reserve_in * MILLION * amount, (reserve_out - amount) * (MILLION - pool.fee_ppm))


def swap(pool: Pool, token_in: str, amount: int) -> PoolSwap:
    """The exact swap of ``amount`` atoms of ``token_in``."""
    return PoolSwap(pool=pool.id, token_in=token_in, amount_in=amount, amount_out=amount_out(pool, token_in, amount))


def _trimmed(pool: AnyPool, step: PoolSwap, bought: str, needed: int) -> PoolSwap:
    """The swap with the least input for ``needed`` atoms. Where that is dear to compute it is left as it is."""
    if isinstance(pool, Pool):
        return swap(pool, step.token_in, min(amount_in(pool, step.token_in, needed), step.amount_in))
    least = pool.amount_in(bought, needed, step.token_in) if needed < step.amount_out else None
    if least is None or least >= step.amount_in:
        return step
    paid = pool.amount_out(step.token_in, least, bought)
    return step.model_copy(update={"amount_in": least, "amount_out": paid})


def trimmed(swaps: Sequence[PoolSwap], pools: Mapping[str, AnyPool], start: frozenset[str]) -> tuple[PoolSwap, ...]:
    """The same swaps without the part of their inputs that rounding gives away.

    Walks back from the last swap: each takes the least input for what the later ones need of its output. Only tokens
    of ``start``, which traders bring, may be left over.
    """
    spare: dict[str, int] = {}
    done: list[PoolSwap] = []
    for step in reversed(swaps):
        pool = pools[step.pool]
        paid = bought(pools, step)
        needed = step.amount_out - (0 if paid in start else spare.get(paid, 0))
        if needed <= 0:
            spare[paid] = spare.get(paid, 0) - step.amount_out
            spare[step.token_in] = spare.get(step.token_in, 0) + step.amount_in
            continue
        least = _trimmed(pool, step, paid, needed)
        spare[paid] = spare.get(paid, 0) - (step.amount_out - least.amount_out)
        spare[step.token_in] = spare.get(step.token_in, 0) + step.amount_in - least.amount_in
        done.append(least)
    return tuple(reversed(done))


def real_out(pool: Pool, token_in: str, amount_in: float) -> float:
    """The swap over real numbers, for searching."""
    reserve_in, reserve_out = reserves(pool, token_in)
    kept = amount_in * (1 - pool.fee_ppm / MILLION)
    return reserve_out * kept / (reserve_in + kept)


def input_at_average(pool: Pool, token_in: str, price: float) -> float:
    """The input at which the whole swap earns exactly ``price`` atoms out an atom in; 0 if the pool never does."""
    reserve_in, reserve_out = reserves(pool, token_in)
    return max(0.0, reserve_out / price - reserve_in / (1 - pool.fee_ppm / MILLION))
