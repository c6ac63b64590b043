"""Permit2 signatures with the intent as witness, against eth_account's generic encoder."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from house_fakes import DOMAIN, A, B, C, address, an_intent, key
from hypothesis import given, settings
from support.strategies import intents
from walras.digest import Domain, intent_hash
from walras.digest import keccak as own_keccak
from walras.intent import FillRule, Intent, Leg
from walras.permit2 import (
    BATCH_TYPE,
    PERMIT2,
    SINGLE_TYPE,
    WITNESS_TYPE,
    check_permit2,
    permit2_digest,
    permit2_typed_data,
    sign_permit2,
)
from walras.rejections import Reason, Rejection
from walras.signing import Scheme, recover

VAULT = address(0xF01)
OWNER = key(1)
WHOLE = an_intent(OWNER, fill=FillRule.WHOLE, nonce=2**200 + 5)
TWO = replace(WHOLE, gives=(Leg.fixed(A, 1_000), Leg.fixed(C, 2**128)))


def generic_digest(intent: Intent, domain: Domain, vault: str) -> bytes:
    signable = encode_typed_data(full_message=permit2_typed_data(intent, domain, vault))
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize("intent", [WHOLE, TWO], ids=["single", "batch"])
def test_the_digest_is_that_of_the_wallets_document(intent: Intent) -> None:
    assert permit2_digest(intent, DOMAIN.chain_id, VAULT) == generic_digest(intent, DOMAIN, VAULT)


@settings(max_examples=40, deadline=None)
@given(intents())
def test_every_whole_intent_has_the_digest_of_the_generic_encoder(intent: Intent) -> None:
    whole = replace(intent, fill=FillRule.WHOLE, min_fill=intent.full_amount)
    assert permit2_digest(whole, 1, VAULT) == generic_digest(whole, Domain(1, DOMAIN.settlement), VAULT)


def test_wallets_sign_what_keys_sign() -> None:
    document = permit2_typed_data(WHOLE, DOMAIN, VAULT)
    wallet = Account.sign_typed_data(OWNER.secret, full_message=document).signature
    ours = sign_permit2(OWNER, WHOLE, DOMAIN, VAULT)
    assert (ours.scheme, ours.data) == (Scheme.PERMIT2, "0x" + bytes(wallet).hex())
    assert recover(permit2_digest(WHOLE, DOMAIN.chain_id, VAULT), ours.data) == OWNER.address


def test_the_types_are_spelled_as_permit2_concatenates_them() -> None:
    """Its stub, the witness, and the referenced structs in the order of their names."""
    assert WITNESS_TYPE.startswith("Intent witness)Intent(address owner,")
    assert WITNESS_TYPE.endswith(
        "Leg(address token,uint256 start,uint256 end)TokenPermissions(address token,uint256 amount)"
    )
    stub = "TokenPermissions{} permitted,address spender,uint256 nonce,uint256 deadline,"
    assert f"PermitWitnessTransferFrom({stub.format('')}{WITNESS_TYPE}" == SINGLE_TYPE
    assert f"PermitBatchWitnessTransferFrom({stub.format('[]')}{WITNESS_TYPE}" == BATCH_TYPE


def test_what_is_permitted_is_the_intents_own() -> None:
    message = permit2_typed_data(TWO, DOMAIN, VAULT)
    assert message["domain"] == {"name": "Permit2", "chainId": DOMAIN.chain_id, "verifyingContract": PERMIT2}
    assert message["message"]["permitted"] == [{"token": A, "amount": "1000"}, {"token": C, "amount": str(2**128)}]
    assert message["message"]["spender"] == VAULT
    assert message["message"]["nonce"] == str(2**200 + 5)
    assert message["message"]["deadline"] == str(WHOLE.valid_to)


def test_a_moving_give_is_permitted_up_to_its_end() -> None:
    buy = Intent.buy(OWNER.address, (B, 900), (A, 1_000), valid_to=99, nonce=1, fill=FillRule.WHOLE)
    moving = replace(buy, gives=(Leg(A, 500, 1_000),), valid_from=9, decay_to=50)
    assert permit2_typed_data(moving, DOMAIN, VAULT)["message"]["permitted"]["amount"] == "1000"


def test_the_witness_is_the_intent_without_a_domain() -> None:
    one, other = (permit2_digest(WHOLE, 1, vault) for vault in (VAULT, address(0xF02)))
    assert one != other
    assert permit2_digest(replace(WHOLE, receiver=C), 1, VAULT) != one
    assert DOMAIN.digest(intent_hash(WHOLE)) == own_keccak(b"\x19\x01" + DOMAIN.separator + intent_hash(WHOLE))


@pytest.mark.parametrize("sign", [lambda i: check_permit2(i), lambda i: sign_permit2(OWNER, i, DOMAIN, VAULT)])
def test_a_partial_intent_cannot_be_signed_so(sign: object) -> None:
    with pytest.raises(Rejection) as refusal:
        sign(an_intent(OWNER))  # type: ignore[operator]
    assert refusal.value.reason is Reason.PERMIT2_WHOLE_ONLY
