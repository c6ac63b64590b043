"""A maker's configuration: one TOML file, with the key in the environment. Amounts are whole tokens, by symbol."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation, localcontext
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from walras.wire import Address, HouseInfo, TokenInfo

KEY_VARIABLE = "WALRAS_MAKER_KEY"


class MakerConfigError(ValueError):
    """The configuration cannot be used; the message says which line of it and why."""


class MakerConfig(BaseModel):
    """The whole file. ``prices`` are native coins a whole token; what has none goes by the house's reference price."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    house: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, lt=65_536)] = 8100
    solver: Address | None = None
    spread_bps: Annotated[int, Field(ge=0, lt=10_000)] = 20
    lean_bps: Annotated[int, Field(ge=0, lt=10_000)] = 0
    lifetime_seconds: Annotated[int, Field(gt=0, le=3_600)] = 150
    most_live: Annotated[int, Field(gt=0)] = 200
    fill_wei: Annotated[int, Field(ge=0)] = 300_000 * 10**9  # what the gas of one fill of the maker's costs
    step_seconds: Annotated[float, Field(gt=0)] = 1.0
    holdings: dict[str, str]
    targets: dict[str, str] = {}
    prices: dict[str, str] = {}


def load_maker_config(path: Path) -> MakerConfig:
    """Read and check the file. Raises :class:`MakerConfigError`."""
    try:
        return MakerConfig.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise MakerConfigError(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise MakerConfigError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise MakerConfigError(f"{path}: {where}: {first['msg']}") from error


def atoms_of(amounts: Mapping[str, str], info: HouseInfo) -> dict[str, int]:
    """Whole tokens by symbol as atoms by address, exactly. Raises :class:`MakerConfigError`."""
    return {_token(symbol, info).address: _scaled(amount, _token(symbol, info)) for symbol, amount in amounts.items()}


def prices_of(config: MakerConfig, info: HouseInfo) -> dict[str, int]:
    """Wei per 10^18 atoms by address: the file's prices over the house's, rounded down."""
    prices = {token.address: token.price for token in info.tokens if token.price}
    for symbol, price in config.prices.items():
        token = _token(symbol, info)
        prices[token.address] = _number(price, 36 - token.decimals)
    return prices


def _token(symbol: str, info: HouseInfo) -> TokenInfo:
    found = next((token for token in info.tokens if token.symbol == symbol), None)
    if found is None:
        known = ", ".join(token.symbol for token in info.tokens)
        raise MakerConfigError(f"the house has no token {symbol}; it has {known}")
    return found


def _scaled(amount: str, token: TokenInfo) -> int:
    return _number(amount, token.decimals)


def _number(text: str, places: int) -> int:
    """``text`` · 10^``places``, rounded down."""
    try:
        with localcontext() as context:
            context.prec = 160
            value = int(Decimal(text).scaleb(places))
    except (InvalidOperation, ValueError, OverflowError):
        raise MakerConfigError(f"{text!r} is not a number") from None
    if value < 0:
        raise MakerConfigError(f"{text} is negative")
    return value
