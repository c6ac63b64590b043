"""A batch under one signature: an honest house's answer holds, and no lie in it goes unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from house_fakes import DOMAIN, HOUSE_SIGNER, NOW, B, C, a_cancel, a_request, an_intent, key, open_house, signed
from support.batches import Json, answer_last, read_last
from walras.answers import BatchAnswer
from walras.batches import outcomes
from walras.calls import UntrustedHouseError, WalrasError
from walras.chained import ChainedReceipt, check_chained
from walras.digest import entry_head, receipt_digest
from walras.entries import intent_body
from walras.intent import Intent, Leg
from walras.orders import signed_request
from walras.wire import Amended, Receipt, SubmitRequest
from walras_auction.api.house import House

BATCH = [a_request(1, nonce=nonce) for nonce in range(5)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_house(tmp_path / "store.db")) as house:
        yield house


def a_basket(nonce: int) -> SubmitRequest:
    """What takes the general way in, which is logged after what takes the short one."""
    owner = key(3)
    wants = (Leg.fixed(B, 900), Leg.fixed(C, 5))
    basket = an_intent(owner, nonce=nonce)
    return signed(Intent(**{**_fields(basket), "wants": wants}), owner)


def _fields(intent: Intent) -> dict[str, object]:
    return {name: getattr(intent, name) for name in Intent.__dataclass_fields__}


def shape(answer: Json) -> list[str]:
    """What each item holds: a problem, a receipt, or a place alone."""
    return [next(name for name in ("place", "receipt", "problem") if item.get(name)) for item in answer["items"]]


# ------------------------------------------------------------------ an honest house


def test_one_signature_is_enough_for_a_batch(house: House) -> None:
    answer = answer_last(house, BATCH)
    assert shape(answer) == ["place"] * 4 + ["receipt"]
    *chained, last = read_last(house, answer, BATCH)
    assert isinstance(last, Receipt)
    for receipt in chained:
        assert isinstance(receipt, ChainedReceipt)
        assert check_chained(receipt, house.info()).last == last
        assert ChainedReceipt.model_validate_json(receipt.model_dump_json(by_alias=True)) == receipt
    stored = house.store.log(1, 10)
    assert [entry.body.decode() for entry in stored[:-1]] == [one.body for one in chained]
    assert [entry.head for entry in stored] == [one.head for one in [*chained, last]]


def test_the_signed_receipt_of_each_is_there_later(house: House) -> None:
    first, *_ = read_last(house, answer_last(house, BATCH), BATCH)
    assert isinstance(first, ChainedReceipt)
    plain = house.intake.submit(BATCH[0])
    assert (plain.sequence, plain.previous, plain.head) == (first.sequence, first.previous, first.head)


def test_a_batch_of_one_has_its_own_receipt(house: House) -> None:
    answer = answer_last(house, BATCH[:1])
    assert shape(answer) == ["receipt"]
    assert isinstance(read_last(house, answer, BATCH[:1])[0], Receipt)


def test_what_was_known_before_keeps_its_own_receipt(house: House) -> None:
    known = house.intake.submit(BATCH[2])
    answer = answer_last(house, BATCH)
    assert shape(answer) == ["place", "place", "receipt", "place", "receipt"]
    assert [item["status"] for item in answer["items"]] == [201, 201, 200, 201, 201]
    assert read_last(house, answer, BATCH)[2] == known


def test_a_batch_that_is_sent_again_is_answered_with_signed_receipts(house: House) -> None:
    first = read_last(house, answer_last(house, BATCH), BATCH)
    again = answer_last(house, BATCH)
    assert shape(again) == ["receipt"] * 5
    assert [one.head for one in read_last(house, again, BATCH)] == [one.head for one in first]  # type: ignore[union-attr]


def test_an_intent_that_stands_twice_in_a_batch_stands_once_in_the_log(house: House) -> None:
    twice = [*BATCH, BATCH[1]]
    answer = answer_last(house, twice)
    assert shape(answer) == ["place"] * 4 + ["receipt"] * 2
    found = read_last(house, answer, twice)
    assert isinstance(found[5], Receipt)
    assert found[5].head == found[1].head  # type: ignore[union-attr]


def test_a_refusal_stands_in_its_place(house: House) -> None:
    batch = [*BATCH[:2], a_request(1, nonce=7, valid_to=NOW - 1), *BATCH[2:]]
    answer = answer_last(house, batch)
    assert shape(answer) == ["place", "place", "problem", "place", "place", "receipt"]
    assert isinstance(read_last(house, answer, batch)[2], WalrasError)


def test_an_amend_has_receipts_of_its_own(house: House) -> None:
    old = house.intake.submit(BATCH[0]).uid
    amend = signed_request(an_intent(key(1), want=(B, 901), nonce=0), key(1), DOMAIN, replaces=old)
    batch = [amend, *BATCH[1:3], a_basket(4)]
    answer = answer_last(house, batch)
    found = read_last(house, answer, batch)
    assert isinstance(found[0], Amended)
    assert found[0].replaced is not None
    assert found[0].replaced.uid == old
    assert sum(isinstance(one, ChainedReceipt) for one in found) == 2


def test_the_two_ways_in_make_one_row(house: House) -> None:
    batch = [a_basket(1), BATCH[0], a_basket(2), BATCH[1]]
    answer = answer_last(house, batch)
    assert shape(answer) == ["place", "place", "receipt", "place"]
    assert [one.sequence for one in read_last(house, answer, batch)] == [3, 1, 4, 2]  # type: ignore[union-attr]


def test_others_that_come_in_between_make_two_rows(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two ways commit one after the other; here another client's intent gets the place between them."""
    accept, asked = house.intake._accept, []

    def crossed(*arguments: object) -> object:
        if not asked:
            asked.append(True)
            found = accept(*arguments)  # type: ignore[arg-type]
            house.intake.submit(a_request(8))
            return found
        return accept(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(house.intake, "_accept", crossed)
    batch = [a_basket(1), BATCH[0], a_basket(2), BATCH[1]]
    answer = answer_last(house, batch)
    assert shape(answer) == ["place", "place", "receipt", "receipt"]
    assert [one.sequence for one in read_last(house, answer, batch)] == [4, 1, 5, 2]  # type: ignore[union-attr]


# ------------------------------------------------------------------ a house that lies


def a_place(answer: Json, at: int) -> Json:
    return answer["items"][at]["place"]  # type: ignore[no-any-return]


def _last(answer: Json) -> Json:
    return answer["items"][4]["receipt"]  # type: ignore[no-any-return]


def _swapped(answer: Json) -> None:
    items = answer["items"]
    items[0], items[1] = items[1], items[0]


def _swapped_names(answer: Json) -> None:
    first, second = a_place(answer, 0), a_place(answer, 1)
    first["uid"], second["uid"] = second["uid"], first["uid"]
    _swapped(answer)


def _gap(answer: Json) -> None:
    """An entry in the middle is refused, though the row goes on over it."""
    problem = {"type": "t", "title": "t", "status": 422, "detail": "", "reason": "expired", "field": ""}
    answer["items"][2] = {"status": 422, "problem": problem}


def _unsigned(answer: Json) -> None:
    last = answer["items"][4]
    last["place"] = {name: value for name, value in last.pop("receipt").items() if name != "signature"}


def _other_signature(answer: Json) -> None:
    """The last receipt under a good signature of the house, but of another entry."""
    receipt = answer["items"][4]["receipt"]
    words = (receipt["uid"], receipt["previous"], "0x" + "12" * 32)
    place = (receipt["epoch"], receipt["sequence"], receipt["time"])
    receipt["signature"] = HOUSE_SIGNER.sign(receipt_digest(*place, *words, DOMAIN))


def _by_another(answer: Json) -> None:
    receipt = answer["items"][4]["receipt"]
    names = ("epoch", "sequence", "time", "uid", "previous", "head")
    receipt["signature"] = key(7).sign(receipt_digest(*(receipt[name] for name in names), DOMAIN))


def _signed_elsewhere(answer: Json) -> None:
    """The house signs the last one upon another head than that of the row."""
    receipt = answer["items"][4]["receipt"]
    receipt["previous"] = "0x" + "12" * 32
    names = ("epoch", "sequence", "time", "uid", "previous", "head")
    receipt["signature"] = HOUSE_SIGNER.sign(receipt_digest(*(receipt[name] for name in names), DOMAIN))


def _body_changed(answer: Json) -> None:
    """The house logs another signature, and so another body, in the intent's place, and goes on from there."""
    place = a_place(answer, 1)
    other = BATCH[1].model_copy(update={"signature": "0x" + "11" * 65})
    body = intent_body(other, place["epoch"], place["sequence"], place["time"], place["uid"])
    place["head"] = "0x" + entry_head(bytes.fromhex(place["previous"][2:]), body).hex()
    a_place(answer, 2)["previous"] = place["head"]


def _missing(answer: Json) -> None:
    del answer["items"][1]


def _nothing(answer: Json) -> None:
    del answer["items"][1]["place"]


def _both(answer: Json) -> None:
    answer["items"][1]["receipt"] = answer["items"][4]["receipt"]


def _other_row(answer: Json) -> None:
    """The first two are said to follow on a head that the other three do not."""
    sequence, previous = 100, "0x" + "34" * 32
    for at in (0, 1):
        place = a_place(answer, at)
        place["sequence"], place["previous"] = sequence + at, previous
        body = intent_body(BATCH[at], place["epoch"], place["sequence"], place["time"], place["uid"])
        previous = place["head"] = "0x" + entry_head(bytes.fromhex(previous[2:]), body).hex()


def _same_place(answer: Json) -> None:
    """Two intents at one place, each with a head that is right for it."""
    first, second = a_place(answer, 0), a_place(answer, 1)
    second["sequence"], second["previous"] = first["sequence"], first["previous"]
    body = intent_body(BATCH[1], second["epoch"], second["sequence"], second["time"], second["uid"])
    second["head"] = "0x" + entry_head(bytes.fromhex(second["previous"][2:]), body).hex()


def _other(name: str, value: object) -> Callable[[Json], None]:
    return lambda answer: a_place(answer, 1).update({name: value})


LIES: list[tuple[Callable[[Json], None], str]] = [
    (_other("sequence", 7), "is not the hash of what was sent"),
    (_other("sequence", 1), "is not the hash of what was sent"),
    (_other("time", NOW + 1), "is not the hash of what was sent"),
    (_other("epoch", 2), "is not the hash of what was sent"),
    (_other("head", "0x" + "12" * 32), "is not the hash of what was sent"),
    (_other("previous", "0x" + "12" * 32), "is not the hash of what was sent"),
    (_other("uid", "0x" + "12" * 32), "the place is that of"),
    (lambda answer: _last(answer).update(epoch=-1), "nobody signs such a receipt"),
    (lambda answer: _last(answer).update(sequence=2**300), "nobody signs such a receipt"),
    (lambda answer: _last(answer).update(kind="cancel"), "is one of a cancel"),
    (_swapped, "the place is that of"),
    (_swapped_names, "is not the hash of what was sent"),
    (_gap, "nothing that the house signed follows on entry 2"),
    (_unsigned, "nothing that the house signed follows on entry 5"),
    (_other_signature, "not by the house's key"),
    (_by_another, "not by the house's key"),
    (_signed_elsewhere, "entry 5 does not follow on entry 4"),
    (_body_changed, "is not the hash of what was sent"),
    (_missing, "4 answers to 5 requests"),
    (_nothing, "not one of receipt, place and problem"),
    (_both, "not one of receipt, place and problem"),
    (_other_row, "nothing that the house signed follows on entry 101"),
    (_same_place, "place 1 is said to be that of"),
]


@pytest.mark.parametrize(("lie", "found"), LIES, ids=[f"{number}" for number in range(len(LIES))])
def test_no_lie_goes_unnoticed(house: House, lie: Callable[[Json], None], found: str) -> None:
    answer = answer_last(house, BATCH)
    lie(answer)
    with pytest.raises(UntrustedHouseError, match=found):
        read_last(house, answer, BATCH)


def test_two_batches_can_not_share_their_places(house: House) -> None:
    """A house that logs the one and shows the other client the same row under its own signature."""
    mine, theirs = BATCH[:2], [a_request(2, nonce=nonce) for nonce in range(2)]
    first, second = answer_last(house, mine), answer_last(house, theirs)
    second["items"][0] = first["items"][0]
    with pytest.raises(UntrustedHouseError, match="the place is that of"):
        read_last(house, second, theirs)
    mixed = {"items": [answer_last(house, theirs)["items"][0], first["items"][0]]}
    with pytest.raises(UntrustedHouseError, match="nothing that the house signed follows on entry 1"):
        read_last(house, mixed, [theirs[0], mine[0]])


def test_a_row_of_another_epoch_does_not_follow(house: House) -> None:
    answer = answer_last(house, BATCH)
    place = a_place(answer, 3)
    place["epoch"] = 2
    body = intent_body(BATCH[3], 2, place["sequence"], place["time"], place["uid"])
    place["head"] = "0x" + entry_head(bytes.fromhex(place["previous"][2:]), body).hex()
    receipt = answer["items"][4]["receipt"]
    receipt["previous"] = place["head"]
    names = ("epoch", "sequence", "time", "uid", "previous", "head")
    receipt["signature"] = HOUSE_SIGNER.sign(receipt_digest(*(receipt[name] for name in names), DOMAIN))
    with pytest.raises(UntrustedHouseError, match="entry 5 does not follow on entry 4"):
        read_last(house, answer, BATCH)


def test_who_asked_for_each_receipt_takes_no_place_instead(house: House) -> None:
    answer = BatchAnswer.model_validate(answer_last(house, BATCH))
    with pytest.raises(UntrustedHouseError, match="a place without a signature"):
        outcomes(answer, BATCH, house.info())


def test_two_receipts_for_one_place_are_a_lie_in_any_batch(house: House) -> None:
    answer = answer_last(house, [BATCH[0]])
    other = answer_last(house, [BATCH[1]])["items"][0]
    receipt = other["receipt"]
    receipt["sequence"] = 1
    names = ("epoch", "sequence", "time", "uid", "previous", "head")
    receipt["signature"] = HOUSE_SIGNER.sign(receipt_digest(*(receipt[name] for name in names), DOMAIN))
    both = BatchAnswer.model_validate({"items": [answer["items"][0], other]})
    with pytest.raises(UntrustedHouseError, match="place 1 is said to be that of"):
        outcomes(both, BATCH[:2], house.info())


def test_a_cancel_in_between_is_no_part_of_a_row(house: House) -> None:
    """What else is logged between two batches is seen in the heads."""
    first = answer_last(house, BATCH[:2])
    house.intake.cancels.cancel_many([a_cancel(first["items"][0]["place"]["uid"], key(1))])
    second = answer_last(house, BATCH[2:])
    assert shape(second) == ["place", "place", "receipt"]
    assert [one.sequence for one in read_last(house, second, BATCH[2:])] == [4, 5, 6]  # type: ignore[union-attr]
