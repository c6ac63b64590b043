"""The routes that take submissions and cancels, as bare ASGI: what a framework adds costs more than the checks.

They answer just as the routes of the same address in ``trading.py`` do, which describe them in the OpenAPI document and
serve them where answers need more than this (requests of other origins).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.types import ASGIApp, Receive, Scope, Send
from walras.rejections import Reason, Rejection

from walras_auction.api.admitting import Answer, admit_batch
from walras_auction.api.cancelling import cancel_batch
from walras_auction.api.front import API_HEADERS
from walras_auction.api.house import House
from walras_auction.api.problems import MEDIA_TYPE, problem_of, retry_header, store_unavailable, too_large
from walras_auction.faultpoints import reach
from walras_auction.ports import StoreError

_HEADERS = [(name.lower().encode(), value.encode()) for name, value in API_HEADERS.items()]
_JSON = (b"content-type", b"application/json")
_PROBLEM = (b"content-type", MEDIA_TYPE.encode())


class ClientGone(Exception):
    """The client hung up before its request was complete."""


class HotRoutes:
    """Serves ``POST`` to ``/v1/intents``, ``/v1/cancels`` and the ``batch`` of each; all else goes to ``app``."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house
        limits = house.api_config
        self._cors = bool(limits.cors_origins)
        self._batches: CapacityLimiter | None = None
        self._routes: dict[str, tuple[int, Callable[[bytes], Awaitable[Answer | Rejection]]]] = {
            "/v1/intents": (limits.max_body_bytes, house.gather.admit),
            "/v1/intents/batch": (limits.max_batch_bytes, self._batch),
            "/v1/cancels": (limits.max_body_bytes, house.gather_cancels.admit),
            "/v1/cancels/batch": (limits.max_batch_bytes, self._cancel_batch),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if route is None or (self._cors and any(name == b"origin" for name, _ in scope["headers"])):
            await self._app(scope, receive, send)
            return
        limit, admit = route
        try:
            body = await _body(receive, limit)
            reach("after-read")
            outcome = await admit(body)
            reach("before-answer")
        except ClientGone:
            return
        except Rejection as rejection:
            if rejection.reason is Reason.BODY_TOO_LARGE:
                self._house.intake.refused(rejection)
            outcome = rejection
        except StoreError as error:
            outcome = store_unavailable(error)
        except Exception:
            structlog.get_logger().exception("a submission failed")
            outcome = Rejection(Reason.INTERNAL_ERROR, "", "the house's log names the cause")
        await _send(send, outcome)

    async def _batch(self, body: bytes) -> Answer:
        """One batch after the other: threads that check signatures side by side take each other's turn of the
        interpreter at each one, and all of them answer later than the last of a queue."""
        if self._batches is None:  # it belongs to the event loop that serves
            self._batches = CapacityLimiter(1)
        return 200, await to_thread.run_sync(admit_batch, self._house.intake, body, limiter=self._batches)

    async def _cancel_batch(self, body: bytes) -> Answer:
        return 200, await to_thread.run_sync(cancel_batch, self._house.intake, body)


async def _body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises :class:`Rejection` as soon as it is longer than ``limit`` bytes."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send(send: Send, outcome: Answer | Rejection) -> None:
    if isinstance(outcome, Rejection):
        problem = problem_of(outcome)
        status, body, kind = problem.status, problem.model_dump_json(by_alias=True).encode(), _PROBLEM
        extra = [(name.lower().encode(), value.encode()) for name, value in retry_header(outcome).items()]
    else:
        (status, body), kind, extra = outcome, _JSON, []
    headers = [kind, (b"content-length", b"%d" % len(body)), *_HEADERS, *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
