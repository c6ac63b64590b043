"""Routes through constant-product pools: paths of up to three hops, and the best split of an amount over them.

The split is built up in small parts, each sent down the path that pays most for it given the parts before. For pools
whose marginal price only falls this converges to the optimum, at which all used paths earn the same at the margin
(Angeris et al., *Optimal Routing for Constant Function Market Makers*, 2022). Paths may share pools; they may not
form a circle, so that the swaps can run one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from walras.wire import Pool, PoolSwap

from walras_solvers.kernels.market import MILLION
from walras_solvers.kernels.pools import other_token, reserves, swap, trimmed

MAX_HOPS = 3
MAX_PATHS = 8
_STEPS = 40
_PARTS = 6
_SMALLEST = 1e-5


@dataclass(frozen=True, slots=True)
class Hop:
    """One swap of a path: a pool and the direction through it, with its formula's constants."""

    pool: str
    token_in: str
    token_out: str
    kept: float  # share of the input that the pool's fee leaves
    reserve_in: float
    reserve_out: float

    def out(self, amount: float) -> float:
        kept = amount * self.kept
        return self.reserve_out * kept / (self.reserve_in + kept)


Path = tuple[Hop, ...]


def find_paths(pools: Mapping[str, Pool], start: str, end: str) -> list[Path]:
    """All paths of at most MAX_HOPS pools without visiting a token twice, best first price first."""
    leaving: dict[str, list[Hop]] = {}
    for name in sorted(pools):
        for token in (pools[name].token0, pools[name].token1):
            leaving.setdefault(token, []).append(_hop(pools[name], token))
    found: list[Path] = []

    def extend(path: Path, token: str, seen: frozenset[str]) -> None:
        for hop in leaving.get(token, ()):
            if hop.token_out == end:
                found.append((*path, hop))
            elif hop.token_out not in seen and len(path) + 1 < MAX_HOPS:
                extend((*path, hop), hop.token_out, seen | {hop.token_out})

    extend((), start, frozenset((start,)))
    return sorted(found, key=lambda path: (-first_price(path), [hop.pool for hop in path]))


def _hop(pool: Pool, token: str) -> Hop:
    reserve_in, reserve_out = reserves(pool, token)
    kept = 1 - pool.fee_ppm / MILLION
    return Hop(pool.id, token, other_token(pool, token), kept, float(reserve_in), float(reserve_out))


def first_price(path: Path) -> float:
    """Atoms out an atom in of the first atom."""
    price = 1.0
    for hop in path:
        price *= hop.reserve_out / hop.reserve_in * hop.kept
    return price


def without_circles(paths: Iterable[Path]) -> list[Path]:
    """The paths that can run together, in the given order of preference."""
    kept: list[Path] = []
    for path in paths:
        if _token_order([*kept, path]) is not None:
            kept.append(path)
        if len(kept) == MAX_PATHS:
            break
    return kept


def _token_order(paths: Sequence[Path]) -> list[str] | None:
    """Tokens so that every hop leads forward, or None if some hops form a circle."""
    after: dict[str, set[str]] = {}
    for path in paths:
        for hop in path:
            after.setdefault(hop.token_in, set()).add(hop.token_out)
            after.setdefault(hop.token_out, set())
    order: list[str] = []
    while after:
        free = sorted(token for token in after if not any(token in targets for targets in after.values()))
        if not free:
            return None
        order.append(free[0])
        del after[free[0]]
    return order


