"""From rows to the port's types and back."""

from __future__ import annotations

import json
from typing import Any

from walras.signing import Scheme
from walras.wire import IntentMessage, PermitMessage, canonical

from walras_auction.log import receipt_of
from walras_auction.ports import Event, LogEntry, RoundSummary, StoredIntent

#: The columns of a log entry, in the order of :class:`LogEntry`'s fields.
LOG_COLUMNS = "log.epoch, log.sequence, log.time, log.kind, log.uid, log.body, log.previous, log.head"
INTENT_COLUMNS = f"state, executed, reason, detail, {LOG_COLUMNS}, log.signature"
INTENTS = f"SELECT {INTENT_COLUMNS} FROM intents JOIN log ON log.sequence = intents.sequence"  # noqa: S608 - constants

Row = tuple[Any, ...]


def stored_intent(row: Row) -> StoredIntent:
    """An intent from a row of :data:`INTENTS`."""
    state, executed, reason, detail = row[:4]
    entry = LogEntry(*row[4:12])
    payload = json.loads(entry.body)["payload"]
    return StoredIntent(
        uid=entry.uid,
        sequence=entry.sequence,
        intent=IntentMessage.model_validate(payload["intent"]).intent(),
        signature=payload["signature"],
        permits=tuple(PermitMessage.model_validate(permit) for permit in payload["permits"]),
        state=state,
        executed=int(executed),
        reason=reason,
        detail=detail,
        receipt=receipt_of(entry, row[12]),
        scheme=scheme_of(payload),
        terms_data=payload.get("termsData"),
    )


def scheme_of(payload: dict[str, Any]) -> Scheme:
    """How the intent of a log entry was signed; entries of before there was a choice do not say."""
    return Scheme(payload.get("scheme", Scheme.ECDSA))


def log_row(entry: LogEntry, signature: str | None) -> Row:
    """The row of ``log``, in the order of its columns."""
    return (
        entry.sequence,
        entry.epoch,
        entry.time,
        entry.kind,
        entry.uid,
        entry.body,
        entry.previous,
        entry.head,
        signature,
    )


def event(row: Row) -> Event:
    """An event from ``id, time, kind, data``."""
    return Event(row[0], row[1], row[2], json.loads(row[3]))


def event_row(event: Event) -> Row:
    return (event.id, event.time, event.kind, canonical(event.data))


def summary(data: bytes) -> RoundSummary:
    """A round's summary as it was published."""
    fields = json.loads(data)
    return RoundSummary(**{**fields, "winners": tuple(fields["winners"]), "score": int(fields["score"])})


def summary_bytes(summary: RoundSummary) -> bytes:
    """Canonical JSON of a summary; the score is a decimal string, since it may exceed 2^53."""
    return canonical(summary_json(summary))


def summary_json(summary: RoundSummary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "time": summary.time,
        "intents": summary.intents,
        "bids": summary.bids,
        "winners": list(summary.winners),
        "score": str(summary.score),
        "fills": summary.fills,
        "transaction": summary.transaction,
        "record_hash": summary.record_hash,
    }


def accepted_event(stored: StoredIntent) -> dict[str, Any]:
    """What the public feed says of a new intent: what it asks for, never its signature."""
    intent = stored.intent
    return {
        "uid": stored.uid,
        "sequence": stored.sequence,
        "owner": intent.owner,
        "kind": str(intent.kind),
        "fill": str(intent.fill),
        "gives": [{"token": leg.token, "amount": str(leg.end)} for leg in intent.gives],
        "wants": [{"token": leg.token, "amount": str(leg.end)} for leg in intent.wants],
        "validTo": intent.valid_to,
    }
