"""Starting prices where pools take part: those at which orders and pools together have least left to gain.

At prices q an order gains max(0, gives·q − wants·q) beyond its limit, and a pool what its best trade earns. Both are
convex in q, and so is their sum over a fixed value of a bundle of tokens, here of what the orders want. At the least
sum the quantities balance but for what is left over, which is that bundle: as if everyone's surplus were the same part
of what they get. It is the dual of optimal routing (Diamandis, Resnick, Chitra, Angeris 2023) with limit orders beside
the pools, and near to the uniform prices at which all trade.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.flow_edges import trade
from walras_solvers.kernels.flow_jit import compiled
from walras_solvers.kernels.program import Program
from walras_solvers.kernels.singles import Floats, Ints
from walras_solvers.kernels.smooth import tightened

_TINY = 1e-300
_CLIP = 40.0
_ROUNDS = 6
_HEATS = (1e-2, 1e-3)
_STEPS = 50
_FARTHEST = 0.7  # of a log price from where the search starts
_UNIT = 1e-3  # of a log price: pools are stiff beyond their fee, and a longer first step would leap over the valley
#: Orders whose limit is worse than the first prices by more than this count for nothing in the bundle.
_HOPEFUL = 0.05


@compiled
def gained(
    edges: Ints, prices: Floats, link: Ints, curve: Floats, ranges: Floats, best: Floats, which: Ints, slope: Floats
) -> float:
    """What the pools' best trades earn, each through one pair of its tokens; ``slope`` gains what they pay out.

    ``edges`` number tokens of ``prices`` in ``link``; ``best`` and ``which`` have an entry a pool.
    """
    best[:] = 0.0
    for place in range(len(edges)):
        e = edges[place]
        one, other = prices[link[e, 0]], prices[link[e, 1]]
        i, j, _ = trade(e, one / other, link, curve, ranges)
        gain = one * i + other * j
        if gain > best[link[e, 3]]:
            best[link[e, 3]], which[link[e, 3]] = gain, e
    total = 0.0
    for pool in range(len(best)):
        if best[pool] > 0.0:
            e = which[pool]
            i, j, _ = trade(e, prices[link[e, 0]] / prices[link[e, 1]], link, curve, ranges)
            slope[link[e, 0]] += i
            slope[link[e, 1]] += j
            total += best[pool]
    return total


class Gains:
    """What single orders and pools of a program have to gain at given prices, over the value of a bundle."""

    def __init__(self, program: Program, start: Floats) -> None:
        self.program, pools = program, len(program.outside.network.names)
        self.bundle = self._bundle(np.exp(start - start.max()))
        self._best, self._which = np.zeros(pools), np.zeros(pools, dtype=np.int64)

    def look(self, log_prices: Floats, heat: float) -> tuple[float, Floats]:
        """(gain over the bundle's value, its slope by log price); orders gain softly around their limits."""
        prices = np.exp(log_prices - log_prices.max())
        value, slope = self._orders(prices, heat)
        value += self._pools(prices, slope)
        worth = float(self.bundle @ prices)
        part = value / worth
        return part, (slope - part * self.bundle) / worth * prices

    def _orders(self, prices: Floats, heat: float) -> tuple[float, Floats]:
        singles, count = self.program.singles, len(prices)
        gives, asked = singles.gives - singles.fee, np.maximum(singles.wants * prices[singles.want], _TINY)
        ratio = gives * prices[singles.give] / asked
        margin = np.clip((ratio - 1) / heat, -_CLIP, None)
        willing = 1 / (1 + np.exp(-np.minimum(margin, _CLIP)))
        gain = heat * np.where(margin > _CLIP, margin, np.log1p(np.exp(np.minimum(margin, _CLIP))))
        slope: Floats = np.bincount(singles.give, willing * gives, count).astype(float)
        slope += np.bincount(singles.want, singles.wants * (gain - willing * ratio), count)
        return float(asked @ gain), slope

    def _pools(self, prices: Floats, slope: Floats) -> float:
        outside, network = self.program.outside, self.program.outside.network
        paid = np.zeros(len(network.tokens))
        tables = network.link, network.curve, network.ranges
        value = gained(outside.edges, outside.known(prices), *tables, self._best, self._which, paid)
        inside = outside.number >= 0
        slope += np.bincount(outside.number[inside], paid[inside], len(prices))
        return value

    def _bundle(self, prices: Floats) -> Floats:
        """Atoms of each token that orders want which are not far from trading, as far as others could bring them."""
        program, count = self.program, len(prices)
        singles, quote = program.singles, program.singles.quote(prices)
        value = np.where((quote.margin > -_HOPEFUL) & np.isfinite(quote.value), np.maximum(quote.value, 0.0), 0.0)
        flows = program.flows(prices)
        sizes = [flow.amount * prices[flow.into] for flow in flows]
        rows = np.column_stack([[*singles.want, *(f.into for f in flows)], [*singles.give, *(f.out for f in flows)]])
        places, entries = 2 * np.arange(len(rows) + 1, dtype=np.int64), np.tile([1.0, -1.0], len(rows))
        width = tightened(places, rows.ravel().astype(np.int64), entries, np.array([*value, *sizes]), count, _ROUNDS)
        wanted = np.bincount(singles.want, width[: len(value)], count)
        return wanted / prices if wanted.any() else 1 / prices


def equilibrium(program: Program, start: Floats, deadline: Deadline) -> list[Floats]:
    """Log prices of least gain near ``start``, for ever sharper orders; as many as there is time for."""
    gains, point, found = Gains(program, start), start, list[Floats]()
    bounds = [(-_FARTHEST / _UNIT, _FARTHEST / _UNIT)] * len(start)
    for heat in _HEATS:
        if deadline.passed:
            break
        scale = gains.look(point, heat)[0] or 1.0

        def downhill(move: Floats, heat: float = heat, scale: float = scale) -> tuple[float, Floats]:
            value, slope = gains.look(start + _UNIT * move, heat)
            return value / scale, slope / scale * _UNIT

        options = {"maxiter": _STEPS, "ftol": 1e-12}
        first = (point - start) / _UNIT
        moved = minimize(downhill, first, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
        if not np.isfinite(moved).all():
            break
        point = start + _UNIT * np.asarray(moved)
        found.append(point)
    return found
