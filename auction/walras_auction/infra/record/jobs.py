"""What the store writes: each function is one atomic job of the :class:`~.writer.GroupWriter`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from walras.digest import entry_head
from walras.entries import entry_body
from walras.rejections import Reason, Rejection
from walras.wire import canonical

from walras_auction.infra.record import rows
from walras_auction.infra.record.ahead import covering, holder
from walras_auction.infra.record.dialect import Connection
from walras_auction.infra.record.writer import Transaction
from walras_auction.log import round_entry
from walras_auction.ports import (
    Event,
    IntentUpdate,
    LogEntry,
    NewEntry,
    Place,
    Placed,
    RoundSummary,
    SolverTally,
    State,
)

#: Events that are kept for readers that fell behind; older ones are forgotten, the log and the records are not.
KEEP_EVENTS = 1_000_000
_PRUNE_EVERY = 1024

#: Rows to a statement: the interpreter is left and entered once for all of them.
_MANY = 64
STAND_AGAIN = (
    " ON CONFLICT (sequence) DO UPDATE SET state = excluded.state, executed = excluded.executed,"
    " reason = excluded.reason, detail = excluded.detail, version = excluded.version"
)
_STAND = "INSERT INTO standing VALUES (?,?,?,?,?,?)" + STAND_AGAIN  # noqa: S608
_OPEN = ("open", "parked")
_REFUSED = (
    "INSERT INTO refusals VALUES (?,?) ON CONFLICT (reason) DO UPDATE SET count = refusals.count + excluded.count"
)
_TALLY = (
    "INSERT INTO league VALUES (?,?,?,?) ON CONFLICT (solver) DO UPDATE SET bids = excluded.bids,"
    " wins = excluded.wins, surplus = excluded.surplus"
)


def accept(transaction: Transaction, entries: Sequence[NewEntry], time: int) -> list[Placed | Rejection]:
    """Log new open intents; a known uid gets the place that it got first, one cancelled ahead is refused."""
    keys = [rows.uid_key(entry.uid) for entry in entries]
    known = transaction.index.known(transaction.connection, keys)
    known.update(uid for _, uid, _ in transaction.added)
    kept_out = _kept_out(transaction, entries, keys)
    if len(set(keys)) == len(keys) and known.isdisjoint(keys):
        if not kept_out:
            return list(_append(transaction, entries, keys, time))
        free = [at for at in range(len(entries)) if at not in kept_out]
        placed = iter(_append(transaction, [entries[at] for at in free], [keys[at] for at in free], time))
        return [kept_out[at] if at in kept_out else next(placed) for at in range(len(entries))]
    outcomes: list[Placed | Rejection] = []
    for at, (entry, key) in enumerate(zip(entries, keys, strict=True)):
        place = _known(transaction, entry.uid, key)
        if place is not None:
            outcomes.append(Placed(place, new=False))
        elif at in kept_out:
            outcomes.append(kept_out[at])
        else:
            outcomes += _append(transaction, [entry], [key], time)
    return outcomes


def _kept_out(transaction: Transaction, entries: Sequence[NewEntry], keys: Sequence[int]) -> dict[int, Rejection]:
    """Places of intents whose owners cancelled them before they came."""
    found: dict[int, Rejection] = {}
    for at in transaction.ahead.suspects(entries, keys):
        entry = entries[at]
        cancel = covering(transaction.connection, entry.owner, entry.uid, entry.nonce)
        if cancel is not None:
            detail = f"log entry {cancel.sequence} is its owner's cancel by {cancel.scope}"
            extra = {"sequence": str(cancel.sequence)}
            found[at] = Rejection(Reason.CANCELLED_BEFORE, "intent", detail, **extra)
    return found


def _known(transaction: Transaction, uid: str, key: int) -> Place | None:
    """The place of an intent that was accepted before, perhaps in this very transaction."""
    row = transaction.index.find(transaction.connection, uid)
    if row is not None:
        return rows.place_of(row)
    for sequence in [at for at, taken, _ in transaction.added if taken == key]:
        place = _place_at(transaction, sequence)
        if place.uid == uid:
            return place
    return None


def _place_at(transaction: Transaction, sequence: int) -> Place:
    found = transaction.connection.execute(f"SELECT {rows.ENTRY} FROM log WHERE sequence = ?", (sequence,))  # noqa: S608
    return rows.place_of(found.fetchone())


def _append(transaction: Transaction, entries: Sequence[NewEntry], keys: Sequence[int], time: int) -> list[Placed]:
    """Chain new intents to the log."""
    if not entries:
        return []
    tail = transaction.tail
    epoch, sequence, head = tail.epoch, tail.sequence, tail.head
    placed: list[Placed] = []
    values: list[Any] = []
    said = "0x" + head.hex()
    for entry, key in zip(entries, keys, strict=True):
        sequence += 1
        uid, owner = entry.uid, rows.owner_key(entry.owner)
        body = entry_body(epoch, sequence, time, "intent", uid, entry.payload)
        previous, before = head, said
        head = entry_head(previous, body)
        said = "0x" + head.hex()
        placed.append(Placed(Place("intent", epoch, sequence, time, uid, before, said), True))
        values += (sequence, body, head, previous, key, owner)
        transaction.added.append((sequence, key, owner))
    for start in range(0, len(values), _MANY * 6):
        part = values[start : start + _MANY * 6]
        transaction.connection.execute(_insert_many(len(part) // 6), part)
    first, tail.sequence, tail.head = tail.sequence + 1, sequence, head
    _opened(transaction, first, len(placed), time)
    return placed


@lru_cache(maxsize=256)
def _insert_many(count: int) -> str:
    return "INSERT INTO log VALUES " + ",".join(["(?,?,?,?,?,?)"] * count)  # noqa: S608


def _opened(transaction: Transaction, sequence: int, count: int, time: int) -> None:
    """New intents stand in the log from ``sequence`` on: one row tells the feed of all of them."""
    transaction.counts["open"] += count
    _append_events(transaction, "accepted", {"sequence": sequence}, time, count)


def append_log(transaction: Transaction, new: NewEntry, time: int) -> Place:
    """Chain an entry that is no intent to the log; its place."""
    tail = transaction.tail
    sequence, previous = tail.sequence + 1, tail.head
    body = entry_body(tail.epoch, sequence, time, new.kind, new.uid, new.payload)
    tail.sequence, tail.head = sequence, entry_head(previous, body)
    transaction.connection.execute(_insert_many(1), (sequence, body, tail.head, previous, None, None))
    return Place(new.kind, tail.epoch, sequence, time, new.uid, "0x" + previous.hex(), "0x" + tail.head.hex())


def append_event(transaction: Transaction, kind: str, data: dict[str, Any], time: int) -> Event:
    """Put an event on the feed; refusals are counted by reason."""
    if kind == "refused":
        transaction.connection.execute(_REFUSED, (str(data["reason"]), data.get("count", 1)))
    return _append_events(transaction, kind, data, time, 1)


def _append_events(transaction: Transaction, kind: str, data: dict[str, Any], time: int, count: int) -> Event:
    number = transaction.tail.event + 1
    transaction.tail.event += count
    connection = transaction.connection
    connection.execute("INSERT INTO events VALUES (?,?,?,?,?)", (number, count, time, kind, canonical(data)))
    forget_events(connection, number, number + count)
    return Event(number, time, kind, data)


def forget_events(connection: Connection, first: int, last: int) -> None:
    """Drop events that are too old to be kept, now and then; ``first`` to ``last`` were just written."""
    if first // _PRUNE_EVERY != last // _PRUNE_EVERY:
        connection.execute("DELETE FROM events WHERE id <= ?", (first - KEEP_EVENTS,))


def publish_round(
    transaction: Transaction,
    summary: RoundSummary,
    record: bytes,
    updates: Sequence[IntentUpdate],
    time: int,
    tallies: Sequence[SolverTally],
) -> LogEntry:
    """Store and log the record of a round and apply what it did; a published round keeps its first record."""
    connection = transaction.connection
    row = connection.execute("SELECT sequence FROM rounds WHERE id = ?", (summary.id,)).fetchone()
    if row is None:
        raise LookupError(f"round {summary.id} was never begun")
    sequence = row[0]
    if sequence is None:
        sequence = append_log(transaction, round_entry(summary.id, summary.record_hash), time).sequence
        connection.execute(
            "UPDATE rounds SET time = ?, summary = ?, record = ?, sequence = ? WHERE id = ?",
            (summary.time, rows.summary_bytes(summary), record, sequence, summary.id),
        )
        update_intents(transaction, updates)
        for tally in tallies:
            _add_tally(transaction, tally)
    found = connection.execute(f"SELECT {rows.ENTRY} FROM log WHERE sequence = ?", (sequence,)).fetchone()  # noqa: S608
    return rows.log_entry(found)


def update_intents(transaction: Transaction, updates: Sequence[IntentUpdate]) -> None:
    """Apply what a round, expiry or parking did to intents."""
    for update in updates:
        row = _find(transaction, update.uid)
        if row is None:
            raise LookupError(f"no intent {update.uid} was accepted here")
        stand(transaction, row, update)


def _find(transaction: Transaction, uid: str) -> rows.Row | None:
    """The row of an intent, perhaps of this very transaction."""
    row = transaction.index.find(transaction.connection, uid)
    if row is None:
        place = _known(transaction, uid, rows.uid_key(uid)) if transaction.added else None
        if place is not None:
            sql = f"{rows.INTENTS} WHERE log.sequence = ?"
            row = transaction.connection.execute(sql, (place.sequence,)).fetchone()
    return row


def stand(transaction: Transaction, row: rows.Row, update: IntentUpdate) -> None:
    """Write the new standing of the intent in ``row``. What was cancelled stays so unless it is filled, and what was
    cancelled while a round filled it is not open again if the chain undoes that."""
    sequence, before = row[0], rows.state_of_row(row)
    state: State = update.state
    reason, detail = update.reason, update.detail
    if before == "cancelled" and update.state != "filled":
        state, reason, detail = before, row[6], row[7]
    elif state in _OPEN and before not in _OPEN and covering(transaction.connection, *_named(row)) is not None:
        state, reason, detail = "cancelled", Reason.CANCELLED, ""
    transaction.tail.version += 1
    transaction.connection.execute(
        _STAND, (sequence, state, str(update.executed), reason, detail, transaction.tail.version)
    )
    transaction.counts[before] -= 1
    transaction.counts[state] += 1
    if update.fill is not None:
        transaction.connection.execute(
            "INSERT INTO fills VALUES (?,?,?) ON CONFLICT (sequence, round) DO NOTHING",
            (sequence, update.fill.round, update.fill.model_dump_json(by_alias=True).encode()),
        )


def _named(row: rows.Row) -> tuple[str, str, int]:
    """Owner, uid and nonce of the intent in ``row``."""
    owner, nonce = holder(row[1])
    return owner, rows.uid_of(row[1]), nonce


def begin_round(transaction: Transaction, time: int) -> int:
    """Reserve the next round: cancels from now on hold for the one after it."""
    tail = transaction.tail
    tail.round += 1
    transaction.connection.execute(
        "INSERT INTO rounds (id, time, cut) VALUES (?,?,?)", (tail.round, time, tail.sequence)
    )
    return tail.round


def journal_settlement(
    transaction: Transaction, round_id: int, transaction_hash: str, raw: bytes, draft: bytes
) -> None:
    """Keep what is about to be sent, in the order in which it is sent."""
    (count,) = transaction.connection.execute("SELECT count(*) FROM settlements").fetchone()
    transaction.connection.execute(
        "INSERT INTO settlements VALUES (?,?,?,?,?) ON CONFLICT (round, hash) DO UPDATE SET raw = excluded.raw,"
        " draft = excluded.draft",
        (count + 1, round_id, transaction_hash, raw, draft),
    )


def _add_tally(transaction: Transaction, tally: SolverTally) -> None:
    connection = transaction.connection
    row = connection.execute("SELECT bids, wins, surplus FROM league WHERE solver = ?", (tally.solver,)).fetchone()
    bids, wins, surplus = row or (0, 0, "0")
    connection.execute(_TALLY, (tally.solver, bids + tally.bids, wins + tally.wins, str(int(surplus) + tally.surplus)))