@dataclass(slots=True)
class Route:
    """Paths from one token to another and the best split over them, for inputs up to ``most`` atoms."""

    pools: Mapping[str, Pool]
    paths: Sequence[Path]
    most: float
    _order: list[str] = field(init=False)
    _hops: dict[str, list[Hop]] = field(init=False)
    _grid: np.ndarray[tuple[int], np.dtype[np.float64]] = field(init=False)
    _inputs: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = field(init=False)
    _average: np.ndarray[tuple[int], np.dtype[np.float64]] = field(init=False)
    shares: list[float] = field(init=False)  # what each path carries of ``most``

    def __post_init__(self) -> None:
        order = _token_order(self.paths)
        if order is None:
            raise ValueError("the paths form a circle")
        self._order = order
        self._hops = {}
        for path in self.paths:
            for hop in path:
                if hop not in self._hops.setdefault(hop.token_in, []):
                    self._hops[hop.token_in].append(hop)
        self._fill_grid()

    @property
    def interactions(self) -> int:
        return sum(len(hops) for hops in self._hops.values())

    @property
    def first_price(self) -> float:
        return max(first_price(path) for path in self.paths)

    def capacity(self, price: float) -> float:
        """The input of which the whole earns ``price`` atoms out an atom in; at most ``most``."""
        return float(np.interp(-price, -self._average, self._grid, left=0.0))

    def out(self, amount: float) -> float:
        """What ``amount`` earns under the split."""
        held = {self._order[0]: amount}
        for token in self._order:
            for hop, part in self._parts(token, amount):
                held[hop.token_out] = held.get(hop.token_out, 0.0) + hop.out(held.get(token, 0.0) * part)
        return held[self.paths[0][-1].token_out]

    def swaps(self, amount: int) -> tuple[PoolSwap, ...]:
        """The exact swaps of ``amount`` atoms in running order; whatever a hop pays out the next ones use up."""
        held = {self._order[0]: amount}
        done: list[PoolSwap] = []
        for token in self._order:
            parts = [(hop, part) for hop, part in self._parts(token, float(amount)) if part > _SMALLEST]
            left = held.get(token, 0)
            for index, (hop, part) in enumerate(parts):
                last = index == len(parts) - 1
                step = swap(self.pools[hop.pool], token, left if last else min(left, int(held.get(token, 0) * part)))
                if step.amount_in and step.amount_out:
                    done.append(step)
                    left -= step.amount_in
                    held[hop.token_out] = held.get(hop.token_out, 0) + step.amount_out
        return trimmed(done, self.pools, frozenset(self._order[:1]))

    def tokens(self, price_out: float) -> dict[str, float]:
        """Rough prices of the tokens on the way, where the last one's is ``price_out``."""
        prices: dict[str, float] = {}
        for path in self.paths:
            price = price_out
            for hop in reversed(path[1:]):
                price *= hop.reserve_out / hop.reserve_in
                prices.setdefault(hop.token_in, price)
        return prices

    def _parts(self, token: str, amount: float) -> list[tuple[Hop, float]]:
        """What share of the token goes into each pool when ``amount`` enters the route."""
        hops = self._hops.get(token, [])
        inputs = [float(np.interp(amount, self._grid, self._inputs[hop.pool])) for hop in hops]
        total = sum(inputs)
        return [(hop, value / total) for hop, value in zip(hops, inputs, strict=True)] if total > 0 else []

    def _fill_grid(self) -> None:
        """Send growing parts down the best path and note what each pool has taken at each size."""
        grid = self.most * np.geomspace(_SMALLEST, 1.0, _STEPS)
        taken = {hop.pool: 0.0 for hops in self._hops.values() for hop in hops}
        history: dict[str, list[float]] = {name: [] for name in taken}
        carried, sent, earned, earnings = [0.0] * len(self.paths), 0.0, 0.0, []
        for size in grid.tolist():
            part = (size - sent) / _PARTS
            for _ in range(_PARTS):
                gains = [_gain(path, taken, part) for path in self.paths]
                best = max(range(len(gains)), key=gains.__getitem__)
                earned += _send(self.paths[best], taken, part)
                carried[best] += part
            sent = size
            earnings.append(earned)
            for name, value in taken.items():
                history[name].append(value)
        self._grid = grid
        self._inputs = {name: np.array(values) for name, values in history.items()}
        self._average = np.minimum.accumulate(np.array(earnings) / grid)
        self.shares = [value / self.most for value in carried]


def _gain(path: Path, taken: Mapping[str, float], amount: float) -> float:
    """What ``amount`` more would earn down ``path``."""
    for hop in path:
        before = taken[hop.pool]
        amount = hop.out(before + amount) - hop.out(before)
    return amount


def _send(path: Path, taken: dict[str, float], amount: float) -> float:
    for hop in path:
        before = taken[hop.pool]
        taken[hop.pool] = before + amount
        amount = hop.out(before + amount) - hop.out(before)
    return amount


def depth(pools: Mapping[str, Pool], token: str) -> float:
    """The largest reserve of ``token``: more than that is never worth sending."""
    return max(
        (float(reserves(pool, token)[0]) for pool in pools.values() if token in (pool.token0, pool.token1)), default=0.0
    )
