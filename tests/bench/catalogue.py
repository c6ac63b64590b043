"""All benchmarks by the name of their row."""

from __future__ import annotations

from collections.abc import Callable

from . import crypto, gas, http_intake, intake, rounds
from .rows import Row
from .sizes import Sizes

Benchmark = Callable[[Sizes], Row]

CATALOGUE: dict[str, Benchmark] = {
    "digest.per_second": crypto.digest,
    "recover.per_second": crypto.recovery,
    "intake.inprocess": intake.inprocess,
    "intake.http": http_intake.http,
    "round.500": rounds.bench("round.500"),
    "round.5000": rounds.bench("round.5000"),
    "gas.trade.1": gas.bench("gas.trade.1"),
    "gas.trade.10": gas.bench("gas.trade.10"),
    "gas.trade.50": gas.bench("gas.trade.50"),
}
