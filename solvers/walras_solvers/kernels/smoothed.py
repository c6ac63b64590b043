"""The price search on a smooth stand-in of the surplus, whose slope costs about as much as its value.

At prices p each order is willing to a degree that rises smoothly from 0 to 1 around its limit, and the fill programme
is replaced by its smoothed dual (``kernels.smooth``). The slope by log price is then explicit, as a minimum over λ
moves only with what is written out (the envelope theorem), and L-BFGS climbs it, sharper and sharper. Baskets and pools
take no part here; the exact programme decides about them at the prices found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.program import Program
from walras_solvers.kernels.singles import Floats, Ints
from walras_solvers.kernels.smooth import minimise, tightened

_TINY = 1e-300
#: Temperatures of the orders' willingness (log price) and of the dual (worth a unit of value).
TEMPERATURES = (0.03, 0.01, 0.003, 0.001, 0.0003)
_STEPS = 60
_NEWTON = 25
_TIGHTENINGS = 3
_CLOSE = 1e-6
_FARTHEST = 0.5  # of a log price from where a temperature's search starts
_CAP = 30.0


class _Stopped(Exception):
    """The time is up."""


@dataclass(slots=True)
class Landscape:
    """The smooth surplus of a program's single orders; keeps λ from one look to the next."""

    program: Program
    temperature: float
    dual: Floats
    entries: tuple[Ints, Ints, Floats]  # columns as the dual's kernel takes them

    @classmethod
    def of(cls, program: Program, temperature: float, dual: Floats | None = None) -> Landscape:
        singles, count = program.singles, len(program.singles.fee)
        rows = np.column_stack([singles.want, singles.give]).ravel()
        entries = (2 * np.arange(count + 1, dtype=np.int64), rows, np.tile([1.0, -1.0], count))
        start = np.zeros(len(program.tokens)) if dual is None else dual.copy()
        return cls(program, temperature, start, entries)

    def look(self, log_prices: Floats) -> tuple[float, Floats]:
        """(smooth surplus in wei, its slope by log price)."""
        singles, heat = self.program.singles, self.temperature
        prices = np.exp(log_prices - log_prices.mean())
        quote = singles.quote(prices)
        ratio = log_prices[singles.give] - log_prices[singles.want]
        gap = np.clip((ratio - singles.limits()) / heat, -60.0, 60.0)
        willing = 1 / (1 + np.exp(-gap))
        willing *= self.program.sharing.scale(_padded(willing, self.program), self._given(quote.given))[: len(willing)]
        density, bend = self._density(prices, ratio, quote.value)
        width = np.where(np.isfinite(quote.value), np.maximum(quote.value, 0.0), 0.0) * willing
        width = tightened(*self.entries, width, len(prices), _TIGHTENINGS)
        unit = max(float(width.max(initial=0.0)), _TINY)
        value = minimise(*self.entries, width / unit, density, heat, self.dual, _NEWTON, _CLOSE)
        reduced = density + self.dual[singles.want] - self.dual[singles.give]
        tail = np.exp(-np.abs(reduced) / heat)
        soft = width * (np.maximum(reduced, 0.0) + heat * np.log1p(tail))
        part = np.where(reduced >= 0, 1.0, tail) / (1 + tail)
        # Willingness and density move with the ratio of two prices; the value moves with that of its fixed side.
        by_ratio = soft * (1 - 1 / (1 + np.exp(-gap))) / heat + width * part * bend
        own = np.where(singles.sells, singles.give, singles.want)
        count = len(prices)
        slope: Floats = np.bincount(singles.give, by_ratio, count).astype(float)
        slope -= np.bincount(singles.want, by_ratio, count)
        slope += np.bincount(own, soft, count)
        slope += self._by_own_price(width * part, density, count)
        return float(value * unit), slope - slope.mean()

    def _density(self, prices: Floats, ratio: Floats, value: Floats) -> tuple[Floats, Floats]:
        """Worth a unit of value, and how it moves with the ratio alone; both capped where limits are far off."""
        singles = self.program.singles
        reference = self.program.reference / prices
        own = reference[np.where(singles.sells, singles.want, singles.give)]
        other = reference[np.where(singles.sells, singles.give, singles.want)]
        level = np.where(own > 0, own, other)
        margin = np.clip(ratio - singles.limits(), -1.0, _CAP)
        # A sell gains 1 − e^−m of what it gets, a buy e^m − 1 of what it pays, for a price better by m.
        sell = 1 - np.exp(-margin)
        buy = np.minimum(np.exp(np.minimum(margin, 3.0)) - 1, _CAP)
        gain = np.where(singles.sells, sell, buy)
        return level * gain, level * np.where(singles.sells, np.exp(-margin), np.exp(np.minimum(margin, 3.0)))

    def _by_own_price(self, traded: Floats, density: Floats, count: int) -> Floats:
        """The slope through the level: worth is in wei, value in units of the prices."""
        singles, reference = self.program.singles, self.program.reference
        own = np.where(singles.sells, singles.want, singles.give)
        other = np.where(singles.sells, singles.give, singles.want)
        level = np.where(reference[own] > 0, own, other)
        return -np.bincount(level, traded * density, count).astype(float)

    def _given(self, given: Floats) -> Floats:
        return _padded(given, self.program)[self.program.sharing.order]


def _padded(values: Floats, program: Program) -> Floats:
    """``values`` of the single orders, and zeros for the baskets after them."""
    return np.concatenate([values, np.zeros(len(program.orders) - len(values))])


def ascend(
    program: Program, start: Floats, deadline: Deadline, heats: Sequence[float] = TEMPERATURES
) -> Iterator[Floats]:
    """Log prices after each temperature, from ``start``."""
    point, dual = start, None
    for heat in heats:
        landscape = Landscape.of(program, heat, dual)
        scale = abs(landscape.look(point)[0]) or 1.0

        def downhill(where: Floats, landscape: Landscape = landscape, scale: float = scale) -> tuple[float, Floats]:
            if deadline.passed:
                raise _Stopped
            value, slope = landscape.look(where)
            return -value / scale, -slope / scale

        bounds = np.column_stack([point - _FARTHEST, point + _FARTHEST])
        try:
            found = minimize(
                downhill, point, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS, "ftol": 1e-9}
            )
        except _Stopped:
            return
        if not np.isfinite(found.x).all():
            return
        point, dual = np.asarray(found.x), landscape.dual
        yield point
