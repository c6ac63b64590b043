"""Leadership on a clock that moves when the test says so, and once with real processes' threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from house_fakes import ManualClock
from walras_auction.clock import SystemClock
from walras_auction.infra.lease_local import LocalLease
from walras_auction.leadership import Leadership
from walras_auction.ports_lease import LeaseError

TTL = 120.0
LONG = 60.0


@dataclass
class ScriptedLease:
    """A lease that does what the test says. ``during`` runs while a call is under way."""

    free: bool = True
    renews: bool = True
    down: bool = False
    token: int = 0
    calls: list[str] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def acquire(self, holder: str, ttl: float) -> int | None:
        self._call("acquire")
        if not self.free:
            return None
        self.free, self.token = False, self.token + 1
        return self.token

    def renew(self, token: int) -> bool:
        self._call(f"renew {token}")
        return self.renews and token == self.token

    def release(self, token: int) -> None:
        self._call(f"release {token}")
        self.free = True

    def check(self, token: int) -> bool:
        return token == self.token

    def close(self) -> None: ...

    def _call(self, what: str) -> None:
        self.calls.append(what)
        self.during()
        if self.down:
            raise LeaseError("down")


@dataclass
class Work:
    """What the leader's callbacks did."""

    did: list[str] = field(default_factory=list)
    breaks: bool = False

    def start(self, token: int) -> None:
        self.did.append(f"start {token}")
        if self.breaks:
            raise RuntimeError("no work today")

    def stop(self) -> None:
        self.did.append("stop")
        if self.breaks:
            raise RuntimeError("can not stop")


class Scene:
    def __init__(self) -> None:
        self.clock = ManualClock(1_000)
        self.lease = ScriptedLease()
        self.work = Work()
        self.leadership = Leadership(self.lease, "me", TTL, self.clock, self.work.start, self.work.stop)

    def advance(self, seconds: int) -> None:
        self.clock.time += seconds


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_leads_once_it_has_the_lease(scene: Scene) -> None:
    assert scene.leadership.token is None
    assert scene.leadership.attempt() == TTL / 3
    assert scene.leadership.token == 1
    assert scene.work.did == ["start 1"]


def test_it_waits_while_another_leads(scene: Scene) -> None:
    scene.lease.free = False
    assert scene.leadership.attempt() == TTL / 3
    assert scene.leadership.token is None
    assert scene.work.did == []
    scene.lease.free = True
    scene.leadership.attempt()
    assert scene.work.did == ["start 1"]


def test_it_renews_and_keeps_leading(scene: Scene) -> None:
    for _ in range(10):
        scene.advance(int(scene.leadership.attempt()))
        assert scene.leadership.token == 1
    assert scene.lease.calls == ["acquire"] + ["renew 1"] * 9
    assert scene.work.did == ["start 1"]


def test_it_stops_when_the_lease_is_lost(scene: Scene) -> None:
    scene.leadership.attempt()
    scene.lease.renews = False
    scene.leadership.attempt()
    assert scene.leadership.token is None
    assert scene.work.did == ["start 1", "stop"]
    scene.lease.free = scene.lease.renews = True
    scene.leadership.attempt()
    assert scene.work.did == ["start 1", "stop", "start 2"]


def test_it_gives_up_before_the_lease_ends_when_it_can_not_renew(scene: Scene) -> None:
    scene.advance(int(scene.leadership.attempt()))
    scene.lease.down = True
    waited = TTL / 3
    while scene.leadership.token is not None:
        pause = scene.leadership.attempt()
        assert pause == TTL / 12, "it tries again soon"
        scene.advance(int(pause))
        waited += pause
    assert waited == TTL * 3 / 4
    scene.leadership.attempt()
    assert scene.work.did == ["start 1", "stop"]
    assert scene.lease.calls[-1] == "acquire"


def test_a_failure_that_passes_costs_nothing(scene: Scene) -> None:
    scene.advance(int(scene.leadership.attempt()))
    scene.lease.down = True
    scene.advance(int(scene.leadership.attempt()))
    scene.lease.down = False
    scene.advance(int(scene.leadership.attempt()))
    assert scene.leadership.expire() == pytest.approx(TTL * 3 / 4 - TTL / 3)
    assert scene.work.did == ["start 1"]


