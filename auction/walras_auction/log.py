"""Stage 2, the log: every accepted intent, cancel and round has one place in a chain of hashes.

An entry's bytes are those of ``walras.entries``; the head after it is ``keccak(previous head ‖ sha256(bytes))``,
starting from 32 zero bytes. A receipt is the house's EIP-712 signature over the place, so two receipts for one place
prove that the house lied.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, cast

from walras.digest import Domain, entry_head, receipt_digest
from walras.entries import entry_body, intent_payload
from walras.intent import Intent
from walras.signing import Scheme, Signer
from walras.wire import PermitMessage, Receipt, canonical

from walras_auction.ports import Cancelled, LogEntry, NewEntry, Place, Wish

#: The head before the first entry.
GENESIS = bytes(32)


class BrokenLogError(Exception):
    """The log does not hash to what it claims; the message names the first bad sequence number."""


class Notary:
    """Signs receipts for log entries with the house's key.

    A signature follows from key and place alone (RFC 6979), so receipts are not stored: whoever asks again gets the
    same one.
    """

    def __init__(self, signer: Signer, domain: Domain) -> None:
        self._signer = signer
        self._domain = domain

    def sign(self, place: Place | LogEntry) -> str:
        """The signature of the receipt for an entry."""
        return self._signer.sign(
            receipt_digest(place.epoch, place.sequence, place.time, place.uid, place.previous, place.head, self._domain)
        )

    def receipt(self, place: Place | LogEntry) -> Receipt:
        """The receipt of an intent or cancel entry."""
        return Receipt(
            kind=cast(Literal["intent", "cancel"], place.kind),
            epoch=place.epoch,
            sequence=place.sequence,
            time=place.time,
            uid=place.uid,
            previous=place.previous,
            head=place.head,
            signature=self.sign(place),
        )

    def cancel_receipt(self, cancelled: Cancelled) -> Receipt:
        """The receipt of a cancel: with the first round without what it withdraws, and the entry that says so."""
        receipt = self.receipt(cancelled.place)
        return receipt.model_copy(update={"first_round": cancelled.first_round, "body": cancelled.body.decode()})


def intent_entry(
    uid: str,
    intent: Intent,
    signature: str,
    permits: tuple[PermitMessage, ...] = (),
    scheme: Scheme = Scheme.ECDSA,
    terms_data: str | None = None,
) -> NewEntry:
    """The log entry of an accepted intent: all that an auditor needs to check its owner's signature again."""
    payload = intent_payload(intent, signature, permits, scheme, terms_data)
    return NewEntry("intent", uid, payload, intent.owner, intent.nonce)


def cancel_entry(wish: Wish, first_round: int) -> NewEntry:
    """The log entry of a cancel, which holds from ``first_round`` on (see ``walras.cancels.CancelPayload``)."""
    by = f'"by":"{wish.by}",' if wish.by else ""
    # Hexadecimal, digits and words of ours, in the order of canonical JSON: nothing to escape.
    payload = (
        f'{{{by}"firstRound":{first_round},"owner":"{wish.owner}","scheme":"{wish.scheme.value}",'
        f'"scope":"{wish.scope.value}","signature":"{wish.signature}","value":"{wish.value}"}}'
    )
    return NewEntry("cancel", wish.uid, payload.encode(), wish.owner)


def round_entry(round_id: int, record_hash: str) -> NewEntry:
    """The log entry that pins the published record of a round."""
    return NewEntry("round", record_hash, canonical({"round": round_id, "record": record_hash}))


def chain_entry(new: NewEntry, epoch: int, sequence: int, time: int, previous: bytes) -> LogEntry:
    """Give ``new`` its place after ``previous``."""
    body = entry_body(epoch, sequence, time, new.kind, new.uid, new.payload)
    return entry_of(sequence, body, previous, entry_head(previous, body))


def entry_of(sequence: int, body: bytes, previous: bytes, head: bytes) -> LogEntry:
    """An entry as it is stored: what else there is to say of it stands in its bytes.

    Raises :class:`BrokenLogError` if they say nothing of the kind.
    """
    try:
        stated = json.loads(body)
        place = (stated["epoch"], sequence, stated["time"], stated["kind"], stated["uid"])
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenLogError(f"entry {sequence} is not what an entry looks like: {error}") from error
    return LogEntry(*place, body, _hex(previous), _hex(head))


def verify_chain(entries: Iterable[LogEntry], previous: bytes = GENESIS, sequence: int = 0) -> str:
    """Recompute the chain over ``entries``, which follow ``sequence``; returns the last head.

    Raises :class:`BrokenLogError` at the first entry that is missing, moved or changed.
    """
    for entry in entries:
        sequence += 1
        if entry.sequence != sequence:
            raise BrokenLogError(f"entry {sequence} is missing; found {entry.sequence}")
        head = entry_head(previous, entry.body)
        if entry.previous != _hex(previous) or entry.head != _hex(head):
            raise BrokenLogError(f"entry {sequence} does not hash to its head")
        if _stated_place(entry) != (entry.epoch, entry.sequence, entry.time, entry.kind, entry.uid):
            raise BrokenLogError(f"entry {sequence} says something else than its bytes")
        previous = head
    return _hex(previous)


def _hex(word: bytes) -> str:
    return "0x" + word.hex()


def _stated_place(entry: LogEntry) -> tuple[Any, ...]:
    """What the entry's bytes say of its place."""
    body = json.loads(entry.body)
    return tuple(body[name] for name in ("epoch", "sequence", "time", "kind", "uid"))
