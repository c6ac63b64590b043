"""Pools as a batch shows them: one class a kind, each with the exact amounts that its contract would move."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, FailFast, Field, PlainSerializer, WithJsonSchema

from walras.pools import concentrated, constant, least_input
from walras.pools.concentrated import Curve, Swapped
from walras.wire.base import Address, Atoms, Wire
from walras.wire.pool_base import PoolBase
from walras.wire.vault_pools import StablePool, WeightedPool

#: The contract through which the house swaps, if not the pool itself; absent from the message where there is none.
_Router = Annotated[Address | None, Field(exclude_if=lambda value: value is None)]
_Tick = Annotated[int, Field(strict=True, ge=-(2**23), lt=2**23)]


def _parse_signed(value: Any) -> int:
    """A decimal string, perhaps with a minus sign, of at most 128 bits; inside Python also an int."""
    if isinstance(value, str):
        if not re.fullmatch("0|-?[1-9][0-9]{0,38}", value, re.ASCII):
            raise ValueError("expected a signed decimal string")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**127) <= value < 2**127:
        raise ValueError("expected a signed decimal string of 128 bits")
    return value


_Signed = Annotated[
    int,
    BeforeValidator(_parse_signed),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^(0|-?[1-9][0-9]{0,38})$"}),
]


class Pool(PoolBase):
    """A constant-product pool: out = floor(rOut·in·(10^6−fee) / (rIn·10^6 + in·(10^6−fee))).

    Without ``router`` the house calls the pool itself, as ``ConstantProductPool`` wants; else a Uniswap v2 router.
    """

    kind: Literal["constantProduct"] = "constantProduct"
    token0: Address
    token1: Address
    reserve0: Atoms
    reserve1: Atoms
    fee_ppm: int
    router: _Router = None

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.token0, self.token1

    @property
    def problem(self) -> str | None:
        if not (self.reserve0 and self.reserve1):
            return "a reserve is zero"
        if not 0 <= self.fee_ppm < constant.PPM:
            return "the fee is out of range"
        return "the tokens are one" if self.token0 == self.token1 else None

    def _sides(self, token_in: str) -> tuple[int, int]:
        return (self.reserve0, self.reserve1) if token_in == self.token0 else (self.reserve1, self.reserve0)

    def _spot(self, token_in: str, token_out: str) -> Fraction:
        into, out = self._sides(token_in)
        return Fraction(out * (constant.PPM - self.fee_ppm), into * constant.PPM)

    def _pays(self, token_in: str, token_out: str, amount: int) -> int:
        return constant.amount_out(*self._sides(token_in), amount, self.fee_ppm) or 0

    def _least(self, token_in: str, token_out: str, amount: int) -> int | None:
        return constant.least_in(*self._sides(token_in), amount, self.fee_ppm)


class Tick(Wire):
    """An initialised tick; ``net`` is what liquidity gains when the price rises across it."""

    index: _Tick
    net: _Signed


class ConcentratedPool(PoolBase):
    """A concentrated-liquidity pool (Uniswap v3) with all its initialised ticks, ascending.

    ``sqrtPrice`` is Q64.96. What the pool's liquidity cannot take is left over, as on chain: more pays out no more.
    """

    kind: Literal["concentratedLiquidity"] = "concentratedLiquidity"
    token0: Address
    token1: Address
    fee_ppm: int
    tick_spacing: int
    sqrt_price: Atoms
    tick: _Tick
    liquidity: Atoms
    ticks: Annotated[tuple[Tick, ...], FailFast(), Field(max_length=65_536)]
    router: _Router = None

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.token0, self.token1

    @cached_property
    def curve(self) -> Curve:
        """The pool as the arithmetic takes it."""
        indices, nets = tuple(tick.index for tick in self.ticks), tuple(tick.net for tick in self.ticks)
        return Curve(self.sqrt_price, self.tick, self.liquidity, self.fee_ppm, self.tick_spacing, indices, nets)

    @cached_property
    def problem(self) -> str | None:
        return "the tokens are one" if self.token0 == self.token1 else concentrated.problem(self.curve)

    def swapped(self, token_in: str, amount_in: int) -> Swapped | None:
        """What a swap of ``amount_in`` atoms does to the pool; None if nothing can be swapped."""
        if token_in not in self.tokens or self.problem:
            return None
        return concentrated.exact_input(self.curve, amount_in, token_in == self.token0)

    def chain_in(self, token_out: str, amount_out: int) -> int | None:
        """What the pool itself asks for ``amount_out`` atoms: the least input, or an atom or so more."""
        if token_out not in self.tokens or self.problem:
            return None
        swapped = concentrated.exact_output(self.curve, amount_out, token_out == self.token1)
        return swapped.paid if swapped else None

    def _spot(self, token_in: str, token_out: str) -> Fraction:
        price = Fraction(self.sqrt_price**2, 2**192)
        keep = Fraction(concentrated.PPM - self.fee_ppm, concentrated.PPM)
        return keep * (price if token_in == self.token0 else 1 / price)

    def _pays(self, token_in: str, token_out: str, amount: int) -> int:
        swapped = concentrated.exact_input(self.curve, amount, token_in == self.token0)
        return swapped.got if swapped else 0

    def _least(self, token_in: str, token_out: str, amount: int) -> int | None:
        guess = self.chain_in(token_out, amount)
        return guess and least_input(lambda given: self._pays(token_in, token_out, given), amount, guess)


AnyPool = Annotated[Pool | WeightedPool | StablePool | ConcentratedPool, Field(discriminator="kind")]
