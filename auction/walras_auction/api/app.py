"""The house as an ASGI application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema
from starlette.middleware.cors import CORSMiddleware
from walras.answers import BatchRequest
from walras.wire import CancelRequest, Problem, SubmitRequest

import walras_auction
from walras_auction.api import problems, trading, watching
from walras_auction.api.front import Pages, SecurityHeaders
from walras_auction.api.house import House

_DASHBOARD = Path(walras_auction.__file__).parent / "dashboard" / "static"


def create_app(house: House, dashboard: Path = _DASHBOARD) -> FastAPI:
    """The API of ``house`` under ``/v1``, and the files of ``dashboard`` at ``/`` if that folder exists."""
    info = house.info()
    app = FastAPI(
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
    return app


def _describe(app: FastAPI) -> None:
    """Put the models that routes read as bytes into the OpenAPI document; FastAPI sees only those that it parses."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            models = [(model, "validation") for model in (SubmitRequest, BatchRequest, CancelRequest, Problem)]
            _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
            schemas = document["components"]["schemas"]
            for name, schema in definitions["$defs"].items():
                schemas.setdefault(name, schema)
        return app.openapi_schema or document

    app.openapi = openapi  # type: ignore[method-assign]
