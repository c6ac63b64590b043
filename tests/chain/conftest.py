"""The same tests on both local chains. Where ``anvil`` is not on PATH, npm's copy beside the contracts is used."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.world import World, a_world

CONTRACTS = Path(__file__).parents[2] / "contracts"
BACKENDS = ("eth-tester", "anvil")


@pytest.fixture(scope="session")
def worlds() -> Iterator[dict[str, World]]:
    """One world a backend, with the same chain id, so that the same bundle has the same bytes on both."""
    with a_world("eth-tester") as one, a_world("anvil", one.local.rpc.chain_id()) as other:
        yield {"eth-tester": one, "anvil": other}


@pytest.fixture(params=BACKENDS)
def world(worlds: dict[str, World], request: pytest.FixtureRequest) -> Iterator[World]:
    """A world at rest, on each backend."""
    with worlds[request.param].at_rest() as world:
        yield world
