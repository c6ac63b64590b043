"""What the store writes: each function is one atomic job of the :class:`GroupWriter`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from walras.intent import Intent
from walras.rejections import Reason, Rejection
from walras.wire import PermitMessage, Receipt

from walras_auction.infra import sqlite_rows as rows
from walras_auction.infra.sqlite_open import OpenIntents
from walras_auction.infra.sqlite_writer import Transaction
from walras_auction.log import Notary, chain_entry, receipt_of, round_entry
from walras_auction.ports import Event, IntentUpdate, LogEntry, NewEntry, RoundSummary, SolverTally, StoredIntent

NewIntent = tuple[NewEntry, Intent, str, tuple[PermitMessage, ...]]

#: Events that are kept for readers that fell behind; older ones are forgotten, the log and the records are not.
KEEP_EVENTS = 1_000_000
_PRUNE_EVERY = 1024

_INSERT_LOG = "INSERT INTO log VALUES (?,?,?,?,?,?,?,?,?)"


def append_log(
    transaction: Transaction, new: NewEntry, epoch: int, time: int, notary: Notary | None
) -> tuple[LogEntry, str | None]:
    """Chain ``new`` to the log; signed if there is a notary."""
    tail = transaction.tail
    entry = chain_entry(new, epoch, tail.sequence + 1, time, tail.head)
    signature = notary.sign(entry) if notary else None
    transaction.connection.execute(_INSERT_LOG, rows.log_row(entry, signature))
    tail.sequence, tail.head = entry.sequence, entry.head
    return entry, signature


def append_event(transaction: Transaction, kind: str, data: dict[str, Any], time: int) -> Event:
    """Put an event on the feed; refusals are counted by reason."""
    transaction.tail.event += 1
    event = Event(transaction.tail.event, time, kind, data)
    connection = transaction.connection
    connection.execute("INSERT INTO events VALUES (?,?,?,?)", rows.event_row(event))
    if kind == "refused":
        connection.execute(
            "INSERT INTO refusals VALUES (?, 1) ON CONFLICT (reason) DO UPDATE SET count = count + 1",
            (str(data["reason"]),),
        )
    if event.id % _PRUNE_EVERY == 0:
        connection.execute("DELETE FROM events WHERE id <= ?", (event.id - KEEP_EVENTS,))
    transaction.events.append(event)
    return event


def accept(
    transaction: Transaction, new: Sequence[NewIntent], time: int, epoch: int, notary: Notary, book: OpenIntents
) -> list[Receipt]:
    """Log and open new intents; a known uid gets its first receipt."""
    receipts = []
    for entry, intent, signature, permits in new:
        known = first_receipt(transaction, entry.uid)
        if known is not None:
            receipts.append(known)
            continue
        logged, signed = append_log(transaction, entry, epoch, time, notary)
        receipt = receipt_of(logged, str(signed))
        scheme = rows.scheme_of(entry.payload)
        terms_data = entry.payload.get("termsData")
        stored = StoredIntent(
            entry.uid, logged.sequence, intent, signature, permits, "open", 0, None, "", receipt, scheme, terms_data
        )
        transaction.connection.execute(
            "INSERT INTO intents VALUES (?,?,?,'open','0',NULL,'')", (entry.uid, logged.sequence, intent.owner)
        )
        append_event(transaction, "accepted", rows.accepted_event(stored), time)
        book.stage(transaction, stored)
        receipts.append(receipt)
    return receipts


def first_receipt(transaction: Transaction, uid: str, table: str = "intents") -> Receipt | None:
    """The receipt that ``uid`` got when it entered ``table`` (``intents`` or ``cancels``)."""
    row = transaction.connection.execute(
        f"SELECT {rows.LOG_COLUMNS}, log.signature FROM {table} JOIN log ON log.sequence = {table}.sequence"  # noqa: S608
        f" WHERE {table}.uid = ?",
        (uid,),
    ).fetchone()
    return None if row is None else receipt_of(LogEntry(*row[:8]), row[8])


def cancel(
    transaction: Transaction, entry: NewEntry, time: int, epoch: int, notary: Notary, book: OpenIntents
) -> Receipt:
    """Log a cancel and close its intent; repeated: the first receipt."""
    stored = fetch(transaction, entry.uid)
    if stored is None:
        raise Rejection(Reason.UNKNOWN_INTENT, "uid", f"no intent {entry.uid} was accepted here")
    if stored.intent.owner != entry.payload["owner"]:
        raise Rejection(Reason.BAD_SIGNATURE, "owner", f"the intent belongs to {stored.intent.owner}")
    known = first_receipt(transaction, entry.uid, "cancels")
    if known is not None:
        return known
    if stored.state not in ("open", "parked"):
        raise Rejection(Reason.NOT_CANCELLABLE, "uid", f"the intent is {stored.state}")
    logged, signature = append_log(transaction, entry, epoch, time, notary)
    transaction.connection.execute("INSERT INTO cancels VALUES (?,?)", (entry.uid, logged.sequence))
    _apply(transaction, stored, IntentUpdate(entry.uid, "cancelled", stored.executed, Reason.CANCELLED, ""), book)
    append_event(transaction, "cancelled", {"uid": entry.uid, "sequence": logged.sequence}, time)
    return receipt_of(logged, str(signature))


def publish_round(
    transaction: Transaction,
    summary: RoundSummary,
    record: bytes,
    updates: Sequence[IntentUpdate],
    time: int,
    tallies: Sequence[SolverTally],
    epoch: int,
    book: OpenIntents,
) -> LogEntry:
    """Store and log the record of a round and apply what it did; a published round keeps its first record."""
    connection = transaction.connection
    row = connection.execute("SELECT sequence FROM rounds WHERE id = ?", (summary.id,)).fetchone()
    if row is None:
        raise LookupError(f"round {summary.id} was never begun")
    if row[0] is not None:
        return LogEntry(*connection.execute(f"SELECT {rows.LOG_COLUMNS} FROM log WHERE sequence = ?", row).fetchone())  # noqa: S608
    entry, _ = append_log(transaction, round_entry(summary.id, summary.record_hash), epoch, time, None)
    connection.execute(
        "UPDATE rounds SET time = ?, summary = ?, record = ?, sequence = ? WHERE id = ?",
        (summary.time, rows.summary_bytes(summary), record, entry.sequence, summary.id),
    )
    update_intents(transaction, updates, book)
    for tally in tallies:
        _add_tally(transaction, tally)
    return entry


def update_intents(transaction: Transaction, updates: Sequence[IntentUpdate], book: OpenIntents) -> None:
    """Apply what a round, expiry or parking did to intents."""
    for update in updates:
        stored = book.get(update.uid) or fetch(transaction, update.uid)
        row = transaction.connection.execute("SELECT state FROM intents WHERE uid = ?", (update.uid,)).fetchone()
        if stored is None or row is None:
            raise LookupError(f"no intent {update.uid} was accepted here")
        # The book shows committed groups only; a cancel may stand earlier in this one.
        current = stored if row[0] == stored.state else fetch(transaction, update.uid)
        _apply(transaction, current or stored, update, book)


def fetch(transaction: Transaction, uid: str) -> StoredIntent | None:
    """An intent as this transaction sees it."""
    row = transaction.connection.execute(f"{rows.INTENTS} WHERE intents.uid = ?", (uid,)).fetchone()
    return None if row is None else rows.stored_intent(row)


def _apply(transaction: Transaction, stored: StoredIntent, update: IntentUpdate, book: OpenIntents) -> None:
    changed = replace(stored, state=update.state, executed=update.executed, reason=update.reason, detail=update.detail)
    if stored.state == "cancelled" and update.state != "filled":
        changed = replace(stored, executed=update.executed)
    transaction.connection.execute(
        "UPDATE intents SET state = ?, executed = ?, reason = ?, detail = ? WHERE uid = ?",
        (changed.state, str(changed.executed), changed.reason, changed.detail, changed.uid),
    )
    if update.fill is not None:
        transaction.connection.execute(
            "INSERT INTO fills (uid, round, report) VALUES (?,?,?)",
            (update.uid, update.fill.round, update.fill.model_dump_json(by_alias=True).encode()),
        )
    book.stage(transaction, changed)


def _add_tally(transaction: Transaction, tally: SolverTally) -> None:
    connection = transaction.connection
    row = connection.execute("SELECT bids, wins, surplus FROM league WHERE solver = ?", (tally.solver,)).fetchone()
    bids, wins, surplus = row or (0, 0, "0")
    connection.execute(
        "INSERT OR REPLACE INTO league VALUES (?,?,?,?)",
        (tally.solver, bids + tally.bids, wins + tally.wins, str(int(surplus) + tally.surplus)),
    )
