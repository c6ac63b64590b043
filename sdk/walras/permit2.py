"""Permit2: one signature moves the tokens and states the intent, without an approval to the house.

The owner approves the Permit2 contract once, for all applications. What it then signs is a *witness transfer*: the
vault may take each give's ``end``, until ``validTo``, once (the nonce is the intent's), with the intent as witness.
So the transfer is good for this intent alone, and for all of it at once: only ``whole`` intents can be signed so.
"""

from __future__ import annotations

from typing import Any

from walras.digest import INTENT_TYPE, LEG_TYPE, Domain, intent_hash, keccak, typed_data
from walras.intent import FillRule, Intent
from walras.rejections import Reason, Rejection
from walras.signing import Scheme, Signature, Signer

#: The same address on every chain that has it.
PERMIT2 = "0x000000000022d473030f116ddee9f6b43ac78ba3"
_TOKEN_TYPE = "TokenPermissions(address token,uint256 amount)"  # noqa: S105 - a type, not a secret
#: What the contract appends to Permit2's own types: the witness, then all referenced types in alphabetical order.
WITNESS_TYPE = f"Intent witness){INTENT_TYPE}{_TOKEN_TYPE}"
_FIELDS = "address spender,uint256 nonce,uint256 deadline,"
SINGLE_TYPE = f"PermitWitnessTransferFrom(TokenPermissions permitted,{_FIELDS}{WITNESS_TYPE}"
BATCH_TYPE = f"PermitBatchWitnessTransferFrom(TokenPermissions[] permitted,{_FIELDS}{WITNESS_TYPE}"
_DOMAIN_TYPE = "EIP712Domain(string name,uint256 chainId,address verifyingContract)"

_TOKEN_HASH, _SINGLE_HASH, _BATCH_HASH = (keccak(text.encode()) for text in (_TOKEN_TYPE, SINGLE_TYPE, BATCH_TYPE))
_DOMAIN_HASH, _NAME_HASH = keccak(_DOMAIN_TYPE.encode()), keccak(b"Permit2")
assert INTENT_TYPE.endswith(LEG_TYPE)


def check_permit2(intent: Intent) -> None:
    """Raise :class:`Rejection` (``permit2_whole_only``) for an intent that Permit2 can not carry."""
    if intent.fill is not FillRule.WHOLE:
        detail = "a Permit2 signature is good for one transfer; sign a whole intent, or approve the vault"
        raise Rejection(Reason.PERMIT2_WHOLE_ONLY, "intent.fill", detail)


def permit2_digest(intent: Intent, chain_id: int, vault: str) -> bytes:
    """What the owner signs: a witness transfer to the house's ``vault``, single or batch by the count of gives."""
    permitted = [keccak(_TOKEN_HASH + _address(leg.token) + _word(leg.end)) for leg in intent.gives]
    single = len(permitted) == 1
    body = b"".join(
        (
            _SINGLE_HASH if single else _BATCH_HASH,
            permitted[0] if single else keccak(b"".join(permitted)),
            _address(vault),
            _word(intent.nonce),
            _word(intent.valid_to),
            intent_hash(intent),
        )
    )
    separator = keccak(_DOMAIN_HASH + _NAME_HASH + _word(chain_id) + _address(PERMIT2))
    return keccak(b"\x19\x01" + separator + keccak(body))


def sign_permit2(signer: Signer, intent: Intent, domain: Domain, vault: str) -> Signature:
    """The signature to submit the intent with. Raises :class:`Rejection` unless it is ``whole``."""
    check_permit2(intent)
    return Signature(Scheme.PERMIT2, signer.sign(permit2_digest(intent, domain.chain_id, vault)))


def permit2_typed_data(intent: Intent, domain: Domain, vault: str) -> dict[str, Any]:
    """The same as the JSON document that wallets show and sign (``eth_signTypedData_v4``)."""
    check_permit2(intent)
    own = typed_data(intent, domain)
    permitted = [{"token": leg.token, "amount": str(leg.end)} for leg in intent.gives]
    single = len(permitted) == 1
    name = "PermitWitnessTransferFrom" if single else "PermitBatchWitnessTransferFrom"
    fields = f"TokenPermissions{'' if single else '[]'} permitted,{_FIELDS}Intent witness"
    return {
        "types": {
            "EIP712Domain": _types("string name,uint256 chainId,address verifyingContract"),
            name: _types(fields),
            "TokenPermissions": _types("address token,uint256 amount"),
            "Intent": own["types"]["Intent"],
            "Leg": own["types"]["Leg"],
        },
        "primaryType": name,
        "domain": {"name": "Permit2", "chainId": domain.chain_id, "verifyingContract": PERMIT2},
        "message": {
            "permitted": permitted[0] if single else permitted,
            "spender": vault,
            "nonce": str(intent.nonce),
            "deadline": str(intent.valid_to),
            "witness": own["message"],
        },
    }


def _types(fields: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for kind, name in (field.split(" ") for field in fields.split(","))]


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _address(address: str) -> bytes:
    return bytes(12) + bytes.fromhex(address.removeprefix("0x"))
