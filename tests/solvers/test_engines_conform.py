"""Every engine that comes with Walras passes the conformance suite, each in a process of its own.

`walras solver check NAME` runs all of it; here the search engines get the traps, and one of each kind of the rest. The
engine to copy is checked in `tests/conformance`.
"""

from __future__ import annotations

import pytest
from walras.conformance import Case, suite
from walras_auction.conformance import Checker

#: Milliseconds a case: engines that search for as long as they may get little, which costs them quality alone.
_DEADLINES = {"clearing": 400, "router": 1_000, "orderbook": 1_000, "marketmaker": 5_000}


@pytest.mark.parametrize("engine", sorted(_DEADLINES))
def test_the_engine_passes(engine: str) -> None:
    with Checker(engine, patience_ms=60_000) as checker:
        cases = [case for case in suite(deadline_ms=_DEADLINES[engine]) if engine == "marketmaker" or _is_short(case)]
        results = [checker.check(case) for case in cases]
    assert [f"{one.case}: {one.complaint}" for one in results if not one.ok] == []
    assert sum(one.bids for one in results) > 0


def _is_short(case: Case) -> bool:
    made = case.name.startswith(("generated-", "recorded-", "large-", "duplicates"))
    return not made or case.name.endswith("-0")
