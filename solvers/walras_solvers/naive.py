"""The example to copy: each intent through its best pool, or against its best counterparty, exact to the atom.

One bid an intent, a pair or a pool: no routes, no splits, no rings. `walras.exchange` knows the house's rules and
throws away what breaks one, so that what is left to do is to say who could trade with whom, and for how much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction

from walras.exchange import Bid, Desk
from walras.offers import Offer
from walras.wire import Batch, PoolSwap, Solution

#: A pool that does not pay the limit of all of an intent may pay that of a half, a quarter …
_PARTS = (1, 2, 4, 8, 16)
#: How many of the best counterparties are tried.
_DEPTH = 3


class NaiveSolver:
    """Orders with one leg a side, one or two of them a solution."""

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """The bids with the highest scores, at most ``batch.max_solutions``."""
        desk = Desk(batch)
        found = sorted([*pooled(desk), *matched(desk)], key=lambda bid: (-bid.score, bid.solution.fills[0].uid))
        best = found[: batch.max_solutions]
        return [bid.solution.model_copy(update={"id": number}) for number, bid in enumerate(best)]


def pooled(desk: Desk) -> Iterator[Bid]:
    """Each intent through each pool of its pair, as much of it as the pool pays the limit for."""
    for entry in desk.batch.intents:
        offers = [offer for part in _PARTS if (offer := desk.offer(entry, 1, 1, part))]
        for pool in (pool for pool in desk.pools if offers and {offers[0].give, offers[0].want} <= {*pool.tokens}):
            for offer in offers:
                give, want = offer.give, offer.want
                gives = offer.net if offer.sells else pool.amount_in(want, offer.least, give) or 0
                gets = pool.amount_out(give, gives, want) if gives else 0
                named = want if len(pool.tokens) > 2 else None
                swap = PoolSwap(pool=pool.id, token_in=give, amount_in=gives, amount_out=gets, token_out=named)
                flow = (gives, gets if offer.sells else offer.least)
                if bid := desk.bid((give, want), flow, [(offer, *flow)], swap):
                    yield bid
                    break


def matched(desk: Desk) -> Iterator[Bid]:
    """Each intent against the best of the opposite direction, in the middle between their limits."""
    book: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in desk.offers(2, 0):
        book[offer.give, offer.want].append(offer)
    for pair, offers in sorted(book.items()):
        others = sorted(book.get((pair[1], pair[0]), ()), key=lambda offer: Fraction(offer.least, offer.net))
        for one in offers if pair[0] < pair[1] else ():
            for other in others[:_DEPTH]:
                for a, b in sizes(one, other):
                    if bid := desk.bid(pair, (a, b), [(one, a, b), (other, b, a)]):
                        yield bid
                        break


def sizes(one: Offer, other: Offer) -> Iterator[tuple[int, int]]:
    """(atoms that ``one`` gives, atoms it gets) at the middle price, as far as the smaller of the two goes."""
    middle = (Fraction(one.least, one.net) + Fraction(other.net, other.least)) / 2
    mine = (one.net, int(one.net * middle)) if one.sells else (int(one.least / middle), one.least)
    theirs = (int(other.net / middle), other.net) if other.sells else (other.least, int(other.least * middle))
    a, b = min(mine, theirs)
    yield from ((a, b), (a, b + 1), (a + 1, b))  # at limits one atom apart it matters which way the middle is rounded
