"""Not holding the same fruitless round again and again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from walras.terms import Terms

from walras_auction.close import ChainView, ready_at
from walras_auction.ports import StoredIntent

#: A solver may have been restarted or improved meanwhile, so now and then a round is held all the same.
MAX_SKIPPED = 60


class Idle:
    """Remembers what the last round without a valid bid looked at; while nothing of it changes, no round is held."""

    def __init__(self) -> None:
        self._fruitless: Hashable = None
        self._skipped = 0

    def skips(self, intents: Sequence[StoredIntent], view: ChainView, now: int) -> bool:
        """Whether the next round would look at just what the last fruitless one looked at."""
        if self._fruitless is None or self._fruitless != _sight(intents, view, now) or self._skipped >= MAX_SKIPPED:
            self._skipped = 0
            return False
        self._skipped += 1
        return True

    def learn(self, intents: Sequence[StoredIntent], view: ChainView, now: int, valid_bids: int) -> None:
        """Remember a round's sight if nobody could bid on it."""
        self._fruitless = None if valid_bids else _sight(intents, view, now)


def _reserved(stored: StoredIntent, now: int) -> str | None:
    """The one solver that may fill the intent now. The end of its window is a change that only the clock makes."""
    return Terms.decode(stored.terms_data).exclusive_at(now) if stored.terms_data else None


def _sight(intents: Sequence[StoredIntent], view: ChainView, now: int) -> Hashable:
    """What a round's outcome depends on. Moving bounds change with every second."""
    ready = ready_at(intents, view, now)
    moving = any(leg.moves for stored in ready for leg in stored.intent.moving_side)
    return (
        now if moving else 0,
        tuple((stored.uid, stored.executed, _reserved(stored, now)) for stored in ready),
        tuple(sorted((key, facts.balance, facts.allowance) for key, facts in view.funds.items())),
        view.pools,
    )
