"""A short run of the comparison of amounts, and cases that random fills seldom reach."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from walras.atoms import U128_MAX
from walras.intent import FillRule, Intent, Kind, Leg

from . import amounts
from .node import in_process


def agree(*cases: amounts.Case) -> Counter[str]:
    """Every case gets from the contract what is expected of it; how often each outcome was met."""
    wanted = [amounts.expected(case) for case in cases]
    got = in_process("FillMathHarness")([case.calldata for case in cases])
    assert got == [want for want, _ in wanted]
    return Counter(name for _, name in wanted)


def huge(kind: Kind) -> amounts.Case:
    """Eight legs a side, each amount and price the largest there is."""
    gives, wants = (tuple(Leg.fixed("0x" + f"{one:02x}" * 20, U128_MAX) for one in range(a, a + 8)) for a in (1, 11))
    intent = Intent("0x" + "aa" * 20, "0x" + "00" * 20, gives, wants, kind, FillRule.PARTIAL, 1, 0, 0, 9, 0)
    return amounts.Case(intent, 1, U128_MAX, 0, 0, (U128_MAX,) * 8, (U128_MAX,) * 8)


def test_random_fills_agree() -> None:
    seen = agree(*amounts.cases(400, seed=2))
    assert seen["accepted"] > 100
    assert set(seen) - {"accepted"} <= set(amounts.FAMILIES)
    assert len(seen) > 6


@pytest.mark.parametrize("kind", list(Kind))
def test_a_value_above_a_word_is_refused_by_both(kind: Kind) -> None:
    assert agree(huge(kind)) == {"ValueOverflow": 1}


def test_a_wrong_amount_is_found() -> None:
    case = next(one for one in amounts.cases(50, seed=3) if amounts.expected(one)[1] == "accepted")
    other = replace(case, give_prices=tuple(2 * price for price in case.give_prices))
    assert in_process("FillMathHarness")([other.calldata]) != [amounts.expected(case)[0]]
