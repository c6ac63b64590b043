"""The route that says how the house's solvers are."""

from __future__ import annotations

from fastapi import APIRouter
from walras.answers import SolverPage

from walras_auction.api.house import House


def routes(house: House) -> APIRouter:
    router = APIRouter(tags=["watching"])

    @router.get("/solvers")
    def solvers() -> SolverPage:
        """How the solvers are, by name: their packages, and what is wrong with those that fail."""
        return SolverPage(solvers=house.solvers.read())

    return router
