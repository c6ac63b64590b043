"""Routes of single amounts: solve the dual, make a route of its trades, compare it with the best single path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10

import numpy as np
from walras.wire import AnyPool, PoolSwap

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_pairs import chosen_edges
from walras_solvers.kernels.flow_paths import best_path
from walras_solvers.kernels.flow_problem import Problem
from walras_solvers.kernels.flow_split import Split

_STEPS = 60
#: Floats can not tell two routes apart that earn so nearly the same; both are then computed exactly.
_ALIKE = 1e-6


@dataclass(frozen=True, slots=True)
class Solved:
    """The dual's value over the ``edges`` used, which no route over them beats, and the route near it."""

    bound: float
    split: Split
    prices: Floats
    edges: Ints


class Router:
    """Routes through one state of the pools. Amounts are atoms; a route is exact by each pool's own arithmetic."""

    def __init__(self, pools: Mapping[str, AnyPool]) -> None:
        self.network = Network(pools)
        self.both_ways: Ints = np.zeros(len(self.network.link), dtype=np.int64)
        self._chosen: dict[tuple[int, int, bool, int], Ints] = {}

    def solve(self, start: str, end: str, amount: float, buy: bool = False) -> Solved | None:
        """The best split of ``amount`` of ``start``, or for ``amount`` of ``end``; None if no pool leads there."""
        solved = self.solve_over(self.edges(start, end, amount, buy), start, end, amount, buy)
        if solved is not None:  # what had to be left out stays out for amounts of about that size
            at = self.network.at
            self._chosen[at[start], at[end], buy, round(log10(amount))] = solved.edges
        return solved

    def edges(self, start: str, end: str, amount: float, buy: bool = False) -> Ints:
        """One edge a pool, chosen once for all amounts of about that size; none if no pool leads there."""
        network, at = self.network, self.network.at
        if start == end or start not in at or end not in at or not 0 < amount < float("inf"):
            return np.zeros(0, dtype=np.int64)
        key = at[start], at[end], buy, round(log10(amount))
        if key not in self._chosen:
            problem = Problem.of(network, *key[:2], amount, buy, self.both_ways)
            self._chosen[key] = chosen_edges(problem, network.edges_between(*key[:2]))
        return self._chosen[key]

    def solve_over(self, edges: Ints, start: str, end: str, amount: float, buy: bool = False) -> Solved | None:
        """The same over ``edges``, one a pool."""
        if not len(edges):
            return None
        network, first, last = self.network, self.network.at[start], self.network.at[end]
        problem = Problem.of(network, first, last, amount, buy, self.both_ways)
        prices = problem.spot()
        used, made = problem.opened(edges, prices, _STEPS)
        bound = problem.bound(used, prices)
        if made is None or not isfinite(bound):
            return None
        return Solved(-bound if buy else bound, made, prices, used)

    def sell(self, start: str, end: str, amount: int) -> tuple[PoolSwap, ...]:
        """The swaps that turn ``amount`` atoms of ``start`` into the most of ``end`` found; none if nothing can."""
        routed = [one.swaps(self.network, amount) for one in self.splits(start, end, float(amount))]
        return max((tuple(swaps) for swaps in routed), key=lambda swaps: self.got(swaps, end), default=())

    def buy(self, start: str, end: str, amount: int) -> tuple[PoolSwap, ...]:
        """The swaps that pay ``amount`` atoms of ``end`` or a few more, for the least of ``start`` found; none if the
        pools have not as many.
        """
        solved = self.solve(start, end, float(amount), buy=True)
        if solved is None:
            return ()
        given, best = max(solved.bound, 1.0), tuple[PoolSwap, ...]()
        for made in self.splits(start, end, given):
            swaps = self._paying(made, end, amount, given)
            if swaps and (not best or self.spent(swaps, start) < self.spent(best, start)):
                best = tuple(swaps)
        return best

    def _paying(self, made: Split, end: str, amount: int, guess: float) -> list[PoolSwap]:
        """The swaps of a split with an input, near the least, that pays ``amount``; none if it never does."""
        given, short = int(guess), 1
        for _ in range(60):
            swaps = made.swaps(self.network, given)
            got = self.got(swaps, end)
            if got >= amount:
                return swaps
            # As much again as is missing at the average price, and each time more of it.
            given += max(-(-(amount - got) * given // max(got, 1)), 1) * short
            short += short // 2 + 1 if short > 1 else 1
        return []

    def splits(self, start: str, end: str, amount: float) -> list[Split]:
        """The best split of ``amount``, and the best single path where it comes close or is better."""
        solved = self.solve(start, end, amount)
        if not len(self.edges(start, end, amount)):
            return []
        path = best_path(self.network, start, end, amount)
        found = [solved.split] if solved else []
        if path is not None:
            earned = solved.split.earns(self.network, amount) if solved else 0.0
            if not solved or (
                path.steps != solved.split.steps and path.earns(self.network, amount) >= earned * (1 - _ALIKE)
            ):
                found.append(path)
        return found

    def got(self, swaps: Sequence[PoolSwap], token: str) -> int:
        """Atoms of ``token`` that the swaps pay out."""
        pools = self.network.pools
        return sum(
            step.amount_out for step in swaps if (step.token_out or pools[step.pool].other(step.token_in)) == token
        )

    def spent(self, swaps: Sequence[PoolSwap], token: str) -> int:
        """Atoms of ``token`` that the swaps take in."""
        return sum(step.amount_in for step in swaps if step.token_in == token)
