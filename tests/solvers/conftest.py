"""What all tests of engines share."""

from __future__ import annotations

import pytest
from walras_solvers.clearing import ClearingSolver


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compiled kernels, as a house waits for them: batches of tests have deadlines shorter than compiling takes."""
    ClearingSolver().warm_up()
