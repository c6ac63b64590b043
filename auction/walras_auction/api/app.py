"""The house as an ASGI application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from walras.answers import BatchRequest, CancelBatchRequest
from walras.rejections import Reason
from walras.wire import CancelRequest, Problem, SubmitRequest

import walras_auction
from walras_auction.api import liquidity, problems, proofs, solvers, trading, watching
from walras_auction.api.front import Pages, SecurityHeaders
from walras_auction.api.hot import HotRoutes
from walras_auction.api.house import House
from walras_auction.api.throttle import Throttle
from walras_auction.buckets import Buckets
from walras_auction.rootposts import RootPosts

_DASHBOARD = Path(walras_auction.__file__).parent / "dashboard" / "static"


class HouseApp(FastAPI):
    """The framework's application behind ``front``: what stands in front costs a request nothing of the framework."""

    front: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application without its front."""
        await super().__call__(scope, receive, send)


def create_app(house: House, dashboard: Path = _DASHBOARD, roots: RootPosts | None = None) -> HouseApp:
    """The API of ``house`` under ``/v1``, and the files of ``dashboard`` at ``/`` if that folder exists.

    ``roots`` are those that the house posts on chain, if it does.
    """
    info = house.info()
    app = HouseApp(
        title="Walras",
        summary="An auction house for signed trading intents.",
        version=info.version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        separate_input_output_schemas=False,
    )
    app.include_router(trading.routes(house), prefix="/v1")
    app.include_router(watching.routes(house), prefix="/v1")
    app.include_router(proofs.routes(house, roots), prefix="/v1")
    app.include_router(solvers.routes(house), prefix="/v1")
    app.include_router(liquidity.routes(house), prefix="/v1")

    @app.get("/healthz", tags=["operating"])
    def healthz() -> dict[str, str]:
        """The process answers and its store reads."""
        return {"status": "ok", "head": house.store.snapshot(0).log_head}

    problems.install(app)
    _describe(app)
    if dashboard.is_dir():
        app.add_middleware(Pages, folder=dashboard)
    if house.api_config.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=house.api_config.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "Last-Event-ID"],
            expose_headers=["ETag"],
        )
    app.add_middleware(SecurityHeaders)
    app.front = HotRoutes(app.framework, house)
    limits = house.api_config.addresses
    if limits is not None:
        buckets = Buckets(limits.per_second, limits.burst, house.clock.monotonic)
        app.front = Throttle(app.front, buckets, house.intake, limits.trusted_proxies)
    return app


#: Any request may be one too many.
_limited = {str(status): answer for status, answer in problems.documented(Reason.RATE_LIMITED).items()}


def _describe(app: FastAPI) -> None:
    """Put the models that routes read as bytes into the OpenAPI document; FastAPI sees only those that it parses."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            read = (SubmitRequest, BatchRequest, CancelRequest, CancelBatchRequest, Problem)
            models = [(model, "validation") for model in read]
            _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
            schemas = document["components"]["schemas"]
            for operations in document["paths"].values():
                for operation in operations.values():
                    operation["responses"].update(_limited)
            for name, schema in definitions["$defs"].items():
                schemas.setdefault(name, schema)
        return app.openapi_schema or document

    app.openapi = openapi  # type: ignore[method-assign]
