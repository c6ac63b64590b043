"""The solver: traders against quotes that are reserved for it, at the quote's price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from walras.amounts import limits
from walras.atoms import floor_div
from walras.exchange import Bid, Desk, Part
from walras.offers import Offer
from walras.wire import Batch, Solution

#: Traders served by one quote in one solution, at most.
_MOST_TRADERS = 60


class MarketMakerSolver:
    """One quote a solution, with as many sellers as it can serve, or with one buyer.

    A quote is an intent that nobody else is shown: its terms name this solver. Without quotes there is nothing to bid.
    """

    def solve(self, batch: Batch) -> Iterable[Solution]:
        """The bids with the highest scores, at most ``batch.max_solutions``."""
        desk = Desk(batch, with_terms=True)
        quotes = [offer for offer in desk.offers(2, 0) if offer.reserved and offer.sells]
        found = [bid for quote in quotes for bid in (*_sellers(desk, quote), *_buyers(desk, quote))]
        found.sort(key=lambda bid: (-bid.score, bid.solution.fills[0].uid))
        best = found[: batch.max_solutions]
        return [bid.solution.model_copy(update={"id": number}) for number, bid in enumerate(best)]


def _sellers(desk: Desk, quote: Offer) -> Iterator[Bid]:
    """The quote with the most eager sellers of what it asks for: with all it can serve, half of them, … the first."""
    count = min(len(_traders(desk, quote, 2, sells=True)), _MOST_TRADERS)
    while count:
        again = desk.offer(quote.entry, count + 1, 0)
        traders = _traders(desk, quote, count + 1, sells=True)[:count]
        parts = [] if again is None else _shared_out(again, traders)
        if 0 < len(parts) < count:
            count = len(parts)  # fewer share the gas: count their fees again
            continue
        bid = None if again is None else _with_sellers(desk, again, parts)
        if bid is not None:
            yield bid
        count //= 2


def _traders(desk: Desk, quote: Offer, fills: int, *, sells: bool) -> list[Offer]:
    """Everybody's offers for what the quote gives, the most eager first."""
    found = [
        offer
        for offer in desk.offers(fills, 0)
        if (offer.give, offer.want) == (quote.want, quote.give) and not offer.reserved and offer.sells is sells
    ]
    return sorted(found, key=lambda offer: (Fraction(offer.least, offer.net), offer.entry.sequence))


def _shared_out(quote: Offer, traders: list[Offer]) -> list[Part]:
    """What each trader gives, in their order, up to the size of the quote."""
    room, parts = quote.least, list[Part]()
    for trader in traders:
        gives = min(trader.net, room)
        if gives <= 0:
            break
        parts.append((trader, gives, 0))
        room -= gives
    return parts


def _with_sellers(desk: Desk, quote: Offer, parts: list[Part]) -> Bid | None:
    """The quote gives what its limit asks it to for what the traders give, and no more."""
    taken = sum(gives for _, gives, _ in parts)
    given = _worth(quote, taken) - quote.fee
    return desk.bid((quote.want, quote.give), (taken, given), [(quote, given, taken), *parts])


def _worth(quote: Offer, taken: int) -> int:
    """The most that the quote executes for ``taken`` atoms within its limit, rounded down: for the maker."""
    give, want = quote.intent.gives[0].end, quote.intent.wants[0].end
    return min(floor_div(taken * give, want), quote.net + quote.fee)


def _buyers(desk: Desk, quote: Offer) -> Iterator[Bid]:
    """The quote with each buyer of what it gives: the buyer gets exactly what it wants, for what the quote asks."""
    for trader in _traders(desk, quote, 2, sells=False)[:_MOST_TRADERS]:
        gets = min(trader.least, quote.net)
        gives = limits(quote.intent, gets + quote.fee, desk.batch.time)[0]
        bid = desk.bid((quote.want, quote.give), (gives, gets), [(quote, gets, gives), (trader, gives, gets)])
        if bid is not None:
            yield bid
