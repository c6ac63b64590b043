"""A short run of the same orders through GPv2's bytecode and ours."""

from __future__ import annotations

from tests.audit import gpv2
from tests.bench import gpv2 as peer


def test_traders_end_with_the_same_balances() -> None:
    peer.install()
    seen = gpv2.run("eth-tester", batches=1, size=12, seed=6)
    assert seen["orders"] >= 12
    assert seen["inexact"] > 0
    assert seen["rounded against"] > 0
    assert len([kind for kind in seen if kind.endswith(("whole", "partial"))]) == 4
