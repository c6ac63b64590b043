"""Routes for owners: submit, look up, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response
from walras.answers import BatchAnswer, BatchRequest, CancelBatchAnswer, CancelBatchRequest, IntentPage
from walras.rejections import Reason, Rejection
from walras.wire import Amended, CancelRequest, IntentStatus, Receipt, SubmitRequest

from walras_auction.api.admitting import admit_batch
from walras_auction.api.bodies import described, read_body
from walras_auction.api.cancelling import cancel_batch
from walras_auction.api.house import House
from walras_auction.api.limits import ADDRESS, HASH, MAX_ID
from walras_auction.api.problems import documented
from walras_auction.api.reading import status_of
from walras_auction.ports import State, StoredIntent

_ANY = (Reason.MALFORMED_JSON, Reason.BODY_TOO_LARGE, Reason.MALFORMED, Reason.UNKNOWN_FIELD)
_SUBMIT = (
    *_ANY,
    *(reason for reason in Reason if reason.status == 422 and reason not in _ANY),
    Reason.UNKNOWN_INTENT,
    Reason.CANCELLED_BEFORE,
    Reason.NOT_AMENDABLE,
    Reason.CHAIN_UNAVAILABLE,
    Reason.STORE_UNAVAILABLE,
)
_CANCEL = (
    *_ANY,
    Reason.BAD_CANCEL,
    Reason.AMOUNT_OUT_OF_RANGE,
    Reason.BAD_SIGNATURE,
    Reason.CONTRACT_REFUSES,
    Reason.NOT_CANCELLABLE,
    Reason.CHAIN_UNAVAILABLE,
    Reason.STORE_UNAVAILABLE,
)


def routes(house: House) -> APIRouter:
    """The routes that change something, and those that tell an owner what became of it."""
    router = APIRouter(tags=["trading"])
    gather = house.gather
    limits = house.api_config

    @router.post(
        "/intents",
        status_code=201,
        response_model=Amended,
        responses={200: {"model": Amended, "description": "Known already: the first receipt."}, **documented(*_SUBMIT)},
        openapi_extra=described(SubmitRequest),
    )
    async def submit(request: Request) -> Response:
        """Submit a signed intent. The answer is the house's signed receipt; submitting twice is submitting once.

        With ``replaces`` it takes the place of an open intent, whose cancel has its receipt in ``replaced``.
        """
        body = await _counted(house, request, limits.max_body_bytes)
        outcome = await gather.admit(body)
        if isinstance(outcome, Rejection):
            raise outcome
        return Response(outcome[1], outcome[0], media_type="application/json")

    @router.post(
        "/intents/batch",
        response_model=BatchAnswer,
        responses=documented(*_ANY, Reason.STORE_UNAVAILABLE),
        openapi_extra=described(BatchRequest),
    )
    async def submit_batch(request: Request) -> Response:
        """Submit many signed intents in one commit. Each stands alone; a malformed one refuses the request.

        Each new intent gets a signed receipt; or, with ``"receipts": "last"``, only the last of those that stand in
        the log one after the other, whose ``previous`` head commits to the places of the others.
        """
        body = await _counted(house, request, limits.max_batch_bytes)
        return Response(await to_thread.run_sync(admit_batch, house.intake, body), media_type="application/json")

    @router.get("/intents/{uid}", responses=documented(Reason.UNKNOWN_INTENT, Reason.MALFORMED))
    def intent(uid: Annotated[str, Path(pattern=HASH)]) -> IntentStatus:
        """Where an intent stands, its fills, and why it is unfilled if it is."""
        stored = house.store.get(uid.lower())
        if stored is None:
            raise Rejection(Reason.UNKNOWN_INTENT, "uid", f"no intent {uid} was accepted here")
        return _status(house, [stored])[0]

    @router.get("/intents", responses=documented(Reason.MALFORMED))
    def intents(
        owner: Annotated[str | None, Query(pattern=ADDRESS)] = None,
        state: State | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
    ) -> IntentPage:
        """Accepted intents by sequence number, optionally of one owner or in one state."""
        found = house.store.list_intents(owner.lower() if owner else None, state, after, limit)
        page = tuple(_status(house, found))
        return IntentPage(intents=page, next=found[-1].sequence if len(found) == limit else None)

    @router.post(
        "/cancels", response_model=Receipt, responses=documented(*_CANCEL), openapi_extra=described(CancelRequest)
    )
    async def cancel(request: Request) -> Response:
        """Withdraw intents from the house, by uid, by word of nonces or by epoch; also those that arrive later.

        The receipt says in which round they are missing for the first time. (What binds everyone is the nonce on
        chain.)
        """
        body = await _counted(house, request, limits.max_body_bytes)
        outcome = await house.gather_cancels.admit(body)
        if isinstance(outcome, Rejection):
            raise outcome
        return Response(outcome[1], outcome[0], media_type="application/json")

    @router.post(
        "/cancels/batch",
        response_model=CancelBatchAnswer,
        responses=documented(*_ANY, Reason.STORE_UNAVAILABLE),
        openapi_extra=described(CancelBatchRequest),
    )
    async def cancel_many(request: Request) -> Response:
        """Withdraw many. Each cancel stands alone; a malformed one refuses the request."""
        body = await _counted(house, request, limits.max_batch_bytes)
        return Response(await to_thread.run_sync(cancel_batch, house.intake, body), media_type="application/json")

    return router


async def _counted(house: House, request: Request, limit: int) -> bytes:
    """The body; one that is too long is counted as refused."""
    try:
        return await read_body(request, limit)
    except Rejection as rejection:
        house.intake.refused(rejection)
        raise


def _status(house: House, found: Sequence[StoredIntent]) -> list[IntentStatus]:
    store, notary = house.store, house.intake.notary
    places = store.places([stored.uid for stored in found])
    cancels = {uid: notary.cancel_receipt(cancelled) for uid, cancelled in store.cancels_of(found).items()}
    return [
        status_of(stored, store.fills(stored.uid), notary.receipt(places[stored.uid]), cancels.get(stored.uid))
        for stored in found
    ]
