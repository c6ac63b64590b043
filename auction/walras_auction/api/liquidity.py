"""The route that says how the house's outside liquidity is."""

from __future__ import annotations

from fastapi import APIRouter

from walras_auction.api.house import House
from walras_auction.liquidity import LiquidityHealth


def routes(house: House) -> APIRouter:
    router = APIRouter(tags=["watching"])

    @router.get("/liquidity")
    def liquidity() -> LiquidityHealth:
        """The block whose pools were last read, how long ago, how many of each kind; those left out, and why."""
        return house.liquidity.health() if house.liquidity else LiquidityHealth()

    return router
