"""Recorded batches, shipped with the package.

Of 497 standing orders of Gnosis Protocol v1 (batch 5342282 of 14 October 2020; gnosis/dex-open-solver, Apache-2.0)
those with funds, as they were and with laxer limits beside pools; `scripts/record_conformance.py` writes the file.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from walras.conformance.case import Case
from walras.wire import Batch, OpenIntent

FILE = "recorded.json.gz"
DEADLINE_MS = 5_000
#: How many of the busiest pairs and tokens make a case of their own.
_SLICES = 4


@lru_cache(maxsize=1)
def recorded_batches() -> dict[str, Batch]:
    """The batches of the file by name."""
    rows = json.loads(gzip.decompress((files("walras.conformance") / "data" / FILE).read_bytes()))
    return {name: Batch.model_validate(row) for name, row in rows.items()}


def recorded_cases() -> Iterator[Case]:
    """Each recorded batch whole, and the orders of its busiest pairs and tokens alone."""
    for name, whole in recorded_batches().items():
        batch = whole.model_copy(update={"deadline_ms": DEADLINE_MS})
        yield Case(f"recorded-{name}", f"{len(batch.intents)} recorded orders, {len(batch.pools)} pools.", batch)
        for one, other in _busiest_pairs(batch):
            intents = [entry for entry in batch.intents if {one, other} == _tokens(entry)]
            yield _slice(name, batch, intents, f"{_symbol(batch, one)}-{_symbol(batch, other)}")
        busiest = Counter(token for entry in batch.intents for token in _tokens(entry)).most_common(_SLICES)
        for token, _ in busiest:
            without = [entry for entry in batch.intents if token not in _tokens(entry)]
            yield _slice(name, batch, without, f"without-{_symbol(batch, token)}")


def _slice(name: str, batch: Batch, intents: list[OpenIntent], what: str) -> Case:
    part = batch.model_copy(update={"intents": tuple(intents)})
    return Case(f"recorded-{name}-{what}", f"{len(intents)} recorded orders.", part)


def _busiest_pairs(batch: Batch) -> list[tuple[str, str]]:
    counts = Counter(tuple(sorted(_tokens(entry))) for entry in batch.intents)
    return [(pair[0], pair[1]) for pair, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SLICES]]


def _tokens(entry: OpenIntent) -> set[str]:
    return {leg.token for leg in (*entry.intent.gives, *entry.intent.wants)}


def _symbol(batch: Batch, address: str) -> str:
    return next(token.symbol for token in batch.tokens if token.address == address)
