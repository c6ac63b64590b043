"""What the tests of the conformance suite share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from walras.conformance import Case, suite
from walras_auction.conformance import Checker

FILE = Path(__file__).parent / "conformance_solvers.py"


def target(name: str) -> str:
    return f"{FILE}:{name}"


@pytest.fixture(scope="session")
def cases() -> dict[str, Case]:
    """With deadlines that a busy machine keeps."""
    return {case.name: case for case in suite(deadline_ms=60_000)}


@pytest.fixture
def checker() -> Iterator[Callable[[str], Checker]]:
    """Starts one of the solvers of ``conformance_solvers``."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(Checker(target(name)))
