"""One world a worker process; every test finds it as it was built."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import Desk, a_desk
from support.world import World, a_world


@pytest.fixture(scope="session")
def built_world() -> Iterator[World]:
    with a_world() as world:
        yield world


@pytest.fixture
def world(built_world: World) -> Iterator[World]:
    with built_world.at_rest():
        yield built_world


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[Desk]:
    with a_desk(world, tmp_path) as desk:
        yield desk
