"""Requests in groups: each gets its own answer, however they fall into the loop's turns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from walras.rejections import Reason, Rejection
from walras_auction.api.admitting import Answer
from walras_auction.api.gather import Gather


def echo(bodies: Sequence[bytes]) -> list[Answer | Rejection]:
    return [(200, body) for body in bodies]


def test_one_after_the_other_without_a_pause() -> None:
    """The next request may come in the very turn of the loop in which the last worker found nothing more to do."""

    async def run() -> list[Answer | Rejection]:
        gather = Gather(echo)
        return [await asyncio.wait_for(gather.admit(b"%d" % number), 30) for number in range(20)]

    assert asyncio.run(run()) == [(200, b"%d" % number) for number in range(20)]


@pytest.mark.parametrize("turns", range(8))
def test_at_whatever_turn_of_the_loop_it_comes(turns: int) -> None:
    async def late(gather: Gather, number: int) -> Answer | Rejection:
        await gather.admit(b"first")
        for _ in range(turns):
            await asyncio.sleep(0)
        return await asyncio.wait_for(gather.admit(b"%d" % number), 30)

    async def run() -> list[Answer | Rejection]:
        gather = Gather(echo)
        return await asyncio.gather(*[late(gather, number) for number in range(5)])

    assert asyncio.run(run()) == [(200, b"%d" % number) for number in range(5)]


def test_what_waits_together_is_handled_together() -> None:
    groups: list[int] = []

    def count(bodies: Sequence[bytes]) -> list[Answer | Rejection]:
        groups.append(len(bodies))
        return echo(bodies)

    async def run() -> None:
        gather = Gather(count)
        await asyncio.gather(*[gather.admit(b"x") for _ in range(600)])

    asyncio.run(run())
    assert groups == [256, 256, 88]


def test_a_handler_that_fails_fails_its_group_and_not_the_next() -> None:
    def moody(bodies: Sequence[bytes]) -> list[Answer | Rejection]:
        if b"bad" in bodies:
            raise OSError("the disk is gone")
        return [Rejection(Reason.STOPPING, "", "") for _ in bodies]

    async def run() -> Answer | Rejection:
        gather = Gather(moody)
        found = await asyncio.gather(gather.admit(b"bad"), gather.admit(b"good"), return_exceptions=True)
        assert [type(one) for one in found] == [OSError, OSError]
        return await gather.admit(b"good")

    outcome = asyncio.run(run())
    assert isinstance(outcome, Rejection)


def test_one_who_left_is_not_missed() -> None:
    async def run() -> Answer | Rejection:
        gather = Gather(echo)
        gone = asyncio.ensure_future(gather.admit(b"gone"))
        stays = asyncio.ensure_future(gather.admit(b"stays"))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert asyncio.run(run()) == (200, b"stays")
