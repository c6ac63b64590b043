"""Pools of the other kinds: weighted, stable, concentrated; honest ones, and one lie of each sort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from walras.conformance.case import Case, tokens
from walras.conformance.rules import DEADLINE_MS
from walras.testing.market import Market, address_of
from walras.wire import AnyPool, ConcentratedPool, StablePool, WeightedPool
from walras.wire.pools import Tick
from walras.wire.vault_pools import Asset, WeightedAsset

_WEI = 10**18
_DEEP = 10_000 * _WEI
#: The last ticks of a spacing of 60 that a price can reach.
_EDGE = 887_220
_VAULT: dict[str, Any] = {"vault": address_of("conformance swap vault"), "pool_id": "0x" + "5a" * 32}


def kind_cases() -> Iterator[Case]:
    """Alice sells WETH for STETH, which is worth as much; Bob buys some with DAI."""
    market = tokens().with_token("STETH", price=1).with_sell("alice", ("WETH", 10), ("STETH", "9.9"))
    market = market.with_buy("bob", ("STETH", 1), ("DAI", 2_100))
    batch = market.batch(deadline_ms=DEADLINE_MS)
    for name, why, pool in (*_weighted(market), *_stable(market), *_concentrated(market)):
        yield Case(f"kind-{name}", why, batch.model_copy(update={"pools": (pool,)}))
    honest = [
        pool for name, _, pool in (*_weighted(market), *_stable(market), *_concentrated(market)) if "-" not in name
    ]
    yield Case("kind-all", "A pool of every kind.", batch.model_copy(update={"pools": tuple(honest)}))


def _weighted(market: Market) -> Iterator[tuple[str, str, AnyPool]]:
    def pool(name: str, fee: int, *shares: tuple[str, int, int]) -> AnyPool:
        assets = tuple(
            WeightedAsset(token=market.address(symbol), balance=balance, scale=1, weight=weight)
            for symbol, balance, weight in shares
        )
        return WeightedPool(id=name, address=address_of(name), assets=assets, fee=fee, **_VAULT)

    half, fifth = _WEI // 2, _WEI // 5
    fee = 3 * 10**15
    yield "weighted", "A weighted pool.", pool("weighted", fee, ("WETH", _DEEP, half), ("STETH", _DEEP, half))
    three = ("WETH", _DEEP, 2 * fifth), ("STETH", _DEEP, 2 * fifth), ("DAI", 1_000 * _DEEP, fifth)
    yield "weighted3", "A weighted pool of three tokens.", pool("weighted3", fee, *three)
    yield "weighted-sum", "Weights that are not all of the pool.", pool("sum", fee, *three[:2])
    yield "weighted-zero", "A weight of nothing.", pool("zero", fee, ("WETH", _DEEP, 0), ("STETH", _DEEP, _WEI))
    yield "weighted-fee", "A fee of all that comes in.", pool("fee", _WEI, *three)
    yield "weighted-empty", "Nothing is in it.", pool("empty", fee, ("WETH", 0, half), ("STETH", 0, half))


def _stable(market: Market) -> Iterator[tuple[str, str, AnyPool]]:
    def pool(name: str, amplification: int, balance: int = _DEEP, other: int = _DEEP) -> AnyPool:
        held = (("WETH", balance), ("STETH", other))
        assets = tuple(Asset(token=market.address(symbol), balance=atoms, scale=1) for symbol, atoms in held)
        place = address_of(f"stable {name}")
        return StablePool(id=name, address=place, assets=assets, fee=10**15, amplification=amplification, **_VAULT)

    yield "stable", "A stable pool.", pool("stable", 200_000)
    yield "stable-flat", "An amplification of nothing.", pool("flat", 0)
    yield "stable-tilted", "A stable pool with next to nothing of one token.", pool("tilted", 200_000, _DEEP, 1)
    yield "stable-full", "Balances that no vault keeps.", pool("full", 200_000, 2**255, 2**255)


def _concentrated(market: Market) -> Iterator[tuple[str, str, AnyPool]]:
    ends = sorted((market.address("WETH"), market.address("STETH")))
    full = (Tick(index=-_EDGE, net=_DEEP), Tick(index=_EDGE, net=-_DEEP))
    narrow = (Tick(index=-60, net=_WEI), Tick(index=60, net=-_WEI))

    def pool(name: str, ticks: tuple[Tick, ...], liquidity: int, **other: Any) -> AnyPool:
        facts: dict[str, Any] = {"fee_ppm": 3_000, "tick_spacing": 60, "sqrt_price": 2**96, "tick": 0, **other}
        place = address_of(f"concentrated {name}")
        router = address_of("conformance swap router")
        return ConcentratedPool(
            id=name,
            address=place,
            token0=ends[0],
            token1=ends[1],
            liquidity=liquidity,
            ticks=ticks,
            router=router,
            **facts,
        )

    yield "concentrated", "A pool with liquidity at all prices.", pool("all", full, _DEEP)
    yield "concentrated-narrow", "Liquidity that ends before the order does.", pool("narrow", narrow, _WEI)
    yield "concentrated-none", "No liquidity at all.", pool("none", (), 0)
    yield "concentrated-unsorted", "Ticks in the wrong order.", pool("unsorted", full[::-1], _DEEP)
    yield "concentrated-unsound", "Liquidity that the ticks do not add up to.", pool("unsound", full, 5 * _DEEP)
    yield "concentrated-price", "A price that no pool has.", pool("price", full, _DEEP, sqrt_price=2**200)
    yield "concentrated-tick", "A tick that is not the price's.", pool("tick", full, _DEEP, tick=5_000)
