"""What a maker asks: a mid price from anywhere, a spread, and a lean towards the inventory it wants to hold.

Rates are exact fractions, atoms of the wanted token per atom of the given one; amounts are rounded once, for the maker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

BPS = 10_000
#: Gives the mid rate of (given token, wanted token), or None if it knows none. A feed, a model, a table.
Mid = Callable[[str, str], Fraction | None]


def mid_of(prices: Mapping[str, int]) -> Mid:
    """A mid from prices in one unit: wei per 10^18 atoms, as houses publish reference prices."""

    def mid(give: str, want: str) -> Fraction | None:
        return Fraction(prices[give], prices[want]) if prices.get(give) and prices.get(want) else None

    return mid


@dataclass(frozen=True, slots=True)
class Pricing:
    """``spread_bps`` is kept of every trade. Of a token held beyond its target the maker gives more cheaply, and takes
    less gladly, by up to ``lean_bps``; ``targets`` are atoms.
    """

    mid: Mid
    spread_bps: int
    lean_bps: int = 0
    targets: Mapping[str, int] = field(default_factory=dict)

    def rate(self, give: str, want: str, held: Mapping[str, int]) -> Fraction | None:
        """Atoms of ``want`` that the maker gives for an atom of ``give``; None if it quotes no such pair."""
        mid = self.mid(give, want)
        if mid is None:
            return None
        lean = (self._excess(want, held) - self._excess(give, held)) * self.lean_bps / 2
        return mid * max(Fraction(0), BPS - self.spread_bps + lean) / BPS

    def _excess(self, token: str, held: Mapping[str, int]) -> Fraction:
        """How far the holding lies above its target, as a part of it, within -1 … 1."""
        target = self.targets.get(token, 0)
        if not target:
            return Fraction(0)
        return min(max(Fraction(held.get(token, 0) - target, target), Fraction(-1)), Fraction(1))
