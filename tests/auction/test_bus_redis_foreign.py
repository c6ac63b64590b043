"""The bus while others write to its Redis, or what answers is no Redis at all."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import redis
from house_fakes import ManualClock
from support.engines import RedisServer
from walras_auction.clock import SystemClock
from walras_auction.infra.bus_redis import RedisBus
from walras_auction.infra.bus_redis_scripts import READ
from walras_auction.ports_bus import BusError, BusReset

LONG = 30.0
CALL_SECONDS = 0.2
STREAM, GENERATION, BELL = ":{bids}:stream", ":{bids}:generation", ":{bids}:bell"


@pytest.fixture
def shared(redis_server: RedisServer, redis_prefix: str) -> Iterator[RedisBus]:
    with closing(RedisBus(redis_server.url, SystemClock(), prefix=redis_prefix, max_bytes=1_000)) as bus:
        yield bus


@pytest.fixture
def still(redis_server: RedisServer, redis_prefix: str) -> Iterator[RedisBus]:
    """A bus for which no time passes, however slow the machine is."""
    with closing(RedisBus(redis_server.url, ManualClock(), prefix=redis_prefix, max_bytes=1_000)) as bus:
        yield bus


@pytest.fixture
def foreign(redis_server: RedisServer) -> Iterator[redis.Redis]:
    """Somebody else who may write to the same Redis."""
    with redis.Redis.from_url(redis_server.url) as client:
        yield client


@pytest.mark.parametrize(
    "fields",
    [
        {"p": b"not json"},
        {"p": b"[1]"},
        {"p": b"1"},
        {"p": b"\xff\xfe"},
        {"p": b"{" * 900},
        {"p": b"[" * 900},
        {"p": json.dumps({"x": "y" * 1_000}).encode()},
        {"q": b"{}"},
        {"p": b"{}", "q": b"{}"},
        {"p": b""},
    ],
)
def test_malformed_messages_are_passed_over_and_counted(
    still: RedisBus, foreign: redis.Redis, redis_prefix: str, fields: dict[str, bytes]
) -> None:
    start = still.tail("bids")
    for _ in range(70):  # more than a page
        foreign.xadd(redis_prefix + STREAM, fields, id="0-*")  # type: ignore[arg-type]
    assert still.read("bids", start, 10, 0) == []
    assert still.skipped == 70
    last = still.publish("bids", {"number": 1})
    foreign.xadd(redis_prefix + STREAM, fields, id="0-*")  # type: ignore[arg-type]
    (message,) = still.read("bids", start, 10, 0)
    assert message == (last, {"number": 1})
    assert still.read("bids", message.id, 10, 0) == []


def test_what_is_too_large_does_not_leave_redis(shared: RedisBus, foreign: redis.Redis, redis_prefix: str) -> None:
    shared.tail("bids")
    for size in (100, 101):
        foreign.xadd(redis_prefix + STREAM, {"p": "x" * size}, id="0-*")
    keys = [redis_prefix + part for part in (STREAM, GENERATION, BELL)]
    read = foreign.register_script(READ)
    assert read(keys, ["word", "0-0", 10, 100, 1_000])[1] == [b"0-1", b"x" * 100, b"0-2", b""]
    assert read(keys, ["word", "0-0", 10, 101, 150])[1] == [b"0-1", b"x" * 100], "nor more than a page's bytes at once"
    assert read(keys, ["word", "0-0", 10, 101, 50])[1] == [b"0-1", b"x" * 100], "but one always"


def test_every_message_rings_the_bell_once(shared: RedisBus, foreign: redis.Redis, redis_prefix: str) -> None:
    rings = set()
    for _ in range(3):
        shared.publish("bids", {})
        (ring,) = foreign.xrange(redis_prefix + BELL)
        rings.add(ring[0])
    assert len(rings) == 3


def test_a_waiting_reader_is_not_spun_by_malformed_messages(
    shared: RedisBus, foreign: redis.Redis, redis_prefix: str
) -> None:
    start = shared.tail("bids")
    foreign.xadd(redis_prefix + STREAM, {"x": "y"}, id="0-*")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(shared.read, "bids", start, 10, LONG)
        shared.publish("bids", {"number": 1})
        assert [message.payload for message in waiting.result(LONG)] == [{"number": 1}]
    assert shared.skipped <= 2


@pytest.mark.parametrize(
    "alien", ["5-0", "0-18446744073709551615", "0-77", "18446744073709551615-18446744073709551615"]
)
def test_ids_that_nobody_can_follow_begin_a_new_generation(
    shared: RedisBus, foreign: redis.Redis, redis_prefix: str, alien: str
) -> None:
    start = shared.publish("bids", {"number": 1})
    foreign.xadd(redis_prefix + STREAM, {"p": "{}"}, id=alien)
    shared.publish("bids", {"number": 2})
    with pytest.raises(BusReset):
        shared.read("bids", start, 10, 0)
    start = shared.tail("bids")
    shared.publish("bids", {"number": 3})
    assert [message.payload for message in shared.read("bids", start, 10, 0)] == [{"number": 3}]


def test_an_alien_id_alone_neither_reaches_a_reader_nor_spins_it(
    shared: RedisBus, foreign: redis.Redis, redis_prefix: str
) -> None:
    start = shared.publish("bids", {"number": 1})
    foreign.xadd(redis_prefix + STREAM, {"p": "{}"}, id="5-0")
    assert shared.read("bids", start, 10, 0.02) == []
    assert shared.skipped == 1


@pytest.mark.parametrize("part", [STREAM, GENERATION, BELL])
@pytest.mark.parametrize("put", ["set", "hset", "xadd", "long"])
def test_keys_of_another_kind_are_replaced(
    shared: RedisBus, foreign: redis.Redis, redis_prefix: str, part: str, put: str
) -> None:
    start = shared.publish("bids", {"number": 1})
    key = redis_prefix + part
    foreign.delete(key)
    match put:
        case "set":
            foreign.set(key, "x")
        case "hset":
            foreign.hset(key, "a", "b")
        case "xadd":
            foreign.xadd(key, {"a": "b"})
        case "long":
            foreign.set(key, "x" * 100_000)
    if part != BELL or put != "xadd":  # a bell that somebody else hung up rings as well
        shared.publish("bids", {"number": 2})
        with pytest.raises(BusReset):
            shared.read("bids", start, 10, 0)
    start = shared.tail("bids")
    shared.publish("bids", {"number": 3})
    assert [message.payload for message in shared.read("bids", start, 10, 0)] == [{"number": 3}]


def test_a_stream_emptied_by_others_is_a_reset(shared: RedisBus, foreign: redis.Redis, redis_prefix: str) -> None:
    start = shared.tail("bids")
    shared.publish("bids", {"number": 1})
    foreign.xtrim(redis_prefix + STREAM, maxlen=0, approximate=False)
    with pytest.raises(BusReset):
        shared.read("bids", start, 10, 0)
    start = shared.tail("bids")
    shared.publish("bids", {"number": 2})
    assert [message.payload for message in shared.read("bids", start, 10, 0)] == [{"number": 2}]


def test_one_missing_message_is_a_reset_after_those_before_it(
    shared: RedisBus, foreign: redis.Redis, redis_prefix: str
) -> None:
    start = shared.tail("bids")
    for number in range(1, 4):
        shared.publish("bids", {"number": number})
    foreign.xdel(redis_prefix + STREAM, "0-2")
    (message,) = shared.read("bids", start, 10, 0)
    assert message.payload == {"number": 1}
    with pytest.raises(BusReset):
        shared.read("bids", message.id, 10, 0)


def calls(bus: RedisBus) -> list[Callable[[], object]]:
    return [lambda: bus.publish("bids", {}), lambda: bus.tail("bids"), lambda: bus.read("bids", "x:0", 1, 0)]


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n", b"$-1\r\n", b"*0\r\n", b"*2\r\n:1\r\n:2\r\n", b":x\r\n",
     b"$abc\r\n",
     b"*2\r\n$1\r\nx\r\n$1\r\ny\r\n", b"*4\r\n$1\r\nx\r\n*1\r\n$3\r\n0-1\r\n+\r\n+\r\n", b"-ERR no\r\n", b""],
)  # fmt: skip
@pytest.mark.parametrize("call", range(3))
def test_nonsense_is_an_error(answer: bytes, call: int) -> None:
    with (
        babbling(answer) as url,
        closing(RedisBus(url, ManualClock(), call_seconds=CALL_SECONDS)) as bus,
        pytest.raises(BusError),
    ):
        calls(bus)[call]()


class babbling:  # noqa: N801
    """A server that says the same to everything it is sent."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def __enter__(self) -> str:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return f"redis://127.0.0.1:{self._server.getsockname()[1]}/0"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(2 * CALL_SECONDS)
                try:
                    while self._answer and (request := peer.recv(65_536)):
                        setup = request.count(b"SETINFO") + request.count(b"\r\nSELECT\r\n")
                        peer.sendall(b"+OK\r\n" * setup or self._answer)
                except OSError:
                    continue
