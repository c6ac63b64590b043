"""The open intents in memory, exactly as they are on disk, so that a round need not read thousands of rows."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from walras_auction.infra.sqlite_writer import Transaction
from walras_auction.ports import StoredIntent

OPEN_STATES = frozenset(("open", "parked"))


class OpenIntents:
    """Intents in state open or parked, by uid. Changes show only once their transaction is on disk."""

    def __init__(self, intents: Iterable[StoredIntent]) -> None:
        self._by_uid = {stored.uid: stored for stored in intents}
        self._lock = threading.Lock()

    def stage(self, transaction: Transaction, stored: StoredIntent) -> None:
        """Show ``stored`` when ``transaction`` is committed."""
        transaction.after.append(lambda: self._put(stored))

    def get(self, uid: str) -> StoredIntent | None:
        return self._by_uid.get(uid)

    def all(self) -> list[StoredIntent]:
        """By sequence."""
        with self._lock:
            intents = list(self._by_uid.values())
        return sorted(intents, key=lambda stored: stored.sequence)

    def _put(self, stored: StoredIntent) -> None:
        with self._lock:
            if stored.state in OPEN_STATES:
                self._by_uid[stored.uid] = stored
            else:
                self._by_uid.pop(stored.uid, None)
