"""Prices that make given quantities balance: the step from a good search result to an exact one.

A fill moves value between tokens and keeps its sum, so for fixed quantities the net value left over in each token is
a function V(p) of the prices alone, linear for orders with one leg a side. Newton steps on the logarithms, with V
in exact integers and only the step in floats, bring every token to its target to within the prices' own resolution.
Without pools V always has a root; with pools the quantities have to be chosen so that what is left is near zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from walras.wire import AnyPool, PoolSwap

from walras_solvers.kernels.market import Order
from walras_solvers.kernels.pools import bought

#: Bits of the largest price. Leaves room below 2^128 for later steps and 2^60 for tokens worth 2^60 times less.
PRICE_BITS = 120
_STEP_BITS = 80
_ROUNDS = 20
_PROGRESS = 0.9  # a step that leaves more than this of the worst gap was the last one
_CLOSE = 1e-3  # atoms
_FARTHEST = 1e6

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Trade:
    """A fill before rounding: ``executed`` of the fixed side's first leg, of which ``fee`` atoms of the first give."""

    order: Order
    executed: int
    fee: int


@dataclass(slots=True)
class Flows:
    """Quantities of a solution, summed by what they do: own atoms a token, and coefficients between two tokens."""

    own: dict[str, int] = field(default_factory=dict)
    cross: dict[tuple[str, str], int] = field(default_factory=dict)
    baskets: list[Trade] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)

    def add(self, token: str, atoms: int) -> None:
        self.own[token] = self.own.get(token, 0) + atoms

    def charge(self, token: str, priced_in: str, atoms: int) -> None:
        """``token`` loses the value of ``atoms`` of ``priced_in``."""
        self.cross[(token, priced_in)] = self.cross.get((token, priced_in), 0) - atoms


def flows_of(trades: Sequence[Trade], swaps: Sequence[PoolSwap], pools: Mapping[str, AnyPool]) -> Flows:
    """Sum the quantities of a solution."""
    flows = Flows()
    for trade in trades:
        order = trade.order
        flows.links.update((order.gives[0], token) for token in (*order.gives, *order.wants))
        if not order.simple:
            flows.baskets.append(trade)
        elif order.sells:
            flows.add(order.gives[0], trade.executed - trade.fee)
            flows.charge(order.wants[0], order.gives[0], trade.executed - trade.fee)
        else:
            flows.add(order.wants[0], -trade.executed)
            flows.charge(order.gives[0], order.wants[0], -trade.executed)
    for swap in swaps:
        paid = bought(pools, swap)
        flows.links.add((swap.token_in, paid))
        flows.add(swap.token_in, -swap.amount_in)
        flows.add(paid, swap.amount_out)
    return flows


def scale_prices(prices: Mapping[str, float]) -> dict[str, int]:
    """Positive real prices as integers, the largest of PRICE_BITS bits, none below 1."""
    top = max(prices.values())
    return {token: max(1, int(price / top * 2.0**PRICE_BITS)) for token, price in prices.items()}


def balance(prices: Mapping[str, int], flows: Flows, surplus: Mapping[str, int]) -> dict[str, int]:
    """Integer prices near ``prices`` at which each token keeps ``surplus`` atoms (0 if absent), or nearly."""
    tokens = sorted(prices)
    groups = _groups(tokens, flows.links)
    current = _iterate(tokens, dict(prices), flows, surplus, groups, _equal)
    values, _, _ = _evaluate(tokens, current, flows)
    short = [surplus.get(token, 0) * current[token] - value for token, value in zip(tokens, values, strict=True)]
    if all(wrong < current[token] for wrong, token in zip(short, tokens, strict=True)):
        return current
    # No prices leave exactly nothing over everywhere: leave as little as possible, and nothing short.
    return _iterate(tokens, current, flows, surplus, groups, _at_least)


def _iterate(
    tokens: Sequence[str],
    prices: dict[str, int],
    flows: Flows,
    surplus: Mapping[str, int],
    groups: Sequence[Sequence[int]],
    solve: Callable[[Matrix, Vector, Matrix], Vector],
) -> dict[str, int]:
    """Newton steps until they are closer than an atom can tell, or stop getting closer."""
    current, before = prices, float("inf")
    for _ in range(_ROUNDS):
        values, slopes, sizes = _evaluate(tokens, current, flows)
        gap = [surplus.get(token, 0) * current[token] - value for token, value in zip(tokens, values, strict=True)]
        # What is over counts only where it has to go.
        off = [abs(wrong) if solve is _equal else max(wrong, 0) for wrong in gap]
        worst = max(wrong / current[token] for wrong, token in zip(off, tokens, strict=True))
        if worst <= _CLOSE or worst > before * _PROGRESS:
            break
        before = worst
        step = _step(gap, slopes, sizes, groups, solve)
        moved = {token: _moved(current[token], step[index]) for index, token in enumerate(tokens)}
        if moved == current:
            break
        current = moved
    return current


def _moved(price: int, step: float) -> int:
    limited = min(max(step, -0.2), 0.2)
    return max(1, price + (price * int(limited * 2.0**_STEP_BITS) >> _STEP_BITS))


