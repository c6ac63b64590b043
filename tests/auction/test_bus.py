"""The bus port, the same for threads and for Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import pytest
from walras_auction.clock import SystemClock
from walras_auction.infra.bus_memory import MemoryBus
from walras_auction.infra.bus_redis import RedisBus
from walras_auction.ports_bus import Bus, BusError, BusReset, check_topic

LONG = 30.0  # a wait that ends because something happens
Open = Callable[..., Bus]


@pytest.fixture(params=["memory", "redis"])
def open_bus(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens buses of which each is a fresh carrier."""
    with ExitStack() as stack:

        def open_one(**options: Any) -> Bus:
            if request.param == "memory":
                return stack.enter_context(closing(MemoryBus(SystemClock(), **options)))
            server, prefix = request.getfixturevalue("redis_server"), request.getfixturevalue("redis_prefix")
            return stack.enter_context(closing(RedisBus(server.url, SystemClock(), prefix=prefix, **options)))

        yield open_one


@pytest.fixture
def bus(open_bus: Open) -> Bus:
    return open_bus()


def test_what_is_published_is_read_in_order(bus: Bus) -> None:
    start = bus.tail("bids")
    ids = [bus.publish("bids", {"number": number, "text": "é\n", "list": [1, None]}) for number in range(5)]
    messages = bus.read("bids", start, 10, 0)
    assert [message.id for message in messages] == ids
    assert [message.payload for message in messages] == [
        {"number": number, "text": "é\n", "list": [1, None]} for number in range(5)
    ]


def test_a_reader_goes_on_where_it_stopped(bus: Bus) -> None:
    position = bus.tail("bids")
    for number in range(7):
        bus.publish("bids", {"number": number})
    seen = []
    while page := bus.read("bids", position, 3, 0):
        assert len(page) <= 3
        seen += [message.payload["number"] for message in page]
        position = page[-1].id
    assert seen == list(range(7))


def test_the_tail_is_behind_what_was_published(bus: Bus) -> None:
    bus.publish("bids", {"number": 1})
    tail = bus.tail("bids")
    assert bus.read("bids", tail, 10, 0) == []
    new = bus.publish("bids", {"number": 2})
    assert [(message.id, message.payload) for message in bus.read("bids", tail, 10, 0)] == [(new, {"number": 2})]
    assert bus.tail("bids") == new


def test_topics_do_not_mix(bus: Bus) -> None:
    bids, events = bus.tail("bids"), bus.tail("events")
    bus.publish("bids", {"of": "bids"})
    assert bus.read("events", events, 10, 0) == []
    assert [message.payload for message in bus.read("bids", bids, 10, 0)] == [{"of": "bids"}]


def test_readers_share_no_message(bus: Bus) -> None:
    start = bus.tail("bids")
    payload = {"list": [1]}
    bus.publish("bids", payload)
    payload["list"].append(2)
    bus.read("bids", start, 1, 0)[0].payload["list"].append(3)
    assert bus.read("bids", start, 1, 0)[0].payload == {"list": [1]}


def test_a_waiting_reader_is_woken(bus: Bus) -> None:
    start = bus.tail("bids")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(bus.read, "bids", start, 10, LONG) for _ in range(3)]
        bus.publish("bids", {"number": 1})
        assert [[message.payload for message in one.result(LONG)] for one in waiting] == [[{"number": 1}]] * 3


def test_a_wait_for_nothing_ends(bus: Bus) -> None:
    assert bus.read("bids", bus.tail("bids"), 10, 0.02) == []


def test_many_publishers_leave_no_gap(bus: Bus) -> None:
    position = bus.tail("bids")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: bus.publish("bids", {"number": number}), range(200)))
    seen: list[tuple[str, int]] = []
    while page := bus.read("bids", position, 50, 0):
        seen += [(message.id, message.payload["number"]) for message in page]
        position = page[-1].id
    assert sorted(seen) == sorted(zip(ids, range(200), strict=True))


def test_what_is_trimmed_is_missed_aloud(open_bus: Open) -> None:
    bus = open_bus(kept=1)
    start = bus.tail("bids")
    ids = [bus.publish("bids", {"number": number}) for number in range(1_000)]  # Redis trims a node of 100 at a time
    with pytest.raises(BusReset):
        bus.read("bids", start, 10, 0)
    assert [message.id for message in bus.read("bids", ids[-2], 10, 0)] == ids[-1:]


@pytest.mark.parametrize(
    "position", ["", "0-0", "nonsense", "x:-1", "x:1e3", "x:" + "9" * 40, "another:0", "another:3"]
)
def test_a_position_of_another_bus_is_a_reset(bus: Bus, position: str) -> None:
    bus.publish("bids", {"number": 1})
    with pytest.raises(BusReset):
        bus.read("bids", position, 10, 0)


def test_a_position_that_was_not_reached_is_a_reset(bus: Bus) -> None:
    """Ids that went backwards: a carrier that came back from an older state."""
    generation, number = bus.publish("bids", {"number": 1}).split(":")
    with pytest.raises(BusReset):
        bus.read("bids", f"{generation}:{int(number) + 1}", 10, 0)


@pytest.mark.parametrize("payload", [{"x": object()}, {"x": float("nan")}, [1], "text", {"x": "y" * 101}, {(1, 2): 3}])
def test_what_is_no_message_is_refused_and_not_sent(open_bus: Open, payload: Any) -> None:
    bus = open_bus(max_bytes=100)
    start = bus.tail("bids")
    with pytest.raises(ValueError, match="message"):
        bus.publish("bids", payload)
    assert bus.read("bids", start, 10, 0) == []


@pytest.mark.parametrize("topic", ["", "Bids", "a b", "a:b", "{a}", "a" * 65, "-a"])
def test_a_bad_topic_is_refused(bus: Bus, topic: str) -> None:
    with pytest.raises(ValueError, match="topic"):
        bus.publish(topic, {})
    with pytest.raises(ValueError, match="topic"):
        bus.read(topic, "x:0", 1, 0)
    with pytest.raises(ValueError, match="topic"):
        bus.tail(topic)
    with pytest.raises(ValueError, match="topic"):
        check_topic(topic)


def test_a_closed_bus_says_so_and_wakes_its_readers(bus: Bus) -> None:
    start = bus.tail("bids")
    with ThreadPoolExecutor(1) as pool:
        began = threading.Event()

        def wait() -> None:
            began.set()
            bus.read("bids", start, 1, LONG)

        waiting = pool.submit(wait)
        began.wait(LONG)
        bus.close()
        with pytest.raises(BusError):
            waiting.result(LONG)
    for call in (lambda: bus.publish("bids", {}), lambda: bus.tail("bids"), lambda: bus.read("bids", start, 1, 0)):
        with pytest.raises(BusError, match="closed"):
            call()


def test_nothing_foreign_was_met(bus: Bus) -> None:
    start = bus.tail("bids")
    bus.publish("bids", {})
    bus.read("bids", start, 1, 0)
    assert bus.skipped == 0


def test_a_fresh_memory_bus_knows_no_earlier_position() -> None:
    """A process that starts again."""
    position = MemoryBus(SystemClock()).publish("bids", {})
    with pytest.raises(BusReset):
        MemoryBus(SystemClock()).read("bids", position, 1, 0)
