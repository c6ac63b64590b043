"""One anvil with Uniswap's official contracts on it, for all tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.balancer import Balancer
from support.exchanges import Lab
from support.uniswap import UniswapV2, UniswapV3
from support.world import World, a_world
from walras_auction.infra.chain.batch import BatchReads

WEI, MICRO = 10**18, 10**6


@pytest.fixture(scope="session")
def exchange_world() -> Iterator[World]:
    with a_world("anvil") as world:
        yield world


@pytest.fixture(scope="session")
def lab(exchange_world: World) -> Lab:
    return Lab(exchange_world)


@pytest.fixture(scope="session")
def reads(exchange_world: World) -> BatchReads:
    return BatchReads(exchange_world.local.rpc)


@pytest.fixture(scope="session")
def v2(lab: Lab) -> UniswapV2:
    """Three pairs: deep, shallow with six decimals, and lopsided."""
    exchange = UniswapV2.deployed(lab)
    exchange.pool(("WETH", 700 * WEI), ("USDC", 1_400_001 * MICRO))
    exchange.pool(("DAI", 900_000 * WEI + 1), ("USDC", 900_017 * MICRO))
    exchange.pool(("JUNK", 10**15 * WEI), ("WETH", 10_007))
    return exchange


@pytest.fixture(scope="session")
def v3(lab: Lab) -> UniswapV3:
    """Three pools of spacings 60, 10 and 1: stacked, gapped and full-range positions."""
    exchange = UniswapV3.deployed(lab)
    exchange.pool(
        ("DAI", "JUNK"),
        3_000,
        -17,
        [
            (-600, 600, 900 * WEI),
            (-120, 60, 500 * WEI),
            (60, 180, 10 * WEI),
            (-30_000, -25_200, WEI),
            (4_800, 5_400, 7),
        ],
    )
    exchange.pool(("DAI", "WETH"), 500, -76_020, [(-887_270, 887_270, 80 * WEI), (-76_500, -75_010, 70 * WEI)])
    exchange.pool(("USDC", "DAI"), 100, 3, [(-2, 5, 10**12), (-600, 900, 10**9), (5, 6, 10**7), (300, 301, 10**5)])
    return exchange


@pytest.fixture(scope="session")
def balancer(lab: Lab) -> Balancer:
    """A vault with a weighted pool of the first and of the last version, and two stable pools."""
    exchange = Balancer.deployed(lab)
    weights = {"DAI": 7, "JUNK": 2, "USDC": 1}
    exchange.weighted_first(weights, {"DAI": 700_000 * WEI, "JUNK": 123_456 * WEI, "USDC": 90_000 * MICRO})
    exchange.weighted({"DAI": 5, "USDC": 5}, {"DAI": 1_000_000 * WEI, "USDC": 1_000_003 * MICRO})
    exchange.weighted({"DAI": 8, "JUNK": 2}, {"DAI": 999 * WEI, "JUNK": 10**25 + 1})
    exchange.stable(85, {"DAI": 400_000 * WEI, "JUNK": 650_000 * WEI, "USDC": 500_000 * MICRO})
    exchange.composable(1_200, {"DAI": 3_000 * WEI, "USDC": 90_000 * MICRO})
    return exchange
