"""Quantities moved by atoms so that every token is covered at prices that stay as they are.

The fills of a linear programme balance to within its tolerance, and atoms are not divisible. What is short afterwards
is taken from fills that can be smaller or larger by so little: a linear programme of the same shape, in units of what
is short, so that each round is as exact in relative terms as the first (iterative refinement).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, eye_array, hstack
from walras.atoms import ceil_div, floor_div

from walras_solvers.kernels.balance import Trade
from walras_solvers.kernels.singles import Floats

#: How much larger or smaller a fill may become, relative to itself.
_FARTHEST = 0.02
#: And at most by this many times the value that is short.
_REACH = 1e4
#: Atoms that are none: what the programme's tolerance makes of zero.
_STILL = 1e-12
#: How far from a whole number of atoms a move may be and still mean that.
_WHOLE = 1e-3
#: Atoms by which roundings may have missed a whole number of the dear token.
_OFF = 2
#: Atoms of a moving leg from which an atom is less than the least gain that engines ask for.
_COARSE = 10**10
#: How many times what is paid with a dear atom must be worth for its price to be a multiple of that.
_FINE_STEPS = 10**9
#: What it costs to move a fill by a unit of value, so that as few as possible move, and fine ones first.
_FINE_COST, _COARSE_COST = 1e-3, 1.0
#: Of what an order executes, what its fee may take at most once it is smaller.
_FEE_ROOM = 0.9


def nudged(
    trades: Sequence[Trade], left: Mapping[str, int], prices: Mapping[str, int], spare: int
) -> list[Trade] | None:
    """The trades, moved so that about ``spare`` atoms are left of each token; None if no small moves do that.

    ``left`` are the atoms left over now, negative where they are short.
    """
    tokens = sorted(left)
    movable = [index for index, trade in enumerate(trades) if trade.order.simple]
    if not movable:
        return None
    at = {token: row for row, token in enumerate(tokens)}
    orders = [trades[index].order for index in movable]
    pays, gets = [at[order.gives[0]] for order in orders], [at[order.wants[0]] for order in orders]
    rows, count = np.column_stack([pays, gets]).ravel(), len(movable)
    matrix = csc_array((np.tile([1.0, -1.0], count), rows, 2 * np.arange(count + 1)), shape=(len(tokens), count))
    unit = np.array([float(prices[order.gives[0] if order.sells else order.wants[0]]) for order in orders])
    cost = np.array([_COARSE_COST if coarse(trades[index], prices) else _FINE_COST for index in movable])
    low, high = _room([trades[index] for index in movable])
    target = np.array([float((spare - left[token]) * prices[token]) for token in tokens])
    # What is short sets the scale. A large rest of a dear token would hide it in the tolerance.
    scale = float(target.max(initial=0.0)) or float(np.abs(target).max()) or 1.0
    target = np.maximum(target, -_REACH * scale)
    low, high = (np.clip(side, -_REACH * scale / unit - 2, _REACH * scale / unit + 2) for side in (low, high))
    # Value is conserved, so what a token keeps beyond its target another one lacks: as little of it as can be.
    found = linprog(
        np.concatenate([cost, cost, np.zeros(len(tokens))]),
        A_eq=hstack([-matrix, matrix, -eye_array(len(tokens))], format="csc"),
        b_eq=target / scale,
        bounds=np.column_stack(
            [
                np.zeros(2 * count + len(tokens)),
                np.concatenate([-low * unit, high * unit, np.full(len(tokens), np.inf)]),
            ]
        )
        / np.concatenate([np.full(2 * count, scale), np.ones(len(tokens))])[:, None],
        method="highs-ds",
    )
    if found.status != 0:
        return None
    return _moved(trades, movable, (found.x[count : 2 * count] - found.x[:count]) * scale / unit, prices)


def coarse(trade: Trade, prices: Mapping[str, int]) -> bool:
    """Whether the moving leg of a single order is so small that rounding it for the trader may be needed and felt."""
    order = trade.order
    own, other = (order.wants[0], order.gives[0]) if order.sells else (order.gives[0], order.wants[0])
    return trade.executed * prices[other] < _COARSE * prices[own]


def aligned(trades: Sequence[Trade], prices: Mapping[str, int]) -> dict[str, int]:
    """``prices`` with those of dear tokens moved, by less than engines ask for, to multiples of what most is paid with.

    Few atoms are rounded for whoever receives them (``ROUNDING_FLOOR``), which up to an atom of what others have pays
    for. At a multiple what is paid can be worth whole atoms, and nothing is rounded.
    """
    paid: dict[str, dict[str, int]] = {}
    for trade in trades:
        order = trade.order
        if order.simple and order.sells and coarse(trade, prices):
            by = paid.setdefault(order.wants[0], {})
            by[order.gives[0]] = by.get(order.gives[0], 0) + trade.executed * prices[order.gives[0]]
    moved = dict(prices)
    for token in sorted(paid, key=lambda token: (prices[token], token)):
        payer = max(sorted(paid[token]), key=paid[token].__getitem__)
        # The nearest multiple; whom the half of a step favours is below the least gain.
        times = floor_div(2 * moved[token] + moved[payer], 2 * moved[payer])
        if times >= _FINE_STEPS:
            moved[token] = times * moved[payer]
    return moved


def snapped(trade: Trade, prices: Mapping[str, int]) -> Trade:
    """The fill made smaller by so much that its coarse leg comes out whole, where its order allows that.

    Rounding for the trader would otherwise cost the others up to an atom of a token whose atoms are dear.
    """
    order = trade.order
    if not order.simple or order.least == order.most or not coarse(trade, prices):
        return trade
    give, want = prices[order.gives[0]], prices[order.wants[0]]
    if order.sells:
        net = trade.executed - trade.fee
        atoms = ceil_div(net * give, want)
        # Whole already, or the next whole number below.
        atoms -= floor_div(atoms * want, give) > net + _OFF
        executed = floor_div(atoms * want, give) + trade.fee
    else:
        executed = ceil_div(floor_div(trade.executed * want, give) * give, want)
    most = min(order.most, trade.executed + _OFF)
    return replace(trade, executed=executed) if max(order.least, 1) <= executed <= most else trade


def _room(trades: Sequence[Trade]) -> tuple[Floats, Floats]:
    """Atoms of the fixed side by which each fill may shrink (≤ 0) and grow (≥ 0)."""
    sharers: dict[tuple[str, str], int] = {}
    for trade in trades:
        key = (trade.order.intent.owner, trade.order.gives[0])
        sharers[key] = sharers.get(key, 0) + 1
    low, high = [], []
    for trade in trades:
        order, step = trade.order, int(trade.executed * _FARTHEST) + 2
        least = max(order.least, 1, int(trade.fee / _FEE_ROOM) + 1 if order.sells else 1)
        alone = sharers[order.intent.owner, order.gives[0]] == 1
        low.append(-float(max(min(trade.executed - least, step), 0)))
        high.append(float(max(min(order.most - trade.executed, step), 0)) if alone else 0.0)
    return np.array(low), np.array(high)


def _moved(trades: Sequence[Trade], movable: Sequence[int], atoms: Floats, prices: Mapping[str, int]) -> list[Trade]:
    """The trades after the moves, each a whole number of atoms and none less than asked for."""
    moved = list(trades)
    for index, change in zip(movable, atoms.tolist(), strict=True):
        if abs(change) <= _STILL:
            continue
        trade = trades[index]
        whole = round(change)
        if whole == 0 or abs(change - whole) > _WHOLE:
            whole = ceil(change) if change > 0 else floor(change)
        least = min(max(trade.order.least, 1), trade.executed)
        executed = min(max(trade.executed + whole, least), trade.order.most)
        moved[index] = snapped(replace(trade, executed=executed), prices)
    return moved
