"""The smoothed dual of the fill programme: as many unknowns as tokens, however many columns there are.

Σ vᵢ·τ·log(1 + exp(eᵢ/τ)) with eᵢ = dᵢ − aᵢλ is convex and smooth in λ, and tends to the programme's dual as the
temperature τ falls. Damped Newton steps from a high temperature to a low one; each is one pass over the columns and a
small linear system. (Smoothing: Nesterov, *Smooth minimization of non-smooth functions*, 2005.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from walras_solvers.jit import compiled

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]

#: Temperatures relative to the gains' spread, of which those are used that are warmer than the last.
_COOLING = (0.3, 0.03, 0.006)
_SAMPLE = 20_000  # columns that the warmer temperatures look at
_STEPS = 30


def minimised(
    balance: csc_array, gain: Floats, most: Floats, warm: Floats | None = None, last: float = 0.002
) -> Floats:
    """λ near the minimum of the dual. ``warm``: a λ to start from, at the last temperature at once.

    ``last`` is that temperature relative to the gains' spread. Columns that earn less than some ten of it share the
    balancing of all others; where it is so cold that they are few, steps are many and small.
    """
    indptr, rows = balance.indptr.astype(np.int64), balance.indices.astype(np.int64)
    spread = float(np.abs(gain).mean()) or 1.0
    width = most / float(most.max())
    arrays = (indptr, rows, balance.data, gain, width)
    price = np.zeros(balance.shape[0]) if warm is None else warm.astype(np.float64).copy()
    stride = max(len(gain) // _SAMPLE, 1)
    for factor in () if warm is not None else _COOLING:
        if factor > last:
            _descend(*arrays, spread * factor, price, stride, _STEPS)
    _descend(*arrays, spread * last, price, 1, _STEPS)
    return price


@compiled
def _descend(
    indptr: Indexes,
    rows: Indexes,
    data: Floats,
    gain: Floats,
    width: Floats,
    heat: float,
    price: Floats,
    stride: int,
    steps: int,
) -> None:
    """Newton steps on ``price`` in place, over every ``stride``-th column; a step is halved until the value falls."""
    tokens = len(price)
    slope, curve = np.zeros(tokens), np.zeros((tokens, tokens))
    value = _pass(indptr, rows, data, gain, width, heat, price, stride, slope, curve)
    trial_slope, trial_curve = np.zeros(tokens), np.zeros((tokens, tokens))
    for _ in range(steps):
        # Prices of tokens have one freedom too many where every column moves as much as it takes: a ridge holds it.
        ridge = 1e-8 * np.trace(curve) / tokens + 1e-300
        for token in range(tokens):
            curve[token, token] += ridge
        step = np.linalg.solve(curve, slope)
        fall, length, gained = (step * slope).sum(), 1.0, 0.0
        if fall <= 1e-11 * abs(value):
            return
        for _ in range(25):
            trial = price - length * step
            there = _pass(indptr, rows, data, gain, width, heat, trial, stride, trial_slope, trial_curve)
            if there <= value - 1e-4 * length * fall:
                gained = value - there
                price[:] = trial
                break
            length *= 0.5
        if gained <= 1e-10 * abs(value):
            return
        value = there
        slope, trial_slope = trial_slope, slope
        curve, trial_curve = trial_curve, curve


@compiled
def _pass(
    indptr: Indexes,
    rows: Indexes,
    data: Floats,
    gain: Floats,
    width: Floats,
    heat: float,
    price: Floats,
    stride: int,
    slope: Floats,
    curve: Floats,
) -> float:
    """The value, and its slope and curvature into the last two arguments."""
    value = 0.0
    slope[:] = 0.0
    curve[:, :] = 0.0
    for column in range(0, len(gain), stride):
        earned = gain[column]
        for place in range(indptr[column], indptr[column + 1]):
            earned -= data[place] * price[rows[place]]
        scaled = earned / heat
        if scaled < -36.0:  # its share is below what a double can add
            continue
        share, bent = 1.0, 0.0
        if scaled > 36.0:
            value += width[column] * earned
        else:
            tail = np.exp(-abs(scaled))
            share = 1.0 / (1.0 + tail) if scaled > 0.0 else tail / (1.0 + tail)
            value += width[column] * (max(earned, 0.0) + heat * np.log1p(tail))
            bent = width[column] * share * (1.0 - share) / heat
        for place in range(indptr[column], indptr[column + 1]):
            row, entry = rows[place], data[place]
            slope[row] -= width[column] * share * entry
            if bent > 0.0:
                for other in range(indptr[column], indptr[column + 1]):
                    curve[row, rows[other]] += bent * entry * data[other]
    return value
