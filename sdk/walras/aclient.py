"""The client for programs on asyncio: ``async with AsyncClient(url) as house: await house.submit(intent, key)``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

import httpx
from httpx_sse import aconnect_sse

from walras import calls
from walras.answers import Book, FeedEvent, IntentPage, LogPage, RoundPage, SolverPage, State
from walras.calls import Call, WalrasError
from walras.client import SILENCE_SECONDS
from walras.client_audit import AsyncAuditing
from walras.client_batch import AsyncBatching
from walras.client_cancel import AsyncCancelling
from walras.digest import Domain
from walras.intent import Intent
from walras.orders import Nonces, Order, signed_request
from walras.signing import Signature, Signer
from walras.wire import HouseInfo, IntentStatus, PermitMessage, Receipt

if TYPE_CHECKING:
    from walras.terms import Terms

__all__ = ["AsyncClient", "Order", "WalrasError"]

Answer = TypeVar("Answer")


class AsyncClient(AsyncAuditing, AsyncBatching, AsyncCancelling):
    """Talks to one house at ``url``; the same calls, checks and errors as :class:`walras.client.Client`."""

    def __init__(
        self,
        url: str,
        *,
        domain: Domain | None = None,
        house_signer: str | None = None,
        timeout: float = 10.0,
        retries: int = 3,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport)
        self._pinned = (domain, house_signer)
        self._retries = retries
        self._sleep = sleep
        self._info: HouseInfo | None = None
        self._nonces = Nonces()

    async def house(self, *, fresh: bool = False) -> HouseInfo:
        """What the house says of itself, asked once unless ``fresh``."""
        if self._info is None or fresh:
            info = await self._send(calls.house())
            calls.check_house(info, *self._pinned)
            self._info = info
        return self._info

    async def submit(
        self,
        intent: Intent,
        signature: Signer | Signature | str,
        permits: Sequence[PermitMessage] = (),
        terms: Terms | str | None = None,
    ) -> Receipt:
        """Submit ``intent``, signed by its owner's key here or before, with its ``terms`` if it has any.

        The house's receipt, checked.
        """
        info = await self.house()
        request = signed_request(intent, signature, calls.domain_of(info), permits, terms)
        return calls.check_receipt(await self._send(calls.submit(request)), calls.uid_of(intent, info), info)

    async def status(self, uid: str) -> IntentStatus:
        """Where an intent stands, its fills, and why it is unfilled if it is."""
        return await self._send(calls.status(uid))

    async def receipt(self, uid: str) -> Receipt:
        """The checked receipt of an intent accepted before."""
        return calls.check_receipt((await self.status(uid)).receipt, uid.lower(), await self.house())

    async def wait(self, uid: str, timeout: float = 60.0, interval: float = 0.5) -> IntentStatus:
        """The status once the intent is no longer open, or after about ``timeout`` seconds as it is then."""
        for _ in range(max(1, int(timeout / interval))):
            status = await self.status(uid)
            if status.state != "open":
                break
            await self._sleep(interval)
        return status

    async def next_nonce(self, owner: str, epoch: int | None = None) -> int:
        """An unused nonce of ``owner``, right after the last; ``epoch`` if the owner raised it on chain."""
        owner = owner.lower()
        if not self._nonces.knows(owner):
            self._nonces.learn(owner, [status.intent.nonce async for status in self.intents_of(owner)])
        return self._nonces.take(owner, epoch)

    async def intents_of(self, owner: str) -> AsyncIterator[IntentStatus]:
        """All intents of ``owner`` that the house ever accepted."""
        page = await self.intents(owner)
        while True:
            for status in page.intents:
                yield status
            if page.next is None:
                return
            page = await self.intents(owner, after=page.next)

    async def intents(
        self, owner: str | None = None, state: str | None = None, after: int = 0, limit: int = 200
    ) -> IntentPage:
        return await self._send(calls.intents(owner, state, after, limit))

    async def rounds(self, before: int | None = None, limit: int = 50) -> RoundPage:
        """Published rounds, newest first."""
        return await self._send(calls.rounds(before, limit))

    async def record(self, round_id: int) -> bytes:
        """The canonical bytes of a round's record."""
        return await self._send(calls.record(round_id))

    async def log(self, start: int = 1, limit: int = 100) -> LogPage:
        """Entries of the log from sequence number ``start``."""
        return await self._send(calls.log(start, limit))

    async def book(self, give: str, want: str, limit: int = 50) -> Book:
        """The depth of a pair."""
        return await self._send(calls.book(give, want, limit))

    async def state(self, rounds: int = 20) -> State:
        """The house at one moment; follow it with ``watch(after=state.event)``."""
        return await self._send(calls.state(rounds))

    async def solvers(self) -> SolverPage:
        """How the house's solvers are, and what is wrong with those that fail."""
        return await self._send(calls.solvers())

    async def watch(self, uid: str | None = None, after: int | None = None) -> AsyncIterator[FeedEvent]:
        """Live events, for ever: those that mention ``uid``, or all. Picks up where a lost connection ended."""
        failures = 0
        if after is None:
            after = (await self.state(0)).event
        while True:
            try:
                async for event, data in self._follow(after):
                    failures, after = 0, event.id
                    if uid is None or uid.lower() in data:
                        yield event
            except httpx.TransportError:
                failures += 1
                if failures > self._retries:
                    raise
            await self._sleep(calls.backoff(failures))

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _follow(self, after: int) -> AsyncIterator[tuple[FeedEvent, str]]:
        headers = {"Last-Event-ID": str(after)}
        timeout = httpx.Timeout(10.0, read=SILENCE_SECONDS)
        async with aconnect_sse(self._http, "GET", "/v1/feed", headers=headers, timeout=timeout) as source:
            if source.response.status_code >= 400:
                calls.raise_for_problem(source.response.status_code, await source.response.aread())
            async for message in source.aiter_sse():
                yield calls.read_event(message.data), message.data

    async def _send(self, call: Call[Answer]) -> Answer:
        for attempt in range(self._retries + 1):
            try:
                response = await self._http.request(**call.arguments)
                wait = calls.requested_wait(response.status_code, response.headers)
                if wait is None or attempt == self._retries:
                    break
                await self._sleep(wait)
            except httpx.TransportError:
                if attempt == self._retries:
                    raise
                await self._sleep(calls.backoff(attempt))
        calls.raise_for_problem(response.status_code, response.content)
        return call.read(response.content)
