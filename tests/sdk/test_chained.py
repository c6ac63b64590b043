"""A receipt that shares its signature: whatever is changed in it, it is no receipt any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from house_fakes import DOMAIN, HOUSE_SIGNER, B, a_request, key, open_house, signed
from pydantic import ValidationError
from support.batches import chained_receipts
from walras.calls import UntrustedHouseError
from walras.chained import ChainedReceipt, body_hash, check_chained, head_after
from walras.digest import entry_head, receipt_digest
from walras.entries import intent_body
from walras.wire import Receipt, canonical
from walras_auction.api.house import House

Lie = Callable[[ChainedReceipt], dict[str, Any]]
BATCH = [a_request(1, nonce=nonce) for nonce in range(5)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with closing(open_house(tmp_path / "store.db")) as house:
        yield house


def resigned(receipt: Receipt, **changes: Any) -> Receipt:
    """The receipt with changes, and the house's signature for them."""
    changed = receipt.model_copy(update=changes)
    names = ("epoch", "sequence", "time", "uid", "previous", "head")
    digest = receipt_digest(*(getattr(changed, name) for name in names), DOMAIN)
    return changed.model_copy(update={"signature": HOUSE_SIGNER.sign(digest)})


def test_hashes_of_bodies_lead_from_head_to_head(house: House) -> None:
    chained_receipts(house, BATCH)
    first, *rest = house.store.log(1, 10)
    assert head_after(first.head, [body_hash(entry.body) for entry in rest]) == rest[-1].head
    assert head_after(first.head, []) == first.head


def test_it_says_what_a_receipt_says_but_for_the_signature(house: House) -> None:
    first, *_ = chained_receipts(house, BATCH)
    plain = house.intake.submit(BATCH[0])
    names = set(Receipt.model_fields) - {"signature", "first_round", "body"}
    assert first.model_dump(include=names) == plain.model_dump(include=names)


def _rebuilt(receipt: ChainedReceipt, **changes: Any) -> dict[str, Any]:
    """The place with another body that hashes to its head."""
    said = json.loads(receipt.body) | changes
    body = canonical(said)
    head = "0x" + entry_head(bytes.fromhex(receipt.previous[2:]), body).hex()
    return {"body": body.decode(), "head": head}


def _of_another(receipt: ChainedReceipt) -> dict[str, Any]:
    other = signed(a_request(1, want=(B, 901)).intent.intent(), key(1))
    body = intent_body(other, receipt.epoch, receipt.sequence, receipt.time, receipt.uid)
    return _rebuilt(receipt, **json.loads(body))


LIES: list[tuple[Lie, str]] = [
    (lambda one: {"head": "0x" + "12" * 32}, "not the hash of its body"),
    (lambda one: {"previous": "0x" + "12" * 32}, "not the hash of its body"),
    (lambda one: {"body": one.body + " "}, "not the hash of its body"),
    (lambda one: {"sequence": one.sequence + 1}, "another entry's"),
    (lambda one: {"time": one.time + 1}, "another entry's"),
    (lambda one: {"uid": "0x" + "12" * 32}, "another entry's"),
    (lambda one: {"epoch": 2}, "another entry's"),
    (lambda one: _rebuilt(one, kind="cancel"), "another entry's"),
    (lambda one: _rebuilt(one, payload=None), "not that intent's"),
    (_of_another, "not that intent's"),
    (lambda one: {"between": one.between[:-1]}, "not the one after"),
    (lambda one: {"between": (*one.between, one.between[0])}, "not the one after"),
    (lambda one: {"between": one.between[::-1]}, "does not follow"),
    (lambda one: {"between": ("0x" + "12" * 32, *one.between[1:])}, "does not follow"),
    (lambda one: {"last": one.last.model_copy(update={"sequence": 4})}, "not by the house's key"),
    (lambda one: {"last": one.last.model_copy(update={"previous": "0x" + "12" * 32})}, "not by the house's key"),
    (lambda one: {"last": resigned(one.last, previous="0x" + "12" * 32)}, "does not follow"),
    (lambda one: {"last": resigned(one.last, sequence=9)}, "not the one after"),
    (lambda one: {"last": resigned(one.last, epoch=2)}, "not the one after"),
]


@pytest.mark.parametrize(("lie", "found"), LIES, ids=[f"{number}" for number in range(len(LIES))])
def test_no_part_of_it_can_be_changed(
    house: House, lie: Callable[[ChainedReceipt], dict[str, Any]], found: str
) -> None:
    first, *_ = chained_receipts(house, BATCH)
    check_chained(first, house.info())
    with pytest.raises(UntrustedHouseError, match=found):
        check_chained(first.model_copy(update=lie(first)), house.info())


def test_a_body_that_is_no_json_is_refused(house: House) -> None:
    first, *_ = chained_receipts(house, BATCH)
    body = "{" * 10_000
    head = "0x" + entry_head(bytes.fromhex(first.previous[2:]), body.encode()).hex()
    with pytest.raises(UntrustedHouseError, match="is no JSON"):
        check_chained(first.model_copy(update={"body": body, "head": head}), house.info())


def test_a_receipt_of_either_form_is_not_taken_for_the_other(house: House) -> None:
    first, *_ = chained_receipts(house, BATCH)
    with pytest.raises(ValidationError):
        Receipt.model_validate_json(first.model_dump_json(by_alias=True))
    with pytest.raises(ValidationError):
        ChainedReceipt.model_validate_json(first.last.model_dump_json(by_alias=True))
