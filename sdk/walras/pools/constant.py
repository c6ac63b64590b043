"""Constant-product pools: x·y stays, less the fee (Uniswap v2, https://uniswap.org/whitepaper.pdf, section 3.2.1)."""

from __future__ import annotations

PPM = 10**6


def amount_out(reserve_in: int, reserve_out: int, amount_in: int, fee_ppm: int) -> int | None:
    """Atoms out for ``amount_in`` atoms, rounded down in the pool's favour; None if the pool trades nothing.

    At 3,000 ppm this is Uniswap v2's 997/1000 to the atom, since both sides of the fraction scale alike.
    """
    if reserve_in <= 0 or reserve_out <= 0 or amount_in <= 0 or not 0 <= fee_ppm < PPM:
        return None
    kept = amount_in * (PPM - fee_ppm)
    return reserve_out * kept // (reserve_in * PPM + kept)


def least_in(reserve_in: int, reserve_out: int, amount_out: int, fee_ppm: int) -> int | None:
    """The least atoms in that pay out at least ``amount_out``; None if no amount does."""
    sides = _ratio(reserve_in, reserve_out, amount_out, fee_ppm)
    return None if sides is None else -(-sides[0] // sides[1])


def router_in(reserve_in: int, reserve_out: int, amount_out: int, fee_ppm: int) -> int | None:
    """What a Uniswap v2 router asks for: rounded down, plus one; an atom above the least where the division is even."""
    sides = _ratio(reserve_in, reserve_out, amount_out, fee_ppm)
    return None if sides is None else sides[0] // sides[1] + 1


def _ratio(reserve_in: int, reserve_out: int, amount_out: int, fee_ppm: int) -> tuple[int, int] | None:
    if reserve_in <= 0 or not 0 < amount_out < reserve_out or not 0 <= fee_ppm < PPM:
        return None
    return reserve_in * amount_out * PPM, (reserve_out - amount_out) * (PPM - fee_ppm)
