"""Prices at which pools have nothing left over: the step from the search's prices to those that quantities balance at.

The search lets pools pay more than the prices ask, as it looks for who should trade. In a settlement everyone trades at
the prices, pools too, so they have to be those at which the whole trade of each pool earns them. Where a pool takes no
more although it would earn more, the others yield a little for it, all by the same part of the price. With the orders'
parts fixed, what is left of each token is a smooth function of the prices and that part: Newton's method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from walras_solvers.kernels.flow_average import trades_at
from walras_solvers.kernels.outside import Through
from walras_solvers.kernels.program import Clearing, Program
from walras_solvers.kernels.singles import Floats, Ints

_ROUNDS = 12
_HALVINGS = 6
_NEAR, _CLOSE = 1e-9, 1e-12  # what may be left of a token, as a part of what moves of it
_SPARE = 2
_FARTHEST = 0.1  # of a log price in one step
_MOST_YIELDING = 0.01  # in one step
_PROBE = 1e-6  # of a log price, for the slopes of what pools move
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Settled:
    """Prices, the pools that trade there, and whether that leaves nothing over; baskets are not looked at."""

    prices: Floats
    through: Through
    balanced: bool


@dataclass(frozen=True, slots=True)
class Left:
    """Value left of each token, how it moves with log prices and at last with the yielding, and what moves in all."""

    value: Floats
    slope: Floats
    size: Floats

    @property
    def worst(self) -> float:
        return float((np.abs(self.value) / np.maximum(self.size, _TINY)).max())


@dataclass(frozen=True, slots=True)
class Task:
    """Single orders with their parts, and pools with their pair and direction."""

    program: Program
    parts: Floats
    into: Ints
    out: Ints
    edges: Ints
    from_i: Ints
    spare: Floats  # atoms of each token that are to be left over

    @classmethod
    def of(cls, program: Program, clearing: Clearing, spare: int) -> Task:
        ends = [(flow.into, flow.out, flow.edge) for flow in clearing.flows]
        into, out, edges = np.array(ends, dtype=np.int64).T
        first = program.outside.number[program.outside.network.link[edges, 0]]
        from_i, parts = (first == into).astype(np.int64), clearing.parts[: len(program.singles.fee)]
        touched = np.bincount(np.concatenate([into, out]), minlength=len(program.tokens)).astype(np.float64)
        return cls(program, parts, into, out, edges, from_i, spare * touched)

    def left(self, prices: Floats, yielding: float) -> Left:
        """Every pool takes what earns ``prices`` on average, less ``yielding``."""
        singles, count = self.program.singles, len(prices)
        moved = singles.quote(prices).value * self.parts
        own = np.where(singles.sells, singles.give, singles.want)
        slope = np.zeros((count, count + 1))
        np.add.at(slope, (singles.give, own), moved)
        np.add.at(slope, (singles.want, own), -moved)
        takes, pays, takes_more, pays_more = self._pools(prices, yielding)
        for row, col, moves in (
            (self.into, self.into, -takes - takes_more),
            (self.into, self.out, takes_more),
            (self.into, np.full(len(takes), count), takes_more / (1 - yielding)),
            (self.out, self.into, pays_more),
            (self.out, self.out, pays - pays_more),
            (self.out, np.full(len(takes), count), -pays_more / (1 - yielding)),
        ):
            np.add.at(slope, (row, col), moves)
        given = np.bincount(singles.give, moved, count) + np.bincount(self.out, pays, count)
        asked = np.bincount(singles.want, moved, count) + np.bincount(self.into, takes, count)
        return Left(given - asked - self.spare * prices, slope, given + asked)

    def _pools(self, prices: Floats, yielding: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Value that goes into each pool and comes out, and how both move with the logarithm of the rate."""
        rates = prices[self.into] / prices[self.out] * (1 - yielding)
        network, takes, pays = self.program.outside.network, [], []
        for shift in (0.0, _PROBE):
            inputs, outputs = np.zeros(len(rates)), np.zeros(len(rates))
            tables = network.link, network.curve, network.ranges
            trades_at(self.edges, self.from_i, rates * np.exp(shift), *tables, inputs, outputs)
            takes.append(inputs * prices[self.into])
            pays.append(outputs * prices[self.out])
        return takes[0], pays[0], (takes[1] - takes[0]) / _PROBE, (pays[1] - pays[0]) / _PROBE


def worth_settled(program: Program) -> Callable[[Floats], float]:
    """Wei of surplus by log prices, at the settled prices near them; what the search climbs where there are pools."""
    if not len(program.outside.edges):
        return program.worth

    def worth(log_prices: Floats) -> float:
        prices = np.exp(log_prices - log_prices.max())
        first = program.solve(prices)
        there = settled(program, prices, first)
        quote = program.quote(there.prices)[0]
        if there.balanced and quote.willing[first.parts > 0].all():  # what was best before does as well there
            return float(quote.worth @ first.parts)
        return program.solve(there.prices, through=there.through).worth

    return worth


def settled(program: Program, prices: Floats, clearing: Clearing) -> Settled:
    """Prices near ``prices`` at which the single orders' parts and the pools of a clearing balance."""
    if not clearing.flows:
        return Settled(prices, Through({}, 0.0), balanced=True)
    return _balanced(Task.of(program, clearing, 0), prices, 0.0, clearing, _NEAR)


def spared(program: Program, there: Settled, clearing: Clearing) -> Settled:
    """The same more exactly, with :data:`_SPARE` atoms left over of both tokens of each pool.

    The roundings of a swap take about an atom that no price gives back.
    """
    if not clearing.flows:
        return there
    return _balanced(Task.of(program, clearing, _SPARE), there.prices, there.through.yielding, clearing, _CLOSE)


def _balanced(task: Task, prices: Floats, yielding: float, clearing: Clearing, close: float) -> Settled:
    left = task.left(prices, yielding)
    for _ in range(_ROUNDS):
        if left.worst <= close:
            break
        found = _step(task, prices, yielding, left)
        if found is None:
            break
        prices, yielding, left = found
    alone = not clearing.parts[len(task.parts) :].any()
    through = Through({flow.edge: flow.into for flow in clearing.flows}, yielding)
    return Settled(prices, through, balanced=alone and left.worst <= close)


def _step(task: Task, prices: Floats, yielding: float, left: Left) -> tuple[Floats, float, Left] | None:
    """A damped Newton step; None if even a short one leaves no less."""
    weight = np.sqrt(np.maximum(left.size, left.size.max() * 1e-12))
    matrix = left.slope / weight[:, None] / np.append(weight, weight.max())[None, :]
    step = -np.linalg.lstsq(matrix, left.value / weight, rcond=1e-12)[0] / np.append(weight, weight.max())
    step *= min(1.0, _FARTHEST / max(float(np.abs(step).max()), _TINY))
    for _ in range(_HALVINGS):
        moved, eased = prices * np.exp(step[:-1]), yielding + float(np.clip(step[-1], -_MOST_YIELDING, _MOST_YIELDING))
        found = task.left(moved, eased)
        if found.worst < left.worst:
            return moved, eased, found
        step = step / 2
    return None
