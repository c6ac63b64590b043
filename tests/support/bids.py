"""Solutions written by hand, in a line each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from walras.wire import Batch, Fill, PoolSwap, Solution

WEI, MICRO = 10**18, 10**6


def symbols(batch: Batch) -> dict[str, str]:
    """Token addresses by symbol."""
    return {token.symbol: token.address for token in batch.tokens}


def solution(batch: Batch, rates: dict[str, int], *fills: Fill, number: int = 1, **rest: Any) -> Solution:
    """A solution whose prices are given by symbol."""
    address = symbols(batch)
    return Solution(id=number, prices={address[s]: price for s, price in rates.items()}, fills=fills, **rest)


def at(batch: Batch, usdc: int, *fills: Fill, **rest: Any) -> Solution:
    """A WETH/USDC solution at ``usdc`` whole USDC a WETH."""
    return solution(batch, {"WETH": usdc * MICRO, "USDC": WEI}, *fills, **rest)


def fill(uid: str, executed: int, fee: int = 0, round_up: int = 0) -> Fill:
    return Fill(uid=uid, executed=executed, fee=fee, round_up=round_up)


def always(make: Callable[[Batch], Solution]) -> Callable[[Batch], list[Solution]]:
    """A bid of one solution."""
    return lambda batch: [make(batch)]


def quote(batch: Batch, token_in: str, amount_in: int) -> int:
    """What the batch's first pool pays, rounded down as the pool does."""
    pool = batch.pools[0]
    forward = symbols(batch)[token_in] == pool.token0
    reserve_in, reserve_out = (pool.reserve0, pool.reserve1) if forward else (pool.reserve1, pool.reserve0)
    after_fee = amount_in * (10**6 - pool.fee_ppm)
    return reserve_out * after_fee // (reserve_in * 10**6 + after_fee)


def swap(batch: Batch, token_in: str, amount_in: int, amount_out: int | None = None) -> PoolSwap:
    """A swap through the batch's first pool; declares what the pool would pay now, unless told otherwise."""
    out = quote(batch, token_in, amount_in) if amount_out is None else amount_out
    return PoolSwap(pool=batch.pools[0].id, token_in=symbols(batch)[token_in], amount_in=amount_in, amount_out=out)


def through_pool(batch: Batch, uid: str, weth: int, *, number: int = 1, **rest: Any) -> Solution:
    """Serve a sell of WETH for USDC wholly through the pool, at the pool's own rate."""
    out = quote(batch, "WETH", weth)
    steps = (swap(batch, "WETH", weth),)
    rates = {"WETH": out, "USDC": weth}
    return solution(batch, rates, fill(uid, weth), number=number, interactions=steps, **rest)
