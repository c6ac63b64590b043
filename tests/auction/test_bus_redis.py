"""The bus while Redis is killed, emptied, paused, and written to by others."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import ModuleType

import pytest
import redis
from house_fakes import ManualClock
from support.engines import RedisServer
from walras_auction.clock import SystemClock
from walras_auction.infra import missing
from walras_auction.infra.backoff import MOST_SECONDS, Backoff
from walras_auction.infra.bus_redis import RedisBus
from walras_auction.infra.missing import MissingExtra
from walras_auction.ports_bus import BusError, BusReset

LONG = 30.0
CALL_SECONDS = 0.2


class Hasty(ManualClock):
    """A manual clock for buses whose pauses a test passes over."""

    def pass_pause(self) -> None:
        self.time += int(MOST_SECONDS) + 1


@pytest.fixture
def clock() -> Hasty:
    return Hasty()


@pytest.fixture
def bus(own_redis: RedisServer, clock: Hasty) -> Iterator[RedisBus]:
    with closing(RedisBus(own_redis.url, clock, call_seconds=CALL_SECONDS)) as bus:
        yield bus


def calls(bus: RedisBus, position: str) -> list[Callable[[], object]]:
    return [lambda: bus.publish("bids", {}), lambda: bus.tail("bids"), lambda: bus.read("bids", position, 1, 0)]


# ------------------------------------------------------------ Redis goes away


def test_a_killed_redis_is_an_error_and_comes_back_as_a_reset(
    own_redis: RedisServer, bus: RedisBus, clock: Hasty
) -> None:
    start = bus.tail("bids")
    bus.publish("bids", {"number": 1})
    own_redis.kill()
    for call in calls(bus, start):
        with pytest.raises(BusError) as caught:
            call()
        assert not isinstance(caught.value, BusReset)
        clock.pass_pause()
    own_redis.start()
    with pytest.raises(BusReset):
        bus.read("bids", start, 10, 0)
    start = bus.tail("bids")
    bus.publish("bids", {"number": 2})
    assert [message.payload for message in bus.read("bids", start, 10, 0)] == [{"number": 2}]


def test_a_restart_from_empty_between_two_calls_is_noticed(own_redis: RedisServer, bus: RedisBus) -> None:
    """Publishers go on as if nothing had happened; readers see it although the new ids pass the old ones."""
    start = bus.tail("bids")
    bus.publish("bids", {"number": 1})
    (message,) = bus.read("bids", start, 10, 0)
    own_redis.kill()
    own_redis.start()
    for number in range(2, 5):
        bus.publish("bids", {"number": number})
    with pytest.raises(BusReset):
        bus.read("bids", message.id, 10, 0)


def test_a_restart_with_an_older_dump_is_noticed(own_redis: RedisServer, bus: RedisBus) -> None:
    """The same keys and the same ids, but a message between is lost."""
    position = bus.publish("bids", {"number": 1})
    with redis.Redis.from_url(own_redis.url) as admin:
        dumps = {key: admin.dump(key) for key in admin.scan_iter()}
    bus.publish("bids", {"number": "lost"})
    own_redis.kill()
    own_redis.start()
    with redis.Redis.from_url(own_redis.url) as admin:
        for key, dump in dumps.items():
            admin.restore(key, 0, dump)
    bus.publish("bids", {"number": 2})
    with pytest.raises(BusReset):
        bus.read("bids", position, 10, 0)


@pytest.mark.parametrize("wipe", ["FLUSHALL", "stream", "generation", "bell"])
def test_emptied_keys_wake_a_waiting_reader_with_a_reset(own_redis: RedisServer, redis_prefix: str, wipe: str) -> None:
    with closing(RedisBus(own_redis.url, SystemClock(), prefix=redis_prefix)) as bus:
        start = bus.publish("bids", {})
        with redis.Redis.from_url(own_redis.url) as admin, ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(bus.read, "bids", start, 10, LONG)
            admin.execute_command("FLUSHALL") if wipe == "FLUSHALL" else admin.delete(f"{redis_prefix}:{{bids}}:{wipe}")
            bus.publish("bids", {"number": 1})
            with pytest.raises(BusReset):
                waiting.result(LONG)


def test_a_waiting_reader_is_told_of_a_kill(own_redis: RedisServer) -> None:
    with closing(RedisBus(own_redis.url, SystemClock(), call_seconds=CALL_SECONDS)) as bus:
        start = bus.tail("bids")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(bus.read, "bids", start, 10, LONG)
            own_redis.kill()
            with pytest.raises(BusError):
                waiting.result(LONG)


# ------------------------------------------------------------ Redis stands still


def test_a_silent_redis_holds_nobody(own_redis: RedisServer, bus: RedisBus, clock: Hasty) -> None:
    """The kernel of a stopped, or half-open, server takes what is sent and nothing comes back."""
    start = bus.tail("bids")
    own_redis.pause()
    for call in [*calls(bus, start), lambda: bus.read("bids", start, 1, LONG)]:
        with pytest.raises(BusError, match=r"[Tt]imeout"):
            call()
        clock.pass_pause()
    own_redis.resume()
    bus.publish("bids", {"number": 1})
    assert {"number": 1} in [message.payload for message in bus.read("bids", start, 10, 0)]


def test_a_reader_that_waits_notices_silence(own_redis: RedisServer) -> None:
    with closing(RedisBus(own_redis.url, SystemClock(), call_seconds=CALL_SECONDS)) as bus:
        start = bus.tail("bids")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(bus.read, "bids", start, 10, LONG)
            own_redis.pause()
            with pytest.raises(BusError, match=r"[Tt]imeout"):
                waiting.result(LONG)


def test_a_port_where_nobody_answers(clock: Hasty) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with closing(RedisBus(url, clock, call_seconds=CALL_SECONDS)) as bus, pytest.raises(BusError, match="Timeout"):
            bus.publish("bids", {})


# ------------------------------------------------------------ backoff


def test_after_a_failure_calls_fail_at_once_until_the_pause_is_over(
    own_redis: RedisServer, bus: RedisBus, clock: Hasty
) -> None:
    start = bus.tail("bids")
    own_redis.kill()
    with pytest.raises(BusError, match="Connection"):
        bus.publish("bids", {})
    own_redis.start()
    with pytest.raises(BusError, match="a moment ago"):
        bus.publish("bids", {})
    clock.pass_pause()
    bus.publish("bids", {})
    with pytest.raises(BusReset):
        bus.read("bids", start, 1, 0)


def test_a_reader_waits_for_the_end_of_the_pause(own_redis: RedisServer) -> None:
    with closing(RedisBus(own_redis.url, SystemClock(), call_seconds=CALL_SECONDS)) as bus:
        start = bus.tail("bids")
        own_redis.kill()
        with pytest.raises(BusError):
            bus.tail("bids")
        own_redis.start()
        with pytest.raises(BusReset):  # not the refusal of a call within the pause
            bus.read("bids", start, 1, LONG)


def test_pauses_double_up_to_a_bound_and_end_with_a_success() -> None:
    clock = ManualClock(0)
    backoff = Backoff(clock, first=1, most=5)
    pauses = []
    for _ in range(4):
        backoff.failed()
        backoff.failed()  # a call that ran beside the first
        pauses.append(backoff.left())
        clock.time += int(backoff.left())
    assert pauses == [1, 2, 4, 5]
    assert backoff.left() <= 0
    backoff.failed()
    backoff.succeeded()
    assert backoff.left() <= 0
    backoff.failed()
    assert backoff.left() == 1


def test_a_full_redis_refuses_and_loses_nothing_that_it_has(
    own_redis: RedisServer, bus: RedisBus, clock: Hasty
) -> None:
    start = bus.tail("bids")
    bus.publish("bids", {"number": 1})
    with redis.Redis.from_url(own_redis.url) as admin:
        admin.config_set("maxmemory", 1)
        with pytest.raises(BusError, match="memory"):
            bus.publish("bids", {"number": 2})
        admin.config_set("maxmemory", 0)
    clock.pass_pause()
    assert [message.payload for message in bus.read("bids", start, 10, 0)] == [{"number": 1}]


def test_without_the_client_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = missing.import_module

    def gone(name: str) -> ModuleType:
        if name == "redis":
            raise ModuleNotFoundError("No module named 'redis'", name="redis")
        return real(name)

    monkeypatch.setattr(missing, "import_module", gone)
    with pytest.raises(MissingExtra, match=r"walras\[stack\]"):
        RedisBus("redis://127.0.0.1:1/0", SystemClock())
