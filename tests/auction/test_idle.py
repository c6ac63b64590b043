"""A fruitless round is not held again until something changes."""

from dataclasses import replace

from house_fakes import an_intent
from walras.intent import Leg
from walras.signing import Signer
from walras.wire import Receipt
from walras_auction.close import ChainView
from walras_auction.idle import MAX_SKIPPED, Idle
from walras_auction.ports import StoredIntent, TokenFacts

ZERO = "0x" + "00" * 32


def stored() -> StoredIntent:
    receipt = Receipt(kind="intent", epoch=1, sequence=1, time=1, uid=ZERO, previous=ZERO, head=ZERO, signature="0x")
    return StoredIntent(ZERO, 1, an_intent(Signer(bytes([1] * 32))), "0x", (), "open", 0, None, "", receipt)


def view_of(one: StoredIntent, balance: int = 5) -> ChainView:
    funds = {(one.intent.owner, leg.token): TokenFacts(balance, 5) for leg in one.intent.gives}
    return ChainView(1, 1, funds, {}, ())


def test_the_same_sight_is_skipped_until_something_changes() -> None:
    idle, one = Idle(), stored()
    assert not idle.skips([one], view_of(one), 10)
    idle.learn([one], view_of(one), 10, valid_bids=0)
    assert idle.skips([one], view_of(one), 11)
    assert not idle.skips([one], view_of(one, balance=6), 12)
    assert not idle.skips([replace(one, executed=1)], view_of(one), 12)
    assert not idle.skips([], view_of(one), 12)


def test_a_round_with_a_valid_bid_is_followed_by_another() -> None:
    idle, one = Idle(), stored()
    idle.learn([one], view_of(one), 10, valid_bids=1)
    assert not idle.skips([one], view_of(one), 11)


def test_moving_bounds_change_the_sight_every_second() -> None:
    idle, one = Idle(), stored()
    token = one.intent.wants[0].token
    moving = replace(one, intent=replace(one.intent, valid_from=0, wants=(Leg(token, 9, 5),)))
    idle.learn([moving], view_of(one), 10, valid_bids=0)
    assert idle.skips([moving], view_of(one), 10)
    assert not idle.skips([moving], view_of(one), 11)


def test_now_and_then_a_round_is_held_all_the_same() -> None:
    idle, one = Idle(), stored()
    idle.learn([one], view_of(one), 10, valid_bids=0)
    assert [idle.skips([one], view_of(one), 11) for _ in range(MAX_SKIPPED + 1)] == [True] * MAX_SKIPPED + [False]
