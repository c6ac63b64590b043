"""Routes for owners: submit, look up, cancel."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse, Response
from walras.answers import BatchAnswer, BatchItem, BatchRequest, IntentPage
from walras.rejections import Reason, Rejection
from walras.wire import CancelRequest, IntentStatus, Receipt, SubmitRequest

from walras_auction.api.bodies import described, parse, read_body
from walras_auction.api.gather import Gather
from walras_auction.api.house import House
from walras_auction.api.limits import ADDRESS, HASH, MAX_ID
from walras_auction.api.problems import documented, problem_of
from walras_auction.api.reading import status_of
from walras_auction.intake import Accepted
from walras_auction.ports import State

_ANY = (Reason.MALFORMED_JSON, Reason.BODY_TOO_LARGE, Reason.MALFORMED, Reason.UNKNOWN_FIELD)
_SUBMIT = (
    *_ANY,
    *(reason for reason in Reason if reason.status == 422 and reason not in _ANY),
    Reason.CHAIN_UNAVAILABLE,
    Reason.STORE_UNAVAILABLE,
)
_CANCEL = (*_ANY, Reason.BAD_SIGNATURE, Reason.UNKNOWN_INTENT, Reason.NOT_CANCELLABLE, Reason.STORE_UNAVAILABLE)


def routes(house: House) -> APIRouter:
    """The routes that change something, and those that tell an owner what became of it."""
    router = APIRouter(tags=["trading"])
    gather = Gather(house.intake)
    limits = house.api_config

    @router.post(
        "/intents",
        status_code=201,
        response_model=Receipt,
        responses={200: {"model": Receipt, "description": "Known already: the first receipt."}, **documented(*_SUBMIT)},
        openapi_extra=described(SubmitRequest),
    )
    async def submit(request: Request) -> Response:
        """Submit a signed intent. The answer is the house's signed receipt; submitting twice is submitting once."""
        body = await _counted(house, request, limits.max_body_bytes)
        try:
            message = parse(SubmitRequest, body)
        except Rejection as rejection:
            house.intake.refused(rejection)
            raise
        outcome = await gather.admit(message)
        if isinstance(outcome, Rejection):
            raise outcome
        return JSONResponse(outcome.receipt.to_json(), 201 if outcome.new else 200)

    @router.post(
        "/intents/batch",
        response_model=BatchAnswer,
        responses=documented(*_ANY, Reason.STORE_UNAVAILABLE),
        openapi_extra=described(BatchRequest),
    )
    async def submit_batch(request: Request) -> Response:
        """Submit many signed intents in one commit. Each stands alone; a malformed one refuses the request."""
        body = await _counted(house, request, limits.max_batch_bytes)
        return Response(await to_thread.run_sync(_batch, house, body), media_type="application/json")

    @router.get("/intents/{uid}", responses=documented(Reason.UNKNOWN_INTENT, Reason.MALFORMED))
    def intent(uid: Annotated[str, Path(pattern=HASH)]) -> IntentStatus:
        """Where an intent stands, its fills, and why it is unfilled if it is."""
        stored = house.store.get(uid.lower())
        if stored is None:
            raise Rejection(Reason.UNKNOWN_INTENT, "uid", f"no intent {uid} was accepted here")
        return status_of(stored, house.store.fills(stored.uid))

    @router.get("/intents", responses=documented(Reason.MALFORMED))
    def intents(
        owner: Annotated[str | None, Query(pattern=ADDRESS)] = None,
        state: State | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
    ) -> IntentPage:
        """Accepted intents by sequence number, optionally of one owner or in one state."""
        found = house.store.list_intents(owner.lower() if owner else None, state, after, limit)
        page = tuple(status_of(stored, house.store.fills(stored.uid)) for stored in found)
        return IntentPage(intents=page, next=found[-1].sequence if len(found) == limit else None)

    @router.post(
        "/cancels", response_model=Receipt, responses=documented(*_CANCEL), openapi_extra=described(CancelRequest)
    )
    async def cancel(request: Request) -> Response:
        """Withdraw an intent from the house. (What binds everyone is the nonce bit on chain.)"""
        body = await _counted(house, request, limits.max_body_bytes)
        try:
            message = parse(CancelRequest, body)
        except Rejection as rejection:
            house.intake.refused(rejection)
            raise
        receipt = await to_thread.run_sync(house.intake.cancel, message)
        return JSONResponse(receipt.to_json())

    return router


async def _counted(house: House, request: Request, limit: int) -> bytes:
    """The body; one that is too long is counted as refused."""
    try:
        return await read_body(request, limit)
    except Rejection as rejection:
        house.intake.refused(rejection)
        raise


def _batch(house: House, body: bytes) -> bytes:
    try:
        message = parse(BatchRequest, body)
    except Rejection as rejection:
        house.intake.refused(rejection)
        raise
    items = tuple(_item(outcome) for outcome in house.intake.admit(message.intents))
    return BatchAnswer(items=items).model_dump_json(by_alias=True).encode()


def _item(outcome: Accepted | Rejection) -> BatchItem:
    if isinstance(outcome, Rejection):
        problem = problem_of(outcome)
        return BatchItem(status=problem.status, problem=problem)
    return BatchItem(status=201 if outcome.new else 200, receipt=outcome.receipt)
