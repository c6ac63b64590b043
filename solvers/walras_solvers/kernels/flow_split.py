"""From the trades at the dual's minimum to a route: which swaps in which order, and how they share a token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from walras.wire import PoolSwap

from walras_solvers.kernels.flow_edges import paid
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_order import RUNS, in_order
from walras_solvers.kernels.flow_state import I_GIVEN, Order, Plan


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

        One that would pay nothing is left out, and what it would have taken, or what its pool does not take, stays
        where it is.
        """
        held, done = {self.start: amount}, []
        for step in self.steps:
            have = held.get(step.token_in, 0)
            given = have if step.share == 1.0 else int(have * step.share)
            given = min(given, network.most_given(step.edge, step.from_i))
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


def split_of(network: Network, order: Order, plan: Plan) -> Split | None:
    """The route that the plan's trades make; None if they make none."""
    edges = plan.of_pool[plan.of_pool >= 0]
    run, shares = np.zeros(len(edges), dtype=np.int64), np.zeros(len(edges))
    broken, count = in_order(order.start, order.end, edges, network.link, plan.flows, plan.nu, run, shares)
    if broken != RUNS or not count:
        return None
    ends = network.link[run[:count], :2].tolist()
    ways = plan.ways[run[:count]].tolist()
    steps = tuple(
        Step(e, way == I_GIVEN, pair[way - 1], pair[2 - way], share)
        for e, way, pair, share in zip(run[:count].tolist(), ways, ends, shares[:count].tolist(), strict=True)
    )
    return Split(order.start, order.end, steps)
