"""Proof of funds: what open intents of one owner give together, whoever accepted them and whatever became of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from house_fakes import FUNDS, HOUSE_SIGNER, NOW, A, B, C, FakeChain, ManualClock, a_cancel, an_intent, key, signed
from walras.intent import FillRule, Intent, Kind, Leg
from walras.rejections import Reason, Rejection
from walras.wire import PermitMessage, SubmitRequest
from walras_auction.api.admitting import parse_submission
from walras_auction.api.house import House
from walras_auction.backing import Backing
from walras_auction.intake import Accepted, IntakeConfig
from walras_auction.ports import IntentUpdate, StoreError

ALICE = key(1)


@dataclass
class Door:
    """A house that wants every intent backed ``times``, and owners who have 1,000 of A."""

    path: Path
    times: int
    chain: FakeChain = field(default_factory=FakeChain)
    clock: ManualClock = field(default_factory=ManualClock)

    def open(self) -> House:
        config = IntakeConfig(backing=self.times)
        return House.open(self.path / "store.db", self.chain, self.clock, HOUSE_SIGNER, intake_config=config)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    made = Door(tmp_path, 2)
    made.chain.set_funds(ALICE.address, A, 1_000)
    return made


@pytest.fixture
def house(door: Door) -> Iterator[House]:
    with closing(door.open()) as house:
        yield house


def request(amount: int = 1_000, nonce: int = 1, **rest: object) -> SubmitRequest:
    return signed(an_intent(ALICE, give=(A, amount), nonce=nonce, **rest), ALICE)  # type: ignore[arg-type]


def send(house: House, *requests: SubmitRequest) -> list[Reason | bool]:
    """By the short way where it goes: the reason of a refusal, or whether the intent is new."""
    bodies = [one.model_dump_json(by_alias=True, exclude_none=True).encode() for one in requests]
    outcomes = house.intake.admit_bodies(bodies, parse_submission)
    return [one.reason if isinstance(one, Rejection) else one.new for one in outcomes]


def uid_of(house: House, sequence: int) -> str:
    return house.store.log(sequence, 1)[0].uid


def test_so_many_times_the_funds_and_no_more(house: House) -> None:
    found = send(house, *[request(600, nonce) for nonce in range(5)])
    assert found == [True, True, True, Reason.TOO_MANY_OPEN, Reason.TOO_MANY_OPEN]
    assert send(house, request(200, 9)) == [True]
    assert send(house, request(1, 10)) == [Reason.TOO_MANY_OPEN]
    assert house.store.snapshot(0).log_length == 4


def test_the_refusal_says_the_sums(house: House) -> None:
    send(house, request(1_000, 1), request(900, 2))
    with pytest.raises(Rejection) as refused:
        house.intake.submit(request(101, 3))
    assert (refused.value.reason, refused.value.field) == (Reason.TOO_MANY_OPEN, "gives[0]")
    assert refused.value.detail == (
        f"open intents give up to 1900 atoms of {A} and this one 101 more;"
        " the owner has 1000, and may give 2 times as much"
    )


def test_other_tokens_and_other_owners_are_sums_of_their_own(house: House) -> None:
    assert send(house, *[request(1_000, nonce) for nonce in (1, 2)]) == [True, True]
    other_token = signed(an_intent(ALICE, give=(B, 1_000), want=(A, 1), nonce=3), ALICE)
    other_owner = signed(an_intent(key(2)), key(2))
    assert send(house, other_token, other_owner) == [True, True]


def test_sending_again_is_sending_once(house: House) -> None:
    assert send(house, request(), request()) == [True, False]
    house.store.open_intents()
    assert send(house, request()) == [False]
    assert send(house, request(nonce=2)) == [True]
    assert send(house, request(nonce=2), request(nonce=3)) == [False, Reason.TOO_MANY_OPEN]


def test_what_is_cancelled_or_filled_or_expired_makes_room(house: House) -> None:
    for state in ("cancelled", "filled", "expired"):
        nonce = house.store.snapshot(0).log_length * 10 + 1
        assert send(house, request(2_000 // 2, nonce), request(1_000, nonce + 1)) == [True, True]
        assert send(house, request(1, nonce + 2)) == [Reason.TOO_MANY_OPEN]
        for stored in house.store.open_intents():
            if state == "cancelled":
                house.intake.cancels.cancel_many([a_cancel(stored.uid, ALICE)])
            else:
                executed = 1_000 if state == "filled" else 0
                house.store.update_intents([IntentUpdate(stored.uid, state, executed, None, "")])


def test_a_partial_fill_makes_room_for_its_part(house: House) -> None:
    buy = Intent.buy(ALICE.address, want=(B, 300), give=(A, 1_000), valid_to=NOW + 60, nonce=1)
    assert send(house, signed(buy, ALICE), request(1_000, 2)) == [True, True]
    house.store.update_intents([IntentUpdate(uid_of(house, 1), "open", 100, None, "")])
    assert send(house, request(334, 3)) == [Reason.TOO_MANY_OPEN]  # 200/300 of 1000 atoms, rounded up, are still open
    assert send(house, request(333, 4)) == [True]


def test_the_parked_count(house: House) -> None:
    assert send(house, request(1_000, 1), request(1_000, 2)) == [True, True]
    house.store.update_intents([IntentUpdate(uid_of(house, 1), "parked", 0, Reason.PARKED_FUNDS, "")])
    assert send(house, request(1, 3)) == [Reason.TOO_MANY_OPEN]


def test_every_leg_of_a_basket_is_counted(house: House) -> None:
    legs = (Leg.fixed(A, 1_000), Leg.fixed(C, FUNDS))
    basket = Intent(
        ALICE.address, "0x" + "00" * 20, legs, (Leg.fixed(B, 5),), Kind.SELL, FillRule.WHOLE, 1_000, 0, 0, NOW + 9, 1
    )
    assert send(house, signed(basket, ALICE)) == [True]
    assert send(house, request(1_001 - 1, 2), request(1, 3)) == [True, Reason.TOO_MANY_OPEN]
    more = signed(an_intent(ALICE, give=(C, FUNDS), nonce=4), ALICE)
    assert send(house, more, signed(an_intent(ALICE, give=(C, 1), nonce=5), ALICE)) == [True, Reason.TOO_MANY_OPEN]


def test_a_permit_is_as_good_as_an_allowance(door: Door, house: House) -> None:
    door.chain.set_funds(ALICE.address, A, 1_000, 0)
    permit = PermitMessage(token=A, value=1_000, deadline=NOW + 60, signature="0x" + "11" * 65)
    sent = [signed(an_intent(ALICE, give=(A, 1_000), nonce=nonce), ALICE, (permit,)) for nonce in (1, 2, 3)]
    assert send(house, *sent) == [True, True, Reason.TOO_MANY_OPEN]


def test_more_funds_back_more(door: Door, house: House) -> None:
    assert send(house, *[request(1_000, nonce) for nonce in (1, 2, 3)]) == [True, True, Reason.TOO_MANY_OPEN]
    door.chain.set_funds(ALICE.address, A, 1_500)
    assert send(house, request(1_000, 3)) == [True]


def test_a_restart_forgets_nothing(door: Door) -> None:
    with closing(door.open()) as house:
        send(house, request(1_000, 1), request(999, 2))
    with closing(door.open()) as house:
        assert send(house, request(2, 3), request(1, 4)) == [Reason.TOO_MANY_OPEN, True]


def test_others_who_write_to_the_same_record_are_found_before_a_refusal(door: Door) -> None:
    """What another process accepted is counted when the book is brought up to date; what it cancelled, at once."""
    with closing(door.open()) as here, closing(door.open()) as there:
        assert send(here, request(1_000, 1), request(1_000, 2)) == [True, True]
        there.intake.cancels.cancel_many([a_cancel(uid_of(here, 1), ALICE)])
        assert send(here, request(1_000, 3)) == [True]
        there.store.open_intents()
        assert send(there, request(1, 4)) == [Reason.TOO_MANY_OPEN]


def test_a_commit_that_fails_claims_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("nothing was written")

    for _ in range(5):
        with monkeypatch.context() as patch:
            patch.setattr(house.store, "accept", fail)
            with pytest.raises(StoreError):
                send(house, request(1_000, 1))
    assert send(house, request(1_000, 1), request(1_000, 2)) == [True, True]


def test_without_the_rule_owners_may_give_what_they_like(tmp_path: Path) -> None:
    door = Door(tmp_path, 0)
    door.chain.set_funds(ALICE.address, A, 1_000)
    with closing(door.open()) as house:
        assert send(house, *[request(1_000, nonce) for nonce in range(50)]) == [True] * 50


def test_a_backing_of_nothing_is_no_backing(house: House) -> None:
    with pytest.raises(ValueError, match="at least once"):
        Backing(house.store.claims(), 0)


@pytest.mark.parametrize("seed", range(4))
def test_the_sums_are_those_of_the_open_intents(tmp_path: Path, seed: int) -> None:
    """Random lives of intents, in two processes: once the book is up to date, the sums are what a count would give."""
    dice = random.Random(seed)
    door = Door(tmp_path, 10**6)
    with closing(door.open()) as first, closing(door.open()) as second:
        for _ in range(60):
            house = dice.choice((first, second))
            standing = house.store.open_intents() if dice.random() < 0.4 else []
            match dice.randrange(6):
                case 0 | 1 | 2:
                    numbers = [dice.randrange(1, 200) for _ in range(dice.randrange(1, 5))]
                    signers = [key(1 + number % 3) for number in numbers]
                    send(house, *[
                        signed(an_intent(signer, give=(A, 1 + number), want=(B, 5), nonce=number), signer)
                        for number, signer in zip(numbers, signers, strict=True)
                    ])  # fmt: skip
                case 3 if standing:
                    one = dice.choice(standing)
                    owner = next(key(number) for number in (1, 2, 3) if key(number).address == one.intent.owner)
                    house.intake.cancels.cancel_many([a_cancel(one.uid, owner)])
                case 4 if standing:
                    one = dice.choice(standing)
                    executed = dice.randint(one.executed, one.intent.full_amount)
                    state = "filled" if executed == one.intent.full_amount else dice.choice(("open", "parked"))
                    house.store.update_intents([IntentUpdate(one.uid, state, executed, None, "")])
                case _:
                    door.chain.down = not door.chain.down and dice.random() < 0.2
        for house in (first, second):
            expected: Counter[str] = Counter()
            for stored in house.store.open_intents():
                expected[stored.intent.owner] += stored.remaining
            claims = house.store.claims()
            assert len(claims) == 0
            assert {key(n).address: claims.total(key(n).address, A) for n in (1, 2, 3)} == {
                key(n).address: expected[key(n).address] for n in (1, 2, 3)
            }
            assert sum(expected.values()) > 0


def test_a_chain_that_fails_in_between_claims_nothing(door: Door, house: House) -> None:
    door.chain.down = True
    assert send(house, request(1_000, 1)) == [Reason.CHAIN_UNAVAILABLE]
    door.chain.down = False
    assert send(house, request(1_000, 1), request(1_000, 2)) == [True, True]
    assert all(isinstance(one, Accepted) for one in house.intake.admit([request(1_000, 1)]))
