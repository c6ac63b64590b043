"""Liquidity of an auction as pools with their exact arithmetic, kind by kind. What does not translate is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, TypeAdapter

from walras.atoms import U128_MAX
from walras.cow.base import Address, CowMessage, Number, Uint, exact
from walras.pools.fixed import ONE
from walras.wire import AnyPool, ConcentratedPool, Pool, StablePool, WeightedPool
from walras.wire.pools import Tick
from walras.wire.vault_pools import Asset, WeightedAsset

_PPM = 10**6
#: Tick spacings go with the fee, in parts of a million, at all factories that are known here.
SPACINGS = {100: 1, 400: 8, 500: 10, 2_500: 50, 3_000: 60, 10_000: 200}

_Signed = Annotated[int, Field(ge=-(2**127), lt=2**127), PlainSerializer(str, return_type=str, when_used="json")]


class Source(CowMessage):
    """What all kinds state. ``gasEstimate`` is what a swap uses; ``fee`` is a fraction of one."""

    id: Annotated[str, Field(max_length=128)]
    address: Address
    gas_estimate: Uint
    fee: Number


class Balance(CowMessage):
    balance: Uint


class Scaled(Balance):
    scaling_factor: Number


class Weighted(Scaled):
    weight: Number


class ConstantProduct(Source):
    kind: Literal["constantProduct"] = "constantProduct"
    tokens: Annotated[dict[Address, Balance], Field(min_length=2, max_length=2)]
    router: Address | None = None

    def pool(self) -> AnyPool | None:
        fee = exact(self.fee, _PPM)
        if fee is None:
            return None
        (token0, held0), (token1, held1) = sorted(self.tokens.items())
        return Pool(
            id=self.id,
            address=self.address,
            token0=token0,
            token1=token1,
            reserve0=held0.balance,
            reserve1=held1.balance,
            fee_ppm=fee,
            router=self.router,
        )


class WeightedProduct(Source):
    kind: Literal["weightedProduct"] = "weightedProduct"
    balancer_pool_id: str | None = None
    tokens: Annotated[dict[Address, Weighted], Field(min_length=2, max_length=8)]
    version: Literal["v0", "v3Plus"]

    def pool(self) -> AnyPool | None:
        fee, assets = exact(self.fee, ONE), []
        for token, held in sorted(self.tokens.items()):
            scale, weight = exact(held.scaling_factor, 1), exact(held.weight, ONE)
            if scale is None or weight is None:
                return None
            assets.append(WeightedAsset(token=token, balance=held.balance, scale=scale, weight=weight))
        if fee is None:
            return None
        plain = self.version == "v0"
        return WeightedPool(id=self.id, address=self.address, assets=tuple(assets), fee=fee, plain_powers=plain)


class Stable(Source):
    kind: Literal["stable"] = "stable"
    balancer_pool_id: str | None = None
    tokens: Annotated[dict[Address, Scaled], Field(min_length=2, max_length=8)]
    amplification_parameter: Number

    def pool(self) -> AnyPool | None:
        fee, amplification = exact(self.fee, ONE), exact(self.amplification_parameter, 1_000)
        scales = {token: exact(held.scaling_factor, 1) for token, held in self.tokens.items()}
        if fee is None or amplification is None or None in scales.values():
            return None
        assets = tuple(
            Asset(token=token, balance=held.balance, scale=scales[token] or 0)
            for token, held in sorted(self.tokens.items())
        )
        return StablePool(id=self.id, address=self.address, assets=assets, fee=fee, amplification=amplification)


class Concentrated(Source):
    kind: Literal["concentratedLiquidity"] = "concentratedLiquidity"
    router: Address | None = None
    tokens: Annotated[tuple[Address, ...], Field(min_length=2, max_length=2)]
    sqrt_price: Uint
    liquidity: Uint
    tick: Annotated[int, Field(ge=-(2**23), lt=2**23)]
    liquidity_net: Annotated[dict[int, _Signed], Field(max_length=65_536)]

    def pool(self) -> AnyPool | None:
        fee = exact(self.fee, _PPM)
        spacing = SPACINGS.get(fee) if fee is not None else None
        ticks = _closed(sorted(self.liquidity_net.items()), self.tick, self.liquidity)
        if fee is None or spacing is None or ticks is None:
            return None
        token0, token1 = sorted(self.tokens)
        return ConcentratedPool(
            id=self.id,
            address=self.address,
            token0=token0,
            token1=token1,
            fee_ppm=fee,
            tick_spacing=spacing,
            sqrt_price=self.sqrt_price,
            tick=self.tick,
            liquidity=self.liquidity,
            ticks=ticks,
            router=self.router,
        )


def _closed(nets: Sequence[tuple[int, int]], tick: int, liquidity: int) -> tuple[Tick, ...] | None:
    """The ticks, and no liquidity outside of them: drivers send a stretch of a long map, and what lies beyond it is
    not known. Within the stretch every amount is exact.
    """
    below = sum(net for index, net in nets if index <= tick)
    above = sum(net for index, net in nets if index > tick)
    if not nets or not nets[0][0] <= tick < nets[-1][0] or liquidity > U128_MAX:
        return None
    closed = dict(nets)
    closed[nets[0][0]] += liquidity - below
    closed[nets[-1][0]] -= liquidity + above
    if any(not -(2**127) <= net < 2**127 for net in closed.values()):
        return None
    return tuple(Tick(index=index, net=net) for index, net in sorted(closed.items()) if net)


_Known = Annotated[ConstantProduct | WeightedProduct | Stable | Concentrated, Field(discriminator="kind")]
_READER: TypeAdapter[ConstantProduct | WeightedProduct | Stable | Concentrated] = TypeAdapter(_Known)


def pools_of(liquidity: Sequence[Any]) -> Mapping[str, tuple[AnyPool, int]]:
    """(pool, gas of a swap) by the id of the auction. Left out: kinds that are not known here, limit orders of 0x
    makers, whatever is malformed or impossible, and ids that two entries share.
    """
    found: dict[str, tuple[AnyPool, int]] = {}
    shared: set[str] = set()
    for entry in liquidity:
        try:
            read = _READER.validate_python(entry)
            pool = read.pool()
        except (ValueError, RecursionError):  # a validation error is one, too
            continue
        if pool is None or pool.problem:
            continue
        if pool.id in found:
            shared.add(pool.id)
        found[pool.id] = pool, min(read.gas_estimate, 10**7)
    return {key: value for key, value in found.items() if key not in shared}
