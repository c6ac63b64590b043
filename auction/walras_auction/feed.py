"""Stage 9, the feed: one ordered stream of public events that any number of readers follow without losing one.

Events live in the store. Those that the readers who keep up have read last stay in memory too; a reader that falls
behind them reads from the store, so a slow one costs nothing and loses nothing, and events that nobody follows are
never built.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from typing import Any, Protocol

from anyio import to_thread

from walras_auction.ports import Clock, Event

_RING = 4096
_PAGE = 500


class EventLog(Protocol):
    """The part of the store that the feed needs."""

    def append_event_soon(self, kind: str, data: dict[str, Any], time: int) -> Future[Event]: ...

    def events(self, after: int, limit: int) -> list[Event]: ...

    def last_event(self) -> int: ...

    def subscribe(self, listener: Any) -> None: ...


class Feed:
    """Publishes events to the store and wakes readers. Safe to use from any thread."""

    def __init__(self, store: EventLog, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._ring: deque[Event] = deque(maxlen=_RING)
        self._readers: set[_Reader] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._followed = threading.Event()
        self._last = store.last_event()
        store.subscribe(self._arrived)

    @property
    def last_id(self) -> int:
        """The id of the newest event."""
        return self._last

    def refresh(self) -> int:
        """Look at the store for what other processes wrote; the id of the newest event."""
        self._arrived(self._store.last_event())
        return self._last

    def await_reader(self, seconds: float) -> bool:
        """Whether somebody follows; waits so long for the first one."""
        return self._followed.wait(seconds)

    def publish(self, kind: str, data: dict[str, Any]) -> None:
        """Announce something; on disk when this returns."""
        self.announce(kind, data).result()

    def announce(self, kind: str, data: dict[str, Any]) -> Future[Event]:
        """Announce something without waiting for the disk; the order of calls is kept."""
        return self._store.append_event_soon(kind, data, self._clock.now())

    async def follow(self, after: int) -> AsyncIterator[Event]:
        """Events after id ``after``, for ever, or until the feed closes."""
        reader = _Reader(asyncio.get_running_loop())
        with self._lock:
            self._readers.add(reader)
            self._followed.set()
        try:
            while True:
                reader.woken.clear()
                events = await self._since(after)
                for event in events:
                    after = event.id
                    yield event
                if not events:
                    if self._closed:
                        return
                    await reader.woken.wait()
        finally:
            with self._lock:
                self._readers.discard(reader)
                if not self._readers:
                    self._followed.clear()

    def close(self) -> None:
        """End every reader's stream once it has read what there is."""
        self._closed = True
        self._wake()

    async def _since(self, after: int) -> list[Event]:
        if after >= self._last:
            return []
        with self._lock:
            recent = list(self._ring)
        if recent and recent[0].id <= after + 1 <= recent[-1].id:
            return recent[after + 1 - recent[0].id :][:_PAGE]
        return await to_thread.run_sync(self._load, after)

    def _load(self, after: int) -> list[Event]:
        """A page from the store; what follows the ring is kept there for the other readers."""
        events = self._store.events(after, _PAGE)
        with self._lock:
            end = self._ring[-1].id if self._ring else None
            if events and (end is None or events[0].id > end + 1):
                self._ring.clear()
                self._ring.extend(events)
            elif end is not None:
                self._ring.extend(event for event in events if event.id > end)
        return events

    def _arrived(self, last: int) -> None:
        with self._lock:
            if last <= self._last:
                return
            self._last = last
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            for reader in tuple(self._readers):
                if not reader.wake():
                    self._readers.discard(reader)


class _Reader:
    """One reader: the loop it lives in and the event that wakes it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.woken = asyncio.Event()

    def wake(self) -> bool:
        """False if the reader's loop is gone."""
        try:
            self._loop.call_soon_threadsafe(self.woken.set)
        except RuntimeError:
            return False
        return True
