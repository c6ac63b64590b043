"""The pools of a batch as liquidity of a CoW auction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_never

from walras.cow.base import MAX_PRECISION
from walras.cow.liquidity import Balance, Concentrated, ConstantProduct, Scaled, Stable, Weighted, WeightedProduct
from walras.intent import NO_TERMS
from walras.wire import AnyPool, ConcentratedPool, Pool, StablePool, WeightedPool


def liquidity_of(pool: AnyPool, number: int, gas: int) -> dict[str, Any]:
    """The pool under the id ``number`` (drivers want a number there), with ``gas`` units for a swap."""
    common = {"id": str(number), "address": pool.address, "gas_estimate": gas}
    match pool:
        case Pool():
            held = {pool.token0: Balance(balance=pool.reserve0), pool.token1: Balance(balance=pool.reserve1)}
            router = pool.router or pool.address
            return ConstantProduct(**common, fee=_part(pool.fee_ppm, 6), tokens=held, router=router).to_json()
        case WeightedPool():
            return WeightedProduct(
                **common,
                fee=_part(pool.fee, 18),
                balancer_pool_id=pool.pool_id or NO_TERMS,
                tokens={
                    one.token: Weighted(
                        balance=one.balance, scaling_factor=_part(one.scale, 0), weight=_part(one.weight, 18)
                    )
                    for one in pool.assets
                },
                version="v0" if pool.plain_powers else "v3Plus",
            ).to_json()
        case StablePool():
            return Stable(
                **common,
                fee=_part(pool.fee, 18),
                balancer_pool_id=pool.pool_id or NO_TERMS,
                tokens={
                    one.token: Scaled(balance=one.balance, scaling_factor=_part(one.scale, 0)) for one in pool.assets
                },
                amplification_parameter=_part(pool.amplification, 3),
            ).to_json()
        case ConcentratedPool():
            return Concentrated(
                **common,
                fee=_part(pool.fee_ppm, 6),
                router=pool.router or pool.address,
                tokens=pool.tokens,
                sqrt_price=pool.sqrt_price,
                liquidity=pool.liquidity,
                tick=pool.tick,
                liquidity_net={tick.index: tick.net for tick in pool.ticks},
            ).to_json()
        case _:
            assert_never(pool)


def _part(amount: int, decimals: int) -> Decimal:
    """``amount`` · 10^-``decimals``, exactly: of integers with few enough digits the context rounds nothing away."""
    digits = Decimal(amount).as_tuple().digits
    assert len(digits) <= MAX_PRECISION
    return Decimal((0, digits, -decimals))
