"""A route from one token to another for any amount: the best split at many sizes, and what lies between them.

Which pools take part, and in which direction, is settled at the largest size; at every size the dual says how much each
takes. Fewer pools cost less gas, so there are narrower routes too, over the paths that carry most.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite

import numpy as np
from walras.wire import PoolSwap

from walras_solvers.kernels.flow_edges import Floats
from walras_solvers.kernels.flow_paths import best_path, widest_paths
from walras_solvers.kernels.flow_problem import Problem
from walras_solvers.kernels.flow_router import Router
from walras_solvers.kernels.flow_split import Split
from walras_solvers.kernels.pools import trimmed

MAX_PATHS = 8
_SIZES = 24
_SMALLEST = 1e-5


@dataclass(slots=True)
class Route:
    """Swaps over ``shape``'s edges and the best split among them, for inputs up to ``most`` atoms."""

    router: Router
    shape: Split
    most: float
    _grid: Floats = field(init=False)
    _inputs: Floats = field(init=False)  # atoms given, a size and step
    _average: Floats = field(init=False)
    _prices: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._grid = self.most * np.geomspace(_SMALLEST, 1.0, _SIZES)
        self._fill()

    @property
    def interactions(self) -> int:
        return len(self.shape.steps)

    @property
    def first_price(self) -> float:
        return float(self._average[0])

    def capacity(self, price: float) -> float:
        """The input of which the whole earns ``price`` atoms out an atom in; at most ``most``."""
        return float(np.interp(-price, -self._average, self._grid, left=0.0))

    def out(self, amount: float) -> float:
        """What ``amount`` earns under the split."""
        return self._split(amount).earns(self.router.network, amount)

    def swaps(self, amount: int) -> tuple[PoolSwap, ...]:
        """The exact swaps of ``amount`` atoms in running order; whatever a hop pays out the next ones use up."""
        network = self.router.network
        done = self._split(float(amount)).swaps(network, amount)
        return trimmed(done, network.pools, frozenset((network.tokens[self.shape.start],)))

    def tokens(self, price_out: float) -> dict[str, float]:
        """Rough prices of the tokens on the way, where the last one's is ``price_out``."""
        between = {step.token_in for step in self.shape.steps} - {self.shape.start}
        return {self.router.network.tokens[token]: float(self._prices[token]) * price_out for token in between}

    def _split(self, amount: float) -> Split:
        """The shape with the shares that belong to ``amount``."""
        inputs = [float(np.interp(amount, self._grid, self._inputs[:, k])) for k in range(len(self.shape.steps))]
        left: dict[int, float] = {}
        for step, given in zip(self.shape.steps, inputs, strict=True):
            left[step.token_in] = left.get(step.token_in, 0.0) + given
        last = {step.token_in: number for number, step in enumerate(self.shape.steps)}
        steps = []
        for number, (step, given) in enumerate(zip(self.shape.steps, inputs, strict=True)):
            whole = number == last[step.token_in] or given >= left[step.token_in]
            share = 1.0 if whole else given / left[step.token_in]
            steps.append(replace(step, share=share))
            left[step.token_in] -= given
        return replace(self.shape, steps=tuple(steps))

    def _fill(self) -> None:
        """What each step takes at each size, and what the whole earns."""
        network, shape = self.router.network, self.shape
        self._inputs = np.zeros((_SIZES, len(shape.steps)))
        prices = Problem.of(network, shape.start, shape.end, self.most).spot()
        for row in reversed(range(_SIZES)):
            problem = Problem.of(network, shape.start, shape.end, float(self._grid[row]))
            value, plan = problem.settled(shape.steps, prices)
            if isfinite(value):
                prices = plan.nu
                for column, step in enumerate(shape.steps):
                    given = -plan.flows[step.edge, 0 if step.from_i else 1]
                    self._inputs[row, column] = max(float(given), 0.0)
            if row == _SIZES - 1:
                self._prices = prices
        earnings = [self.out(size) for size in self._grid.tolist()]
        self._average = np.minimum.accumulate(np.array(earnings) / self._grid)


def route(router: Router, start: str, end: str, most: float, width: int) -> Route | None:
    """The route over the ``width`` paths that carry most of ``most`` atoms; None if no pool leads there."""
    if not router.leads(start, end):
        return None
    if width == 1:
        shape: Split | None = best_path(router.network, start, end, most)
    else:
        found = router.splits(start, end, most)
        shape = widest_paths(found[0], width) if found else None
    return Route(router, shape, most) if shape is not None and shape.steps else None


def depth(router: Router, token: str) -> float:
    """The most that an edge holds of ``token``, or about what it would hold without ranges: hardly worth exceeding."""
    network, at = router.network, router.network.at.get(token)
    sides = [(network.depth(e), link) for e, link in enumerate(network.link.tolist())]
    held = [depth[0] if link[0] == at else depth[1] for depth, link in sides if at in link[:2]]
    return max(held, default=0.0)
