"""Which open intents a round looks at, when there are more of them than a batch holds.

Asking the chain about everybody in every round would take longer than the round. Looked at are those whose owners could
give most, a window that passes over all the others in turn (so that whoever has funds again is found), and those whose
time is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from walras.wire import TokenInfo

from walras_auction.close import ChainView, could_give
from walras_auction.ports import Store, StoredIntent


class Candidates:
    """Chooses from the store, and tells it what the chain said. ``batch_size`` as in the round's terms."""

    def __init__(self, store: Store, batch_size: int) -> None:
        self._store = store
        self._size = batch_size
        self._mark = 0

    def pick(self, ends_before: int, tokens: Sequence[TokenInfo]) -> list[StoredIntent]:
        """By sequence: all there are if a batch holds them, else the most worthwhile, some others, and the ended."""
        store = self._store
        if store.open_count() <= self._size:
            return store.open_intents()
        window = store.open_after(self._mark, self._size)
        self._mark = window[-1].sequence if window else 0
        best = store.shortlist(self._size, atom_prices(tokens))
        ended = islice(store.ending_before(ends_before), self._size)
        chosen = {stored.sequence: stored for stored in (*best, *window, *ended)}
        return [chosen[sequence] for sequence in sorted(chosen)]

    def again(self, intents: Sequence[StoredIntent]) -> list[StoredIntent]:
        """The same intents as they stand now, those that are still open or parked."""
        self._store.open_count()
        return self._store.open_at([stored.sequence for stored in intents])

    def learn(self, intents: Sequence[StoredIntent], view: ChainView) -> None:
        """Keep which part of their first give the owners had."""
        self._store.learn_funding({stored.sequence: _funded(stored, view) for stored in intents})


def atom_prices(tokens: Sequence[TokenInfo]) -> Mapping[str, float]:
    """Wei of the native coin for an atom, of tokens with a reference price: for choosing, not for counting."""
    return {token.address: token.price / 10**18 for token in tokens if token.price}


def _funded(stored: StoredIntent, view: ChainView) -> float:
    return could_give(stored, view, 0) / stored.intent.gives[0].end
