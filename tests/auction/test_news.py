"""The feed in one process shows what another wrote, with a bus, without one, and while the bus comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from house_fakes import NOW, ManualClock
from redis import Redis
from support.engines import RedisServer
from support.stores import Record
from walras_auction.clock import SystemClock
from walras_auction.feed import Feed
from walras_auction.infra.bus_memory import MemoryBus
from walras_auction.infra.bus_redis import RedisBus
from walras_auction.infra.record.store import RecordStore
from walras_auction.news import News
from walras_auction.ports import Event
from walras_auction.ports_bus import Bus

SECONDS = 30.0


@contextlib.contextmanager
def two_processes(record: Record, bus: Callable[[], Bus | None]) -> Iterator[tuple[Feed, RecordStore]]:
    """The feed of one, and the store of another."""
    with ExitStack() as stack:
        reader, writer = (stack.enter_context(closing(record.open())) for _ in range(2))
        feed = Feed(reader, ManualClock())
        stack.enter_context(News(feed, reader, bus()).running())
        stack.enter_context(News(Feed(writer, ManualClock()), writer, bus()).running())
        yield feed, writer


def follow(feed: Feed, count: int, act: Callable[[int], None]) -> list[Event]:
    """Follow from the start; ``act`` is called with the number of events seen, before each is waited for."""

    async def read() -> list[Event]:
        seen: list[Event] = []
        stream = feed.follow(0)
        loop = asyncio.get_running_loop()
        while len(seen) < count:
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            await loop.run_in_executor(None, act, len(seen))
            seen.append(await asyncio.wait_for(waiting, SECONDS))
        await stream.aclose()
        return seen

    return asyncio.run(read())


def say(store: RecordStore, number: int) -> None:
    store.append_event("round_open", {"round": number}, NOW)


def test_without_a_bus_the_store_is_asked(record: Record) -> None:
    with two_processes(record, lambda: None) as (feed, writer):
        events = follow(feed, 3, lambda number: say(writer, number))
    assert [event.data["round"] for event in events] == [0, 1, 2]


def test_a_bus_carries_the_news(record: Record) -> None:
    bus = MemoryBus(SystemClock())
    with two_processes(record, lambda: bus) as (feed, writer):
        events = follow(feed, 3, lambda number: say(writer, number))
    assert [event.id for event in events] == [1, 2, 3]


def test_losing_redis_loses_nothing(record: Record, own_redis: RedisServer, redis_prefix: str) -> None:
    """Killed, started empty, and emptied while it runs."""

    def act(number: int) -> None:
        if number == 2:
            own_redis.kill()
        if number == 4:
            own_redis.start()
        if number == 6:
            with closing(Redis.from_url(own_redis.url)) as client:
                client.flushall()
        say(writer, number)

    with two_processes(record, lambda: RedisBus(own_redis.url, SystemClock(), prefix=redis_prefix)) as (feed, writer):
        events = follow(feed, 8, act)
    assert [(event.id, event.data["round"]) for event in events] == [(number + 1, number) for number in range(8)]


def test_a_bus_that_lies_moves_nobody(record: Record) -> None:
    bus = MemoryBus(SystemClock())
    with two_processes(record, lambda: bus) as (feed, writer):
        bus.publish("tail", {"event": 10**9})
        bus.publish("tail", {"nonsense": True})
        events = follow(feed, 1, lambda number: say(writer, number))
        assert (events[0].id, feed.refresh()) == (1, 1)


def test_nobody_who_follows_nobody_who_asks(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(record.open()) as store:
        feed = Feed(store, ManualClock())
        asked: list[int] = []
        monkeypatch.setattr(feed, "refresh", lambda: asked.append(1))
        monkeypatch.setattr(feed, "await_reader", lambda seconds: False)
        News(feed, store)._poll()
        assert asked == []
