"""Pools for the router's benchmarks: the recorded ones of every kind, and synthetic constant products."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from walras.wire import AnyPool, Pool, StablePool, WeightedPool
from walras.wire.vault_pools import Asset, WeightedAsset

RECORDED = Path(__file__).parents[2] / "examples" / "data" / "large_example.json"
ONE = 10**18
SEED = 5


def recorded() -> tuple[dict[str, AnyPool], dict[str, str]]:
    """(the recorded pools by id, token addresses by symbol): 29 constant products, 23 weighted, one stable."""
    data = json.loads(RECORDED.read_text())
    pools = {name: _pool(name, entry, data["tokens"]) for name, entry in data["amms"].items()}
    return pools, {token["alias"]: address for address, token in data["tokens"].items() if token.get("alias")}


def _pool(name: str, entry: Mapping[str, Any], tokens: Mapping[str, Any]) -> AnyPool:
    reserves, fee = entry["reserves"], Decimal(entry["fee"])
    names, address = sorted(reserves), f"0x{int(name):040x}"
    if entry["kind"] == "ConstantProduct":
        one, other = names
        amounts = {"reserve0": int(reserves[one]), "reserve1": int(reserves[other])}
        return Pool(id=name, address=address, token0=one, token1=other, fee_ppm=int(fee * 10**6), **amounts)
    if entry["kind"] == "WeightedProduct":
        weights = [int(Decimal(reserves[token]["weight"]) * ONE) for token in names]
        weights[0] += ONE - sum(weights)
        held = [int(reserves[token]["balance"]) for token in names]
        parts = zip(names, held, weights, strict=True)
        assets = tuple(WeightedAsset(token=t, balance=b, scale=1, weight=w) for t, b, w in parts)
        return WeightedPool(id=name, address=address, fee=int(fee * ONE), assets=assets)
    scaled = tuple(
        Asset(token=t, balance=int(reserves[t]), scale=10 ** (18 - int(tokens[t]["decimals"]))) for t in names
    )
    strength = int(Decimal(entry["amplification_parameter"]) * 1_000)
    return StablePool(id=name, address=address, fee=int(fee * ONE), amplification=strength, assets=scaled)


def synthetic(count: int, tokens: int, seed: int = SEED) -> dict[str, AnyPool]:
    """``count`` constant products over ``tokens`` tokens, at prices within 0.2 % of each other's; a path joins all."""
    draw = random.Random(seed)
    worth = [draw.uniform(0.1, 10) for _ in range(tokens)]
    pools: dict[str, AnyPool] = {}
    for number in range(count):
        one, other = (number, number + 1) if number < tokens - 1 else sorted(draw.sample(range(tokens), 2))
        value = 10 ** draw.uniform(22, 25)
        reserves = int(value / worth[one]), int(value / worth[other] * draw.uniform(0.999, 1.001))
        pools[f"{number:04d}"] = Pool(
            id=f"{number:04d}",
            address=f"0x{number + 1:040x}",
            token0=address(one),
            token1=address(other),
            reserve0=reserves[0],
            reserve1=reserves[1],
            fee_ppm=3_000,
        )
    return pools


def address(token: int) -> str:
    return f"0x{token + 1_000:040x}"
