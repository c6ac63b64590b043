"""What we predict of pools that were read from the chain is what Uniswap's own contracts quote, to the atom."""

from __future__ import annotations

import random

import pytest
from support.effort import effort
from support.exchanges import Lab
from support.uniswap import UniswapV2, UniswapV3
from walras.pools import constant
from walras.wire import ConcentratedPool, Pool
from walras_auction.clock import SystemClock
from walras_auction.infra.chain.batch import BatchReads
from walras_auction.infra.chain.rpc import Reverted
from walras_auction.liquidity import Liquidity, LiquiditySection

#: (pair, fee, ticks that the fixture made)
V3_POOLS = [(("DAI", "JUNK"), 3_000, 9), (("DAI", "WETH"), 500, 4), (("USDC", "DAI"), 100, 7)]


def read(lab: Lab, reads: BatchReads, settings: LiquiditySection) -> list[Pool | ConcentratedPool]:
    tokens = [token.address for token in lab.world.tokens.values()]
    liquidity = Liquidity(reads, settings, tokens, SystemClock())
    pools = liquidity.pools()
    assert liquidity.health().error is None
    assert not liquidity.health().dropped
    return list(pools)  # type: ignore[arg-type]


def amounts(most: int, count: int, seed: object) -> list[int]:
    """Amounts of every size up to ``most``: the ends, of every order, and of every part."""
    # The same amounts in every run, or ever new ones where there is time.
    rng, count = random.Random(f"amounts {seed}" if effort() == 1 else None), count * effort()
    orders = (int(2 ** rng.uniform(0, most.bit_length() - 1)) for _ in range(count // 2))
    return [1, 2, 3, most, *orders, *(rng.randrange(1, most) for _ in range(count - count // 2))]


def test_constant_product_pairs(lab: Lab, reads: BatchReads, v2: UniswapV2) -> None:
    pools = read(lab, reads, LiquiditySection(uniswap_v2=(v2.section(),)))
    assert len(pools) == 3
    for pool in pools:
        assert isinstance(pool, Pool)
        for path in (pool.tokens, pool.tokens[::-1]):
            into, out = pool._sides(path[0])
            for amount in amounts(100 * into, 15, (pool.id, path)):
                assert pool.amount_out(path[0], amount) == v2.quote_out(path, amount)
            for amount in amounts(out - 1, 15, path):
                asked = v2.quote_in(path, amount)
                assert constant.router_in(into, out, amount, pool.fee_ppm) == asked
                least = pool.amount_in(path[1], amount)
                assert least is not None
                assert least <= asked <= least + 1
                assert v2.quote_out(path, least) >= amount
                assert least == 1 or v2.quote_out(path, least - 1) < amount


@pytest.mark.parametrize(("pair", "fee", "ticks"), V3_POOLS)
def test_concentrated_pools(
    lab: Lab, reads: BatchReads, v3: UniswapV3, pair: tuple[str, str], fee: int, ticks: int
) -> None:
    """Both ways, exact in and out, over many ticks and beyond the last; then again where swaps have left the price."""
    one, other = v3.sorted(pair)
    with lab.world.at_rest():
        for moved in (0, 1, 2):
            if moved:
                v3.swap((one, other) if moved == 1 else (other, one), fee, 10 ** (16 if pair != ("USDC", "DAI") else 9))
            pool = concentrated(read(lab, reads, LiquiditySection(uniswap_v3=(v3.section(),))), one, other, fee)
            assert len(pool.ticks) == ticks
            for path in ((one, other), (other, one)):
                quotes_agree(v3, pool, path, 8 if moved else 16)


def concentrated(pools: list[Pool | ConcentratedPool], one: str, other: str, fee: int) -> ConcentratedPool:
    (found,) = (pool for pool in pools if pool.tokens == (one, other) and pool.fee_ppm == fee)
    assert isinstance(found, ConcentratedPool)
    return found


def quotes_agree(v3: UniswapV3, pool: ConcentratedPool, path: tuple[str, str], count: int) -> None:
    most = pool.amount_out(path[0], 2**120)
    depth = pool.amount_in(path[1], most)
    assert depth is not None
    crossings = set()
    # Beyond the last liquidity a chain walks every word of the bitmap: with a spacing of one no call has gas for that.
    beyond = [2 * depth, 2**96] if pool.tick_spacing > 1 else []
    for amount in [*amounts(depth, count, (pool.address, path, pool.sqrt_price)), *beyond]:
        swapped = pool.swapped(path[0], amount)
        assert swapped is not None
        assert (swapped.got, swapped.sqrt_price, swapped.crossed) == v3.quote_out(path, pool.fee_ppm, amount)
        assert pool.amount_out(path[0], amount) == swapped.got
        crossings.add(swapped.crossed)
    assert len(crossings) > 1, "the amounts cross ticks"
    for amount in amounts(most, count, path):
        asked = pool.chain_in(path[1], amount)
        assert asked == v3.quote_in(path, pool.fee_ppm, amount)
        least = pool.amount_in(path[1], amount)
        assert least is not None
        assert asked is not None
        assert least <= asked
        assert pool.amount_out(path[0], least) >= amount > pool.amount_out(path[0], least - 1)
    assert pool.chain_in(path[1], most + 1) is None
    assert pool.amount_in(path[1], most + 1) is None
    with pytest.raises(Reverted):
        v3.quote_in(path, pool.fee_ppm, most + 1)
