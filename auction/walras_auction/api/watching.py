"""Routes for everyone: the house, its rounds, its log, the book, the live feed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response
from walras.answers import Book, LogPage, RoundPage
from walras.answers import State as StateMessage
from walras.digest import keccak
from walras.rejections import Reason, Rejection
from walras.wire import HouseInfo, Receipt

from walras_auction.api.depth import book as depth
from walras_auction.api.house import House
from walras_auction.api.limits import ADDRESS, MAX_ID
from walras_auction.api.problems import documented
from walras_auction.api.reading import log_line, round_line, state_of
from walras_auction.ports import LogEntry

_RECORD = {"content": {"application/json": {}}, "description": "The record's canonical bytes; the ETag is their hash."}


def _receipt(house: House, entry: LogEntry) -> Receipt | None:
    return None if entry.kind == "round" else house.intake.notary.receipt(entry)


def routes(house: House) -> APIRouter:
    """The routes that only read."""
    router = APIRouter(tags=["watching"])
    store = house.store

    @router.get("/house")
    def info() -> HouseInfo:
        """What a client needs to sign for this house."""
        return house.info()

    @router.get("/rounds", responses=documented(Reason.MALFORMED))
    def rounds(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[int | None, Query(ge=1, le=MAX_ID)] = None,
    ) -> RoundPage:
        """Published rounds, newest first."""
        found = store.rounds(before, limit)
        return RoundPage(
            rounds=tuple(round_line(summary) for summary in found),
            next=found[-1].id if len(found) == limit else None,
        )

    @router.get(
        "/rounds/{round_id}/record",
        response_class=Response,
        responses={200: _RECORD, 304: {"description": "Unchanged."}, **documented(Reason.NOT_FOUND, Reason.MALFORMED)},
    )
    def record(
        round_id: Annotated[int, Path(ge=1, le=MAX_ID)], if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """The published record of a round, from which ``walras replay`` recomputes it."""
        found = store.round_record(round_id)
        if found is None:
            raise Rejection(Reason.NOT_FOUND, "round_id", f"round {round_id} is not published")
        headers = {"ETag": f'"0x{keccak(found).hex()}"', "Cache-Control": "public, max-age=31536000, immutable"}
        if if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(found, media_type="application/json", headers=headers)

    @router.get("/log", responses=documented(Reason.MALFORMED))
    def log(
        start: Annotated[int, Query(alias="from", ge=1, le=MAX_ID)] = 1,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> LogPage:
        """Entries of the hash-chained log with their receipts, for audit."""
        found = store.log(start, limit)
        return LogPage(
            entries=tuple(log_line(entry, _receipt(house, entry)) for entry in found),
            next=found[-1].sequence + 1 if len(found) == limit else None,
        )

    @router.get("/book", responses=documented(Reason.MALFORMED))
    def book(
        give: Annotated[str, Query(pattern=ADDRESS)],
        want: Annotated[str, Query(pattern=ADDRESS)],
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Book:
        """The depth of a pair from the open intents, both sides, best price first."""
        decimals = {token.address: token.decimals for token in house.chain.tokens()}
        wrapped = house.chain.contracts.wrapped_native
        return depth(give.lower(), want.lower(), store.open_intents(), house.clock.now(), decimals, wrapped, limit)

    @router.get("/state", responses=documented(Reason.MALFORMED))
    def state(rounds: Annotated[int, Query(ge=0, le=200)] = 20) -> StateMessage:
        """Everything a dashboard starts from, and the event to follow the feed from."""
        return state_of(store.snapshot(rounds), house.clock.now())

    def feed_start(
        after: Annotated[int | None, Query(ge=0, le=MAX_ID)] = None,
        last_event_id: Annotated[str | None, Header(pattern="^[0-9]{1,18}$")] = None,
    ) -> int:
        """Where a reader begins, fixed before the answer starts, so that no event slips in between."""
        if last_event_id is not None:
            return int(last_event_id)
        return house.feed.refresh() if after is None else after

    @router.get("/feed", response_class=EventSourceResponse, responses=documented(Reason.MALFORMED))
    async def feed(start: int = Depends(feed_start)) -> AsyncIterator[ServerSentEvent]:
        """Live events as Server-Sent Events, from ``Last-Event-ID`` or ``after`` on, else from now."""
        async for event in house.feed.follow(start):
            data = {"id": event.id, "time": event.time, "kind": event.kind, "data": event.data}
            yield ServerSentEvent(id=str(event.id), event=event.kind, data=data)

    return router
