"""How outside liquidity is, as operators and viewers see it."""

from __future__ import annotations

from collections.abc import Mapping

from walras.wire import Wire

from walras_auction.liquidity.drops import Drop


class DroppedPool(Wire):
    """A pool that is left out, and why."""

    pool: str
    reason: Drop
    detail: str


class LiquidityHealth(Wire):
    """The last reading. ``age`` is in seconds since it was complete, by the house's clock; None before the first.

    ``pools`` counts by kind. ``error`` is the last reading's, if it failed; then no pool is in use. ``failures`` counts
    those in a row. ``readMs`` is what the last complete reading took.
    """

    block: int | None = None
    block_time: int | None = None
    age: float | None = None
    read_ms: float | None = None
    pools: Mapping[str, int] = {}
    dropped: tuple[DroppedPool, ...] = ()
    error: str | None = None
    failures: int = 0
