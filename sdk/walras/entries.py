"""The bytes of a log entry, in one place for the house that writes them and for the clients that recompute them.

An entry's bytes are the canonical JSON of ``{epoch, kind, payload, sequence, time, uid}``; the head after it is
``walras.digest.entry_head`` of them.
"""

from __future__ import annotations

from typing import Any

from walras.intent import Intent
from walras.signing import Scheme
from walras.wire import PermitMessage, SubmitRequest, canonical

__all__ = ["entry_body", "intent_body", "intent_payload"]


def entry_body(epoch: int, sequence: int, time: int, kind: str, uid: str, payload: bytes) -> bytes:
    """The bytes of an entry: what is hashed, stored and served. Canonical JSON around canonical JSON."""
    return b'{"epoch":%d,"kind":"%b","payload":%b,"sequence":%d,"time":%d,"uid":"%b"}' % (
        epoch,
        kind.encode(),
        payload,
        sequence,
        time,
        uid.encode(),
    )


def intent_body(request: SubmitRequest, epoch: int, sequence: int, time: int, uid: str) -> bytes:
    """The bytes of the entry of an intent as it was submitted, at its place."""
    sent = (request.intent.intent(), request.signature, request.permits, request.scheme, request.terms_data)
    return entry_body(epoch, sequence, time, "intent", uid, intent_payload(*sent))


def intent_payload(
    intent: Intent,
    signature: str,
    permits: tuple[PermitMessage, ...] = (),
    scheme: Scheme = Scheme.ECDSA,
    terms_data: str | None = None,
) -> bytes:
    """What the entry of an intent says: all that an auditor needs to check its owner's signature again."""
    payload: dict[str, Any] = {
        "intent": _intent_json(intent),
        "signature": signature,
        "scheme": scheme.value,
        "permits": [permit.to_json() for permit in permits],
    }
    if terms_data is not None:
        payload["termsData"] = terms_data
    return canonical(payload)


def _intent_json(intent: Intent) -> dict[str, Any]:
    """What ``IntentMessage.of(intent).to_json()`` says, written out because it is on the hot path of intake."""
    return {
        "owner": intent.owner,
        "receiver": intent.receiver,
        "gives": [{"token": leg.token, "start": str(leg.start), "end": str(leg.end)} for leg in intent.gives],
        "wants": [{"token": leg.token, "start": str(leg.start), "end": str(leg.end)} for leg in intent.wants],
        "kind": intent.kind.value,
        "fill": intent.fill.value,
        "minFill": str(intent.min_fill),
        "validFrom": intent.valid_from,
        "decayTo": intent.decay_to,
        "validTo": intent.valid_to,
        "nonce": str(intent.nonce),
        "terms": intent.terms,
    }
