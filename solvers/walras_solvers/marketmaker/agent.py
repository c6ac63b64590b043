"""The agent: brings the desk's quotes to a house. It answers open intents unasked, and learns what was filled."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from fractions import Fraction

import httpx
from walras.calls import WalrasError
from walras.client import Client
from walras.intent import Intent, Kind, bound_at
from walras.wire import IntentStatus, Receipt

from walras_solvers.marketmaker.desk import Quote, QuoteDesk, QuoteRefused, QuoteRequest

_PAGE = 200


class MakerAgent:
    """Between one desk and one house. ``step`` does everything once; ``run`` repeats it."""

    def __init__(self, client: Client, desk: QuoteDesk) -> None:
        self._client = client
        self._desk = desk
        self._answered: dict[str, str] = {}  # a trader's intent → the quote for it
        self._submitted: set[str] = set()

    def submit(self, quote: Quote) -> Receipt:
        """Bring a quote to the house. Raises :class:`WalrasError` if the house refuses it."""
        sent = quote.request
        receipt = self._client.submit(sent.intent.intent(), sent.signature, terms=sent.terms_data)
        self._submitted.add(quote.uid)
        return receipt

    def step(self) -> list[Quote]:
        """Learn of fills, then quote for every open intent that the desk's price would satisfy; the new quotes."""
        self._learn()
        live = {promise.uid for promise in self._desk.live()}
        self._answered = {uid: quote for uid, quote in self._answered.items() if quote in live}
        made, now = [], self._client.house(fresh=True).time
        for status in self._open():
            asked = _request(status)
            if asked is None or status.uid in self._answered or status.intent.owner == self._desk.signer.address:
                continue
            quote = self._answer(status, asked, now)
            if quote is not None:
                made.append(quote)
        return made

    def run(self, stop: threading.Event, seconds: float) -> None:
        """Step every ``seconds`` until ``stop`` is set; a house that does not answer is asked again."""
        while not stop.wait(seconds):
            try:
                self.step()
            except (httpx.TransportError, WalrasError):
                continue

    def _answer(self, status: IntentStatus, asked: QuoteRequest, now: int) -> Quote | None:
        try:
            if not _satisfies(self._desk.price(asked), status.intent.intent(), now):
                return None
            quote = self._desk.quote(asked)
            self.submit(quote)
        except (QuoteRefused, WalrasError):
            return None
        self._answered[status.uid] = quote.uid
        return quote

    def _learn(self) -> None:
        """What the live quotes have given and got so far."""
        for promise in self._desk.live():
            if promise.uid in self._submitted:
                fills = self._client.status(promise.uid).fills
                self._desk.filled(
                    promise.uid, sum(fill.gives[0] for fill in fills), sum(fill.wants[0] for fill in fills)
                )

    def _open(self) -> Iterator[IntentStatus]:
        after: int | None = 0
        while after is not None:
            page = self._client.intents(None, "open", after, _PAGE)
            yield from page.intents
            after = page.next


def _request(status: IntentStatus) -> QuoteRequest | None:
    """What the owner would ask for what is left of its intent; None for baskets."""
    intent = status.intent.intent()
    if len(intent.gives) != 1 or len(intent.wants) != 1 or status.remaining == 0:
        return None
    kind = "sell" if intent.kind is Kind.SELL else "buy"
    return QuoteRequest(give=intent.gives[0].token, want=intent.wants[0].token, amount=status.remaining, kind=kind)


def _satisfies(amounts: tuple[int, int], intent: Intent, time: int) -> bool:
    """Whether the maker's (gives, wants) are at least the intent's limit at Unix second ``time``."""
    give, want = bound_at(intent.gives[0], intent, time, give=True), bound_at(intent.wants[0], intent, time, give=False)
    return Fraction(*amounts) >= Fraction(want, give)
