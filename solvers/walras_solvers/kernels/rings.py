"""Starting prices far from the reference ones: those of the rings of orders that gain most.

Orders far off the market trade only with each other, at prices that a search from the reference prices never comes
near. Round a ring of few tokens the best prices can be found exactly (``ring_edges``); the other tokens' prices then
follow one by one, each to where some order just trades.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from walras_solvers.kernels.deadline import Deadline
from walras_solvers.kernels.flow_edges import Floats, Ints
from walras_solvers.kernels.program import Program
from walras_solvers.kernels.ring_edges import LONGEST, STEPS, best_ring, steps_of

_FIRST = 12  # edges with most to gain, from which rings are begun
_RINGS = 1_500
_KEPT = 4
_TRIED = 12  # limits that a token's price is tried at
_SWEEPS = 3
_HAIR = 1e-8
_SOUND = 1e-6
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Ring:
    """What goes round ``tokens``, worth so many wei, at log prices less those of the first token."""

    worth: float
    tokens: tuple[int, ...]
    levels: Floats


@dataclass(frozen=True, slots=True)
class Edges:
    """The directed pairs of tokens that single orders trade, with the steps of each; see :func:`best_ring`."""

    ends: list[tuple[int, int]]
    limits: Floats
    given: Floats
    asked: Floats
    count: Ints
    worth: Floats
    potential: Floats  # wei that all orders of the edge would gain at the reference prices

    @classmethod
    def of(cls, program: Program) -> Edges:
        """The edges over tokens with a reference price."""
        singles, reference = program.singles, program.reference
        limits, amounts = whole_limits(program), np.maximum(singles.gives - singles.fee, 0.0)
        known = (reference[singles.give] > 0) & (reference[singles.want] > 0) & (amounts > 0) & np.isfinite(limits)
        pairs = singles.give * len(reference) + singles.want
        names = np.unique(pairs[known])
        tables, count = np.zeros((3, len(names), STEPS)), np.zeros(len(names), dtype=np.int64)
        potential = np.zeros(len(names))
        for row, name in enumerate(names.tolist()):
            chosen = np.flatnonzero(known & (pairs == name))
            steps = steps_of(limits[chosen], amounts[chosen])
            count[row] = len(steps[0])
            tables[:, row, : count[row]] = steps
            give, want = divmod(name, len(reference))
            gains = amounts[chosen] * (reference[give] - np.exp(limits[chosen]) * reference[want])
            potential[row] = np.maximum(gains, 0.0).sum()
        ends = [divmod(name, len(reference)) for name in names.tolist()]
        worth = reference[[want for _, want in ends]] if ends else np.zeros(0)
        return cls(ends, tables[0], tables[1], tables[2], count, worth, potential)

    def rings(self) -> Iterator[tuple[int, ...]]:
        """Rings of three tokens and more, from the edges with most to gain on; each once, at most so many."""
        after: dict[int, list[int]] = {}
        ranked = np.argsort(-self.potential, kind="stable").tolist()
        for edge in ranked:
            after.setdefault(self.ends[edge][0], []).append(edge)
        seen, left = set[frozenset[int]](), _RINGS
        for first in ranked[:_FIRST]:
            waiting: list[tuple[int, ...]] = [(first,)]
            while waiting:
                path = waiting.pop()
                start, at = self.ends[path[0]][0], self.ends[path[-1]][1]
                for edge in after.get(at, []):
                    end, ring = self.ends[edge][1], (*path, edge)
                    if end == start and len(ring) > 2 and frozenset(ring) not in seen:
                        seen.add(frozenset(ring))
                        left -= 1
                        yield ring
                        if not left:
                            return
                    elif end != start and len(ring) < LONGEST and all(end != self.ends[one][0] for one in ring):
                        waiting.append(ring)


def whole_limits(program: Program) -> Floats:
    """Log limits that leave an atom to rounding: of few atoms it may be much."""
    singles = program.singles
    return singles.limits() + np.log1p(1 / np.maximum(singles.wants, _TINY))


def best_rings(program: Program, deadline: Deadline) -> list[Ring]:
    """The rings worth most, no two over the same tokens; as far as there is time to look."""
    edges, found = Edges.of(program), dict[frozenset[int], Ring]()
    for ring in edges.rings():
        if deadline.passed:
            break
        best = np.zeros(len(ring))
        tables = edges.limits, edges.given, edges.asked, edges.count, edges.worth
        worth = best_ring(np.array(ring, dtype=np.int64), *tables, best)
        tokens = tuple(edges.ends[edge][0] for edge in ring)
        key = frozenset(tokens)
        if worth > 0 and (key not in found or found[key].worth < worth):
            found[key] = Ring(worth, tokens, -np.concatenate([[0.0], np.cumsum(best[:-1])]))
    return sorted(found.values(), key=lambda ring: (-ring.worth, ring.tokens))[:_KEPT]


def far_starts(
    program: Program, reference: Floats, least: float, deadline: Deadline
) -> Iterator[tuple[Floats, list[int]]]:
    """Log prices at which the best rings trade that gain more than ``least`` wei, and the tokens beside the ring.

    Those keep their reference prices, beside the token of the ring that has moved about as the others.
    """
    for ring in best_rings(program, deadline):
        if ring.worth > least:
            start, places = reference.copy(), list(ring.tokens)
            moved = ring.levels - reference[places]
            start[places] = ring.levels - moved[int(np.argmin(np.abs(moved - np.median(moved))))]
            yield start, [token for token in range(len(start)) if token not in places]


def sound_worth(program: Program) -> Callable[[Floats], float]:
    """Wei of surplus by log prices; nothing where a token is balanced worse than by a millionth of what moves of it.

    Where values span many decimal orders HiGHS's tolerance is worth more than all of a token's trade, and of the batch.
    """
    singles = program.singles

    def worth(log_prices: Floats) -> float:
        clearing = program.solve(np.exp(log_prices - log_prices.max()))
        traded = clearing.traded[: len(singles.fee)]
        given, asked = (np.bincount(ends, traded, len(log_prices)) for ends in (singles.give, singles.want))
        sound = (np.abs(given - asked) <= _SOUND * np.minimum(given, asked)).all()
        return clearing.worth if sound else 0.0

    return worth


def meet_limits(
    program: Program, worth: Callable[[Floats], float], start: Floats, tokens: Sequence[int], deadline: Deadline
) -> Floats:
    """Log prices: those of ``tokens`` moved in turn to the limit that gains most, until none does."""
    limits, point, best = whole_limits(program), start, worth(start)
    for _ in range(_SWEEPS):
        before = best
        for token in tokens:
            for level in _levels(token, point, limits, program):
                if deadline.passed:
                    return point
                moved = point.copy()
                moved[token] = level
                value = worth(moved)
                if value > best * (1 + 1e-9):
                    point, best = moved, value
        if best <= before:
            break
    return point


def _levels(token: int, point: Floats, limits: Floats, program: Program) -> Floats:
    """Log prices of ``token`` at which some order that gives or wants it just trades; the larger orders' ones."""
    singles = program.singles
    sizes = (singles.gives - singles.fee) * np.exp(point - point.max())[singles.give]
    gives, wants = np.flatnonzero(singles.give == token), np.flatnonzero(singles.want == token)
    levels = np.concatenate(
        [
            point[singles.want[gives]] + limits[gives] + _HAIR,
            point[singles.give[wants]] - limits[wants] - _HAIR,
        ]
    )
    largest = np.argsort(-sizes[np.concatenate([gives, wants])], kind="stable")
    near: Floats = np.unique(levels[largest[:_TRIED]].round(12))
    return near
