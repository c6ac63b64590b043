"""How much work each benchmark does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """``crypto``, ``intake``, ``http``: intents a pass; ``burst``: cancels.

    ``rounds``, ``trades``, ``books``: how many by row name.
    """

    passes: int
    crypto: int
    intake: int
    http: int
    connections: int
    burst: int
    rounds: dict[str, int]
    round_passes: dict[str, int]
    deadline_ms: int
    trades: dict[str, int]
    books: dict[str, int]


FULL = Sizes(
    passes=7,
    crypto=2_000,
    intake=3_000,
    http=2_000,
    connections=192,
    burst=100_000,
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
    books={
        "memory.100k": 100_000,
        "memory.1m": 1_000_000,
        "restart.1m": 1_000_000,
        "close.1m": 1_000_000,
        "book.kernel": 200_000,
        "book.call": 200_000,
        "solver.startup": 1,
        "clearing.497": 497,
        "clearing.497.ms": 497,
        "clearing.803": 803,
        "clearing.803.ms": 803,
        "clearing.rings": 140,
        "clearing.pools": 60,
        "clearing.10k.ms": 10_000,
        "clearing.100k.ms": 100_000,
        "clearing.lp.1k": 1_000,
        "clearing.lp.100k": 100_000,
    },
)

#: Enough to run every line; figures mean nothing.
TINY = Sizes(
    passes=2,
    crypto=8,
    intake=8,
    http=8,
    connections=2,
    burst=40,
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
    books={
        "memory.100k": 300,
        "memory.1m": 300,
        "restart.1m": 300,
        "close.1m": 300,
        "book.kernel": 3_000,
        "book.call": 1_500,
        "solver.startup": 0,
        "clearing.497": 60,
        "clearing.497.ms": 60,
        "clearing.803": 60,
        "clearing.803.ms": 60,
        "clearing.rings": 40,
        "clearing.pools": 12,
        "clearing.10k.ms": 60,
        "clearing.100k.ms": 60,
        "clearing.lp.1k": 200,
        "clearing.lp.100k": 600,
    },
)
