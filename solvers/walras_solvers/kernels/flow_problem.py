"""One order over a network, as the dual's kernel takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walras_solvers.kernels.flow_dual import evaluate, minimise
from walras_solvers.kernels.flow_edges import Floats, Ints, trade
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_split import Split, split

_OPENINGS = 40


@dataclass(slots=True)
class Problem:
    """``brought`` atoms a token come in (negative: go out) and the ``pinned`` token has the price 1."""

    network: Network
    brought: Floats
    start: int
    end: int
    pinned: int
    ways: Ints
    flows: Floats

    @classmethod
    def of(cls, network: Network, start: int, end: int, amount: float, buy: bool, ways: Ints) -> Problem:
        """Sell ``amount`` of ``start`` for the most of ``end``, or buy it of ``end`` for the least of ``start``.

        What is minimised is the most that can come out, or less the least that has to go in.
        """
        brought = np.zeros(len(network.tokens))
        brought[end if buy else start] = -amount if buy else amount
        return cls(
            network, brought, start, end, start if buy else end, _towards(network, ways, start, end), _no_flows(network)
        )

    def spot(self) -> Floats:
        """Rough prices to start from: those of the pools as they are; 1 for tokens that nothing connects."""
        prices = self.network.spot_prices(self.pinned)
        prices[~np.isfinite(prices)] = 1.0
        return prices

    def minimise(self, edges: Ints, prices: Floats, steps: int) -> float:
        """Move ``prices`` to the minimum over ``edges``; its value. ``flows`` are what trades there."""
        network, used = self.network, np.unique(self.network.link[edges, :2])
        free = used[used != self.pinned]
        return float(
            minimise(
                prices,
                self.brought,
                free,
                edges,
                self.ways,
                network.link,
                network.curve,
                network.ranges,
                self.flows,
                steps,
            )
        )

    def opened(self, edges: Ints, prices: Floats, steps: int) -> tuple[Ints, Split | None]:
        """The edges without what would make the trades at the minimum run in a circle, and the route that is left.

        Swaps run one after the other, so a circle could not; its smallest trade is left out, and the rest solved again.
        """
        for _ in range(_OPENINGS):
            self.minimise(edges, prices, steps)
            made = split(self.network, self.start, self.end, self.flows, prices)
            if isinstance(made, int):
                edges = edges[edges != made]
                continue
            # Trades that the route does not touch go round in circles of their own, and would count in the bound.
            idle = np.setdiff1d(np.flatnonzero(self.flows[:, 0]), [step.edge for step in made.steps])
            if not len(idle) or not made.steps:
                return edges, made if made.steps else None
            edges = np.setdiff1d(edges, idle)
        return edges, None

    def bound(self, edges: Ints, prices: Floats) -> float:
        """The dual's value at ``prices``: no route over ``edges`` does better, whatever the prices are."""
        network, count = self.network, len(prices)
        return float(
            evaluate(
                prices,
                self.brought,
                edges,
                self.ways,
                network.link,
                network.curve,
                network.ranges,
                _no_flows(network),
                np.zeros(count),
                np.zeros((count, count)),
            )
        )

    def best_edges(self, edges: Ints, prices: Floats) -> Ints:
        """Of each pool's ``edges`` the one that gains most at ``prices``, or comes closest to a gain."""
        network = self.network
        best: dict[int, tuple[float, int]] = {}
        for e, (i, j, pool) in zip(edges.tolist(), network.link[edges][:, [0, 1, 3]].tolist(), strict=True):
            rank = _appeal(network, e, float(prices[i]), float(prices[j]), int(self.ways[e]))
            if pool not in best or rank > best[pool][0]:
                best[pool] = rank, e
        return np.array(sorted(e for _, e in best.values()), dtype=np.int64)


def _appeal(network: Network, e: int, value_i: float, value_j: float, way: int) -> float:
    """What an edge gains; if nothing, how far its price is from a gain, as a negative number."""
    i, j, _ = trade(e, value_i / value_j, network.link, network.curve, network.ranges)
    if (i > 0 and way != 1) or (i < 0 and way != 2):
        return value_i * i + value_j * j
    kept, apart = float(network.curve[e, 0]), value_i / value_j / float(network.curve[e, 1])
    give_i, give_j = kept / apart, kept * apart
    return (give_i if way == 1 else give_j if way == 2 else max(give_i, give_j)) - 1e3


def _no_flows(network: Network) -> Floats:
    return np.zeros((len(network.link), 2))


def _towards(network: Network, ways: Ints, start: int, end: int) -> Ints:
    """Nothing that leads back to ``start`` or on from ``end``: a route without circles has no use for it."""
    made, i, j = ways.copy(), network.link[:, 0], network.link[:, 1]
    made[(i == start) | (j == end)] = 1
    made[(j == start) | (i == end)] = 2
    return made
