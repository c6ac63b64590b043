"""The event stream: order, resumption, and readers that fall behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, closing
from pathlib import Path

import httpx
import pytest
from house_fakes import Desk, ManualClock, a_request, open_house
from httpx_sse import ServerSentEvent, connect_sse
from walras_auction import feed as feed_module
from walras_auction.feed import Feed
from walras_auction.ports import Event


def read(desk: Desk, count: int, headers: dict[str, str] | None = None, query: str = "") -> list[ServerSentEvent]:
    """The first ``count`` events of one connection."""
    with connect_sse(desk.http, "GET", f"/v1/feed{query}", headers=headers or {}) as source:
        stream = source.iter_sse()
        return [next(stream) for _ in range(count)]


def test_events_carry_id_kind_and_data(desk: Desk) -> None:
    uid = desk.post("/v1/intents", a_request().model_dump_json(by_alias=True)).json()["uid"]
    (event,) = read(desk, 1, query="?after=0")
    assert (event.id, event.event) == ("1", "accepted")
    data = json.loads(event.data)
    assert (data["id"], data["kind"], data["data"]["uid"]) == (1, "accepted", uid)


def test_a_reader_resumes_after_the_last_event_it_saw(desk: Desk) -> None:
    for number in range(6):
        desk.house.feed.publish("tick", {"number": number})
    first = read(desk, 3, query="?after=0")
    rest = read(desk, 3, {"Last-Event-ID": first[-1].id}, query="?after=0")
    assert [json.loads(event.data)["data"]["number"] for event in first + rest] == list(range(6))


def test_a_reader_without_a_start_gets_what_comes(desk: Desk) -> None:
    desk.house.feed.publish("old", {})
    with connect_sse(desk.http, "GET", "/v1/feed") as source:
        desk.house.feed.publish("new", {})
        assert next(source.iter_sse()).event == "new"


def test_live_events_reach_a_waiting_reader(desk: Desk) -> None:
    with connect_sse(desk.http, "GET", "/v1/feed?after=0") as source:
        stream = source.iter_sse()
        for number in range(3):
            desk.house.feed.publish("tick", {"number": number})
            assert json.loads(next(stream).data)["data"] == {"number": number}


@pytest.mark.parametrize("bad", ["x", "-1", "9" * 30])
def test_a_bad_last_event_id_is_refused(desk: Desk, bad: str) -> None:
    answer = desk.http.get("/v1/feed", headers={"Last-Event-ID": bad})
    assert (answer.status_code, answer.json()["reason"]) == (422, "malformed")


def test_the_stream_ends_when_the_house_closes(desk: Desk) -> None:
    desk.house.feed.publish("last", {})
    with connect_sse(desk.http, "GET", "/v1/feed?after=0", timeout=httpx.Timeout(30)) as source:
        stream = source.iter_sse()
        assert next(stream).event == "last"
        desk.house.feed.close()
        assert list(stream) == []


async def take(stream: AsyncIterator[Event], count: int) -> list[int]:
    ids = []
    async for event in stream:
        ids.append(event.id)
        if len(ids) == count:
            break
    return ids


def test_a_slow_reader_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a memory of four events and pages of three, a reader from the start still sees every one in order."""
    monkeypatch.setattr(feed_module, "_RING", 4)
    monkeypatch.setattr(feed_module, "_PAGE", 3)

    async def follow(feed: Feed) -> list[int]:
        async with aclosing(feed.follow(0)) as stream:  # type: ignore[type-var]
            first = await take(stream, 2)
            for _ in range(20):
                await asyncio.to_thread(feed.publish, "more", {})
            return first + await take(stream, 28)

    with closing(open_house(tmp_path / "store.db")) as house:
        for _ in range(10):
            house.feed.publish("tick", {})
        assert asyncio.run(follow(house.feed)) == list(range(1, 31))


def test_a_reader_whose_loop_is_gone_is_forgotten(tmp_path: Path) -> None:
    async def begin(feed: Feed) -> AsyncIterator[Event]:
        stream = feed.follow(0)
        await anext(stream)
        return stream

    with closing(open_house(tmp_path / "store.db")) as house:
        house.feed.publish("one", {})
        loop = asyncio.new_event_loop()
        stream = loop.run_until_complete(begin(house.feed))
        loop.close()
        house.feed.publish("two", {})
        assert house.feed.last_id == 2
        del stream


def test_ids_go_on_after_a_restart(tmp_path: Path) -> None:
    with closing(open_house(tmp_path / "store.db")) as house:
        house.feed.publish("one", {})
    with closing(open_house(tmp_path / "store.db", clock=ManualClock(5))) as house:
        assert house.feed.last_id == 1
        house.feed.publish("two", {})
        assert [(event.id, event.kind) for event in house.store.events(0, 10)] == [(1, "one"), (2, "two")]


def test_silence_is_filled_with_comments(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.01)
    with desk.http.stream("GET", "/v1/feed") as answer:
        assert next(answer.iter_lines()).startswith(":")
