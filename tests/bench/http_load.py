"""A small HTTP/1.1 load: requests made beforehand, a fixed number of kept-alive connections, each waiting its turn.

Written on bare protocols because an HTTP client library would take longer over a request than the server does. Either
as fast as the answers come, or at a given rate: then a request's time runs from when it was due, so that a server that
falls behind does not look quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

import uvloop

from .measure import BenchError

#: A run that takes longer than this has failed.
LIMIT_SECONDS = 120


def post_request(path: str, host: str, body: bytes) -> bytes:
    """The bytes of one POST of JSON."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(
    url: str, requests: Sequence[bytes], connections: int, expected: int, rate: float | None = None
) -> list[float]:
    """Send every request once and read its answer; seconds that each took, by request.

    ``rate``: requests a second, else as fast as it goes. Raises :class:`BenchError` for another status than
    ``expected``.
    """
    load = _Load(requests, expected, rate)
    where = urlsplit(url)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(load, where.hostname or "", where.port or 80, min(connections, len(requests))))
    return load.seconds


async def _run(load: _Load, host: str, port: int, connections: int) -> None:
    loop = asyncio.get_running_loop()
    load.finished = loop.create_future()
    made = [await loop.create_connection(lambda: _Connection(load), host, port) for _ in range(connections)]
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            load.began = perf_counter()
            for _, connection in made:
                connection.go_on()
            await load.finished
    finally:
        for transport, _ in made:
            transport.close()
        await asyncio.gather(*(connection.closed for _, connection in made))


@dataclass
class _Load:
    requests: Sequence[bytes]
    expected: int
    rate: float | None
    finished: asyncio.Future[None] = field(init=False)
    began: float = 0.0
    sent: int = 0
    answered: int = 0
    seconds: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.seconds = [0.0] * len(self.requests)

    def fail(self, why: str) -> None:
        if not self.finished.done():
            self.finished.set_exception(BenchError(why))

    def answer(self, number: int, since: float) -> None:
        self.seconds[number] = perf_counter() - since
        self.answered += 1
        if self.answered == len(self.requests) and not self.finished.done():
            self.finished.set_result(None)


class _Connection(asyncio.Protocol):
    """Sends the next request of the load whenever the last is answered."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._write: Callable[[bytes], None]
        self._buffer = b""
        self._number = -1
        self._since = 0.0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast(asyncio.WriteTransport, transport).write  # uvloop's is one, but does not say so

    def go_on(self) -> None:
        """Take the next request, and send it when it is due."""
        load = self._load
        if load.sent == len(load.requests):
            self._number = -1
            return
        self._number = load.sent
        load.sent += 1
        now = perf_counter()
        due = now if load.rate is None else load.began + self._number / load.rate
        self._since = min(due, now) if due <= now else due
        if due > now:
            asyncio.get_running_loop().call_later(due - now, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self._write(self._load.requests[self._number])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.lower().find(b"content-length: ", 0, head)
        if at < 0:
            self._load.fail(f"an answer without a length: {self._buffer[:200]!r}")
            return
        end = head + 4 + int(self._buffer[at + 16 : self._buffer.index(b"\r\n", at)])
        if len(self._buffer) < end:
            return
        status = int(self._buffer[9:12])
        if status != self._load.expected:
            self._load.fail(f"status {status}: {self._buffer[head + 4 : head + 304]!r}")
            return
        self._buffer = self._buffer[end:]
        self._load.answer(self._number, self._since)
        self.go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set_result(None)
        if self._number >= 0:
            self._load.fail(f"the server hung up: {error}")
