"""From the trades at the dual's minimum to a route: which swaps in which order, and how they share a token."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from walras.wire import PoolSwap

from walras_solvers.kernels.flow_edges import Floats, paid
from walras_solvers.kernels.flow_network import Network

#: A trade that carries less of what flows into a token is left out: it would earn less than rounding takes.
_SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """A swap of a route: an edge in one direction, with the share of what is left of its input token at its turn."""

    edge: int
    from_i: bool
    token_in: int
    token_out: int
    share: float


@dataclass(frozen=True, slots=True)
class Split:
    """Swaps in running order from one token to another. Each pool once; no token is needed before it is there."""

    start: int
    end: int
    steps: tuple[Step, ...]

    def earns(self, network: Network, amount: float) -> float:
        """Atoms of the last token for ``amount`` atoms of the first, over real numbers."""
        held = {self.start: amount}
        for step in self.steps:
            given = held.get(step.token_in, 0.0) * step.share
            got = paid(step.edge, step.from_i, given, network.link, network.curve, network.ranges)
            held[step.token_in] = held.get(step.token_in, 0.0) - given
            held[step.token_out] = held.get(step.token_out, 0.0) + got
        return held.get(self.end, 0.0)

    def carried(self) -> dict[int, float]:
        """Which part of what comes in passes each edge, the whole being 1."""
        held, carried = {self.start: 1.0}, {}
        for step in self.steps:
            moved = held.get(step.token_in, 0.0) * step.share
            held[step.token_in] = held.get(step.token_in, 0.0) - moved
            held[step.token_out] = held.get(step.token_out, 0.0) + moved
            carried[step.edge] = moved
        return carried

    def swaps(self, network: Network, amount: int) -> list[PoolSwap]:
        """The exact swaps of ``amount`` atoms, by the pools' own arithmetic; the last swap of a token takes the rest.

        One that would pay nothing is left out, and what it would have taken stays where it is.
        """
        held, done = {self.start: amount}, []
        for step in self.steps:
            have = held.get(step.token_in, 0)
            given = have if step.share == 1.0 else int(have * step.share)
            pool = network.pools[network.names[network.link[step.edge, 3]]]
            token_in, token_out = network.tokens[step.token_in], network.tokens[step.token_out]
            got = pool.amount_out(token_in, given, token_out) if given > 0 else 0
            if got:
                # Two tokens need no name for the second; a pool of more does.
                named = token_out if len(pool.tokens) > 2 else None
                done.append(PoolSwap(pool=pool.id, token_in=token_in, amount_in=given, amount_out=got, token_out=named))
                held[step.token_in] = have - given
                held[step.token_out] = held.get(step.token_out, 0) + got
        return done


def directed(network: Network, flows: Floats) -> list[tuple[int, bool, float]]:
    """(edge, whether i is given, atoms given) of all trades, larger than nothing."""
    found = []
    for e in np.flatnonzero(flows[:, 0] * flows[:, 1] < 0).tolist():
        i, j = float(flows[e, 0]), float(flows[e, 1])
        found.append((e, i < 0, -i if i < 0 else -j))
    return found


def split(network: Network, start: int, end: int, flows: Floats, prices: Floats) -> Split | int:
    """The route that the trades make; where they run in a circle, the edge of least value of those that do, instead."""
    trades = _fed(start, end, _oriented(network, directed(network, flows)))
    given: dict[int, float] = {}
    for _, token_in, _, amount, _ in trades:
        given[token_in] = given.get(token_in, 0.0) + amount
    trades = _fed(start, end, [one for one in trades if one[3] > _SMALLEST * given[one[1]]])
    order: list[int] = []
    waiting = list(trades)
    ready = [start]
    while ready:
        token = ready.pop(0)
        order.append(token)
        waiting = [one for one in waiting if one[1] != token]
        targets = sorted({one[2] for one in trades if one[1] == token})
        ready += [
            target for target in targets if target not in order + ready and all(one[2] != target for one in waiting)
        ]
    if waiting:  # fed by a circle, or part of one
        return min(_circle(waiting), key=lambda one: (one[3] * float(prices[one[1]]), one[0]))[0]
    return Split(start, end, _shared(order, trades))


_Trade = tuple[int, int, int, float, bool]  # edge, token in, token out, atoms given, whether i is given


def _oriented(network: Network, found: list[tuple[int, bool, float]]) -> list[_Trade]:
    trades: list[_Trade] = []
    for e, from_i, amount in found:
        i, j = int(network.link[e, 0]), int(network.link[e, 1])
        trades.append((e, i, j, amount, True) if from_i else (e, j, i, amount, False))
    return trades


def _fed(start: int, end: int, trades: list[_Trade]) -> list[_Trade]:
    """The trades that something of ``start`` reaches and from which something reaches ``end``."""
    reached, useful, size = {start}, {end}, 0
    while size != len(reached) + len(useful):
        size = len(reached) + len(useful)
        reached |= {one[2] for one in trades if one[1] in reached}
        useful |= {one[1] for one in trades if one[2] in useful}
    return [one for one in trades if one[1] in reached and one[2] in useful and one[1] != end and one[2] != start]


def _circle(waiting: list[_Trade]) -> list[_Trade]:
    """Those that run in circles, or between two of them, without what only follows."""
    kept: list[_Trade] = []
    while len(kept) != len(waiting):
        kept, onward = waiting, {one[1] for one in waiting}
        waiting = [one for one in waiting if one[2] in onward]
    return kept


def _shared(order: list[int], trades: list[_Trade]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for token in order:
        own = sorted((one for one in trades if one[1] == token), key=lambda one: (one[3], one[0]))
        left = sum(one[3] for one in own)
        for e, token_in, token_out, amount, from_i in own:
            steps.append(Step(e, from_i, token_in, token_out, min(amount / left, 1.0)))
            left -= amount
        if own:  # the largest, last, takes whatever is there
            steps[-1] = replace(steps[-1], share=1.0)
    return tuple(steps)