def _evaluate(tokens: Sequence[str], prices: Mapping[str, int], flows: Flows) -> tuple[list[int], Matrix, list[float]]:
    """(value left in each token, its slopes by log price, the value that moves through each token)."""
    at = {token: index for index, token in enumerate(tokens)}
    values, sizes = [0] * len(tokens), [0.0] * len(tokens)
    slopes = np.zeros((len(tokens), len(tokens)))

    def add(token: str, priced_in: str, atoms: int) -> None:
        worth = atoms * prices[priced_in]
        values[at[token]] += worth
        slopes[at[token], at[priced_in]] += float(worth)
        sizes[at[token]] += abs(float(worth))

    for token, atoms in flows.own.items():
        add(token, token, atoms)
    for (token, priced_in), atoms in flows.cross.items():
        add(token, priced_in, atoms)
    for trade in flows.baskets:
        _add_basket(trade, prices, at, values, slopes, sizes)
    return values, slopes, sizes


def _add_basket(
    trade: Trade,
    prices: Mapping[str, int],
    at: Mapping[str, int],
    values: list[int],
    slopes: Matrix,
    sizes: list[float],
) -> None:
    """A fill of several legs: the fixed side's value, spread over the moving side by one factor of its bounds."""
    order, full = trade.order, trade.order.intent.full_amount
    fixed, moving = (order.gives, order.wants) if order.sells else (order.wants, order.gives)
    sign = 1 if order.sells else -1
    amounts = [leg.start * trade.executed // full for leg in order.intent.fixed_side]
    fixed_net = dict(zip(fixed, amounts, strict=True))
    # A sell's fee lowers what it trades; a buy's fee is paid on top of the value and leaves with the fee.
    fee_token = order.gives[0]
    if order.sells:
        fixed_net[fee_token] -= trade.fee
    traded = sum(atoms * prices[token] for token, atoms in fixed_net.items())
    paid = traded if order.sells else traded + trade.fee * prices[fee_token]
    basis = [leg.end * prices[token] for leg, token in zip(order.intent.moving_side, moving, strict=True)]
    total = sum(basis)
    for token, atoms in fixed_net.items():
        worth = sign * atoms * prices[token]
        values[at[token]] += worth
        slopes[at[token], at[token]] += float(worth)
        sizes[at[token]] += abs(float(worth))
    for index, token in enumerate(moving):
        share = paid * basis[index] // total
        worth = -sign * share - (0 if order.sells or token != fee_token else trade.fee * prices[fee_token])
        values[at[token]] += worth
        sizes[at[token]] += abs(float(worth))
        slopes[at[token], at[token]] -= sign * float(share)
        for source, atoms in fixed_net.items():
            slopes[at[token], at[source]] -= sign * float(atoms * prices[source]) * (basis[index] / total)
        for rival, weight in zip(moving, basis, strict=True):
            slopes[at[token], at[rival]] += sign * float(share) * (weight / total)


def _step(
    gap: Sequence[int],
    slopes: Matrix,
    sizes: Sequence[float],
    groups: Sequence[Sequence[int]],
    solve: Callable[[Matrix, Vector, Matrix], Vector],
) -> list[float]:
    """The Newton step of the log prices; each connected group of tokens keeps its overall level."""
    # Of a token that pools take as a whole nothing moves by itself, yet others are priced in it.
    largest = max(sizes) or 1.0
    weight = np.sqrt(np.array([size or largest for size in sizes]))
    level = np.zeros((len(groups), len(gap)))
    for row, group in enumerate(groups):
        level[row, group] = weight[group]
    level /= np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-300)
    right = np.array([float(wrong) for wrong in gap]) / weight
    size = float(np.abs(right).max()) or 1.0
    scale = float(np.abs(slopes / weight[:, None] / weight[None, :]).max()) or 1.0
    solution = solve(slopes / weight[:, None] / weight[None, :] / scale, right / size, level)
    return [float(part) for part in solution / weight * (size / scale)]


def _equal(matrix: Matrix, right: Vector, level: Matrix) -> Vector:
    """The smallest step after which least is over or short."""
    stacked = np.vstack([matrix, level])
    found = np.linalg.lstsq(stacked, np.concatenate([right, np.zeros(len(level))]), rcond=1e-13)[0]
    return np.asarray(found, dtype=float)


def _at_least(matrix: Matrix, right: Vector, level: Matrix) -> Vector:
    """The step after which nothing is short and as little as possible is over."""
    count = len(right)
    equal = np.block([[matrix, -np.eye(count)], [level, np.zeros((len(level), count))]])
    found = linprog(
        np.concatenate([np.zeros(count), np.ones(count)]),
        A_eq=equal,
        b_eq=np.concatenate([right, np.zeros(len(level))]),
        bounds=[(-_FARTHEST, _FARTHEST)] * count + [(0, None)] * count,
    )
    return np.asarray(found.x[:count], dtype=float) if found.status == 0 else np.zeros(count)


def _groups(tokens: Sequence[str], links: set[tuple[str, str]]) -> list[list[int]]:
    """Indexes of the tokens that trade with each other, directly or through others."""
    parent = {token: token for token in tokens}

    def root(token: str) -> str:
        while parent[token] != token:
            token = parent[token]
        return token

    for one, other in sorted(links):
        parent[root(one)] = root(other)
    groups: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        groups.setdefault(root(token), []).append(index)
    return [groups[key] for key in sorted(groups)]
