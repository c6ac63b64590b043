"""Roots of the log on chain: posted after every round that settled, known to whoever asks.

A post covers the whole log so far, so one that fails needs no repeating: the next covers it. Nothing here fails or
delays a round: a transaction is sent and not waited for, and a chain that does not answer is noted and asked later.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from walras.log_proofs import PostedRoot

from walras_auction.ports import ChainError, Clock
from walras_auction.proofs import LogProofs

#: An entry waits at most so long for its root, whether or not a round settles; a fraction of what ledgers promise.
MOST_SECONDS = 3_600
#: Readers make the house ask the chain at most this often.
_LOOK_SECONDS = 2.0
#: A post waits so long for a reader that is asking the chain.
_PATIENCE_SECONDS = 10.0
#: A transaction that is not mined by then is taken for lost.
_GIVE_UP_SECONDS = 600
NO_RECORD = "0x" + "00" * 32


class LedgerChain(Protocol):
    """The ledger contract as the house uses it. Every method may raise :class:`~walras_auction.ports.ChainError`."""

    address: str

    def latest_size(self, epoch: int) -> int:
        """How many entries the newest root covers; 0 if there is none."""
        ...

    def send_root(self, epoch: int, size: int, log_root: bytes, state_root: bytes) -> str:
        """Send the transaction that posts the roots; its hash. Does not wait for it."""
        ...

    def outcome(self, transaction: str) -> PostedRoot | None:
        """What a sent transaction posted, or None while it is not mined. Raises ``ChainError`` if it failed."""
        ...

    def posted(self, epoch: int, first_block: int) -> list[PostedRoot]:
        """Every root of the epoch since a block, by size, from the chain's events."""
        ...


@dataclass(frozen=True, slots=True)
class _Sent:
    """A transaction on its way, and when it was sent."""

    transaction: str
    time: int


class RootPosts:
    """Posts roots and knows those that are posted. Safe to use from many threads.

    ``newest_record`` gives the hash of the newest published round's record, which becomes the state root: whoever has
    that record can recompute what the house made of its intents. ``warn`` gets what went wrong, in words.
    """

    def __init__(
        self,
        proofs: LogProofs,
        ledger: LedgerChain,
        newest_record: Callable[[], str | None],
        clock: Clock,
        warn: Callable[[str], object],
    ) -> None:
        self.address = ledger.address
        self.proofs = proofs
        self._ledger = ledger
        self._newest_record = newest_record
        self._clock = clock
        self._warn = warn
        self._talking = threading.Lock()  # held while the chain is asked; what is known is read without it
        self._posted: tuple[PostedRoot, ...] = ()
        self._pending: _Sent | None = None
        self._next_look = 0.0
        self._last_try: int | None = None

    def post(self) -> None:
        """Post the root of the whole log, unless it is there or on its way. Never raises."""
        self._last_try = self._clock.now()
        if not self._talking.acquire(timeout=_PATIENCE_SECONDS):
            self._warn("the chain is slow to answer readers; the log's root is posted next time")
            return
        try:
            self._send()
        except Exception as error:
            # Whatever it was: the round that settled stands, and the next post covers its entry.
            self._warn(f"the log's root was not posted; the next post covers it: {type(error).__name__}: {error}")
        finally:
            self._talking.release()

    def keep_up(self) -> None:
        """Post what an earlier run left, and then if the last try is long ago: no entry waits for a round to settle."""
        if self._last_try is None or self._clock.now() - self._last_try >= MOST_SECONDS:
            self.post()

    def last(self) -> PostedRoot | None:
        """The newest root on chain."""
        self._look()
        return self._posted[-1] if self._posted else None

    def page(self, after: int, limit: int) -> tuple[PostedRoot, ...]:
        """Roots on chain for more than ``after`` entries, by size."""
        self._look()
        posted = self._posted
        start = bisect_right(posted, after, key=lambda root: root.size)
        return posted[start : start + limit]

    def _send(self) -> None:
        self._collect()
        if self._pending is not None:
            return  # still on its way: the next post covers what came since
        record = self._newest_record() or NO_RECORD
        size, root = self.proofs.root()
        if size > self._ledger.latest_size(self.proofs.epoch):
            sent = self._ledger.send_root(self.proofs.epoch, size, root, bytes.fromhex(record[2:]))
            self._pending = _Sent(sent, self._clock.now())

    def _look(self) -> None:
        """Learn what is on chain: one reader at a time, every two seconds at most; the others get what is known."""
        if self._clock.monotonic() < self._next_look and self._pending is None:
            return
        if not self._talking.acquire(blocking=False):
            return
        try:
            self._next_look = self._clock.monotonic() + _LOOK_SECONDS
            self._collect()
            self._read_events()
        except ChainError as error:
            self._warn(f"the ledger could not be read; what is known of it may be old: {error}")
        finally:
            self._talking.release()

    def _collect(self) -> None:
        """Learn what became of the transaction under way. Raises ``ChainError`` if it failed, and forgets it."""
        sent = self._pending
        if sent is None:
            return
        try:
            root = self._ledger.outcome(sent.transaction)
        except ChainError:
            self._pending = None
            raise
        if root is not None:
            self._pending = None
            if not self._posted or root.size > self._posted[-1].size:
                self._posted += (root,)
        elif self._clock.now() - sent.time >= _GIVE_UP_SECONDS:
            self._pending = None
            self._warn(f"{sent.transaction} was not mined; its root is posted anew")

    def _read_events(self) -> None:
        """Read from the chain's events what this process did not post itself; forget what a reorganisation undid."""
        latest = self._ledger.latest_size(self.proofs.epoch)
        known = self._posted[-1].size if self._posted else 0
        if latest > known:
            start = self._posted[-1].block if self._posted else 0
            found = self._ledger.posted(self.proofs.epoch, start)
            self._posted += tuple(root for root in found if root.size > known)
        elif latest < known:
            self._posted = tuple(root for root in self._posted if root.size <= latest)
