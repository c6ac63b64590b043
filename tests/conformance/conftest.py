"""What the tests of the conformance suite share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from conformance_solvers import target
from walras.conformance import Case, suite
from walras_auction.conformance import Checker


@pytest.fixture(scope="session")
def cases() -> dict[str, Case]:
    """With deadlines that a busy machine keeps."""
    return {case.name: case for case in suite(deadline_ms=60_000)}


@pytest.fixture
def checker() -> Iterator[Callable[[str], Checker]]:
    """Starts one of the solvers of ``conformance_solvers``."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(Checker(target(name)))
