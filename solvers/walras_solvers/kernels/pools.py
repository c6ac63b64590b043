"""Exact swaps through the pools of a batch, by each pool's own integer arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from walras.wire import AnyPool, Pool, PoolSwap


def bought(pools: Mapping[str, AnyPool], step: PoolSwap) -> str:
    """The token that a swap pays out."""
    wanted = pools[step.pool].other(step.token_in, step.token_out)
    if wanted is None:
        raise ValueError(f"pool {step.pool} does not hold both tokens of a swap")
    return wanted


def swap(pool: AnyPool, token_in: str, amount: int, token_out: str) -> PoolSwap:
    """The exact swap of ``amount`` atoms of ``token_in``."""
    paid = pool.amount_out(token_in, amount, token_out)
    # Two tokens need no name for the second; a pool of more does.
    named = token_out if len(pool.tokens) > 2 else None
    return PoolSwap(pool=pool.id, token_in=token_in, amount_in=amount, amount_out=paid, token_out=named)


def _trimmed(pool: AnyPool, step: PoolSwap, bought: str, needed: int) -> PoolSwap:
    """The swap with the least input for ``needed`` atoms. Where that is dear to compute it is left as it is."""
    least = (
        pool.amount_in(bought, needed, step.token_in) if needed < step.amount_out or isinstance(pool, Pool) else None
    )
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
