"""Weighted and stable pools against the exact curves, in sixty digits: never more than those pay, and hardly less."""

from __future__ import annotations

from decimal import Decimal, localcontext

from hypothesis import assume, given
from hypothesis import strategies as st
from support.effort import examples
from walras.pools import stable, weighted

WEI = 10**18
#: The margin of the contract's power: 10^-14, on either side of it.
MARGIN = Decimal(3) / 10**14

balances = st.integers(10**12, 10**28)
parts = st.integers(1, 300_000)  # millionths of a balance
weights = st.integers(2, 98)


@examples(100)
@given(balances, balances, parts, weights, st.booleans())
def test_a_weighted_pool_keeps_the_curve(one: int, other: int, part: int, weight: int, plain: bool) -> None:
    amount, rest = one * part // 10**6, 100 - weight
    out = weighted.out_given_in(one, weight * 10**16, other, rest * 10**16, amount, plain)
    assert out is not None
    with localcontext() as context:
        context.prec = 60
        exact = other * (1 - (Decimal(one) / (one + amount)) ** (Decimal(weight) / rest))
        assert out <= exact
        assert exact - out <= other * MARGIN + other / Decimal(WEI) * 3 + 2


@examples(100)
@given(balances, balances, parts, weights, st.booleans())
def test_a_weighted_pool_asks_for_enough(one: int, other: int, part: int, weight: int, plain: bool) -> None:
    amount, rest = other * part // 10**6, 100 - weight
    asked = weighted.in_given_out(one, weight * 10**16, other, rest * 10**16, amount, plain)
    if asked is None:
        return
    with localcontext() as context:
        context.prec = 60
        ratio = (Decimal(other) / (other - amount)) ** (Decimal(rest) / weight)
        assert asked >= one * (ratio - 1)
        assert asked - one * (ratio - 1) <= one * ratio * MARGIN + one * ratio / Decimal(WEI) * 100 + 2


def curve(amplification: int, held: list[Decimal], d: Decimal) -> Decimal:
    """How far the balances are above the invariant's curve: A·n·S + D − A·n·D − D^(n+1)/(n^n·Π), over A·n."""
    count, scaled = len(held), Decimal(amplification) * len(held) / 1_000
    product = d
    for balance in held:
        product = product * d / (count * balance)
    return (scaled * sum(held) + d - scaled * d - product) / scaled


@examples(100)
@given(
    st.integers(1_000, 5_000_000),
    st.lists(st.integers(10**20, 10**27), min_size=2, max_size=4),
    st.integers(1, 10**6),
)
def test_a_stable_pool_never_loses(amplification: int, held: list[int], part: int) -> None:
    """After a swap the balances lie on the curve or above it, but hardly: by atoms, and what the invariant rounds."""
    assume(max(held) < 1_000 * min(held))
    d = stable.invariant(amplification, held)
    assume(d is not None)  # the contract's iteration may swing about the solution by more than an atom, and revert
    assert d is not None
    amount = held[0] * part // 10**6
    out = stable.out_given_in(amplification, held, d, 0, 1, amount)
    if out is None:
        return
    with localcontext() as context:
        context.prec = 60
        after = [Decimal(held[0] + amount), Decimal(held[1] - out), *map(Decimal, held[2:])]
        before = [Decimal(balance) for balance in held]
        gained = curve(amplification, after, Decimal(d)) - curve(amplification, before, Decimal(d))
        assert gained > -2 * sum(held) / Decimal(10**15)
        assert gained < sum(held) / Decimal(10**12)
