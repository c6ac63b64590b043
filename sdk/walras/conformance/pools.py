"""Traps in the liquidity: pools without any, pools that lie, pools that do not belong together."""

from __future__ import annotations

from collections.abc import Iterator

from walras.atoms import U128_MAX, U256_MAX
from walras.conformance.case import GAS_PRICE, Case, crossed, tokens
from walras.conformance.rules import DEADLINE_MS
from walras.testing.market import Market, address_of
from walras.wire import Batch, Pool

_WEI, _MICRO = 10**18, 10**6


def pool_cases() -> Iterator[Case]:
    """A case a pool, beside a sell and a buy that only the pool could serve, and one beside two that match."""
    lone = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900)).with_buy("bob", ("DAI", 1_000), ("WETH", "0.6"))
    for name, why, pools in _pools(lone):
        yield Case(f"pool-{name}", why, _with(lone, pools))
    for name in ("empty", "full", "fee-all", "one-token", "stranger"):
        why, pools = next((why, pools) for found, why, pools in _pools(lone) if found == name)
        yield Case(f"pool-{name}-beside", f"{why} Two orders match without it.", _with(crossed(tokens()), pools))
    honest = [pool for name, _, pools in _pools(lone) if name in ("honest", "deep") for pool in pools]
    lies = [pool for name, _, pools in _pools(lone) if name not in ("twice", "honest", "deep") for pool in pools]
    renamed = [pool.model_copy(update={"id": f"{index} {pool.id}"}) for index, pool in enumerate([*lies, *honest])]
    yield Case("pool-mixed", "Honest pools among all the others.", _with(lone, tuple(renamed)))
    gas = lone.with_gas(GAS_PRICE)
    yield Case("pool-gas", "Gas is paid for the swap.", _with(gas, tuple(honest)))
    yield Case("pool-gas-dear", "The swap costs more than it brings.", _with(lone.with_gas(10**15), tuple(honest)))
    for name, buying in (("pool-all", False), ("pool-too-much", True)):
        yield Case(name, "The order is as large as the pool.", _with(_drain(buying), tuple(honest[:1])))
    small = tokens().with_sell("alice", ("WETH", "0.000000000000001"), ("USDC", "0.000001"))
    yield Case("pool-dust", "An order of a thousand atoms.", _with(small, tuple(honest)))
    wholes = tokens().with_sell("alice", ("WETH", 50), ("USDC", 99_000), whole=True)
    yield Case(
        "pool-whole", "A whole order that the pool pays the limit for in part only.", _with(wholes, tuple(honest[:1]))
    )
    yield Case("pool-chain", "Two pools in a row.", _chain())


def _with(market: Market, pools: tuple[Pool, ...]) -> Batch:
    return market.batch(deadline_ms=DEADLINE_MS).model_copy(update={"pools": pools})


def _pool(market: Market, name: str, one: tuple[str, int], other: tuple[str, int], fee_ppm: int = 3_000) -> Pool:
    """A pool of atoms; ``one`` and ``other`` may be symbols or addresses."""
    sides = [(symbol if symbol.startswith("0x") else market.address(symbol), atoms) for symbol, atoms in (one, other)]
    sides.sort()
    return Pool(
        id=name,
        address=address_of(f"conformance pool {name}"),
        token0=sides[0][0],
        reserve0=sides[0][1],
        token1=sides[1][0],
        reserve1=sides[1][1],
        fee_ppm=fee_ppm,
    )


def _pools(market: Market) -> Iterator[tuple[str, str, tuple[Pool, ...]]]:
    deep = ("WETH", 1_000 * _WEI), ("USDC", 2_000_000 * _MICRO)

    def one(name: str, weth: int, usdc: int, fee_ppm: int = 3_000) -> tuple[Pool, ...]:
        return (_pool(market, name, ("WETH", weth), ("USDC", usdc), fee_ppm),)

    honest = _pool(market, "honest", *deep)
    yield "honest", "A pool that pays the limit.", (honest,)
    yield "deep", "A pool of a third token.", (_pool(market, "deep", ("WETH", 10**21), ("DAI", 2 * 10**24)),)
    yield "empty", "A pool without liquidity.", one("empty", 0, 0)
    yield "empty-side", "A pool with nothing on the side that is wanted.", one("empty-side", 1_000 * _WEI, 0)
    yield "empty-in", "A pool with nothing on the side that is given.", one("empty-in", 0, 2_000_000 * _MICRO)
    yield "atom", "A pool of one atom a side.", one("atom", 1, 1)
    yield "full", "Reserves of 2^256-1 atoms, which no pool has.", one("full", U256_MAX, U256_MAX)
    yield "large", "Reserves of 2^128-1 atoms.", one("large", U128_MAX, U128_MAX)
    yield "lopsided", "An atom of one, 2^120 of the other.", one("lopsided", 1, 2**120)
    yield "fee-all", "A fee of all that comes in.", one("fee-all", 1_000 * _WEI, 2_000_000 * _MICRO, 10**6)
    yield "fee-more", "A fee of more than all.", one("fee-more", 1_000 * _WEI, 2_000_000 * _MICRO, 2 * 10**6)
    yield "fee-negative", "A fee below nothing.", one("fee-negative", 1_000 * _WEI, 2_000_000 * _MICRO, -(10**6))
    yield "fee-none", "No fee.", one("fee-none", 1_000 * _WEI, 2_000_000 * _MICRO, 0)
    yield "off-price", "A pool that pays a thousand times the reference.", one("off-price", _WEI, 2_000_000 * _MICRO)
    weth = market.address("WETH")
    same = honest.model_copy(update={"id": "one-token", "token0": weth, "token1": weth})
    yield "one-token", "A pool of a token with itself.", (same,)
    stranger = "0x" + "ab" * 20
    yield (
        "stranger",
        "A pool of a token that the batch does not know.",
        (_pool(market, "stranger", ("WETH", 10**21), (stranger, 10**21)),),
    )
    yield (
        "twice",
        "Two pools of one name, of which only the last counts.",
        (
            honest,
            honest.model_copy(update={"reserve0": 1, "reserve1": 1}),
        ),
    )


def _drain(buying: bool) -> Market:
    market = tokens()
    if buying:
        return market.with_buy("alice", ("USDC", 3_000_000), ("WETH", 10_000))
    return market.with_sell("alice", ("WETH", 1_000), ("USDC", 500_000))


def _chain() -> Batch:
    market = tokens().with_sell("alice", ("USDC", 1_000), ("DAI", 950)).with_buy("bob", ("USDC", 1_000), ("DAI", 1_100))
    pools = (
        _pool(market, "first", ("USDC", 2_000_000 * _MICRO), ("WETH", 1_000 * _WEI)),
        _pool(market, "second", ("WETH", 1_000 * _WEI), ("DAI", 2_000_000 * _WEI)),
    )
    return _with(market, pools)
