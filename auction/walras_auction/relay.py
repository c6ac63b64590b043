"""Permits sent beside intents: relayed by the house in one transaction, each failure isolated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from walras.rejections import Reason
from walras.wire import PermitMessage

from walras_auction.ports import ChainError, FeedPort, IntentUpdate, Store, StoredIntent

#: Permits in one transaction: what fits a block even if every token is hostile and burns all it is given.
_CHUNK = 30


class RelayChain(Protocol):
    """The part of the chain that relaying needs."""

    def relay_permits(self, permits: Sequence[tuple[str, PermitMessage]]) -> list[str | None]:
        """Relay all (owner, permit) in one transaction; per permit None, or why it failed."""
        ...


class PermitRelay:
    """Relays the permits of newly accepted intents, each once."""

    def __init__(self, chain: RelayChain, store: Store, feed: FeedPort) -> None:
        self._chain = chain
        self._store = store
        self._feed = feed
        self._done: set[str] = set()

    def run(self, intents: Sequence[StoredIntent]) -> None:
        """Relay what is new. An intent whose permit fails is parked with that reason; the others go on."""
        fresh = [stored for stored in intents if stored.permits and stored.uid not in self._done]
        # Siblings may carry the same permit; the token takes it once.
        unique = {permit.signature: (stored, permit) for stored in reversed(fresh) for permit in stored.permits}
        jobs = list(reversed(unique.values()))
        try:
            for start in range(0, len(jobs), _CHUNK):
                self._relay(jobs[start : start + _CHUNK])
        except ChainError:
            return  # tried again before the next round
        self._done.update(stored.uid for stored in fresh)

    def _relay(self, jobs: Sequence[tuple[StoredIntent, PermitMessage]]) -> None:
        results = self._chain.relay_permits([(stored.intent.owner, permit) for stored, permit in jobs])
        for (stored, permit), failure in zip(jobs, results, strict=True):
            data = {"uid": stored.uid, "token": permit.token}
            if failure is None:
                self._feed.publish("permit_relayed", data)
                continue
            detail = f"the permit for {permit.token} failed: {failure}"
            update = IntentUpdate(stored.uid, "parked", stored.executed, Reason.PERMIT_FAILED.value, detail)
            self._store.update_intents([update])
            self._feed.publish("permit_failed", {**data, "detail": failure})
