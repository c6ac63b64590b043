"""Cancels as owners sign them, and what their receipts must say."""

from hashlib import sha256
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from house_fakes import DOMAIN, HOUSE_SIGNER, key
from hypothesis import given, settings
from hypothesis import strategies as st
from walras.cancels import (
    Scope,
    cancel_epoch_request,
    cancel_request,
    cancel_typed_data,
    cancel_word_request,
    check_body,
    check_cancel,
    digest_of,
    target_of,
)
from walras.digest import keccak, receipt_digest
from walras.rejections import Reason, Rejection
from walras.signing import Signature, recover
from walras.wire import CancelRequest, Receipt, canonical

OWNER = key(1).address
UID = "0x" + "ab" * 32
PREVIOUS = "0x" + "01" * 32


def typed_digest(request: CancelRequest) -> bytes:
    signable = encode_typed_data(full_message=cancel_typed_data(request, DOMAIN))
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@given(word=st.integers(0, 2**248 - 1), epoch=st.integers(0, 2**64 - 1), uid=st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_the_digests_are_those_of_the_documents_that_wallets_sign(word: int, epoch: int, uid: bytes) -> None:
    for request in (
        cancel_request("0x" + uid.hex(), key(1), DOMAIN),
        cancel_word_request(word, key(1), DOMAIN),
        cancel_epoch_request(epoch, key(1), DOMAIN),
    ):
        digest = digest_of(OWNER, *target_of(request), DOMAIN)
        assert digest == typed_digest(request)
        assert recover(digest, request.signature) == OWNER


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({}, Reason.BAD_CANCEL),
        ({"uid": UID, "epoch": 0}, Reason.BAD_CANCEL),
        ({"word": 0, "epoch": 0}, Reason.BAD_CANCEL),
        ({"word": 2**248}, Reason.AMOUNT_OUT_OF_RANGE),
        ({"epoch": 2**64}, Reason.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_a_request_names_exactly_one_thing(target: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Rejection) as refused:
        target_of(CancelRequest(owner=OWNER, signature="0x", **target))
    assert refused.value.reason is reason


def test_zero_is_a_word_and_an_epoch() -> None:
    assert target_of(cancel_word_request(0, key(1), DOMAIN)) == (Scope.WORD, "0")
    assert target_of(cancel_epoch_request(0, key(1), DOMAIN)) == (Scope.EPOCH, "0")


def test_absent_targets_do_not_travel() -> None:
    assert cancel_request(UID, key(1), DOMAIN).to_json().keys() == {"owner", "uid", "signature", "scheme"}


def test_a_contract_signs_with_what_it_confirms() -> None:
    request = cancel_request(UID.upper().replace("0X", "0x"), Signature.of_contract("0x12"), DOMAIN, "0x" + "cc" * 20)
    assert (request.owner, request.uid, request.signature, request.scheme) == ("0x" + "cc" * 20, UID, "0x12", "erc1271")


def a_receipt(first_round: int = 4, scope: str = "uid", value: str = UID, **changes: Any) -> Receipt:
    """An honest receipt, and what a house may change of it without its key."""
    payload = {"firstRound": 4, "owner": OWNER, "scheme": "ecdsa", "scope": scope, "signature": "0x", "value": value}
    place = {"epoch": 1, "sequence": 9, "time": 5, "uid": UID}
    body = canonical({**place, "kind": "cancel", "payload": payload})
    head = "0x" + keccak(bytes.fromhex(PREVIOUS[2:]) + sha256(body).digest()).hex()
    signature = HOUSE_SIGNER.sign(receipt_digest(1, 9, 5, UID, PREVIOUS, head, DOMAIN))
    fields = {"kind": "cancel", "previous": PREVIOUS, "head": head, "signature": signature, "body": body.decode()}
    return Receipt(**{**place, **fields, "first_round": first_round, **changes})


def test_an_honest_receipt_holds() -> None:
    assert check_body(a_receipt()).first_round == 4
    check_cancel(a_receipt(), OWNER, Scope.UID, UID)
    check_cancel(a_receipt(scope="amend"), OWNER, Scope.UID, UID)
    check_cancel(a_receipt(scope="word", value="7"), OWNER, Scope.WORD, "7")


@pytest.mark.parametrize(
    "receipt",
    [
        a_receipt(first_round=3),
        a_receipt(body=str(a_receipt().body).replace('"firstRound":4', '"firstRound":3'), first_round=3),
        a_receipt(body=None),
        a_receipt(sequence=8),
        a_receipt(head=PREVIOUS),
        a_receipt(body="[]", head="0x" + keccak(bytes.fromhex(PREVIOUS[2:]) + sha256(b"[]").digest()).hex()),
        a_receipt(body="{", head="0x" + keccak(bytes.fromhex(PREVIOUS[2:]) + sha256(b"{").digest()).hex()),
        a_receipt(scope="everything"),
    ],
)
def test_a_receipt_that_says_something_else_than_its_entry_does_not_hold(receipt: Receipt) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_body(receipt)


@pytest.mark.parametrize(
    ("owner", "scope", "value"),
    [
        (key(2).address, Scope.UID, UID),
        (OWNER, Scope.UID, PREVIOUS),
        (OWNER, Scope.WORD, UID),
        (OWNER, Scope.EPOCH, "1"),
    ],
)
def test_a_receipt_of_another_cancel_does_not_hold(owner: str, scope: Scope, value: str) -> None:
    with pytest.raises(ValueError, match="its body is a cancel of uid"):
        check_cancel(a_receipt(), owner, scope, value)
