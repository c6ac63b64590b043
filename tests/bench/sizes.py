"""How much work each benchmark does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """``crypto``, ``intake``, ``http``: intents a pass. ``rounds``: intents by row name. ``trades``: by row name."""

    passes: int
    crypto: int
    intake: int
    http: int
    connections: int
    rounds: dict[str, int]
    round_passes: dict[str, int]
    deadline_ms: int
    trades: dict[str, int]


FULL = Sizes(
    passes=7,
    crypto=2_000,
    intake=3_000,
    http=2_000,
    connections=32,
    rounds={"round.500": 500, "round.5000": 5_000},
    round_passes={"round.500": 5, "round.5000": 3},
    deadline_ms=8_000,
    trades={
        "gas.trade.1": 1,
        "gas.trade.10": 10,
        "gas.trade.50": 50,
        "gas.trade.50.used": 50,
        "gas.trade.50.fresh": 50,
        "gas.trade.50.vault": 50,
        "gas.calldata.50": 50,
        "gas.ring.48": 48,
        "gas.pool.50": 50,
    },
)

#: Enough to run every line; figures mean nothing.
TINY = Sizes(
    passes=2,
    crypto=8,
    intake=8,
    http=8,
    connections=2,
    rounds={"round.500": 30, "round.5000": 30},
    round_passes={"round.500": 1, "round.5000": 1},
    deadline_ms=5_000,
    trades={
        "gas.trade.1": 1,
        "gas.trade.10": 2,
        "gas.trade.50": 4,
        "gas.trade.50.used": 4,
        "gas.trade.50.fresh": 4,
        "gas.trade.50.vault": 4,
        "gas.calldata.50": 4,
        "gas.ring.48": 6,
        "gas.pool.50": 2,
    },
)