def test_the_lease_counts_from_before_it_was_asked_for(scene: Scene) -> None:
    scene.lease.during = lambda: scene.advance(30)
    scene.leadership.attempt()
    assert scene.leadership.expire() == TTL * 3 / 4 - 30


def test_an_answer_that_took_longer_than_the_lease_makes_no_leader(scene: Scene) -> None:
    scene.lease.during = lambda: scene.advance(int(TTL))
    scene.leadership.attempt()
    assert scene.leadership.token is None
    assert scene.leadership.expire() is None
    assert scene.work.did == []
    assert scene.lease.calls == ["acquire", "release 1"]


def test_it_is_no_leader_while_a_renewal_hangs(scene: Scene) -> None:
    scene.leadership.attempt()
    seen: list[object] = []

    def hang() -> None:
        scene.advance(int(TTL))
        seen.append(scene.leadership.token)
        scene.leadership.expire()
        seen.append(list(scene.work.did))
        scene.lease.during = lambda: None

    scene.lease.during = hang
    scene.leadership.attempt()
    assert seen == [None, ["start 1", "stop"]]
    assert scene.leadership.token is None
    assert scene.lease.calls[-1] == "release 1", "what came too late is given back"


def test_work_that_does_not_start_lets_others_lead(scene: Scene) -> None:
    scene.work.breaks = True
    scene.leadership.attempt()
    assert scene.leadership.token is None
    assert scene.work.did == ["start 1", "stop"]
    assert scene.lease.calls == ["acquire", "release 1"]
    scene.work.breaks = False
    scene.leadership.attempt()
    assert scene.leadership.token == 2


def test_resigning_stops_first_and_then_lets_others_lead(scene: Scene) -> None:
    scene.leadership.attempt()
    scene.lease.during = lambda: scene.work.did.append("released")
    scene.leadership.resign()
    assert scene.work.did == ["start 1", "stop", "released"]
    scene.leadership.resign()
    assert scene.work.did == ["start 1", "stop", "released"]


def test_resigning_while_the_lease_is_unreachable(scene: Scene) -> None:
    scene.leadership.attempt()
    scene.lease.down = True
    scene.leadership.resign()
    assert scene.work.did == ["start 1", "stop"]


def test_the_watch_stops_the_work_while_a_renewal_hangs() -> None:
    """The loop's own threads, real time: a renewal that does not return until the work was stopped."""
    lease, stopped, stopping = ScriptedLease(), threading.Event(), threading.Event()

    def hang_on_renewal() -> None:
        if len(lease.calls) > 1 and not stopping.is_set():
            assert stopped.wait(LONG)
            stopping.set()

    lease.during = hang_on_renewal
    leadership = Leadership(lease, "me", 0.3, SystemClock(), lambda _: None, stopped.set)
    leadership.run(stopping)
    assert stopped.is_set()
    assert leadership.token is None


def test_two_of_which_one_leads_and_the_other_takes_over(tmp_path: Path) -> None:
    with closing(LocalLease(tmp_path)) as first, closing(LocalLease(tmp_path)) as second:
        leaders: list[tuple[str, int]] = []
        led, took_over = threading.Event(), threading.Event()
        stop_first, stop_second = threading.Event(), threading.Event()

        def lead(name: str, began: threading.Event) -> Callable[[int], None]:
            return lambda token: (leaders.append((name, token)), began.set())[1]

        candidates = ((first, "a", led, stop_first), (second, "b", took_over, stop_second))
        loops = [
            threading.Thread(
                target=Leadership(lease, name, 0.3, SystemClock(), lead(name, began), lambda: None).run, args=(stop,)
            )
            for lease, name, began, stop in candidates
        ]
        loops[0].start()
        assert led.wait(LONG)
        loops[1].start()
        stop_first.set()
        assert took_over.wait(LONG)
        stop_second.set()
        for loop in loops:
            loop.join(LONG)
            assert not loop.is_alive()
    names, tokens = zip(*leaders, strict=True)
    assert "".join(names).lstrip("a").rstrip("b") == ""  # a slow machine may make either lead twice
    assert tokens == tuple(range(1, len(leaders) + 1))
