"""What an entry of the log says, and whether its owner said so: one check for each kind of entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from walras.audit_report import Fault
from walras.cancels import CancelPayload, Scope, digest_of
from walras.digest import Domain, intent_digest, keccak
from walras.intent import NO_TERMS, Intent
from walras.rejections import Rejection
from walras.signing import Scheme, recover
from walras.wire import Bytes, Hash, IntentMessage, PermitMessage, Wire
from walras.wire.base import TermsData

__all__ = ["KINDS", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to know of an entry: its faults, and the intents (uid, owner) that it brings and cancels.

    ``offline``: the owner's signature could be judged without the chain; None if no owner signs such an entry.
    """

    faults: tuple[tuple[Fault, str], ...] = ()
    intents: tuple[tuple[str, str], ...] = ()
    cancels: tuple[tuple[str, str], ...] = ()
    offline: bool | None = None


class _IntentPayload(Wire):
    intent: IntentMessage
    signature: Bytes
    scheme: Scheme
    permits: tuple[PermitMessage, ...]
    terms_data: TermsData = None


class _RoundPayload(Wire):
    round: int
    record: Hash


def _intent(uid: str, payload: Any, domain: Domain) -> Said:
    said = _IntentPayload.model_validate(payload)
    intent = said.intent.intent()
    digest = intent_digest(intent, domain)
    faults = [] if _hex(digest) == uid else [(Fault.WRONG_UID, f"the intent's digest is {_hex(digest)}")]
    faults += _terms(intent, said.terms_data)
    offline = said.scheme is Scheme.ECDSA
    if offline:
        faults += _signed(intent.owner, digest, said.signature)
    return Said(tuple(faults), intents=((uid, intent.owner),), offline=offline)


def _terms(intent: Intent, data: str | None) -> list[tuple[Fault, str]]:
    """The terms beside an intent are those that it is signed for."""
    stated = NO_TERMS if data is None else _hex(keccak(bytes.fromhex(data[2:])))
    return [] if stated == intent.terms else [(Fault.BAD_PAYLOAD, "the terms are not those that the intent signs")]


def _cancel(uid: str, payload: Any, domain: Domain) -> Said:
    said = CancelPayload.model_validate(payload)
    if (said.by is not None) != (said.scope is Scope.AMEND):
        return Said(((Fault.BAD_PAYLOAD, "an amend, and nothing else, names the new intent"),))
    try:
        # Whoever signs an intent that comes in another's place has signed for the other's end.
        digest = bytes.fromhex(said.by[2:]) if said.by else digest_of(said.owner, said.scope, said.value, domain)
    except (ValueError, OverflowError):
        return Said(((Fault.BAD_PAYLOAD, f"value is no {said.scope.value}"),))
    single = said.scope in (Scope.UID, Scope.AMEND)
    stated = said.value if single else _hex(digest)
    faults = [] if stated == uid else [(Fault.WRONG_UID, f"the cancel is of {stated}")]
    offline = said.scheme is Scheme.ECDSA
    if offline:
        faults += _signed(said.owner, digest, said.signature)
    return Said(tuple(faults), cancels=((uid, said.owner),) if single else (), offline=offline)


def _round(uid: str, payload: Any, domain: Domain) -> Said:
    said = _RoundPayload.model_validate(payload)
    return Said() if said.record == uid else Said(((Fault.WRONG_UID, f"the record's hash is {said.record}"),))


def _signed(owner: str, digest: bytes, signature: str) -> list[tuple[Fault, str]]:
    try:
        signer = recover(digest, signature)
    except Rejection as rejection:
        return [(Fault.OWNER_SIGNATURE, rejection.detail)]
    return [] if signer == owner else [(Fault.OWNER_SIGNATURE, f"signed by {signer}, not by {owner}")]


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _tolerant(check: Callable[[str, Any, Domain], Said]) -> Callable[[str, Any, Domain], Said]:
    """A payload that does not have its form is a finding."""

    def checked(uid: str, payload: Any, domain: Domain) -> Said:
        try:
            return check(uid, payload, domain)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return Said(((Fault.BAD_PAYLOAD, f"{where}: {first['msg']}"[:300]),))

    return checked


#: How the payload of each kind of entry is checked: (uid, payload, domain) to what it says.
KINDS: dict[str, Callable[[str, Any, Domain], Said]] = {
    "intent": _tolerant(_intent),
    "cancel": _tolerant(_cancel),
    "round": _tolerant(_round),
}
