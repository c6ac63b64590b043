"""Every digest written out by hand is the one that eth_account's generic encoder gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak as reference_keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import DOMAIN, intents
from walras.atoms import U256_MAX
from walras.digest import (
    Domain,
    award_digest,
    cancel_digest,
    intent_digest,
    intent_uid,
    keccak,
    receipt_digest,
    typed_data,
)
from walras.intent import FillRule, Intent, Kind, Leg

ADDRESS = "0x" + "12" * 20
words = st.integers(0, U256_MAX)


def reference(document: dict[str, Any]) -> bytes:
    """The digest of a typed-data document by eth_account."""
    signable = encode_typed_data(full_message=document)
    return reference_keccak(b"\x19" + signable.version + signable.header + signable.body)


def document(name: str, fields: str, message: dict[str, Any], domain: Domain = DOMAIN) -> dict[str, Any]:
    """A document of one flat struct; ``fields`` as in its EIP-712 type."""
    pairs = [field.split(" ") for field in fields.split(",")]
    return {
        **typed_data(SMALL, domain),
        "types": {
            "EIP712Domain": typed_data(SMALL, domain)["types"]["EIP712Domain"],
            name: [{"name": field, "type": kind} for kind, field in pairs],
        },
        "primaryType": name,
        "message": message,
    }


SMALL = Intent.sell(ADDRESS, ("0x" + "a1" * 20, 1), ("0x" + "b2" * 20, 1), valid_to=1, nonce=0)
LARGEST = Intent(
    "0x" + "ff" * 20,
    "0x" + "ff" * 20,
    (Leg("0x" + "ff" * 20, U256_MAX, U256_MAX),) * 8,
    (Leg("0x" + "fe" * 20, U256_MAX, U256_MAX),) * 8,
    Kind.BUY,
    FillRule.PARTIAL,
    U256_MAX,
    2**48 - 1,
    2**48 - 1,
    2**48 - 1,
    U256_MAX,
    "0x" + "ff" * 32,
)


def test_keccak_is_ethereums() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize("intent", [SMALL, LARGEST])
def test_the_smallest_and_the_largest_intent(intent: Intent) -> None:
    assert intent_digest(intent, DOMAIN) == reference(typed_data(intent, DOMAIN))


@given(intent=intents(most_legs=8), nonce=words, chain=st.integers(1, 2**64))
@settings(max_examples=60)
def test_intents(intent: Intent, nonce: int, chain: int) -> None:
    domain = Domain(chain, DOMAIN.settlement)
    intent = replace(intent, nonce=nonce)
    digest = intent_digest(intent, domain)
    assert digest == reference(typed_data(intent, domain))
    assert intent_uid(intent, domain) == "0x" + digest.hex()


@given(uid=st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_cancels(uid: bytes) -> None:
    expected = reference(document("Cancel", "address owner,bytes32 uid", {"owner": ADDRESS, "uid": "0x" + uid.hex()}))
    assert cancel_digest(ADDRESS, "0x" + uid.hex(), DOMAIN) == expected


@given(numbers=st.tuples(words, words, words), solution=st.binary(min_size=32, max_size=32))
@settings(max_examples=20)
def test_awards(numbers: tuple[int, int, int], solution: bytes) -> None:
    message = {
        "round": str(numbers[0]),
        "solver": ADDRESS,
        "solution": "0x" + solution.hex(),
        "gasLimit": str(numbers[1]),
        "deadline": str(numbers[2]),
    }
    fields = "uint256 round,address solver,bytes32 solution,uint256 gasLimit,uint256 deadline"
    expected = reference(document("Award", fields, message))
    assert award_digest(numbers[0], ADDRESS, solution, numbers[1], numbers[2], DOMAIN) == expected


@given(numbers=st.tuples(*[st.integers(0, 2**64 - 1)] * 3), heads=st.tuples(*[st.binary(min_size=32, max_size=32)] * 3))
@settings(max_examples=20)
def test_receipts(numbers: tuple[int, int, int], heads: tuple[bytes, bytes, bytes]) -> None:
    uid, previous, head = ("0x" + word.hex() for word in heads)
    names = ("epoch", "sequence", "time")
    message = {**{name: str(n) for name, n in zip(names, numbers, strict=True)}, "uid": uid}
    message |= {"previous": previous, "head": head}
    fields = "uint64 epoch,uint64 sequence,uint64 time,bytes32 uid,bytes32 previous,bytes32 head"
    assert receipt_digest(*numbers, uid, previous, head, DOMAIN) == reference(document("Receipt", fields, message))


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "0x" + "13" * 20},
        {"receiver": "0x" + "13" * 20},
        {"gives": (Leg.fixed("0x" + "a1" * 20, 2),)},
        {"wants": (Leg("0x" + "b2" * 20, 2, 1),)},
        {"kind": Kind.BUY},
        {"fill": FillRule.WHOLE},
        {"min_fill": 2},
        {"valid_from": 1},
        {"decay_to": 1},
        {"valid_to": 2},
        {"nonce": 1},
        {"terms": "0x" + "01" * 32},
    ],
)
def test_every_field_is_signed(change: dict[str, Any]) -> None:
    assert intent_digest(replace(SMALL, **change), DOMAIN) != intent_digest(SMALL, DOMAIN)


def test_a_signature_is_for_one_chain_and_one_contract() -> None:
    digests = {
        intent_digest(SMALL, domain)
        for domain in (DOMAIN, Domain(1, DOMAIN.settlement), Domain(DOMAIN.chain_id, ADDRESS))
    }
    assert len(digests) == 3
