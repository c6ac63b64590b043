"""The two local chains charge the same gas for the same bundle."""

from __future__ import annotations

from pathlib import Path

from support.bids import MICRO, WEI, fill, solution, through_pool
from support.desk import Desk, ScriptedDoor, a_desk
from support.world import World
from walras.wire import Batch, Solution

#: Every time in a bundle is one of these, so that its bytes are the same on both chains.
VALID_TO = 2**47


def settled(world: World, time: int, folder: Path) -> list[tuple[bytes, int, int]]:
    """(calldata, gas charged, solutions that settled) of every bundle of two rounds that close at ``time``."""
    folder.mkdir()
    with world.at_rest(), a_desk(world, folder) as desk:
        bundles = []
        for number, doors in enumerate(rounds(desk)):
            world.clock.time = time + 20 * number
            bundles += desk.round(*doors).record["settlement"]
        return [
            (
                desk.chain.rpc.input_of(bundle["transaction"]),
                bundle["gasUsed"],
                sum(outcome["settled"] for outcome in bundle["outcomes"].values()),
            )
            for bundle in bundles
        ]


def rounds(desk: Desk) -> list[list[ScriptedDoor]]:
    """A match of two tokens beside a sale through the pool, twice."""
    rest = {"valid_to": VALID_TO}
    pool = desk.submit("alice", desk.sell("alice", ("WETH", 2 * WEI), ("USDC", 3_600 * MICRO), **rest))
    dai = desk.submit("carol", desk.sell("carol", ("DAI", 2_000 * WEI), ("JUNK", 900 * WEI), **rest))
    junk = desk.submit("dave", desk.sell("dave", ("JUNK", 2_000 * WEI), ("DAI", 900 * WEI), **rest))

    def sale(batch: Batch) -> list[Solution]:
        return [through_pool(batch, pool, WEI)]

    def match(batch: Batch) -> list[Solution]:
        parts = (fill(dai, 1_000 * WEI), fill(junk, 1_000 * WEI))
        return [solution(batch, {"DAI": 1, "JUNK": 1}, *parts)]

    return [[ScriptedDoor(sale), ScriptedDoor(match, "rival")]] * 2


def test_the_same_bundles_cost_the_same_gas(worlds: dict[str, World], tmp_path: Path) -> None:
    time = max(world.local.rpc.block()[1] for world in worlds.values()) + 30
    tester, anvil = (settled(world, time, tmp_path / name) for name, world in worlds.items())
    assert [bundle[2] for bundle in tester] == [2, 2]
    assert [bundle[0] for bundle in tester] == [bundle[0] for bundle in anvil]
    assert [bundle[1] for bundle in tester] == [bundle[1] for bundle in anvil]
