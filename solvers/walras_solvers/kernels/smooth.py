"""The smoothed dual of the fill programme: few unknowns, one a token, however many orders there are.

A column of value v that earns d a unit of value contributes v·τ·log(1 + exp((d + aᵀλ)/τ)); as τ falls the minimum over
λ tends to the linear programme's value, and at any τ the parts 1/(1 + exp(−(d + aᵀλ)/τ)) balance every token.
Newton's method, as λ has only as many entries as there are tokens (Nesterov, *Smooth minimization of non-smooth
functions*, 2005, for the idea of smoothing).
"""

from __future__ import annotations

import numpy as np

from walras_solvers.jit import compiled
from walras_solvers.kernels.flow_edges import Floats, Ints

_RIDGE = 1e-9


@compiled
def minimise(
    indptr: Ints,
    rows: Ints,
    data: Floats,
    width: Floats,
    density: Floats,
    temperature: float,
    dual: Floats,
    steps: int,
    close: float,
) -> float:
    """Damped Newton steps on ``dual`` in place; returns the value. ``close``: relative imbalance to stop at."""
    tokens = len(dual)
    scale = width.sum()
    value = _value(indptr, rows, data, width, density, temperature, dual)
    for _ in range(steps):
        slope, curve = _slopes(indptr, rows, data, width, density, temperature, dual)
        if np.abs(slope).max() <= close * scale:
            break
        ridge = _RIDGE * max(np.trace(curve) / tokens, scale / temperature * 1e-6)
        for token in range(tokens):
            curve[token, token] += ridge
        step = np.linalg.solve(curve, slope)
        length, fall = 1.0, (step * slope).sum()
        farthest = np.abs(step).max()
        if farthest > 2.0:
            length = 2.0 / farthest
        moved = False
        for _ in range(30):
            trial = dual - length * step
            there = _value(indptr, rows, data, width, density, temperature, trial)
            if there <= value - 1e-4 * length * fall:
                dual[:] = trial
                moved = value - there > 1e-14 * abs(value)
                value = there
                break
            length *= 0.5
        if not moved:
            break
    return value


@compiled
def _value(
    indptr: Ints, rows: Ints, data: Floats, width: Floats, density: Floats, temperature: float, dual: Floats
) -> float:
    total = 0.0
    for column in range(len(width)):
        reduced = density[column]
        for entry in range(indptr[column], indptr[column + 1]):
            reduced += data[entry] * dual[rows[entry]]
        total += width[column] * (max(reduced, 0.0) + temperature * np.log1p(np.exp(-abs(reduced) / temperature)))
    return total


@compiled
def _slopes(
    indptr: Ints, rows: Ints, data: Floats, width: Floats, density: Floats, temperature: float, dual: Floats
) -> tuple[Floats, Floats]:
    """(gradient, Hessian) by ``dual``: the imbalance of each token, and how it moves."""
    slope, curve = np.zeros(len(dual)), np.zeros((len(dual), len(dual)))
    for column in range(len(width)):
        reduced = density[column]
        for entry in range(indptr[column], indptr[column + 1]):
            reduced += data[entry] * dual[rows[entry]]
        tail = np.exp(-abs(reduced) / temperature)
        part = 1.0 / (1.0 + tail) if reduced >= 0 else tail / (1.0 + tail)
        bend = width[column] * tail / (1.0 + tail) ** 2 / temperature
        for one in range(indptr[column], indptr[column + 1]):
            slope[rows[one]] += data[one] * width[column] * part
            if bend > 0.0:
                for other in range(indptr[column], indptr[column + 1]):
                    curve[rows[one], rows[other]] += data[one] * data[other] * bend
    return slope, curve


@compiled
def tightened(indptr: Ints, rows: Ints, data: Floats, width: Floats, tokens: int, rounds: int) -> Floats:
    """The widths that columns can reach at all: no more goes into a token than the others take out, and the reverse.

    Without it one order that nobody can serve sets the scale of the numbers, and the rest drowns in the tolerance.
    """
    width = width.copy()
    for _ in range(rounds):
        into, out = np.zeros(tokens), np.zeros(tokens)
        for column in range(len(width)):
            for entry in range(indptr[column], indptr[column + 1]):
                moved = data[entry] * width[column]
                if moved > 0:
                    into[rows[entry]] += moved
                else:
                    out[rows[entry]] -= moved
        changed = False
        for column in range(len(width)):
            most = width[column]
            for entry in range(indptr[column], indptr[column + 1]):
                other = out[rows[entry]] if data[entry] > 0 else into[rows[entry]]
                if data[entry] != 0.0:
                    most = min(most, other / abs(data[entry]))
            if most < width[column] * (1 - 1e-3):
                width[column], changed = most, True
        if not changed:
            break
    return width
