"""Intake on its own: the order of its checks, groups, and what it announces. (Each reason: ``tests/api``.)"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from house_fakes import NOW, A, B, FakeChain, ManualClock, a_cancel, a_request, an_intent, key, open_house, signed
from walras.rejections import Reason, Rejection
from walras.wire import PermitMessage, Receipt
from walras_auction.api.house import House
from walras_auction.intake import Accepted
from walras_auction.ports import ChainError

PERMIT = PermitMessage(token=A, value=1000, deadline=NOW + 60, signature="0x" + "11" * 65)


@dataclass(frozen=True)
class Door:
    house: House
    chain: FakeChain
    clock: ManualClock

    def refusals(self) -> dict[str, int]:
        self.house.feed.announce("done", {}).result()
        return self.house.store.refusals()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    chain, clock = FakeChain(), ManualClock()
    with closing(open_house(tmp_path / "store.db", chain, clock)) as house:
        yield Door(house, chain, clock)


def reason_of(outcome: Receipt | Rejection | Accepted) -> Reason | None:
    return outcome.reason if isinstance(outcome, Rejection) else None


def test_submit_returns_or_raises(door: Door) -> None:
    receipt = door.house.intake.submit(a_request(1))
    assert door.house.intake.submit(a_request(1)) == receipt
    with pytest.raises(Rejection) as refused:
        door.house.intake.submit(a_request(1, nonce=2, valid_to=NOW - 1))
    assert refused.value.reason is Reason.EXPIRED


def test_a_group_is_one_question_to_the_chain_and_one_commit(door: Door) -> None:
    outcomes = door.house.intake.submit_many([a_request(number) for number in range(1, 9)])
    assert [outcome.sequence for outcome in outcomes if isinstance(outcome, Receipt)] == list(range(1, 9))
    assert door.chain.calls == 1


def test_refusals_stand_in_their_places_and_stop_nobody(door: Door) -> None:
    door.chain.set_funds(key(3).address, A, 5)
    forged = signed(an_intent(key(2)), key(9))
    outcomes = door.house.intake.submit_many([a_request(1), forged, a_request(3), a_request(4)])
    assert [reason_of(outcome) for outcome in outcomes] == [
        None,
        Reason.BAD_SIGNATURE,
        Reason.INSUFFICIENT_BALANCE,
        None,
    ]
    assert door.refusals() == {"bad_signature": 1, "insufficient_balance": 1}


def test_siblings_are_compared_with_the_balance_one_by_one(door: Door) -> None:
    door.chain.set_funds(key(1).address, A, 1000)
    outcomes = door.house.intake.submit_many([a_request(1, nonce=nonce) for nonce in range(5)])
    assert [reason_of(outcome) for outcome in outcomes] == [None] * 5


def test_nobody_asks_the_chain_about_what_is_refused_or_known_before(door: Door) -> None:
    door.house.intake.submit(a_request(1))
    calls = door.chain.calls
    door.house.intake.submit_many([a_request(1), signed(an_intent(key(2)), key(3)), a_request(2, valid_to=NOW - 1)])
    assert door.chain.calls == calls


def test_only_a_new_intent_is_new(door: Door) -> None:
    one, two = door.house.intake.admit([a_request(1), a_request(1)])
    (three,) = door.house.intake.admit([a_request(1)])
    assert [outcome.new for outcome in (one, two, three) if isinstance(outcome, Accepted)] == [True, False, False]


def test_a_known_uid_with_a_wrong_signature_is_refused(door: Door) -> None:
    door.house.intake.submit(a_request(1))
    (outcome,) = door.house.intake.submit_many([signed(an_intent(key(1)), key(2))])
    assert reason_of(outcome) is Reason.BAD_SIGNATURE


def test_a_chain_that_fails_while_a_permit_is_checked_refuses_that_intent(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str | None:
        raise ChainError("timeout")

    door.chain.set_funds(key(1).address, A, 1000, 0)
    monkeypatch.setattr(FakeChain, "check_permit", fail)
    outcomes = door.house.intake.submit_many([signed(an_intent(key(1)), key(1), (PERMIT,)), a_request(2)])
    assert [reason_of(outcome) for outcome in outcomes] == [Reason.CHAIN_UNAVAILABLE, None]


@pytest.mark.parametrize("permits", [(PERMIT.model_copy(update={"token": B}),), (PERMIT, PERMIT)])
def test_a_permit_that_nobody_needs_is_refused(door: Door, permits: tuple[PermitMessage, ...]) -> None:
    (outcome,) = door.house.intake.submit_many([signed(an_intent(key(1)), key(1), permits)])
    assert isinstance(outcome, Rejection)
    assert (outcome.reason, outcome.field) == (Reason.BAD_PERMIT, f"permits[{len(permits) - 1}].token")


def test_a_partly_filled_nonce_is_not_burned_but_a_dead_one_is(door: Door) -> None:
    owner = key(1).address
    door.chain.dead.add((owner, 5))
    outcomes = door.house.intake.submit_many([a_request(1, nonce=5), a_request(1, nonce=6)])
    assert [reason_of(outcome) for outcome in outcomes] == [Reason.BURNED_NONCE, None]


def test_a_refusal_is_announced_without_the_intent(door: Door) -> None:
    (outcome,) = door.house.intake.submit_many([a_request(1, valid_to=NOW - 1)])
    assert reason_of(outcome) is Reason.EXPIRED
    assert door.refusals() == {"expired": 1}
    event = door.house.store.events(0, 1)[0]
    assert event.data.keys() == {"uid", "reason", "field"}
    assert event.data["uid"].startswith("0x")


def test_one_intent_from_many_threads_is_one_entry(door: Door) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: door.house.intake.submit(a_request(1)), range(16)))
    assert len({receipt.sequence for receipt in receipts}) == 1
    assert door.house.store.snapshot(0).log_length == 1


def test_a_cancel_after_a_restart_still_works(tmp_path: Path) -> None:
    with closing(open_house(tmp_path / "store.db")) as house:
        uid = house.intake.submit(a_request(1)).uid
    with closing(open_house(tmp_path / "store.db")) as house:
        assert house.intake.cancels.cancel(a_cancel(uid, key(1))).sequence == 2
        assert house.store.open_intents() == []
