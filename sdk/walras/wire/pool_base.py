"""What all kinds of pools have in common on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Self

from walras.wire.base import Address, Wire


class PoolBase(Wire):
    """A pool of a batch. Subclasses say which tokens it holds, what is wrong with it, and what it pays.

    ``amount_out`` is what a swap pays out now, in atoms, rounded as the chain rounds; 0 where nothing comes out.
    ``amount_in`` is the least input that pays out at least what is asked; None if there is none. A lie in a pool never
    raises: ``problem`` names it, and the pool trades nothing.
    """

    id: str
    kind: str
    address: Address

    @property
    def tokens(self) -> tuple[str, ...]:
        """Addresses of the tokens it holds, in the pool's own order."""
        raise NotImplementedError

    @property
    def problem(self) -> str | None:
        """What is impossible about the pool, in one sentence."""
        raise NotImplementedError

    def other(self, token: str, wanted: str | None = None) -> str | None:
        """The token that a swap of ``token`` pays out; None unless the pool holds both. ``wanted`` may be left out if
        the pool holds two tokens.
        """
        tokens = self.tokens
        if token not in tokens:
            return None
        if wanted is None and len(tokens) == 2:
            wanted = tokens[1] if token == tokens[0] else tokens[0]
        return wanted if wanted in tokens and wanted != token else None

    def amount_out(self, token_in: str, amount_in: int, token_out: str | None = None) -> int:
        """Atoms that a swap of ``amount_in`` atoms of ``token_in`` pays out now."""
        other = self.other(token_in, token_out)
        return 0 if other is None or amount_in <= 0 or self.problem else self._pays(token_in, other, amount_in)

    def amount_in(self, token_out: str, amount_out: int, token_in: str | None = None) -> int | None:
        """The least atoms of ``token_in`` for which ``amount_out`` atoms of ``token_out`` or more come out."""
        other = self.other(token_out, token_in)
        if other is None or amount_out < 0 or self.problem:
            return None
        return self._least(other, token_out, amount_out) if amount_out else 0

    def spot(self, token_in: str, token_out: str) -> Fraction | None:
        """Atoms out per atom in, of a swap too small to move the price, after the fee; for showing, not for money."""
        other = self.other(token_in, token_out)
        return None if other is None or self.problem else self._spot(token_in, other)

    def _spot(self, token_in: str, token_out: str) -> Fraction:
        raise NotImplementedError

    def _pays(self, token_in: str, token_out: str, amount: int) -> int:
        raise NotImplementedError

    def _least(self, token_in: str, token_out: str, amount: int) -> int | None:
        raise NotImplementedError

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; what the original has worked out about itself is left behind."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(self).model_fields.keys():
            del copy.__dict__[name]
        return copy
