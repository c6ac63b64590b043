"""What interactions may touch, and what they declare to take and give (DESIGN §5, rules 4 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from walras.forbidden import FORBIDDEN_SELECTORS
from walras.permit2 import PERMIT2
from walras.rejections import Reason, Rejection
from walras.wire import (
    AnyPool,
    Batch,
    Call,
    ConcentratedPool,
    Interaction,
    Pool,
    PoolSwap,
    Solution,
    StablePool,
    WeightedPool,
)

Flow = tuple[str, int]
#: Bytes of one call: its length travels in two.
MAX_CALL_BYTES = 0xFFFF


def check_interaction(
    interaction: Interaction, field: str, solution: Solution, batch: Batch, pools: Mapping[str, AnyPool]
) -> None:
    """Raise :class:`Rejection` unless the interaction is of a kind that the Executor may run."""
    match interaction:
        case PoolSwap():
            _check_swap(interaction, field, solution, pools)
        case Call():
            _check_call(interaction, field, solution, batch)
        case _:
            assert_never(interaction)


def _check_swap(swap: PoolSwap, field: str, solution: Solution, pools: Mapping[str, AnyPool]) -> None:
    pool = pools.get(swap.pool)
    if pool is None:
        raise Rejection(Reason.UNKNOWN_POOL, f"{field}.pool", f"{swap.pool} is not in the batch")
    if swap.token_in not in pool.tokens:
        raise Rejection(Reason.BAD_INTERACTION, f"{field}.tokenIn", "not a token of that pool")
    token_out = pool.other(swap.token_in, swap.token_out)
    if token_out is None:
        raise Rejection(Reason.BAD_INTERACTION, f"{field}.tokenOut", "not another token of that pool, or not named")
    if door_of(pool) is None:
        raise Rejection(Reason.BAD_INTERACTION, f"{field}.pool", "the pool names no router or vault to settle through")
    if swap.amount_in == 0 or swap.amount_out == 0:
        raise Rejection(Reason.BAD_INTERACTION, field, "a swap moves more than zero atoms each way")
    _check_priced((swap.token_in, token_out), field, solution)


def door_of(pool: AnyPool) -> str | None:
    """The contract that the house calls to swap through the pool; None if the pool names none."""
    match pool:
        case Pool():
            return pool.router or pool.address
        case ConcentratedPool():
            return pool.router
        case WeightedPool() | StablePool():
            return pool.vault if pool.pool_id else None
        case _:
            assert_never(pool)


def _check_call(call: Call, field: str, solution: Solution, batch: Batch) -> None:
    forbidden = {batch.settlement, batch.vault, batch.executor, batch.wrapped_native, PERMIT2, *solution.prices}
    forbidden |= {token.address for token in batch.tokens}
    if call.target in forbidden:
        raise Rejection(Reason.FORBIDDEN_TARGET, f"{field}.target", f"{call.target} may not be called")
    size = len(call.data) // 2 - 1
    if size > MAX_CALL_BYTES:
        raise Rejection(Reason.BAD_INTERACTION, f"{field}.data", f"{size} bytes; a call has at most {MAX_CALL_BYTES}")
    function = bytes.fromhex(call.data[2:10])
    if len(function) < 4 or function in FORBIDDEN_SELECTORS:
        raise Rejection(Reason.FORBIDDEN_TARGET, f"{field}.data", f"function 0x{call.data[2:10]} may not be called")
    for allowance in call.allowances:
        if allowance.spender in forbidden:
            raise Rejection(Reason.FORBIDDEN_TARGET, f"{field}.allowances", f"{allowance.spender} may not spend")
    tokens = [allowance.token for allowance in call.allowances]
    tokens += [flow.token for flow in call.inputs + call.outputs]
    _check_priced(tuple(tokens), field, solution)


def _check_priced(tokens: tuple[str, ...], field: str, solution: Solution) -> None:
    for token in tokens:
        if token not in solution.prices:
            raise Rejection(Reason.MISSING_PRICE, field, f"token {token} has no price")


def flows(interaction: Interaction, pools: Mapping[str, AnyPool]) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """Declared (inputs, outputs) in atoms by token."""
    match interaction:
        case PoolSwap():
            token_out = pools[interaction.pool].other(interaction.token_in, interaction.token_out)
            assert token_out is not None, "swaps are checked before their flows are asked for"
            return ((interaction.token_in, interaction.amount_in),), ((token_out, interaction.amount_out),)
        case Call():
            return (
                tuple((flow.token, flow.amount) for flow in interaction.inputs),
                tuple((flow.token, flow.amount) for flow in interaction.outputs),
            )
        case _:
            assert_never(interaction)


def pools_touched(solution: Solution, pools: Mapping[str, AnyPool]) -> frozenset[str]:
    """Addresses of the liquidity a solution uses; two winners may not share any.

    A call on the router or vault of pools may move any of them.
    """
    touched: set[str] = set()
    for item in solution.interactions:
        if isinstance(item, PoolSwap):
            touched.add(pools[item.pool].address)
        else:
            touched |= {item.target, *(pool.address for pool in pools.values() if door_of(pool) == item.target)}
    return frozenset(touched)
