"""Token buckets: bursts, refills, debts, and that full ones take no memory."""

import pytest
from house_fakes import ManualClock
from walras.rejections import Reason
from walras_auction import buckets
from walras_auction.buckets import Buckets, rate_limited


def test_a_burst_passes_and_the_next_waits_for_its_token() -> None:
    clock = ManualClock(0)
    found = Buckets(2, 3, clock.monotonic)
    assert [found.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert found.take("b") == 0


def test_a_refused_one_costs_nothing() -> None:
    clock = ManualClock(0)
    found = Buckets(1, 1, clock.monotonic)
    assert [found.take("a") for _ in range(50)] == [0] + [1.0] * 49
    clock.time = 1
    assert found.take("a") == 0


def test_a_rest_refills_no_more_than_the_bucket_holds() -> None:
    clock = ManualClock(0)
    found = Buckets(10, 2, clock.monotonic)
    clock.time = 1000
    assert [found.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_a_long_run_gets_its_rate_and_its_burst() -> None:
    """However the requests fall: never more than burst + rate · time."""
    clock = ManualClock(0)
    found = Buckets(3, 5, clock.monotonic)
    passed = 0
    for second in range(100):
        clock.time = second
        passed += sum(found.take("a") == 0 for _ in range(10))
    assert passed == 5 + 3 * 99


def test_a_debt_has_to_come_in_first() -> None:
    clock = ManualClock(0)
    found = Buckets(1, 2, clock.monotonic)
    found.owe("a", 6)
    assert found.take("a") == 5
    clock.time = 5
    assert found.take("a") == 0


def test_full_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_KEPT", 10)
    clock = ManualClock(0)
    found = Buckets(1, 2, clock.monotonic)
    found.owe("debtor", 1000)
    for number in range(500):
        clock.time = number
        found.take(str(number))
    assert len(found) <= 12
    assert found.take("debtor") > 0


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_bucket_without_tokens_is_no_bucket(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        Buckets(rate, burst, ManualClock().monotonic)


@pytest.mark.parametrize(("wait", "said"), [(0.001, "1"), (1.0, "1"), (1.1, "2"), (30, "30")])
def test_waits_are_said_in_whole_seconds(wait: float, said: str) -> None:
    refused = rate_limited(wait, "requests")
    assert (refused.reason, refused.extra) == (Reason.RATE_LIMITED, {"retryAfter": said})
    assert f"in {said} s" in refused.detail
