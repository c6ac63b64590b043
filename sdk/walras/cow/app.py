"""The service over HTTP: ``POST /solve``, ``POST /notify``, ``GET /healthz``."""

from __future__ import annotations

import re

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from walras.cow.service import CowService

#: Bytes of a body; mainnet auctions with their liquidity take ten million and more.
MAX_BODY = 128 * 2**20
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


class TooLarge(Exception):
    """A body above :data:`MAX_BODY`."""


def create_app(service: CowService, most_body: int = MAX_BODY) -> FastAPI:
    """The application around ``service``."""
    app = FastAPI(title="Walras as a CoW solver engine", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/solve")
    async def solve(request: Request) -> Response:
        """Solutions for an auction, or 400 and an error for what is none."""
        name = _request_id(request)
        try:
            body = await _body(request, most_body)
            response = await run_in_threadpool(service.solve, body, name)
        except TooLarge:
            return _problem(413, f"more than {most_body} bytes", name)
        except ValueError as error:
            return _problem(400, str(error)[:300], name)
        return JSONResponse(response.to_json(), headers=_echoed(name))

    @app.post("/notify")
    async def notify(request: Request) -> Response:
        """What became of a solution; whatever it is, nothing more is wanted of its sender."""
        name = _request_id(request)
        try:
            service.tell(await _body(request, most_body))
        except TooLarge:
            return _problem(413, f"more than {most_body} bytes", name)
        except ValueError as error:
            return _problem(400, str(error)[:300], name)
        return Response(status_code=200, headers=_echoed(name))

    @app.get("/healthz")
    async def healthz() -> Response:
        """It answers."""
        return PlainTextResponse("ok")

    return app


def _request_id(request: Request) -> str:
    """The driver's name for the request, if it is one that can be repeated in a header and a log."""
    name = request.headers.get("x-request-id", "")
    return name if _REQUEST_ID.fullmatch(name) else ""


def _echoed(name: str) -> dict[str, str]:
    return {"x-request-id": name} if name else {}


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than ``most`` bytes. Raises :class:`TooLarge`."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _problem(status: int, message: str, name: str) -> Response:
    return JSONResponse({"error": {"code": "other", "message": message}}, status, headers=_echoed(name))
