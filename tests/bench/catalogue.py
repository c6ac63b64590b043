"""All benchmarks by the name of their row."""

from __future__ import annotations

from collections.abc import Callable

from . import crypto, http_intake, intake
from .rows import Row
from .sizes import Sizes

Benchmark = Callable[[Sizes], Row]

CATALOGUE: dict[str, Benchmark] = {
    "digest.per_second": crypto.digest,
    "recover.per_second": crypto.recovery,
    "intake.inprocess": intake.inprocess,
    "intake.http": http_intake.http,
}
