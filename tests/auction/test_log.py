"""The hash chain: what it pins, and what breaks it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from house_fakes import DOMAIN, HOUSE_SIGNER, A, an_intent, key
from walras.digest import intent_uid, keccak, receipt_digest
from walras.signing import recover
from walras.wire import IntentMessage
from walras_auction.log import (
    GENESIS,
    BrokenLogError,
    Notary,
    cancel_entry,
    chain_entry,
    intent_entry,
    receipt_of,
    round_entry,
    verify_chain,
)
from walras_auction.ports import LogEntry


def three_entries() -> list[LogEntry]:
    intent = an_intent(key(1))
    uid = intent_uid(intent, DOMAIN)
    new = [intent_entry(uid, intent, "0xaa"), cancel_entry(uid, intent.owner, "0xbb"), round_entry(1, "0x" + "11" * 32)]
    entries: list[LogEntry] = []
    for sequence, entry in enumerate(new, start=1):
        entries.append(chain_entry(entry, 1, sequence, 1000 + sequence, entries[-1].head if entries else GENESIS))
    return entries


def test_the_head_is_the_documented_hash() -> None:
    first, second, _ = three_entries()
    assert first.previous == "0x" + "00" * 32
    assert second.head == "0x" + keccak(bytes.fromhex(first.head[2:]) + keccak(second.body)).hex()


def test_an_entry_is_canonical_json_of_its_place_and_payload() -> None:
    assert three_entries()[2].body == (
        b'{"epoch":1,"kind":"round","payload":{"record":"0x%b","round":1},"sequence":3,"time":1003,"uid":"0x%b"}'
        % (b"11" * 32, b"11" * 32)
    )


def test_a_whole_log_verifies_to_its_head() -> None:
    entries = three_entries()
    assert verify_chain(entries) == entries[-1].head
    assert verify_chain(entries[1:], entries[0].head, 1) == entries[-1].head


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
    receipt = receipt_of(entry, Notary(HOUSE_SIGNER, DOMAIN).sign(entry))
    digest = receipt_digest(1, 1, 1001, entry.uid, GENESIS, entry.head, DOMAIN)
    assert recover(digest, receipt.signature) == HOUSE_SIGNER.address
    assert (receipt.kind, receipt.sequence, receipt.uid) == ("intent", 1, entry.uid)


def test_the_intent_entry_holds_all_that_an_auditor_needs() -> None:
    intent = an_intent(key(1), valid_from=5, nonce=2**200)
    payload = intent_entry("0x" + "22" * 32, intent, "0xaa").payload
    assert payload["intent"] == IntentMessage.of(intent).to_json()
    assert payload["signature"] == "0xaa"
    assert payload["intent"]["gives"] == [{"token": A, "start": "1000", "end": "1000"}]
