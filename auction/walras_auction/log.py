"""Stage 2, the log: every accepted intent, cancel and round has one place in a chain of hashes.

An entry's bytes are the canonical JSON of ``{epoch, kind, payload, sequence, time, uid}``; the head after it is
``keccak(previous head ‖ keccak(bytes))``, starting from 32 zero bytes. A receipt is the house's EIP-712 signature
over the place, so two receipts for one place prove that the house lied.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, cast

from walras.digest import Domain, keccak, receipt_digest
from walras.intent import Intent
from walras.signing import Scheme, Signer
from walras.wire import PermitMessage, Receipt, canonical

from walras_auction.ports import LogEntry, NewEntry

#: The head before the first entry.
GENESIS = "0x" + "00" * 32


class BrokenLogError(Exception):
    """The log does not hash to what it claims; the message names the first bad sequence number."""


class Notary:
    """Signs receipts for log entries with the house's key."""

    def __init__(self, signer: Signer, domain: Domain) -> None:
        self._signer = signer
        self._domain = domain

    def sign(self, entry: LogEntry) -> str:
        """The signature of the receipt for ``entry``."""
        return self._signer.sign(
            receipt_digest(entry.epoch, entry.sequence, entry.time, entry.uid, entry.previous, entry.head, self._domain)
        )


def intent_entry(
    uid: str,
    intent: Intent,
    signature: str,
    permits: tuple[PermitMessage, ...] = (),
    scheme: Scheme = Scheme.ECDSA,
    terms_data: str | None = None,
) -> NewEntry:
    """The log entry of an accepted intent: all that an auditor needs to check its owner's signature again."""
    payload: dict[str, Any] = {
        "intent": _intent_json(intent),
        "signature": signature,
        "scheme": scheme.value,
        "permits": [permit.to_json() for permit in permits],
    }
    if terms_data is not None:
        payload["termsData"] = terms_data
    return NewEntry("intent", uid, payload)


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


def cancel_entry(uid: str, owner: str, signature: str) -> NewEntry:
    """The log entry of an owner's wish to withdraw ``uid``."""
    return NewEntry("cancel", uid, {"owner": owner, "signature": signature})


def round_entry(round_id: int, record_hash: str) -> NewEntry:
    """The log entry that pins the published record of a round."""
    return NewEntry("round", record_hash, {"round": round_id, "record": record_hash})


def chain_entry(new: NewEntry, epoch: int, sequence: int, time: int, previous: str) -> LogEntry:
    """Give ``new`` its place after ``previous``."""
    body = entry_body(epoch, sequence, time, new.kind, new.uid, new.payload)
    return LogEntry(epoch, sequence, time, new.kind, new.uid, body, previous, next_head(previous, body))


def entry_body(epoch: int, sequence: int, time: int, kind: str, uid: str, payload: dict[str, Any]) -> bytes:
    """The bytes of an entry: what is hashed, stored and served."""
    return canonical({"epoch": epoch, "sequence": sequence, "time": time, "kind": kind, "uid": uid, "payload": payload})


def next_head(previous: str, body: bytes) -> str:
    """``keccak(previous ‖ keccak(body))`` as ``0x`` hex."""
    return "0x" + keccak(bytes.fromhex(previous[2:]) + keccak(body)).hex()


def receipt_of(entry: LogEntry, signature: str) -> Receipt:
    """The receipt of an intent or cancel entry."""
    return Receipt(
        kind=cast(Literal["intent", "cancel"], entry.kind),
        epoch=entry.epoch,
        sequence=entry.sequence,
        time=entry.time,
        uid=entry.uid,
        previous=entry.previous,
        head=entry.head,
        signature=signature,
    )


def verify_chain(entries: Iterable[LogEntry], previous: str = GENESIS, sequence: int = 0) -> str:
    """Recompute the chain over ``entries``, which follow ``sequence``; returns the last head.

    Raises :class:`BrokenLogError` at the first entry that is missing, moved or changed.
    """
    for entry in entries:
        sequence += 1
        if entry.sequence != sequence:
            raise BrokenLogError(f"entry {sequence} is missing; found {entry.sequence}")
        if entry.previous != previous or entry.head != next_head(previous, entry.body):
            raise BrokenLogError(f"entry {sequence} does not hash to its head")
        if _stated_place(entry) != (entry.epoch, entry.sequence, entry.time, entry.kind, entry.uid):
            raise BrokenLogError(f"entry {sequence} says something else than its bytes")
        previous = entry.head
    return previous


def _stated_place(entry: LogEntry) -> tuple[Any, ...]:
    """What the entry's bytes say of its place."""
    body = json.loads(entry.body)
    return tuple(body[name] for name in ("epoch", "sequence", "time", "kind", "uid"))
