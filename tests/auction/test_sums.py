"""Refusals in sums: one announcement a while, none lost, none after the end."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from walras.rejections import Reason
from walras_auction.ports import StoreError
from walras_auction.sums import GATHERED, RefusalSums


class Later:
    """Calls when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, seconds: float, function: Callable[[], None]) -> None:
        assert seconds == GATHERED
        self.waiting.append(function)

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for function in waiting:
            function()


def test_a_flood_is_one_announcement_for_each_reason() -> None:
    said: list[tuple[str, dict[str, Any]]] = []
    later = Later()
    sums = RefusalSums(lambda kind, data: said.append((kind, data)), later)
    for _ in range(1000):
        sums.add(Reason.RATE_LIMITED)
    sums.add(Reason.STOPPING)
    assert (said, len(later.waiting)) == ([], 1)
    later.run()
    empty = {"uid": "", "field": ""}
    assert said == [
        ("refused", {**empty, "reason": "rate_limited", "count": 1000}),
        ("refused", {**empty, "reason": "stopping", "count": 1}),
    ]
    later.run()
    assert len(said) == 2
    sums.add(Reason.RATE_LIMITED)
    assert len(later.waiting) == 1


def test_none_is_lost_between_threads() -> None:
    said: Counter[str] = Counter()
    sums = RefusalSums(lambda _, data: said.update({data["reason"]: data["count"]}), lambda _, flush: flush())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: sums.add(Reason.RATE_LIMITED), range(2000)))
    sums.flush()
    assert said == {"rate_limited": 2000}


def test_a_closed_store_is_told_nothing() -> None:
    def announce(kind: str, data: dict[str, Any]) -> None:
        raise StoreError("the store is closed")

    sums = RefusalSums(announce, Later())
    sums.add(Reason.RATE_LIMITED)
    sums.flush()
