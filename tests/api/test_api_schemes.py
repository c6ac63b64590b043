"""Other signatures than a key's, and other funds than an allowance, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from house_fakes import CONTRACTS, DOMAIN, A, Desk, an_intent, key
from pydantic import ValidationError
from walras.digest import intent_uid
from walras.intent import FillRule
from walras.orders import Order
from walras.permit2 import permit2_digest, sign_permit2
from walras.rejections import Reason
from walras.signing import Scheme, Signature, Signer
from walras.wire import SubmitRequest
from walras_auction.ports import AuthorityFacts, TokenFacts

OWNER = key(1)
WHOLE = an_intent(OWNER, fill=FillRule.WHOLE)
UID = intent_uid(WHOLE, DOMAIN)
PERMIT2_DIGEST = "0x" + permit2_digest(WHOLE, DOMAIN.chain_id, CONTRACTS.vault).hex()
BY_PERMIT2 = sign_permit2(OWNER, WHOLE, DOMAIN, CONTRACTS.vault)
KEY_ALONE, NOBODY = AuthorityFacts(False, False), AuthorityFacts(False, False, nonce_free=False)


def body(signature: Signer | Signature, *, partial: bool = False) -> str:
    return json.dumps(Order(an_intent(OWNER) if partial else WHOLE, signature).request(DOMAIN).to_json())


def funds(desk: Desk, facts: TokenFacts) -> None:
    desk.chain.funds[OWNER.address, A] = facts


def keeper(desk: Desk) -> None:
    desk.chain.keepers.add(OWNER.address)
    funds(desk, TokenFacts(10**6, 10**6, deposited=999))


def permit2(desk: Desk, facts: AuthorityFacts = KEY_ALONE, allowance: int = 1_000) -> None:
    desk.chain.authorities[PERMIT2_DIGEST] = facts
    funds(desk, TokenFacts(1_000, 0, permit2=allowance))


@pytest.mark.parametrize(
    ("message", "change", "reason", "field"),
    [
        (body(Signature.of_contract("0x12")), lambda desk: None, Reason.CONTRACT_REFUSES, "signature"),
        (body(Signature.presigned()), lambda desk: None, Reason.NOT_PRESIGNED, "signature"),
        (body(Signature(Scheme.PRESIGNED, "0x12")), lambda desk: None, Reason.BAD_SIGNATURE, "signature"),
        (body(BY_PERMIT2, partial=True), permit2, Reason.PERMIT2_WHOLE_ONLY, "intent.fill"),
        (body(BY_PERMIT2), lambda desk: permit2(desk, NOBODY), Reason.PERMIT2_NONCE_USED, "nonce"),
        (body(BY_PERMIT2), lambda desk: permit2(desk, allowance=999), Reason.PERMIT2_NOT_ALLOWED, "gives[0]"),
        (body(Signature(Scheme.PERMIT2, "0x" + "11" * 65)), permit2, Reason.BAD_SIGNATURE, "signature"),
        (body(OWNER), keeper, Reason.INSUFFICIENT_DEPOSIT, "gives[0]"),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_each_rule_has_its_reason(
    desk: Desk, message: str, change: Callable[[Desk], None], reason: Reason, field: str
) -> None:
    change(desk)
    answer = desk.post("/v1/intents", message)
    problem = answer.json()
    assert (answer.status_code, problem["reason"], problem["field"]) == (422, reason.value, field), problem
    assert desk.held() == (0, 0)


@pytest.mark.parametrize("scheme", Scheme)
def test_every_scheme_is_taken_and_kept(desk: Desk, scheme: Scheme) -> None:
    permit2(desk)
    funds(desk, TokenFacts(1_000, 1_000, permit2=1_000))
    desk.chain.authorities[UID] = AuthorityFacts(True, True)
    signature = {
        Scheme.ECDSA: OWNER,
        Scheme.ERC1271: Signature.of_contract("0x12"),
        Scheme.PRESIGNED: Signature.presigned(),
        Scheme.PERMIT2: BY_PERMIT2,
    }[scheme]
    assert desk.post("/v1/intents", body(signature)).status_code == 201
    (stored,) = desk.house.store.open_intents()
    assert (stored.uid, stored.scheme) == (UID, scheme)


def test_a_scheme_nobody_knows_is_malformed(desk: Desk) -> None:
    problem = desk.post("/v1/intents", json.dumps(json.loads(body(OWNER)) | {"scheme": "bls"})).json()
    assert (problem["reason"], problem["field"]) == (Reason.MALFORMED.value, "scheme")


def test_a_signature_has_its_bound() -> None:
    """Settling pays for each of its bytes, and a packed solution has no room for endless ones."""
    for size, fits in ((8_192, True), (8_193, False)):
        request = json.loads(body(OWNER)) | {"signature": "0x" + "11" * size}
        assert _reads(request) is fits


def _reads(request: dict[str, object]) -> bool:
    try:
        return bool(SubmitRequest.model_validate(request))
    except ValidationError:
        return False
