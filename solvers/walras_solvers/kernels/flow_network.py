"""All pools of a market as one graph of edges over tokens, and the parts of it that can carry a route."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from walras.atoms import U128_MAX
from walras.wire import AnyPool

from walras_solvers.kernels.flow_edges import (
    HELD_I,
    HELD_J,
    KEPT,
    LINKS,
    MOST_I,
    MOST_J,
    RANGES,
    SCALE_I,
    SCALE_J,
    SPOT,
    STABLE,
    WEIGHTED,
    WIDTH,
    Floats,
    Ints,
)
from walras_solvers.kernels.flow_first import first_atoms
from walras_solvers.kernels.flow_state import Tables, hops_from
from walras_solvers.kernels.flow_tables import usable


class Network:
    """Edges sorted by pool. ``link``, ``curve`` and ``ranges`` are what ``flow_edges`` describes."""

    def __init__(self, pools: Mapping[str, AnyPool]) -> None:
        self.pools = pools
        found = usable(pools)
        self.names = tuple(found)
        edges = [(number, edge) for number, name in enumerate(self.names) for edge in found[name]]
        self.tokens = tuple(sorted({token for _, edge in edges for token in edge[:2]}))
        self.at = {token: index for index, token in enumerate(self.tokens)}
        self.link: Ints = np.zeros((len(edges), LINKS), dtype=np.int64)
        self.curve: Floats = np.zeros((len(edges), WIDTH))
        ranges: list[tuple[float, float, float]] = []
        for row, (pool, (one, other, kind, constants, own, here)) in enumerate(edges):
            self.link[row] = (self.at[one], self.at[other], kind, pool, len(ranges), len(own), here)
            self.curve[row] = constants
            ranges.extend(own)
        self.ranges: Floats = np.array(ranges or [(0.0, 0.0, 0.0)])
        self.tables = Tables(self.link, self.curve, self.ranges, *first_atoms(self.link, self.curve, self.ranges))
        self._hops: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        self._parts: dict[tuple[int, int], Ints] = {}
        self._spots: dict[int, Floats] = {}

    def edges_between(self, start: int, end: int) -> Ints:
        """The edges that a route from ``start`` to ``end`` may use: no pool and no token without a way on."""
        key = (min(start, end), max(start, end))
        if key not in self._parts:
            self._parts[key] = self._core(key)
        return self._parts[key]

    def hops_between(self, start: int, end: int) -> tuple[Ints, Ints]:
        """What :func:`hops_from` finds among those edges."""
        if (start, end) not in self._hops:
            edges = self.edges_between(start, end)
            self._hops[start, end] = hops_from(start, end, edges, self.link, len(self.tokens))
        return self._hops[start, end]

    def _core(self, ends: tuple[int, int]) -> Ints:
        """A token in the middle needs two pools, as each is used once; a pool needs two tokens."""
        members = {pool: set(tokens) for pool, tokens in self._members.items()}
        alive = set(range(len(self.tokens)))
        while True:
            count = dict.fromkeys(alive, 0)
            for tokens in members.values():
                for token in tokens:
                    count[token] += 1
            dead = {token for token in alive if count[token] < (1 if token in ends else 2) and token not in ends}
            lonely = {pool for pool, tokens in members.items() if len(tokens - dead) < 2}
            if not dead and not lonely:
                break
            alive -= dead
            members = {pool: tokens - dead for pool, tokens in members.items() if pool not in lonely}
        kept = [e for e, (i, j, _, pool, *_) in enumerate(self.link.tolist()) if {i, j} <= members.get(pool, set())]
        return np.array(kept, dtype=np.int64)

    @cached_property
    def _members(self) -> dict[int, set[int]]:
        members: dict[int, set[int]] = {}
        for i, j, _, pool, *_ in self.link.tolist():
            members.setdefault(pool, set()).update((i, j))
        return members

    def spot_prices(self, pinned: int) -> Floats:
        """Rough prices of all tokens where ``pinned`` has one: each from the deepest pool beside a known token.

        Tokens that no pool connects to it have NaN.
        """
        if pinned not in self._spots:
            self._spots[pinned] = self._spread_from(pinned)
        return self._spots[pinned].copy()

    def _spread_from(self, pinned: int) -> Floats:
        prices = np.full(len(self.tokens), np.nan)
        prices[pinned] = 1.0
        border = self._beside(pinned, 1.0)
        while border:
            border.sort(reverse=True)
            _, token, price = border.pop(0)
            if np.isnan(prices[token]):
                prices[token] = price
                border += [step for step in self._beside(token, price) if np.isnan(prices[step[1]])]
        return prices

    def _beside(self, token: int, price: float) -> list[tuple[float, int, float]]:
        """(depth by value, neighbour, its price) over the edges of ``token``, which has ``price``."""
        steps = []
        for e in self._edges_at.get(token, ()):
            i, j = int(self.link[e, 0]), int(self.link[e, 1])
            spot, depth = float(self.curve[e, SPOT]), self._depths[e]
            if token == i:
                steps.append((depth[0] * price, j, price / spot))
            else:
                steps.append((depth[1] * price, i, price * spot))
        return steps

    @cached_property
    def _edges_at(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for e, (i, j, *_) in enumerate(self.link.tolist()):
            found.setdefault(i, []).append(e)
            found.setdefault(j, []).append(e)
        return found

    @cached_property
    def _depths(self) -> list[tuple[float, float]]:
        return [self._depth(e) for e in range(len(self.link))]

    def _depth(self, e: int) -> tuple[float, float]:
        c = self.curve[e]
        if self.link[e, 2] == RANGES:
            liquidity = float(self.ranges[self.link[e, 4] + self.link[e, 6], 2])
            return liquidity / float(c[SPOT]) ** 0.5, liquidity * float(c[SPOT]) ** 0.5
        scales = (float(c[SCALE_I]), float(c[SCALE_J])) if self.link[e, 2] == STABLE else (1.0, 1.0)
        return float(c[HELD_I]) / scales[0], float(c[HELD_J]) / scales[1]

    def most_given(self, e: int, from_i: bool) -> int:
        """The most atoms that the edge's pool takes in one swap."""
        if self.link[e, 2] != WEIGHTED:
            return U128_MAX
        return int(self.curve[e, MOST_I if from_i else MOST_J] / self.curve[e, KEPT])

    def depth(self, e: int) -> tuple[float, float]:
        """(atoms of i, atoms of j) that an edge has to trade with, roughly."""
        return self._depths[e]
