"""The hash chain: what it pins, and what breaks it."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from house_fakes import DOMAIN, HOUSE_SIGNER, A, an_intent, key
from walras.cancels import CancelPayload, Scope
from walras.digest import intent_uid, keccak, receipt_digest
from walras.signing import Scheme, recover
from walras.wire import IntentMessage, canonical
from walras_auction.log import (
    GENESIS,
    BrokenLogError,
    Notary,
    cancel_entry,
    chain_entry,
    intent_entry,
    round_entry,
    verify_chain,
)
from walras_auction.ports import LogEntry, Wish


def three_entries() -> list[LogEntry]:
    intent = an_intent(key(1))
    uid = intent_uid(intent, DOMAIN)
    wish = Wish(Scope.UID, uid, intent.owner, uid, "0xbb")
    new = [intent_entry(uid, intent, "0xaa"), cancel_entry(wish, 1), round_entry(1, "0x" + "11" * 32)]
    entries: list[LogEntry] = []
    for sequence, entry in enumerate(new, start=1):
        previous = bytes.fromhex(entries[-1].head[2:]) if entries else GENESIS
        entries.append(chain_entry(entry, 1, sequence, 1000 + sequence, previous))
    return entries


def test_the_head_is_the_documented_hash() -> None:
    first, second, _ = three_entries()
    assert first.previous == "0x" + "00" * 32
    assert second.head == "0x" + keccak(bytes.fromhex(first.head[2:]) + sha256(second.body).digest()).hex()


def test_an_entry_is_canonical_json_of_its_place_and_payload() -> None:
    assert three_entries()[2].body == (
        b'{"epoch":1,"kind":"round","payload":{"record":"0x%b","round":1},"sequence":3,"time":1003,"uid":"0x%b"}'
        % (b"11" * 32, b"11" * 32)
    )


def test_a_whole_log_verifies_to_its_head() -> None:
    entries = three_entries()
    assert verify_chain(entries) == entries[-1].head
    assert verify_chain(entries[1:], bytes.fromhex(entries[0].head[2:]), 1) == entries[-1].head


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda e: [e[0], e[2]], "entry 2 is missing"),
        (lambda e: [e[0], replace(e[1], body=e[1].body + b" "), e[2]], "entry 2 does not hash"),
        (lambda e: [e[0], e[1], replace(e[2], previous=e[0].head)], "entry 3 does not hash"),
        (lambda e: [e[0], replace(e[1], time=5), e[2]], "entry 2 says something else"),
    ],
)
def test_any_change_breaks_the_chain(spoil: Callable[[list[LogEntry]], list[LogEntry]], message: str) -> None:
    with pytest.raises(BrokenLogError, match=message):
        verify_chain(spoil(three_entries()))


def test_the_notary_signs_the_place() -> None:
    entry = three_entries()[0]
    receipt = Notary(HOUSE_SIGNER, DOMAIN).receipt(entry)
    digest = receipt_digest(1, 1, 1001, entry.uid, "0x" + GENESIS.hex(), entry.head, DOMAIN)
    assert recover(digest, receipt.signature) == HOUSE_SIGNER.address
    assert (receipt.kind, receipt.sequence, receipt.uid) == ("intent", 1, entry.uid)


def test_the_intent_entry_holds_all_that_an_auditor_needs() -> None:
    intent = an_intent(key(1), valid_from=5, nonce=2**200)
    payload = json.loads(intent_entry("0x" + "22" * 32, intent, "0xaa").payload)
    assert payload["intent"] == IntentMessage.of(intent).to_json()
    assert payload["signature"] == "0xaa"
    assert payload["intent"]["gives"] == [{"token": A, "start": "1000", "end": "1000"}]


@pytest.mark.parametrize("by", ["", "0x" + "33" * 32])
def test_the_cancel_entry_is_canonical_and_says_from_which_round_it_holds(by: str) -> None:
    scope = Scope.AMEND if by else Scope.UID
    wish = Wish(scope, "0x" + "22" * 32, key(1).address, "0x" + "22" * 32, "0xbb", Scheme.ERC1271, by)
    payload = cancel_entry(wish, 7).payload
    assert canonical(json.loads(payload)) == payload
    said = CancelPayload.model_validate_json(payload)
    assert (said.first_round, said.scope, said.value, said.by) == (7, scope, wish.value, by or None)
    assert (said.owner, said.signature, said.scheme) == (wish.owner, "0xbb", Scheme.ERC1271)
