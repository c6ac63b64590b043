"""Routes of single amounts: solve the dual, make a route of its trades, compare it with the best single path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import NamedTuple

from walras.wire import AnyPool, PoolSwap

from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.flow_network import Network
from walras_solvers.kernels.flow_paths import best_path
from walras_solvers.kernels.flow_problem import Problem
from walras_solvers.kernels.flow_split import Split, split_of
from walras_solvers.kernels.flow_trim import evened, trimmed_to

#: Floats can not tell two routes apart that earn so nearly the same; both are then computed exactly.
_ALIKE = 1e-6


class Effort(NamedTuple):
    """How long to look: the numbers of equal parts that plans are grown from, then ways that push others out, each
    judged at once or, if ``deep``, grown first.
    """

    parts: tuple[int, ...]
    trials: int
    deep: bool


QUICK = Effort((4,), 12, False)
DEEP = Effort((1, 4, 16, 64), 12, True)


@dataclass(frozen=True, slots=True)
class Solved:
    """The dual's value over the edges used in their directions, which no route over them beats, and the route near it.

    ``edges`` are those of the pools passed.
    """

    bound: float
    split: Split
    prices: Floats
    edges: Ints


class Router:
    """Routes through one state of the pools. Amounts are atoms; a route is exact by each pool's own arithmetic.

    Nothing is kept between orders: every choice is made anew.
    """

    def __init__(self, pools: Mapping[str, AnyPool], effort: Effort = QUICK) -> None:
        self.network = Network(pools)
        self.effort = effort

    def solve(self, start: str, end: str, amount: float, buy: bool = False) -> Solved | None:
        """The best split of ``amount`` of ``start``, or for ``amount`` of ``end``; None if no pool leads there."""
        if not self.leads(start, end) or not 0 < amount < float("inf"):
            return None
        at = self.network.at
        problem = Problem.of(self.network, at[start], at[end], amount, buy)
        tried = (problem.planned(parts, self.effort.trials, self.effort.deep) for parts in self.effort.parts)
        value, plan = max(tried, key=lambda found: found[0] if isfinite(found[0]) else -inf)
        made = split_of(self.network, problem.order, plan) if isfinite(value) else None
        if made is None:
            return None
        return Solved(-value if buy else value, made, plan.nu, plan.of_pool[plan.of_pool >= 0])

    def leads(self, start: str, end: str) -> bool:
        """Whether pools lead from ``start`` to ``end``."""
        at = self.network.at
        return start != end and start in at and end in at and len(self.network.edges_between(at[start], at[end])) > 0

    def sell(self, start: str, end: str, amount: int) -> tuple[PoolSwap, ...]:
        """The swaps that turn ``amount`` atoms of ``start`` into the most of ``end`` found; none if nothing can."""
        routed = [
            evened(one.swaps(self.network, amount), self.network.pools, start, end, False)
            for one in self.splits(start, end, float(amount))
        ]
        return max((tuple(swaps) for swaps in routed), key=lambda swaps: self.got(swaps, end), default=())

    def buy(self, start: str, end: str, amount: int) -> tuple[PoolSwap, ...]:
        """The swaps that pay ``amount`` atoms of ``end`` or a few more, for the least of ``start`` found; none if the
        pools have not as many.
        """
        solved = self.solve(start, end, float(amount), buy=True)
        if solved is None:
            return ()
        given, best = max(solved.bound, 1.0), tuple[PoolSwap, ...]()
        for made in [solved.split, *self.splits(start, end, given)]:
            swaps = self._paying(made, start, end, amount, given)
            if swaps and (not best or self.spent(swaps, start) < self.spent(best, start)):
                best = tuple(swaps)
        return best

    def _paying(self, made: Split, start: str, end: str, amount: int, guess: float) -> list[PoolSwap]:
        """The swaps of a split with an input, near the least, that pays ``amount``; none if it never does."""
        given, short = int(guess), 1
        for _ in range(60):
            swaps = made.swaps(self.network, given)
            got = self.got(swaps, end)
            if got >= amount:
                return evened(trimmed_to(swaps, self.network.pools, end, amount), self.network.pools, start, end, True)
            # As much again as is missing at the average price, and each time more of it.
            given += max(-(-(amount - got) * given // max(got, 1)), 1) * short
            short += short // 2 + 1 if short > 1 else 1
        return []

    def splits(self, start: str, end: str, amount: float) -> list[Split]:
        """The best split of ``amount``, and the best single path where it comes close or is better."""
        solved = self.solve(start, end, amount)
        if not self.leads(start, end) or not 0 < amount < float("inf"):
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
