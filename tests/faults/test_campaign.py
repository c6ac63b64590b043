"""A short campaign on each database; the long one is ``python -m tests.faults``."""

from __future__ import annotations

import itertools

import pytest
from support.town import Town
from walras_auction.faultpoints import POINTS

from faults.campaign import run

_nonces = itertools.count(0, 10_000)

#: Where most is at stake: durable and unsaid, journaled and unsent, settled and unpublished, and half-way to the disk.
SHORT = {"sqlite": ("after-commit", "after-journal", "before-publish"), "postgres": ("before-commit", "after-send")}


@pytest.mark.parametrize("store", SHORT)
def test_a_house_killed_again_and_again_keeps_its_word(store: str, town: Town, request: pytest.FixtureRequest) -> None:
    where = request.getfixturevalue("database") if store == "postgres" else None
    found, _ = run(town, 3, next(_nonces), points=SHORT[store], where=where)
    assert found["kills"] == len(SHORT[store])
    assert found["accepted"] > 0
    assert found["fills"] > 0


def test_the_points_of_the_short_campaign_exist() -> None:
    assert {point for points in SHORT.values() for point in points} <= set(POINTS)
