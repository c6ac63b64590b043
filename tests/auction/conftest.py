"""One world a worker process; every test finds it as it was built."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.bids import MICRO, WEI
from support.desk import Desk, a_desk
from support.stores import record, store  # noqa: F401
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


@pytest.fixture
def market(desk: Desk) -> tuple[str, str]:
    """Alice sells a WETH for 1,900 or more, Bob buys one for 2,100 or less; neither in crumbs."""
    desk.terms = replace(desk.terms, deadline_ms=20_000)
    sell = desk.sell("alice", ("WETH", WEI), ("USDC", 1_900 * MICRO), min_fill=100)
    return desk.submit("alice", sell), desk.submit("bob", desk.buy("bob", ("WETH", WEI), ("USDC", 2_100 * MICRO)))
