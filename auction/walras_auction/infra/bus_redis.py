"""The bus between machines: Redis Streams (Redis 7 or later, or Valkey).

Redis is the carrier and nothing more. It may be killed, emptied, replaced or paused at any moment, and what it says is
checked as anybody's word would be.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Any

from walras_auction.infra.backoff import Backoff
from walras_auction.infra.bus_redis_link import RedisLink
from walras_auction.infra.bus_redis_page import Page
from walras_auction.infra.bus_redis_scripts import PUBLISH, READ, TAIL
from walras_auction.ports import Clock
from walras_auction.ports_bus import (
    KEPT_MESSAGES,
    MAX_MESSAGE_BYTES,
    BusError,
    BusReset,
    Message,
    Position,
    check_topic,
    encode,
)

#: Messages and bytes of one answer.
_PAGE_MESSAGES = 64
_PAGE_BYTES = 8 << 20


class RedisBus:
    """The :class:`~walras_auction.ports_bus.Bus` port on Redis Streams.

    A server that stops answering holds a caller for at most ``2 * call_seconds`` (one connection, one answer); ``read``
    beyond its ``block_seconds``, and a second longer if there is much to pass over. After a failure every call fails at
    once until a pause is over (0.1 s, doubling to 5 s); only ``read`` waits for its end, within ``block_seconds``, so a
    reader's loop needs none of its own. ``close`` is seen by waiting readers within a second.

    ``url`` as in ``redis://:password@host:6379/0``; ``kept`` is met roughly, from above. ``word`` draws a random name.
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        prefix: str = "walras",
        kept: int = KEPT_MESSAGES,
        max_bytes: int = MAX_MESSAGE_BYTES,
        call_seconds: float = 2.0,
        word: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._clock = clock
        self._prefix = prefix
        self._kept = kept
        self._max_bytes = max_bytes
        self._word = word
        self._wait_slice = min(1.0, call_seconds / 2)  # a connection cut in half shows at the end of one
        self._closed = threading.Event()
        self._skipped = 0
        self._counting = threading.Lock()
        self._link = RedisLink(url, call_seconds, Backoff(clock))

    @property
    def skipped(self) -> int:
        return self._skipped

    def publish(self, topic: str, payload: dict[str, Any]) -> str:
        data = encode(payload, self._max_bytes)
        generation, entry_id = self._run(PUBLISH, topic, data, self._kept)[:2]
        return _position(generation, entry_id)

    def tail(self, topic: str) -> str:
        generation, entry_id = self._run(TAIL, topic)[:2]
        return _position(generation, entry_id)

    def read(self, topic: str, after_id: str, limit: int, block_seconds: float) -> list[Message]:
        position = Position.parse(after_id)
        deadline = self._clock.monotonic() + block_seconds
        self._await_turn(deadline)
        at = f"0-{position.number}"
        while True:
            page = self._page(topic, at, limit)
            messages, skipped = page.after(position, self._max_bytes)
            self._count(skipped)
            if messages:
                return messages
            left = deadline - self._clock.monotonic()
            if left <= (-self._wait_slice if page.last_id else 0):  # what is malformed is passed, if need be, overtime
                return []
            if page.last_id:
                at, position = page.last_id, page.position_at_end(position)
            else:
                self._wait_at_bell(topic, page.bell_id, left)

    def close(self) -> None:
        self._closed.set()
        self._link.close()

    def _page(self, topic: str, at: str, limit: int) -> Page:
        answer = self._run(READ, topic, at, min(limit, _PAGE_MESSAGES), self._max_bytes, _PAGE_BYTES)
        return Page.parse(topic, at, answer)

    def _wait_at_bell(self, topic: str, bell_id: str, left: float) -> None:
        milliseconds = max(1, int(1000 * min(left, self._wait_slice)))  # 0 would mean for ever
        key = self._keys(topic)[2]
        self._link.command("XREAD", "COUNT", 1, "BLOCK", milliseconds, "STREAMS", key, bell_id)

    def _await_turn(self, deadline: float) -> None:
        """Spend a pause after failures here instead of in a loop of refused calls."""
        pause = self._link.pause()
        if pause > 0:
            self._closed.wait(min(pause, max(0.0, deadline - self._clock.monotonic())))

    def _run(self, script: str, topic: str, *arguments: object) -> list[Any]:
        keys = self._keys(topic)
        if self._closed.is_set():
            raise BusError("the bus is closed")
        answer = self._link.run(script, keys, [self._word(), *arguments])
        if not isinstance(answer, list) or len(answer) < 2:
            raise BusError("Redis answered something else than was asked")
        return answer

    def _keys(self, topic: str) -> list[str]:
        check_topic(topic)
        return [f"{self._prefix}:{{{topic}}}:{part}" for part in ("stream", "generation", "bell")]

    def _count(self, skipped: int) -> None:
        if skipped:
            with self._counting:
                self._skipped += skipped


def _position(generation: object, entry_id: object) -> str:
    """What is returned to the caller can be read by :meth:`Position.parse`, or Redis talks nonsense."""
    try:
        text = f"{bytes(generation).decode()}:{bytes(entry_id).decode().removeprefix('0-')}"  # type: ignore[call-overload]
        return str(Position.parse(text))
    except (TypeError, ValueError, BusReset) as error:
        raise BusError("Redis named no position") from error
