"""Pools of two to eight tokens that a vault keeps (Balancer v2): weighted and stable.

Fees and roundings come in the order of the contracts: the fee is taken from the input and rounded up, amounts are
scaled to 18 decimals, the formula rounds against the trader, and what comes out is scaled back rounding down.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import FailFast, Field

from walras.pools import least_input, stable, weighted
from walras.pools.fixed import ONE, div_up, mul_up
from walras.wire.base import Address, Atoms, Hash, Wire
from walras.wire.pool_base import PoolBase

#: The vault keeps a balance in 112 bits.
_BALANCES = 2**112
#: A token with 18 decimals needs no scale; one without decimals needs this.
_MOST_SCALE = 10**18


class Asset(Wire):
    """A token of a pool: its balance in atoms, and the factor that gives it 18 decimals."""

    token: Address
    balance: Atoms
    scale: Atoms


class WeightedAsset(Asset):
    """A token with its weight; 10^18 is all of the pool."""

    weight: Atoms


class VaultPool(PoolBase):
    """What both kinds share; ``fee`` of 10^18 is 100 %. Without ``vault`` and ``poolId`` nothing settles through it."""

    fee: Atoms
    vault: Annotated[Address | None, Field(exclude_if=lambda value: value is None)] = None
    pool_id: Annotated[Hash | None, Field(exclude_if=lambda value: value is None)] = None

    @property
    def held(self) -> Sequence[Asset]:
        """The assets, whatever else they have."""
        raise NotImplementedError

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        return tuple(asset.token for asset in self.held)

    @cached_property
    def problem(self) -> str | None:
        if not len(self.held) >= 2 or len(set(self.tokens)) != len(self.held):
            return "a pool holds two or more tokens, each once"
        if self.fee >= ONE:
            return "the fee takes all"
        if not all(1 <= asset.scale <= _MOST_SCALE for asset in self.held):
            return "a scale is out of range"
        if not all(asset.balance * asset.scale >= 1 and asset.balance < _BALANCES for asset in self.held):
            return "a balance is zero or out of range"
        return self._odd()

    @cached_property
    def _scaled(self) -> list[int]:
        return [asset.balance * asset.scale for asset in self.held]

    def _pays(self, token_in: str, token_out: str, amount: int) -> int:
        into, out = self.tokens.index(token_in), self.tokens.index(token_out)
        kept = (amount - mul_up(amount, self.fee)) * self.held[into].scale
        return (self._out(into, out, kept) or 0) // self.held[out].scale

    def chain_in(self, token_out: str, amount_out: int, token_in: str | None = None) -> int | None:
        """What the contract asks for ``amount_out`` atoms: the least input, or some atoms more."""
        other = self.other(token_out, token_in)
        if other is None or amount_out <= 0 or self.problem:
            return None
        into, out = self.tokens.index(other), self.tokens.index(token_out)
        scaled = self._in(into, out, amount_out * self.held[out].scale)
        return None if scaled is None else div_up(-(-scaled // self.held[into].scale), ONE - self.fee)

    def _least(self, token_in: str, token_out: str, amount: int) -> int | None:
        most = self._most(self.tokens.index(token_in))
        guess = self.chain_in(token_out, amount, token_in) or most
        return least_input(lambda given: self._pays(token_in, token_out, given), amount, guess, most)

    def _most(self, into: int) -> int:
        """The largest input of which no more than :meth:`_room` is left after the fee."""
        return -(-(self._room(into) // self.held[into].scale + 1) * ONE // (ONE - self.fee)) - 1

    def _odd(self) -> str | None:
        raise NotImplementedError

    def _room(self, into: int) -> int:
        """The largest scaled input that the formula takes."""
        raise NotImplementedError

    def _out(self, into: int, out: int, amount: int) -> int | None:
        raise NotImplementedError

    def _in(self, into: int, out: int, amount: int) -> int | None:
        raise NotImplementedError


class WeightedPool(VaultPool):
    """A weighted-product pool: out = B·(1 − (b/(b+a))^(w/v)) on scaled amounts, at most 30 % of a balance.

    ``plainPowers`` is true of the first contracts of this kind, which compute powers of 1, 2 and 4 like all others.
    """

    kind: Literal["weightedProduct"] = "weightedProduct"
    assets: Annotated[tuple[WeightedAsset, ...], FailFast(), Field(max_length=8)]
    plain_powers: Annotated[bool, Field(strict=True, exclude_if=lambda value: not value)] = False

    @property
    def held(self) -> Sequence[WeightedAsset]:
        return self.assets

    def _spot(self, token_in: str, token_out: str) -> Fraction:
        one, other = (self.assets[self.tokens.index(token)] for token in (token_in, token_out))
        return Fraction(other.balance * one.weight * (ONE - self.fee), one.balance * other.weight * ONE)

    def _odd(self) -> str | None:
        weights = [asset.weight for asset in self.assets]
        return None if all(weights) and sum(weights) == ONE else "the weights do not add up to one"

    def _room(self, into: int) -> int:
        return weighted.most_in(self._scaled[into])

    def _out(self, into: int, out: int, amount: int) -> int | None:
        one, other = self.assets[into], self.assets[out]
        have, want = self._scaled[into], self._scaled[out]
        return weighted.out_given_in(have, one.weight, want, other.weight, amount, self.plain_powers)

    def _in(self, into: int, out: int, amount: int) -> int | None:
        one, other = self.assets[into], self.assets[out]
        have, want = self._scaled[into], self._scaled[out]
        return weighted.in_given_out(have, one.weight, want, other.weight, amount, self.plain_powers)


class StablePool(VaultPool):
    """A stable pool; ``amplification`` is the contract's: A·1,000."""

    kind: Literal["stable"] = "stable"
    assets: Annotated[tuple[Asset, ...], FailFast(), Field(max_length=8)]
    amplification: Atoms

    @property
    def held(self) -> Sequence[Asset]:
        return self.assets

    @cached_property
    def _invariant(self) -> int | None:
        return stable.invariant(self.amplification, self._scaled)

    def _spot(self, token_in: str, token_out: str) -> Fraction:
        # Of a ten-thousandth of the balance: the formula has no slope at zero in whole atoms.
        probe = self.assets[self.tokens.index(token_in)].balance // 10_000 + 1
        return Fraction(self._pays(token_in, token_out, probe), probe)

    def _odd(self) -> str | None:
        return "the invariant has no value" if self._invariant is None else None

    def _room(self, into: int) -> int:
        return _BALANCES * self.assets[into].scale - 1

    def _out(self, into: int, out: int, amount: int) -> int | None:
        d = self._invariant
        return None if d is None else stable.out_given_in(self.amplification, self._scaled, d, into, out, amount)

    def _in(self, into: int, out: int, amount: int) -> int | None:
        d = self._invariant
        return None if d is None else stable.in_given_out(self.amplification, self._scaled, d, into, out, amount)
