"""All cases, in one order."""

from __future__ import annotations

from functools import lru_cache

from walras.conformance.amounts import amount_cases
from walras.conformance.case import Case
from walras.conformance.generated import generated_cases, large_cases
from walras.conformance.kinds import kind_cases
from walras.conformance.pools import pool_cases
from walras.conformance.recorded import recorded_cases
from walras.conformance.rules import rule_cases
from walras.conformance.termed import term_cases

SEED = 1


def suite(seed: int = SEED, *, deadline_ms: int | None = None) -> list[Case]:
    """At least two hundred cases with different names; ``seed`` makes the generated ones.

    ``deadline_ms`` is what every case gives the solver, instead of its own deadline.
    """
    cases = list(_made(seed))
    if deadline_ms is None:
        return cases
    return [Case(one.name, one.why, one.batch.model_copy(update={"deadline_ms": deadline_ms})) for one in cases]


@lru_cache(maxsize=2)
def _made(seed: int) -> tuple[Case, ...]:
    """The cases cannot change, and making them takes a second or two."""
    return (
        *rule_cases(),
        *amount_cases(),
        *pool_cases(),
        *kind_cases(),
        *term_cases(),
        *recorded_cases(),
        *generated_cases(seed),
        *large_cases(seed),
    )
