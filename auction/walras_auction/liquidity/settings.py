"""What an operator says about liquidity: the sections of ``house.toml`` under ``[[liquidity.…]]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from walras.wire import Address


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UniswapV2Section(_Section):
    """A factory of the Uniswap v2 interface: its pairs of ``tokens`` (the house's, if left out), and ``pools``."""

    name: str = "v2"
    factory: Address
    router: Address
    fee_ppm: Annotated[int, Field(ge=0, lt=1_000_000)] = 3_000
    tokens: tuple[Address, ...] | None = None
    pools: tuple[Address, ...] = ()


class UniswapV3Section(_Section):
    """A factory of the Uniswap v3 interface, with its SwapRouter; ``fees`` are the tiers to look for, in ppm."""

    name: str = "v3"
    factory: Address
    router: Address
    fees: tuple[Annotated[int, Field(ge=0, lt=1_000_000)], ...] = (100, 500, 3_000, 10_000)
    tokens: tuple[Address, ...] | None = None
    pools: tuple[Address, ...] = ()


class BalancerSection(_Section):
    """A vault of the Balancer v2 interface, and the weighted and stable pools of it that are read."""

    name: str = "balancer"
    vault: Address
    weighted: tuple[Address, ...] = ()
    stable: tuple[Address, ...] = ()


class LiquiditySection(_Section):
    """All of it. Factories are asked for new pools every ``discover_blocks``; ``most_pools`` are kept."""

    uniswap_v2: tuple[UniswapV2Section, ...] = ()
    uniswap_v3: tuple[UniswapV3Section, ...] = ()
    balancer: tuple[BalancerSection, ...] = ()
    discover_blocks: Annotated[int, Field(ge=1)] = 100
    most_pools: Annotated[int, Field(ge=1, le=10_000)] = 500
    poll_seconds: Annotated[float, Field(gt=0, le=60)] = 1.0

    @property
    def names_any(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.uniswap_v2 or self.uniswap_v3 or self.balancer)
