"""Solvers that do one thing wrong each, as a process loads them from this file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from walras.wire import Batch, Fill, PoolSwap, Solution
from walras_solvers.naive import NaiveSolver


def target(name: str) -> str:
    """How a process is told to load one of them."""
    return f"{Path(__file__)}:{name}"


class Honest(NaiveSolver):
    """As good as the example."""


class Silent:
    """Bids nothing."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        return ()


class Greedy:
    """Fills everybody at equal prices, whatever they asked."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        prices = {token.address: 1 for token in batch.tokens}
        fills = tuple(Fill(uid=entry.uid, executed=entry.remaining) for entry in batch.intents)
        return (Solution(id=5, prices=prices, fills=fills),) if fills else ()


class Optimist(NaiveSolver):
    """Declares an atom more than the pool pays."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        for solution in super().solve(batch):
            steps = tuple(
                step.model_copy(update={"amount_out": step.amount_out + 1})
                for step in solution.interactions
                if isinstance(step, PoolSwap)
            )
            yield solution.model_copy(update={"interactions": steps})


class Fragile(NaiveSolver):
    """Ends where nobody trades."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        if not batch.intents:
            os._exit(3)
        return super().solve(batch)


class Stingy(NaiveSolver):
    """Pays no gas."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        free = batch.model_copy(update={"gas": batch.gas.model_copy(update={"price": 0})})
        return super().solve(free)


class Absent:
    """Has no ``solve``."""
