"""An operator's configuration: one TOML file, with the house's key in the environment."""

from __future__ import annotations

import os
import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from walras.signing import Signer
from walras.wire import Address, Atoms, GasTerms, Pool, TokenInfo

from walras_auction.api.limits import AddressLimits
from walras_auction.intake import IntakeConfig
from walras_auction.liquidity import LiquiditySection
from walras_auction.ports import Contracts

KEY_VARIABLE = "WALRAS_HOUSE_KEY"
#: Addresses that stand before those of the file; they may hold passwords.
STORE_VARIABLE, BUS_VARIABLE = "WALRAS_POSTGRES", "WALRAS_REDIS"


class ConfigError(Exception):
    """The configuration cannot be used; the message says which line of it and why."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ContractsSection(_Section):
    """Addresses of the deployment, as ``walras deploy`` writes them."""

    settlement: Address
    vault: Address
    executor: Address
    registry: Address
    treasury: Address
    wrapped_native: Address
    hook_runner: Address
    ledger: Address
    lens: Address

    def contracts(self) -> Contracts:
        return Contracts(
            self.settlement,
            self.vault,
            self.executor,
            self.registry,
            self.treasury,
            self.wrapped_native,
            self.hook_runner,
            self.ledger,
        )


class TokenSection(_Section):
    """A token the house knows. ``price`` is wei of the native coin per 10^18 atoms, if it has a reference price."""

    address: Address
    symbol: str
    decimals: Annotated[int, Field(ge=0, le=36)]
    price: Atoms | None = None

    def token(self) -> TokenInfo:
        return TokenInfo(address=self.address, symbol=self.symbol, decimals=self.decimals, price=self.price)


class PoolSection(_Section):
    """A constant-product pool; its reserves are read from the chain for every batch."""

    id: str
    address: Address
    token0: Address
    token1: Address
    fee_ppm: Annotated[int, Field(ge=0, lt=1_000_000)]

    def pool(self) -> Pool:
        return Pool(
            id=self.id,
            address=self.address,
            token0=self.token0,
            token1=self.token1,
            reserve0=0,
            reserve1=0,
            fee_ppm=self.fee_ppm,
        )


class SolverSection(_Section):
    """A solver: its entry-point name (or ``module:factory``) and the bonded account that it bids for.

    With ``cow_url`` it is an engine of CoW Protocol at that address, of any name. Such engines know what settling costs
    at CoW: the price of gas that they are told is ``cow_gas_percent`` of the house's.
    """

    name: str
    address: Address
    cow_url: Annotated[str, Field(pattern="^https?://[^/]")] | None = None
    cow_gas_percent: Annotated[int, Field(gt=0, le=10_000)] = 200


class RoundsSection(_Section):
    """The terms of the rounds; gas figures are in gas units, its price in wei."""

    interval_seconds: Annotated[float, Field(gt=0)] = 5.0
    deadline_ms: Annotated[int, Field(gt=0)] = 5_000
    max_solutions: Annotated[int, Field(gt=0, le=64)] = 8
    guard_bps: Annotated[int, Field(ge=0, le=10_000)] | None = 500
    horizon_seconds: Annotated[int, Field(gt=0)] = 120
    gas_price: Annotated[int, Field(gt=0)] = 10**9
    gas_base: int = 250_000
    gas_per_fill: int = 105_000
    gas_per_interaction: int = 160_000
    settlement_gas: Annotated[int, Field(gt=1_000_000)] = 16_700_000  # EIP-7825 caps a transaction at 2^24
    # A fill costs 30,000 gas from vault to vault and 75,000 into slots that were never used: one figure serves both.
    fee_margin_bps: Annotated[int, Field(ge=0)] = 30_000

    def gas(self) -> GasTerms:
        return GasTerms(
            price=self.gas_price,
            base=self.gas_base,
            per_fill=self.gas_per_fill,
            per_interaction=self.gas_per_interaction,
            margin_bps=self.fee_margin_bps,
            limit=self.settlement_gas * 4 // 5,
        )


class LimitsSection(_Section):
    """What one owner and one client address may do; a rate of 0 is no limit. Bursts are what may come at once.

    An owner's tokens are intents; an address's are requests and the KiB of their bodies. ``trusted_proxies`` are
    networks whose ``X-Forwarded-For`` is believed. Each process of a house counts for itself. The open intents of an
    owner may give ``backing`` times what it has of a token; 0 is no limit.
    """

    per_owner_per_second: Annotated[float, Field(ge=0)] = 50
    per_owner_burst: Annotated[int, Field(ge=1)] = 200
    per_address_per_second: Annotated[float, Field(ge=0)] = 500
    per_address_burst: Annotated[int, Field(ge=1)] = 2_000
    backing: Annotated[int, Field(ge=0)] = 100
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    def intake(self) -> IntakeConfig:
        return IntakeConfig(
            owner_per_second=self.per_owner_per_second, owner_burst=self.per_owner_burst, backing=self.backing
        )

    def addresses(self) -> AddressLimits | None:
        if not self.per_address_per_second:
            return None
        return AddressLimits(self.per_address_per_second, self.per_address_burst, self.trusted_proxies)


class StoreSection(_Section):
    """Where the record is: ``postgresql://…``, or else a file of SQLite in the house's folder."""

    url: Annotated[str, Field(pattern="^postgres(ql)?://")] | None = None


class BusSection(_Section):
    """What carries news among the processes of a house: ``redis://…``, or else nothing."""

    url: Annotated[str, Field(pattern="^(rediss?|unix)://")] | None = None


class LeaseSection(_Section):
    """How long the others wait for an auctioneer that is gone, before one of them leads."""

    seconds: Annotated[float, Field(ge=1, le=300)] = 10.0


class Config(_Section):
    """The whole file."""

    name: str = "walras"
    rpc: str
    folder: Path = Path("walras-data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, lt=65_536)] = 8000
    cors_origins: tuple[str, ...] = ()
    contracts: ContractsSection
    tokens: tuple[TokenSection, ...] = ()
    pools: tuple[PoolSection, ...] = ()
    liquidity: LiquiditySection = LiquiditySection()
    solvers: tuple[SolverSection, ...] = ()
    rounds: RoundsSection = RoundsSection()
    limits: LimitsSection = LimitsSection()
    store: StoreSection = StoreSection()
    bus: BusSection = BusSection()
    lease: LeaseSection = LeaseSection()

    @property
    def record(self) -> str | Path:
        """The address of the record, or the path of its file."""
        return self.store.url or self.folder / "walras.sqlite"


def load_config(path: Path) -> Config:
    """Read and check the file. Raises :class:`ConfigError`."""
    try:
        return Config.model_validate(_with_environment(tomllib.loads(path.read_text())))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {where}: {first['msg']}") from error


def _with_environment(fields: dict[str, Any]) -> dict[str, Any]:
    """The file's fields with the addresses that the environment names in their place."""
    named = {"store": os.environ.get(STORE_VARIABLE), "bus": os.environ.get(BUS_VARIABLE)}
    return fields | {section: {"url": url} for section, url in named.items() if url}


def key_from_environment(variable: str = KEY_VARIABLE) -> Signer:
    """The key in the named environment variable. Raises :class:`ConfigError`; never shows the key."""
    value = os.environ.get(variable, "")
    try:
        return Signer.from_hex(value)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"set {variable} to a private key: 0x and 64 hexadecimal digits") from error
