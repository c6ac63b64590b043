"""The client for programs that wait: ``with Client(url) as house: house.submit(intent, key)``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import httpx
from httpx_sse import connect_sse

from walras import calls
from walras.answers import Book, FeedEvent, IntentPage, LogPage, RoundPage, SolverPage, State
from walras.calls import Call, WalrasError
from walras.client_audit import Auditing
from walras.client_batch import Batching
from walras.client_cancel import Cancelling
from walras.digest import Domain
from walras.intent import Intent
from walras.orders import Nonces, Order, signed_request
from walras.signing import Signature, Signer
from walras.wire import HouseInfo, IntentStatus, PermitMessage, Receipt

if TYPE_CHECKING:
    from walras.terms import Terms

__all__ = ["Client", "Order", "WalrasError"]

Answer = TypeVar("Answer")

#: The house sends a comment every 15 s; silence for three of them means that the connection is dead.
SILENCE_SECONDS = 45.0


class Client(Auditing, Batching, Cancelling):
    """Talks to one house at ``url``.

    ``domain`` and ``house_signer`` pin the house: whatever it says of itself must agree with them. ``transport`` is
    httpx's seam for tests; ``retries`` counts repetitions after connection errors and after a 429, for as long as its
    ``Retry-After`` says, which are safe because every call is idempotent. Raises :class:`WalrasError` with the problem
    document when the house says no.
    """

    def __init__(
        self,
        url: str,
        *,
        domain: Domain | None = None,
        house_signer: str | None = None,
        timeout: float = 10.0,
        retries: int = 3,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout, transport=transport)
        self._pinned = (domain, house_signer)
        self._retries = retries
        self._sleep = sleep
        self._info: HouseInfo | None = None
        self._nonces = Nonces()

    def house(self, *, fresh: bool = False) -> HouseInfo:
        """What the house says of itself, asked once unless ``fresh``."""
        if self._info is None or fresh:
            info = self._send(calls.house())
            calls.check_house(info, *self._pinned)
            self._info = info
        return self._info

    def submit(
        self,
        intent: Intent,
        signature: Signer | Signature | str,
        permits: Sequence[PermitMessage] = (),
        terms: Terms | str | None = None,
    ) -> Receipt:
        """Submit ``intent``, signed by its owner's key here or before, with its ``terms`` if it has any.

        The house's receipt, checked.
        """
        info = self.house()
        request = signed_request(intent, signature, calls.domain_of(info), permits, terms)
        return calls.check_receipt(self._send(calls.submit(request)), calls.uid_of(intent, info), info)

    def status(self, uid: str) -> IntentStatus:
        """Where an intent stands, its fills, and why it is unfilled if it is."""
        return self._send(calls.status(uid))

    def receipt(self, uid: str) -> Receipt:
        """The checked receipt of an intent accepted before."""
        return calls.check_receipt(self.status(uid).receipt, uid.lower(), self.house())

    def wait(self, uid: str, timeout: float = 60.0, interval: float = 0.5) -> IntentStatus:
        """The status once the intent is no longer open, or after about ``timeout`` seconds as it is then."""
        for _ in range(max(1, int(timeout / interval))):
            status = self.status(uid)
            if status.state != "open":
                break
            self._sleep(interval)
        return status

    def next_nonce(self, owner: str, epoch: int | None = None) -> int:
        """An unused nonce of ``owner``, right after the last; ``epoch`` if the owner raised it on chain."""
        owner = owner.lower()
        if not self._nonces.knows(owner):
            self._nonces.learn(owner, (status.intent.nonce for status in self.intents_of(owner)))
        return self._nonces.take(owner, epoch)

    def intents_of(self, owner: str) -> Iterator[IntentStatus]:
        """All intents of ``owner`` that the house ever accepted."""
        page = self.intents(owner)
        while True:
            yield from page.intents
            if page.next is None:
                return
            page = self.intents(owner, after=page.next)

    def intents(
        self, owner: str | None = None, state: str | None = None, after: int = 0, limit: int = 200
    ) -> IntentPage:
        return self._send(calls.intents(owner, state, after, limit))

    def rounds(self, before: int | None = None, limit: int = 50) -> RoundPage:
        """Published rounds, newest first."""
        return self._send(calls.rounds(before, limit))

    def record(self, round_id: int) -> bytes:
        """The canonical bytes of a round's record."""
        return self._send(calls.record(round_id))

    def log(self, start: int = 1, limit: int = 100) -> LogPage:
        """Entries of the log from sequence number ``start``."""
        return self._send(calls.log(start, limit))

    def book(self, give: str, want: str, limit: int = 50) -> Book:
        """The depth of a pair."""
        return self._send(calls.book(give, want, limit))

    def state(self, rounds: int = 20) -> State:
        """The house at one moment; follow it with ``watch(after=state.event)``."""
        return self._send(calls.state(rounds))

    def solvers(self) -> SolverPage:
        """How the house's solvers are, and what is wrong with those that fail."""
        return self._send(calls.solvers())

    def watch(self, uid: str | None = None, after: int | None = None) -> Iterator[FeedEvent]:
        """Live events, for ever: those that mention ``uid``, or all. Picks up where a lost connection ended."""
        failures = 0
        if after is None:
            after = self.state(0).event
        while True:
            try:
                for event, data in self._follow(after):
                    failures, after = 0, event.id
                    if uid is None or uid.lower() in data:
                        yield event
            except httpx.TransportError:
                failures += 1
                if failures > self._retries:
                    raise
            self._sleep(calls.backoff(failures))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _follow(self, after: int) -> Iterator[tuple[FeedEvent, str]]:
        headers = {"Last-Event-ID": str(after)}
        timeout = httpx.Timeout(10.0, read=SILENCE_SECONDS)
        with connect_sse(self._http, "GET", "/v1/feed", headers=headers, timeout=timeout) as source:
            if source.response.status_code >= 400:
                calls.raise_for_problem(source.response.status_code, source.response.read())
            for message in source.iter_sse():
                yield calls.read_event(message.data), message.data

    def _send(self, call: Call[Answer]) -> Answer:
        for attempt in range(self._retries + 1):
            try:
                response = self._http.request(**call.arguments)
                wait = calls.requested_wait(response.status_code, response.headers)
                if wait is None or attempt == self._retries:
                    break
                self._sleep(wait)
            except httpx.TransportError:
                if attempt == self._retries:
                    raise
                self._sleep(calls.backoff(attempt))
        calls.raise_for_problem(response.status_code, response.content)
        return call.read(response.content)
