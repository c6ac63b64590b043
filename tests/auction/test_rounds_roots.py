"""A round that settles posts the log's root; a ledger that fails is never the round's problem."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.desk import Desk, ScriptedDoor
from support.pairs import a_pair, matched
from walras.wire import canonical
from walras_auction.assembly import root_posts
from walras_auction.ports import ChainError
from walras_auction.record import record_hash
from walras_auction.rootposts import MOST_SECONDS, RootPosts
from walras_auction.rounds import Rounds


def posting(desk: Desk, *doors: ScriptedDoor) -> tuple[Rounds, RootPosts]:
    """Rounds that post, and what they post with."""
    posts, house = root_posts(desk.house, desk.chain), desk.house
    assert posts is not None
    return Rounds(house.store, desk.chain, house.clock, house.feed, doors, desk.terms, posts), posts


def test_a_round_that_settled_posts_the_root_that_covers_it(desk: Desk) -> None:
    rounds, posts = posting(desk, matched(*a_pair(desk)))
    outcome = rounds.run()
    assert outcome is not None
    root = posts.last()
    assert root is not None
    assert root.size == desk.house.store.snapshot(0).log_length == 3
    assert root.log_root == "0x" + posts.proofs.root()[1].hex()
    assert root.state_root == record_hash(canonical(outcome.record))


def test_a_round_that_settled_nothing_posts_nothing(desk: Desk) -> None:
    a_pair(desk)
    rounds, posts = posting(desk, ScriptedDoor(lambda _: []))
    rounds.run()  # posts what was there before it
    rounds.run()
    root = posts.last()
    assert root is not None
    assert (root.size, desk.house.store.snapshot(0).log_length) == (2, 4)


def test_entries_do_not_wait_for_a_round_to_settle(desk: Desk) -> None:
    rounds, posts = posting(desk)
    a_pair(desk)
    desk.world.clock.time += MOST_SECONDS
    rounds.run()
    root = posts.last()
    assert root is not None
    assert root.size == 2


def test_a_ledger_that_does_not_answer_fails_no_round(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds, posts = posting(desk, matched(*a_pair(desk)))

    def down(*_: object) -> str:
        raise ChainError("the node refused the connection")

    monkeypatch.setattr(posts._ledger, "send_root", down)
    outcome = rounds.run()
    assert outcome is not None
    assert outcome.fills == 2
    assert posts.last() is None
    monkeypatch.undo()
    posts.post()
    root = posts.last()
    assert root is not None
    assert root.size == 3


def test_a_house_without_a_ledger_posts_nothing(desk: Desk) -> None:
    for nowhere in ("", "0x" + "00" * 20):
        desk.chain.contracts = replace(desk.chain.contracts, ledger=nowhere)
        assert root_posts(desk.house, desk.chain) is None
