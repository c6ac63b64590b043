"""The bus within one process."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from typing import Any

from walras_auction.ports import Clock
from walras_auction.ports_bus import (
    KEPT_MESSAGES,
    MAX_MESSAGE_BYTES,
    BusError,
    BusReset,
    Message,
    Position,
    check_topic,
    decode,
    encode,
)


class MemoryBus:
    """The :class:`~walras_auction.ports_bus.Bus` port for threads. Messages are kept as bytes, so readers share none.

    ``generation`` tells this bus from the one of an earlier process.
    """

    def __init__(
        self,
        clock: Clock,
        kept: int = KEPT_MESSAGES,
        max_bytes: int = MAX_MESSAGE_BYTES,
        generation: str | None = None,
    ) -> None:
        self._clock = clock
        self._kept = kept
        self._max_bytes = max_bytes
        self._generation = generation or secrets.token_hex(16)
        self._topics: dict[str, _Topic] = {}
        self._changed = threading.Condition()
        self._closed = False

    @property
    def skipped(self) -> int:
        """Always 0: nobody else writes here."""
        return 0

    def publish(self, topic: str, payload: dict[str, Any]) -> str:
        data = encode(payload, self._max_bytes)
        with self._changed:
            stream = self._stream(topic)
            stream.messages.append(data)
            stream.count += 1
            self._changed.notify_all()
            return str(Position(self._generation, stream.count))

    def tail(self, topic: str) -> str:
        with self._changed:
            return str(Position(self._generation, self._stream(topic).count))

    def read(self, topic: str, after_id: str, limit: int, block_seconds: float) -> list[Message]:
        position = Position.parse(after_id)
        deadline = self._clock.monotonic() + block_seconds
        with self._changed:
            while not (found := self._after(topic, position, limit)):
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    return []
                self._changed.wait(left)
        return [Message(str(Position(self._generation, count)), self._decode(data)) for count, data in found]

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _after(self, topic: str, position: Position, limit: int) -> list[tuple[int, bytes]]:
        stream = self._stream(topic)
        first = stream.count - len(stream.messages) + 1
        if position.generation != self._generation or not first - 1 <= position.number <= stream.count:
            raise BusReset(f"{topic} no longer has what follows {position}")
        start = position.number + 1 - first
        page = range(start, min(start + limit, len(stream.messages)))
        return [(first + index, stream.messages[index]) for index in page]

    def _stream(self, topic: str) -> _Topic:
        check_topic(topic)
        if self._closed:
            raise BusError("the bus is closed")
        return self._topics.setdefault(topic, _Topic(deque(maxlen=self._kept)))

    def _decode(self, data: bytes) -> dict[str, Any]:
        payload = decode(data, self._max_bytes)
        assert payload is not None, "published here, so encoded here"
        return payload


class _Topic:
    """The newest messages of a topic; ``count`` were ever published."""

    def __init__(self, messages: deque[bytes]) -> None:
        self.messages = messages
        self.count = 0
