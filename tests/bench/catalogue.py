"""All benchmarks by the name of their row; what each measures stands at the head of its module."""

from __future__ import annotations

from collections.abc import Callable

from . import (
    book,
    burst,
    clearing_lp,
    clearing_pools,
    clearing_rows,
    crypto,
    gas,
    http_intake,
    intake,
    million,
    rounds,
    router,
    scale,
    startup,
)
from .rows import Row
from .sizes import Sizes

Benchmark = Callable[[Sizes], Row]

CATALOGUE: dict[str, Benchmark] = {
    "digest.per_second": crypto.digest,
    "recover.per_second": crypto.recovery,
    "intake.inprocess": intake.inprocess,
    "intake.http": http_intake.http,
    "intake.http.batch": http_intake.batch,
    "cancel.burst": burst.burst,
    "scale.api.1": scale.bench("scale.api.1"),
    "scale.api.2": scale.bench("scale.api.2"),
    "scale.api.4": scale.bench("scale.api.4"),
    "memory.100k": lambda sizes: million.memory(sizes, "memory.100k"),
    "memory.1m": lambda sizes: million.memory(sizes, "memory.1m"),
    "restart.1m": million.restart,
    "close.1m": million.closing,
    "round.500": rounds.bench("round.500"),
    "round.5000": rounds.bench("round.5000"),
    "book.kernel": book.kernel,
    "book.call": book.call,
    "solver.startup": startup.startup,
    "clearing.497": clearing_rows.surplus("497"),
    "clearing.497.ms": clearing_rows.speed("497"),
    "clearing.803": clearing_rows.surplus("803"),
    "clearing.803.ms": clearing_rows.speed("803"),
    "clearing.rings": clearing_rows.rings,
    "clearing.pools": clearing_pools.pools,
    "clearing.10k.ms": clearing_rows.speed("10k"),
    "clearing.100k.ms": clearing_rows.speed("100k"),
    "clearing.lp.1k": clearing_lp.bench("clearing.lp.1k"),
    "clearing.lp.100k": clearing_lp.bench("clearing.lp.100k"),
    "gas.trade.1": gas.bench("gas.trade.1"),
    "gas.trade.10": gas.bench("gas.trade.10"),
    "gas.trade.50": gas.bench("gas.trade.50"),
    "gas.trade.50.used": gas.bench("gas.trade.50.used"),
    "gas.trade.50.fresh": gas.bench("gas.trade.50.fresh"),
    "gas.trade.50.vault": gas.bench("gas.trade.50.vault"),
    "gas.calldata.50": gas.bench("gas.calldata.50"),
    "gas.ring.48": gas.bench("gas.ring.48"),
    "gas.pool.50": gas.bench("gas.pool.50"),
    "router.gap": router.gap,
    "router.choice": router.choice,
    "router.per_second": router.speed,
    "router.200": router.convex,
}
