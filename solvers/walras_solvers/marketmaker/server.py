"""The desk over HTTP: ``POST /v1/quote``, ``POST /v1/quotes/{uid}/submit``, ``GET /v1/maker``."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from walras.calls import WalrasError
from walras.wire import Address, Atoms, Hash, Receipt, Wire

from walras_solvers.marketmaker.agent import MakerAgent
from walras_solvers.marketmaker.desk import Quote, QuoteDesk, QuoteRefused, QuoteRequest

#: Quotes that can still be submitted by their uid.
_MOST_KEPT = 10_000
_MOST_BODY = 4_096


class Holding(Wire):
    """Atoms of a token: held, and not promised in a live quote."""

    token: Address
    held: Atoms
    free: Atoms


class MakerInfo(Wire):
    """Who quotes, for which solver, for how long."""

    maker: Address
    solver: Address | None
    lifetime_seconds: int
    live: int
    holdings: tuple[Holding, ...]


def create_app(desk: QuoteDesk, agent: MakerAgent) -> FastAPI:
    """The application; ``agent`` is the way to the house that quotes are for."""
    app = FastAPI(title="Walras market maker", docs_url=None, redoc_url=None)
    kept: dict[str, Quote] = {}

    @app.middleware("http")
    async def bounded(request: Request, call_next):  # type: ignore[no-untyped-def]
        length = request.headers.get("content-length", "0")
        if "transfer-encoding" in request.headers or not (length.isdigit() and int(length) <= _MOST_BODY):
            return _problem(413, "a request is a few hundred bytes, and says how many")
        return await call_next(request)

    @app.get("/v1/maker")
    def maker() -> MakerInfo:
        """The maker and what it holds."""
        rows = sorted(desk.holdings().items())
        return MakerInfo(
            maker=desk.signer.address,
            solver=desk.rules.solver,
            lifetime_seconds=desk.rules.lifetime_seconds,
            live=len(desk.live()),
            holdings=tuple(Holding(token=token, held=held, free=free) for token, (held, free) in rows),
        )

    @app.post("/v1/quote", response_model=Quote)
    def quote(asked: QuoteRequest) -> Quote | Response:
        """A firm price for a size, signed; 409 with the reason if the maker does not quote it."""
        try:
            made = desk.quote(asked)
        except QuoteRefused as refused:
            return _problem(409, str(refused))
        while len(kept) >= _MOST_KEPT:
            del kept[next(iter(kept))]
        kept[made.uid] = made
        return made

    @app.post("/v1/quotes/{uid}/submit", response_model=Receipt)
    def submit(uid: Hash) -> Receipt | Response:
        """The maker brings the quote to the house; the house's receipt."""
        if uid not in kept:
            return _problem(404, "the maker has made no such quote, or forgotten it")
        try:
            return agent.submit(kept[uid])
        except WalrasError as error:
            return _problem(502, f"the house refuses the quote: {error}")

    return app


def _problem(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"status": status, "detail": detail}, status_code=status, media_type="application/problem+json")
