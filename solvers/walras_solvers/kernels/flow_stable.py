"""Two tokens of a stable pool, the others as they are: the curve x·y·(x + y + shift) = level over real numbers.

It is the invariant of Egorov, *StableSwap* (2019), with everything that a swap leaves alone folded into two constants.
"""

from __future__ import annotations

from math import exp, log, sqrt

from walras_solvers.kernels.flow_jit import compiled

_STEPS = 60
_CLOSE = 1e-15
_FARTHEST = 25.0  # in logarithms: a balance never grows or shrinks by more than e^25


@compiled
def other_balance(x: float, shift: float, level: float) -> float:
    """The balance y that belongs to x."""
    b, c = shift + x, level / x
    root = sqrt(b * b + 4.0 * c)
    return 2.0 * c / (b + root) if b > 0.0 else (root - b) / 2.0


@compiled
def marginal(x: float, y: float, shift: float) -> float:
    """Atoms of y for an atom of x at the margin: −dy/dx."""
    return y * (2.0 * x + y + shift) / (x * (2.0 * y + x + shift))


@compiled
def slope(x: float, y: float, shift: float) -> float:
    """How the logarithm of :func:`marginal` changes with that of x; always negative."""
    fall = marginal(x, y, shift)
    one = (2.0 - fall) / (2.0 * x + y + shift)
    other = (1.0 - 2.0 * fall) / (2.0 * y + x + shift)
    return x * (-fall / y + one - 1.0 / x - other)


@compiled
def balance_at(price: float, start: float, shift: float, level: float) -> float:
    """The balance x at which the margin is ``price``: Newton on logarithms, kept inside a bracket around ``start``."""
    goal, at = log(price), log(start)
    low, high = at - _FARTHEST, at + _FARTHEST
    for _ in range(_STEPS):
        x = exp(at)
        y = other_balance(x, shift, level)
        miss = log(marginal(x, y, shift)) - goal
        if miss > 0.0:
            low = at
        else:
            high = at
        moved = at - miss / slope(x, y, shift)
        if not low < moved < high:
            moved = 0.5 * (low + high)
        if abs(moved - at) <= _CLOSE * (1.0 + abs(at)):
            return exp(moved)
        at = moved
    return exp(at)
