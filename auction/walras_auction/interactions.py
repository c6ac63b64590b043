"""What interactions may touch, and what they declare to take and give (DESIGN §5, rules 4 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from walras.forbidden import FORBIDDEN_SELECTORS
from walras.permit2 import PERMIT2
from walras.rejections import Reason, Rejection
from walras.wire import Batch, Call, Interaction, Pool, PoolSwap, Solution

Flow = tuple[str, int]
#: Bytes of one call: its length travels in two.
MAX_CALL_BYTES = 0xFFFF


def check_interaction(
    interaction: Interaction, field: str, solution: Solution, batch: Batch, pools: Mapping[str, Pool]
) -> None:
    """Raise :class:`Rejection` unless the interaction is of a kind that the Executor may run."""
    match interaction:
        case PoolSwap():
            _check_swap(interaction, field, solution, pools)
        case Call():
            _check_call(interaction, field, solution, batch)
        case _:
            assert_never(interaction)


def _check_swap(swap: PoolSwap, field: str, solution: Solution, pools: Mapping[str, Pool]) -> None:
    pool = pools.get(swap.pool)
    if pool is None:
        raise Rejection(Reason.UNKNOWN_POOL, f"{field}.pool", f"{swap.pool} is not in the batch")
    if swap.token_in not in (pool.token0, pool.token1):
        raise Rejection(Reason.BAD_INTERACTION, f"{field}.tokenIn", "not a token of that pool")
    if swap.amount_in == 0 or swap.amount_out == 0:
        raise Rejection(Reason.BAD_INTERACTION, field, "a swap moves more than zero atoms each way")
    _check_priced((pool.token0, pool.token1), field, solution)


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


def flows(interaction: Interaction, pools: Mapping[str, Pool]) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """Declared (inputs, outputs) in atoms by token."""
    match interaction:
        case PoolSwap():
            pool = pools[interaction.pool]
            token_out = pool.token1 if interaction.token_in == pool.token0 else pool.token0
            return ((interaction.token_in, interaction.amount_in),), ((token_out, interaction.amount_out),)
        case Call():
            return (
                tuple((flow.token, flow.amount) for flow in interaction.inputs),
                tuple((flow.token, flow.amount) for flow in interaction.outputs),
            )
        case _:
            assert_never(interaction)


def pools_touched(solution: Solution, pools: Mapping[str, Pool]) -> frozenset[str]:
    """Addresses of the liquidity a solution uses; two winners may not share any."""
    return frozenset(
        pools[item.pool].address if isinstance(item, PoolSwap) else item.target for item in solution.interactions
    )
