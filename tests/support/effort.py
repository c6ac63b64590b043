"""How many examples a property gets: a fixed few in ``make test``, many and new ones in ``make soak``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

#: Set by ``python -m tests.soak``: so many times the usual number of examples, and other ones each time.
VARIABLE = "WALRAS_SOAK"


def effort() -> int:
    return int(os.environ.get(VARIABLE, "1"))


def examples(count: int, phases: tuple[Phase, ...] = tuple(Phase)) -> settings:
    """Settings for ``count`` examples."""
    return settings(
        max_examples=count * effort(),
        derandomize=effort() == 1,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
