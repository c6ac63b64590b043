"""The bus port: how the processes of one house tell each other that something happened.

The record is the truth and the bus only carries news of it: whatever a reader needs can be read from the store, so a
bus that loses messages costs time and nothing else. Delivery is at most once. Each reader keeps its own position:

    position = bus.tail(topic)              # first the position, then the store: nothing falls between them
    state = everything the store knows
    while running:
        try:
            for position, payload in bus.read(topic, position, limit=100, block_seconds=5):
                …
        except BusReset:
            …                               # begin again at the first line
        except BusError:
            …                               # follow the store until the bus is back
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, Protocol

#: Messages that a topic keeps at least; a reader further behind starts again from the store.
KEPT_MESSAGES = 10_000
#: Bytes of one message as JSON. Larger things belong into the store, and their key on the bus.
MAX_MESSAGE_BYTES = 1 << 20

_TOPIC = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ID = re.compile(r"([0-9a-z]{1,64}):(0|[1-9][0-9]{0,15})")


class BusError(Exception):
    """The bus can not be reached, or did not take a message. The record is not affected."""


class BusReset(BusError):
    """Messages after the reader's position may be lost: take a new position with ``tail``, then read the store."""


class Message(NamedTuple):
    """One message of a topic. ``id`` is the position after it."""

    id: str
    payload: dict[str, Any]


class Position(NamedTuple):
    """What an id says: the ``number``-th message since a topic's ``generation`` began."""

    generation: str
    number: int

    def __str__(self) -> str:
        return f"{self.generation}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Raises :class:`BusReset` for anything that no bus has issued."""
        match = _ID.fullmatch(text)
        if match is None:
            raise BusReset(f"not a position on the bus: {text[:80]!r}")
        return cls(match[1], int(match[2]))


class Bus(Protocol):
    """Streams of small JSON objects by topic. Safe to use from any thread."""

    @property
    def skipped(self) -> int:
        """How often a message was met that is too large or not a JSON object, and passed over."""
        ...

    def publish(self, topic: str, payload: dict[str, Any]) -> str:
        """Append a message; its id. Raises :class:`BusError`; then it may or may not have been sent.

        Raises ``ValueError`` for a payload that is not JSON or larger than the bus carries: nothing was sent.
        """
        ...

    def read(self, topic: str, after_id: str, limit: int, block_seconds: float) -> list[Message]:
        """Up to ``limit`` messages after ``after_id``, oldest first; waits up to ``block_seconds`` for the first one.

        Empty if there is none. Raises :class:`BusReset` if messages after ``after_id`` are gone, or
        :class:`BusError` if the bus can not be reached.
        """
        ...

    def tail(self, topic: str) -> str:
        """The position after the newest message."""
        ...

    def close(self) -> None:
        """Wake every waiting reader with a :class:`BusError`; later calls raise it as well."""
        ...


def check_topic(topic: str) -> None:
    """Raises ``ValueError`` unless ``topic`` is 1 to 64 of a–z, 0–9, dot, dash and underscore."""
    if _TOPIC.fullmatch(topic) is None:
        raise ValueError(f"not a topic: {topic[:80]!r}")


def encode(payload: dict[str, Any], max_bytes: int) -> bytes:
    """``payload`` as JSON. Raises ``ValueError`` if it is no JSON object or longer than ``max_bytes``."""
    if not isinstance(payload, dict):
        raise ValueError(f"a message is a JSON object, not {type(payload).__name__}")
    try:
        data = json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the message is not JSON: {error}") from error
    if len(data) > max_bytes:
        raise ValueError(f"the message has {len(data)} bytes; the bus carries {max_bytes}")
    return data


def decode(data: bytes, max_bytes: int) -> dict[str, Any] | None:
    """The object in ``data``, or None if there is none."""
    if len(data) > max_bytes:
        return None
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None
