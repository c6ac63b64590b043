"""From rows to the port's types and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from walras.wire import canonical

from walras_auction.infra.record.entries import stored_intent
from walras_auction.log import entry_of
from walras_auction.ports import Event, LogEntry, Place, RoundSummary, State, StoredIntent

Row = Sequence[Any]
_MIDDLE = 2**63

ENTRY = "log.sequence, log.body, log.head, log.previous"
_STANDING = "standing.state, standing.executed, standing.reason, standing.detail"
INTENTS = f"SELECT {ENTRY}, {_STANDING} FROM log LEFT JOIN standing ON standing.sequence = log.sequence"  # noqa: S608


def uid_key(uid: str) -> int:
    """The short key of a uid: its first 8 bytes, moved into the range of integers that every database can hold."""
    return int(uid[2:18], 16) - _MIDDLE


def owner_key(owner: str) -> int:
    """The short key of an owner, likewise."""
    return int(owner[2:18], 16) - _MIDDLE


def uid_of(body: bytes) -> str:
    """The uid of an entry: the last of its fields, before the closing quote and brace."""
    return bytes(body[-68:-2]).decode()


def place_of(row: Row) -> Place:
    """Where the entry of a row that begins with :data:`ENTRY` stands."""
    entry = log_entry(row)
    return Place(entry.kind, entry.epoch, entry.sequence, entry.time, entry.uid, entry.previous, entry.head)


def log_entry(row: Row) -> LogEntry:
    """An entry from a row that begins with :data:`ENTRY`."""
    return entry_of(row[0], bytes(row[1]), bytes(row[3]), bytes(row[2]))


def intent_of_row(row: Row) -> StoredIntent:
    """An intent from a row of :data:`INTENTS`."""
    return stored_intent(row[0], row[1], tuple(row[4:8]))


def state_of_row(row: Row) -> State:
    return row[4] or "open"


def event_of(row: Row) -> Event:
    """An event from ``id, time, kind, data``."""
    return Event(row[0], row[1], row[2], json.loads(row[3]))


def accepted_event(number: int, sequence: int, body: bytes) -> Event:
    """What the public feed says of a new intent: what it asks for, never its signature."""
    document = json.loads(body)
    intent = document["payload"]["intent"]
    sides = {
        side: [{"token": leg["token"], "amount": leg["end"]} for leg in intent[side]] for side in ("gives", "wants")
    }
    data = {
        "uid": document["uid"],
        "sequence": sequence,
        **{name: intent[name] for name in ("owner", "kind", "fill")},
        **sides,
        "validTo": intent["validTo"],
    }
    return Event(number, document["time"], "accepted", data)


def summary(data: bytes) -> RoundSummary:
    """A round's summary as it was published."""
    fields = json.loads(data)
    return RoundSummary(**{**fields, "winners": tuple(fields["winners"]), "score": int(fields["score"])})


def summary_bytes(summary: RoundSummary) -> bytes:
    """Canonical JSON of a summary; the score is a decimal string, since it may exceed 2^53."""
    return canonical(
        {
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
    )
