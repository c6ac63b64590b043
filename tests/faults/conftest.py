"""One chain for all campaigns of a test process."""

from collections.abc import Iterator

import pytest
from support.town import Town, a_town


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    with a_town() as town:
        yield town
