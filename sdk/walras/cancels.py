"""Cancels: what an owner signs to withdraw its intents, and what the house's receipt for it must say.

Three forms, each with its EIP-712 type: one intent by its uid, a word of 256 nonces, or everything up to an epoch. An
accepted cancel holds for every round from the ``firstRound`` on that its log entry names, and also for intents that it
covers and that arrive later.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import from_json

from walras.digest import (
    CANCEL_EPOCH_TYPE,
    CANCEL_TYPE,
    CANCEL_WORD_TYPE,
    Domain,
    cancel_digest,
    cancel_epoch_digest,
    cancel_word_digest,
    entry_head,
)
from walras.rejections import Reason, Rejection
from walras.signing import Scheme, Signature, Signer
from walras.wire import Address, Bytes, CancelRequest, Hash, Receipt, Wire

__all__ = [
    "CancelPayload",
    "Scope",
    "cancel_epoch_request",
    "cancel_request",
    "cancel_typed_data",
    "cancel_word_request",
    "check_body",
    "check_cancel",
    "digest_of",
    "target_of",
]

_TYPES = {"uid": CANCEL_TYPE, "word": CANCEL_WORD_TYPE, "epoch": CANCEL_EPOCH_TYPE}
_WORDS = 2**248
_EPOCHS = 2**64


class Scope(StrEnum):
    """What a cancel withdraws."""

    UID = "uid"  # one intent
    WORD = "word"  # the owner's intents with the nonces word * 256 … word * 256 + 255
    EPOCH = "epoch"  # the owner's intents of that epoch and of those before
    AMEND = "amend"  # one intent, in whose place another one comes


class CancelPayload(Wire):
    """What the log entry of a cancel says. ``value`` is a uid, or a word or an epoch in decimal.

    ``by`` is the intent that comes in its place, whose signature is then the owner's word for the cancel too.
    """

    scope: Scope
    value: Annotated[str, Field(max_length=80)]
    owner: Address
    signature: Bytes
    scheme: Scheme
    first_round: Annotated[int, Field(ge=1, strict=True)]
    by: Annotated[Hash | None, Field(exclude_if=lambda value: value is None)] = None


def target_of(request: CancelRequest) -> tuple[Scope, str]:
    """What ``request`` withdraws: scope and value, as the log has them.

    Raises :class:`Rejection`: ``bad_cancel`` unless it names exactly one of the three, ``amount_out_of_range``.
    """
    named = [name for name in _TYPES if getattr(request, name) is not None]
    if len(named) != 1:
        raise Rejection(Reason.BAD_CANCEL, "", f"it names {' and '.join(named) or 'none of them'}")
    for name, limit in (("word", _WORDS), ("epoch", _EPOCHS)):
        if (getattr(request, name) or 0) >= limit:
            raise Rejection(Reason.AMOUNT_OUT_OF_RANGE, name, f"it is not below {limit}")
    return Scope(named[0]), str(getattr(request, named[0]))


def digest_of(owner: str, scope: Scope, value: str, domain: Domain) -> bytes:
    """What ``owner`` signs for it. Nobody signs an amend: the new intent is signed."""
    if scope is Scope.WORD:
        return cancel_word_digest(owner, int(value), domain)
    if scope is Scope.EPOCH:
        return cancel_epoch_digest(owner, int(value), domain)
    return cancel_digest(owner, value, domain)


def cancel_request(uid: str, signature: Signer | Signature, domain: Domain, owner: str = "") -> CancelRequest:
    """The message that withdraws the intent ``uid``. ``owner`` is needed where it is not the signer's account."""
    return _request(signature, domain, owner, Scope.UID, uid.lower(), uid=uid)


def cancel_word_request(word: int, signature: Signer | Signature, domain: Domain, owner: str = "") -> CancelRequest:
    """The message that withdraws the 256 nonces of ``word``, which is a nonce >> 8."""
    return _request(signature, domain, owner, Scope.WORD, str(word), word=word)


def cancel_epoch_request(epoch: int, signature: Signer | Signature, domain: Domain, owner: str = "") -> CancelRequest:
    """The message that withdraws everything up to ``epoch``, which is a nonce >> 192."""
    return _request(signature, domain, owner, Scope.EPOCH, str(epoch), epoch=epoch)


def cancel_typed_data(request: CancelRequest, domain: Domain) -> dict[str, Any]:
    """What ``request`` asks for as the JSON document that wallets show and sign (``eth_signTypedData_v4``)."""
    scope, value = target_of(request)
    name, _, rest = _TYPES[scope].partition("(")
    fields = [part.split(" ") for part in rest.removesuffix(")").split(",")]
    separator = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
    return {
        "types": {
            "EIP712Domain": [{"name": field, "type": kind} for field, kind in separator.items()],
            name: [{"name": field, "type": kind} for kind, field in fields],
        },
        "primaryType": name,
        "domain": {
            "name": "Walras",
            "version": "1",
            "chainId": domain.chain_id,
            "verifyingContract": domain.settlement,
        },
        "message": {"owner": request.owner, scope.value: value},
    }


def check_body(receipt: Receipt) -> CancelPayload:
    """What the entry of a cancel's receipt says, if the signed head is its hash. Raises ``ValueError`` if it is not."""
    body = (receipt.body or "").encode()
    if entry_head(bytes.fromhex(receipt.previous[2:]), body) != bytes.fromhex(receipt.head[2:]):
        raise ValueError("its head is not the hash of its body")
    said = from_json(body)
    place = {name: getattr(receipt, name) for name in ("kind", "epoch", "sequence", "time", "uid")}
    if not isinstance(said, dict) or {name: said.get(name) for name in place} != place or receipt.kind != "cancel":
        raise ValueError("its body is another entry's")
    payload = CancelPayload.model_validate(said.get("payload"))
    if payload.first_round != receipt.first_round:
        raise ValueError(f"its body names {payload.first_round} as the first round, not {receipt.first_round}")
    return payload


def check_cancel(receipt: Receipt, owner: str, scope: Scope, value: str) -> None:
    """Raise ``ValueError`` unless the entry is that cancel of that owner (by amending, if it is one of a uid)."""
    said = check_body(receipt)
    scopes = (Scope.UID, Scope.AMEND) if scope in (Scope.UID, Scope.AMEND) else (scope,)
    if said.owner != owner or said.scope not in scopes or said.value != value:
        raise ValueError(f"its body is a cancel of {said.scope} {said.value} by {said.owner}")


def _request(
    signature: Signer | Signature, domain: Domain, owner: str, scope: Scope, value: str, **target: Any
) -> CancelRequest:
    if isinstance(signature, Signer):
        owner = signature.address
        signature = Signature(Scheme.ECDSA, signature.sign(digest_of(owner, scope, value, domain)))
    return CancelRequest(owner=owner, signature=signature.data, scheme=signature.scheme, **target)
