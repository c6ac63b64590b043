"""News among the processes of one house: each learns of the others' events soon after they are on disk.

A message on the bus says no more than "look again": what there is to see is read from the store. So a bus that lies,
loses messages or is gone costs time only. Without it, the store is asked while somebody follows the feed.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, Protocol

import structlog

from walras_auction.feed import Feed
from walras_auction.ports import StoreError
from walras_auction.ports_bus import Bus, BusError

TOPIC = "tail"
#: How often the store is asked without a bus.
POLL_SECONDS = 0.25
#: How long one look at the bus waits; after it, the store is asked all the same: a message may have been lost.
LOOK_SECONDS = 1.0


class Announcing(Protocol):
    """The part of the store that news comes from."""

    def subscribe(self, listener: Any) -> None: ...


class News:
    """Tells others of this process's commits, and the feed of theirs."""

    def __init__(self, feed: Feed, store: Announcing, bus: Bus | None = None) -> None:
        self._feed = feed
        self._bus = bus
        self._newest = 0
        self._told = 0
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._log = structlog.get_logger()
        if bus is not None:
            store.subscribe(self._committed)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Tell and listen while the context lasts; the bus is closed with it."""
        threads = [threading.Thread(target=self._listen, name="news-listen", daemon=True)]
        if self._bus is not None:
            threads.append(threading.Thread(target=self._tell, args=(self._bus,), name="news-tell", daemon=True))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            with self._changed:
                self._changed.notify_all()
            if self._bus is not None:
                self._bus.close()
            for thread in threads:
                thread.join()

    def _committed(self, event: int) -> None:
        """Called by the store's writer, which must not wait for a bus."""
        with self._changed:
            self._newest = event
            self._changed.notify_all()

    def _tell(self, bus: Bus) -> None:
        """Commits that came while the last message was on its way share the next one."""
        while (event := self._next()) is not None:
            with contextlib.suppress(BusError):  # the others ask the store
                bus.publish(TOPIC, {"event": event})

    def _next(self) -> int | None:
        with self._changed:
            while self._newest == self._told and not self._stopped.is_set():
                self._changed.wait()
            self._told = self._newest
            return None if self._stopped.is_set() else self._told

    def _listen(self) -> None:
        position: str | None = None
        while not self._stopped.is_set():
            try:
                position = self._hear(position)
            except StoreError as error:
                self._log.warning("feed_behind", error=str(error))
                self._stopped.wait(LOOK_SECONDS)

    def _hear(self, position: str | None) -> str | None:
        """One look at the bus, or else at the store; the position on the bus after it."""
        if self._bus is None:
            self._poll()
            return None
        try:
            position = self._bus.tail(TOPIC) if position is None else self._read(self._bus, position)
        except BusError:
            self._poll()
            return None
        self._feed.refresh()
        return position

    def _read(self, bus: Bus, position: str) -> str:
        messages = bus.read(TOPIC, position, 1_000, LOOK_SECONDS)
        return messages[-1].id if messages else position

    def _poll(self) -> None:
        """Nobody who follows, nothing to ask."""
        if self._feed.await_reader(LOOK_SECONDS):
            self._feed.refresh()
            self._stopped.wait(POLL_SECONDS)
