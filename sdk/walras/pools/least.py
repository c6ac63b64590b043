"""The least input that pays out an amount, for pools whose own answer to that question is not the least."""

from __future__ import annotations

from collections.abc import Callable

#: No pool takes more in one swap: amounts are signed 256-bit numbers in the widest of the contracts.
MOST = 2**255 - 1


def least_input(pays: Callable[[int], int], wanted: int, guess: int, most: int = MOST) -> int | None:
    """The least n with ``pays(n) >= wanted``, where ``pays`` does not fall up to ``most``; None if there is none.

    Doubling steps away from ``guess``, then halving: a handful of calls where the guess is a few atoms off.
    """
    guess, step = min(max(guess, 1), most), 1
    if pays(guess) >= wanted:
        high, low = guess, guess - step
        while low > 0 and pays(low) >= wanted:
            step *= 2
            high, low = low, low - step
        return _between(pays, wanted, max(low, 0), high)
    low, high = guess, guess + step
    while high < most and pays(high) < wanted:
        step *= 2
        low, high = high, high + step
    high = min(high, most)
    return _between(pays, wanted, low, high) if pays(high) >= wanted else None


def _between(pays: Callable[[int], int], wanted: int, low: int, high: int) -> int:
    """``low`` pays too little and ``high`` enough."""
    while high - low > 1:
        middle = (low + high) // 2
        if pays(middle) >= wanted:
            high = middle
        else:
            low = middle
    return high
