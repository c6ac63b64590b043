"""The derived market: the recorded funded orders with laxer limits, and on-chain pools beside them.

Nothing here is recorded as such: limits are relaxed by seeded amounts so that several pairs and rings trade, and
pools are scaled copies of recorded ones or invented ones. The report says so and prints every parameter.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from walras.atoms import ceil_div

from walras_auction.demo.recorded import RecordedBatch, RecordedOrder

SEED = 20201014
#: A limit is moved to so many basis points beyond the recorded reference price (negative: short of it), if that is
#: laxer: (tightest, laxest). Pairs that only one side wants trade in rings or through pools alone, and their orders
#: are so small that gas would eat less.
TWO_WAY_BPS = (-100, 300)
ONE_WAY_BPS = (500, 2_000)
POOL_SCALE = 1000
INVENTED_SIDE = 2_000  # reference units a side
INVENTED = (("xOWL", "WETH"), ("xOWL", "USDC"), ("xOWL", "sUSD"), ("STAKE", "WXDAI"))
RECORDED = {
    "large_example.json": (
        ("WETH", "USDC"),
        ("WETH", "USDT"),
        ("WETH", "DAI"),
        ("DAI", "USDC"),
        ("DAI", "USDT"),
        ("USDC", "USDT"),
    ),
    "small_example.json": (("USDC", "WXDAI"), ("WETH", "WXDAI")),
}


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """A pool to put on chain: token keys, reserves in atoms, fee in millionths, and where its size comes from."""

    key0: str
    key1: str
    reserve0: int
    reserve1: int
    fee_ppm: int
    source: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """By how much limits were relaxed: orders touched, and the least, median and greatest change in basis points."""

    seed: int
    orders: int
    least_bps: int
    median_bps: int
    greatest_bps: int


def relax(batch: RecordedBatch, seed: int = SEED) -> tuple[list[RecordedOrder], Relaxation]:
    """The funded orders with their limits moved towards the reference price by seeded amounts."""
    draw = random.Random(seed)  # noqa: S311 -- a reproducible market, not a secret
    pairs = {(order.sell, order.buy) for order in batch.orders if order.funded}
    relaxed, changes = [], []
    for order in batch.orders:
        if not order.funded:
            continue
        bps = draw.randint(*(TWO_WAY_BPS if (order.buy, order.sell) in pairs else ONE_WAY_BPS))
        fair = _fair(batch, order)
        target = max(ceil_div(fair * (10_000 - bps), 10_000), 1)
        if target < order.wants:
            changes.append((order.wants - target) * 10_000 // order.wants)
        relaxed.append(replace(order, wants=min(order.wants, target)))
    changes.sort()
    middle = changes[len(changes) // 2]
    return relaxed, Relaxation(seed, len(changes), changes[0], middle, changes[-1])


def _fair(batch: RecordedBatch, order: RecordedOrder) -> int:
    """What the order's gives are worth in atoms of its want at the recorded prices, rounded down."""
    sell, buy = batch.tokens[order.sell], batch.tokens[order.buy]
    return order.gives * sell.external_price // buy.external_price


def pool_plans(batch: RecordedBatch, folder: Path, scale: int = POOL_SCALE) -> list[PoolPlan]:
    """Recorded pools, the deepest of each pair with one reserve divided by ``scale``, and the invented ones."""
    keys = {token.symbol: key for key, token in batch.tokens.items()}
    plans = []
    for name, pairs in RECORDED.items():
        recorded = json.loads((folder / name).read_text())
        for left, right in pairs:
            plans.append(_recorded_pool(batch, recorded, (keys[left], keys[right]), (left, right), scale, name))
    for left, right in INVENTED:
        plans.append(_invented_pool(batch, keys[left], keys[right]))
    return plans


def _recorded_pool(
    batch: RecordedBatch,
    recorded: Mapping[str, Mapping[str, Mapping[str, object]]],
    keys: tuple[str, str],
    symbols: tuple[str, str],
    scale: int,
    name: str,
) -> PoolPlan:
    """Its first reserve is recorded and scaled, the other set so that the spot price is the reference price."""
    found: list[tuple[int, str, object]] = []
    for pool_id, pool in recorded["amms"].items():
        reserves = pool["reserves"]
        if pool["kind"] != "ConstantProduct" or not isinstance(reserves, dict):
            continue
        by_symbol = {recorded["tokens"][token].get("alias"): int(amount) for token, amount in reserves.items()}
        if set(by_symbol) == set(symbols):
            found.append((by_symbol[symbols[0]], pool_id, pool["fee"]))
    depth, pool_id, fee = max(found)
    fee_ppm = int(str(fee).removeprefix("0.").ljust(6, "0"))
    reserve0 = depth // scale
    return PoolPlan(
        *keys, reserve0, _matching(batch, *keys, reserve0), fee_ppm, f"{name}, pool {pool_id}, divided by {scale}"
    )


def _invented_pool(batch: RecordedBatch, key0: str, key1: str) -> PoolPlan:
    reserve0 = INVENTED_SIDE * 10**36 // batch.tokens[key0].external_price
    source = f"invented, {INVENTED_SIDE} reference units a side"
    return PoolPlan(key0, key1, reserve0, _matching(batch, key0, key1, reserve0), 3_000, source)


def _matching(batch: RecordedBatch, key0: str, key1: str, reserve0: int) -> int:
    """The other reserve at the recorded prices, rounded down."""
    return reserve0 * batch.tokens[key0].external_price // batch.tokens[key1].external_price
