"""A small HTTP/1.1 load: requests made beforehand, a fixed number of kept-alive connections, each waiting its turn.

Written on asyncio's streams because an HTTP client library would take longer over a request than the server does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from urllib.parse import urlsplit

from .measure import BenchError

#: A run that takes longer than this has failed.
LIMIT_SECONDS = 120


def post_request(path: str, host: str, body: bytes) -> bytes:
    """The bytes of one POST of JSON."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def send_all(url: str, requests: Sequence[bytes], connections: int, expected: int) -> None:
    """Send every request once and read its answer. Raises :class:`BenchError` for another status than ``expected``."""
    asyncio.run(_send_all(url, requests, connections, expected))


async def _send_all(url: str, requests: Sequence[bytes], connections: int, expected: int) -> None:
    where = urlsplit(url)
    waiting = deque(requests)
    async with asyncio.timeout(LIMIT_SECONDS), asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(where.hostname or "", where.port or 80, waiting, expected))


async def _connection(host: str, port: int, waiting: deque[bytes], expected: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        while waiting:
            writer.write(waiting.popleft())
            status, body = await _answer(reader)
            if status != expected:
                raise BenchError(f"status {status}: {body[:300]!r}")
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]
    return int(head.split(b" ", 2)[1]), await reader.readexactly(int(length))
