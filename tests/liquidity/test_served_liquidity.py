"""``walras serve`` with outside liquidity in its file: what it says, and what its API shows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import httpx
import pytest
from house_fakes import FakeChain, ManualClock, open_house, served
from support.balancer import Balancer
from support.exchanges import Lab
from support.town import HouseFile, Town
from support.uniswap import UniswapV2, UniswapV3
from walras_auction.config import ConfigError, load_config
from walras_auction.liquidity import LiquiditySection

NOBODY = "0x" + "77" * 20


def house(lab: Lab, folder: Path, **sections: str) -> HouseFile:
    world = lab.world
    tokens = {symbol: token.model_copy(update={"price": token.price or 1}) for symbol, token in world.tokens.items()}
    return Town(world.local, world.deployment, tokens, world.pool, ()).house(folder, **sections)


def of(v2: UniswapV2, v3: UniswapV3, balancer: Balancer) -> dict[str, str]:
    return {
        "[liquidity.uniswap_v2]": f'factory = "{v2.factory}"\nrouter = "{v2.router}"\npools = ["{NOBODY}"]',
        "[liquidity.uniswap_v3]": f'factory = "{v3.factory}"\nrouter = "{v3.router}"\nfees = [100, 500, 3000]',
        "[liquidity.balancer]": f'vault = "{balancer.vault}"\nweighted = {balancer.weighted_pools}\nstable = []',
    }


@pytest.mark.parametrize("role", ["all", "api"])
def test_a_served_house_reads_its_pools(
    role: str, lab: Lab, v2: UniswapV2, v3: UniswapV3, balancer: Balancer, tmp_path: Path
) -> None:
    file = house(lab, tmp_path, **of(v2, v3, balancer))
    with file.running("--role", role) as process:
        said = process.await_line("outside liquidity at block")
        assert "3 concentratedLiquidity, 3 constantProduct, 3 weightedProduct" in said
        assert process.await_line("left out").count(NOBODY) == 1
        health = httpx.get(f"{file.url}/v1/liquidity").raise_for_status().json()
    assert health["pools"] == {"concentratedLiquidity": 3, "constantProduct": 3, "weightedProduct": 3}
    assert [(row["pool"], row["reason"]) for row in health["dropped"]] == [(f"v2:{NOBODY}", "no_answer")]
    assert health["block"] == lab.world.local.rpc.block()[0]
    assert health["error"] is None
    assert health["age"] >= 0


def test_a_file_without_liquidity_has_none(lab: Lab, tmp_path: Path) -> None:
    assert load_config(house(lab, tmp_path).path).liquidity == LiquiditySection()


@pytest.mark.parametrize(
    ("section", "lines", "named"),
    [
        ("[liquidity.uniswap_v2]", f'factory = "{NOBODY}"', "liquidity.uniswap_v2.0.router"),
        ("[liquidity.uniswap_v3]", f'factory = "{NOBODY}"\nrouter = "0x1"', "liquidity.uniswap_v3.0.router"),
        ("[liquidity.balancer]", f'vault = "{NOBODY}"\npools = []', "liquidity.balancer.0.pools"),
        ("liquidity", "most_pools = 0", "liquidity.most_pools"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(lab: Lab, tmp_path: Path, section: str, lines: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_config(house(lab, tmp_path, **{section: lines}).path)


def test_a_house_without_outside_liquidity_says_that_it_has_none(tmp_path: Path) -> None:
    with closing(open_house(tmp_path / "store.db", FakeChain(), ManualClock())) as door, served(door) as url:
        health = httpx.get(f"{url}/v1/liquidity").raise_for_status().json()
    assert (health["block"], health["pools"], health["dropped"], health["error"]) == (None, {}, [], None)
