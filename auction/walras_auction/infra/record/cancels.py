"""Cancels and amends: jobs of the :class:`~.writer.GroupWriter`, and what readers ask about them.

The transaction fixes which round is the first without what is cancelled: rounds begin in transactions of the same
record, so it is the one after the last that has begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from walras.cancels import Scope
from walras.digest import entry_head
from walras.entries import entry_body
from walras.rejections import Reason, Rejection

from walras_auction.infra.record import jobs, rows
from walras_auction.infra.record.ahead import covering, covers, holder, value_bytes
from walras_auction.infra.record.dialect import Connection
from walras_auction.infra.record.writer import Transaction
from walras_auction.log import cancel_entry
from walras_auction.ports import Amendment, Cancelled, NewEntry, Place, Placed, StoredIntent, Wish

_OPEN = ("open", "parked")
_MANY = 64
_FIND = (
    f"SELECT {rows.ENTRY}, cancels.first_round FROM cancels JOIN log ON log.sequence = cancels.sequence"  # noqa: S608
    " WHERE owner = ? AND scope = ? AND value = ?"
)
_AT = f"SELECT {rows.ENTRY} FROM log WHERE sequence = ?"  # noqa: S608
_STILL_OPEN = " AND (standing.state IS NULL OR standing.state IN ('open', 'parked'))"


def cancel_many(transaction: Transaction, wishes: Sequence[Wish], time: int) -> list[Cancelled | Rejection]:
    """Log cancels in their order and close what they withdraw; a repeated one gets its first place."""
    uids = [wish.value for wish in wishes if wish.scope is Scope.UID]
    burst = _Burst(transaction, time, _intents(transaction, uids))
    outcomes = [burst.cancel(wish) for wish in wishes]
    burst.flush()
    return outcomes


def amend(transaction: Transaction, entry: NewEntry, wish: Wish, time: int) -> Amendment:
    """Cancel the intent ``wish.value`` and log ``entry`` in its place; repeated: the first places.

    Raises :class:`Rejection`, which undoes all of it.
    """
    rowed = _intents(transaction, [wish.value, entry.uid])
    before = rowed.get(entry.uid)
    if before is not None:
        return _amended(transaction, rows.place_of(before), wish)
    row = rowed.get(wish.value)
    if row is None:
        raise Rejection(Reason.UNKNOWN_INTENT, "replaces", f"no intent {wish.value} was accepted here")
    _check_replaceable(row, entry)
    burst = _Burst(transaction, time, rowed)
    cancelled = burst.close(wish, [row], ahead=False)
    burst.flush()
    (placed,) = jobs.accept(transaction, [entry], time)
    if isinstance(placed, Rejection):
        raise placed
    return Amendment(placed, cancelled)


def cancel_of(connection: Connection, stored: StoredIntent) -> Cancelled | None:
    """The cancel that an intent is covered by; of one that is filled or expired, only a cancel of its uid."""
    if stored.state in _OPEN:
        return None
    found = covering(connection, stored.intent.owner, stored.uid, stored.intent.nonce)
    if found is None or (found.scope != Scope.UID and stored.state != "cancelled"):
        return None
    return _cancelled((*connection.execute(_AT, (found.sequence,)).fetchone(), found.first_round))


def _amended(transaction: Transaction, place: Place, wish: Wish) -> Amendment:
    """The places of an amend that happened before."""
    cancelled = _first(transaction, wish)
    if cancelled is None or f'"by":"{place.uid}"'.encode() not in cancelled.body:
        raise Rejection(Reason.NOT_AMENDABLE, "replaces", "the new intent was accepted before, not in its place")
    return Amendment(Placed(place, new=False), cancelled)


def _check_replaceable(row: rows.Row, entry: NewEntry) -> None:
    owner, nonce = holder(row[1])
    if owner != entry.owner:
        raise Rejection(Reason.AMEND_MISMATCH, "replaces", f"the intent belongs to {owner}")
    if nonce != entry.nonce:
        raise Rejection(Reason.AMEND_MISMATCH, "replaces", f"its nonce is {nonce}, not {entry.nonce}")
    state, executed = rows.state_of_row(row), int(row[5] or 0)
    if state not in _OPEN:
        raise Rejection(Reason.NOT_AMENDABLE, "replaces", f"the intent is {state}")
    if executed:
        raise Rejection(Reason.NOT_AMENDABLE, "replaces", f"{executed} atoms of it are filled already")


@dataclass
class _Burst:
    """Cancels on their way into one transaction: rows are gathered, and written many to a statement."""

    transaction: Transaction
    time: int
    intents: dict[str, rows.Row]
    closed: set[int] = field(default_factory=set)
    done: dict[tuple[str, Scope, str], Cancelled] = field(default_factory=dict)
    log: list[Any] = field(default_factory=list)
    cancels: list[Any] = field(default_factory=list)
    standing: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    def cancel(self, wish: Wish) -> Cancelled | Rejection:
        """One cancel of any scope but an amend's."""
        if wish.scope is Scope.UID:
            return self._of_uid(wish)
        first = self._known(wish)
        if first is not None:
            return first
        self.flush()  # what follows reads from the tables
        return self.close(wish, _covered(self.transaction, wish), ahead=True)

    def _of_uid(self, wish: Wish) -> Cancelled | Rejection:
        row = self.intents.get(wish.value)
        if row is not None:
            owner, _ = holder(row[1])
            if owner != wish.owner:
                return Rejection(Reason.BAD_SIGNATURE, "owner", f"the intent belongs to {owner}")
            if rows.state_of_row(row) in _OPEN and row[0] not in self.closed:
                return self.close(wish, [row], ahead=False)
        first = self._known(wish)
        if first is not None:
            return first
        if row is not None:
            state = "cancelled" if row[0] in self.closed else rows.state_of_row(row)
            return Rejection(Reason.NOT_CANCELLABLE, "uid", f"the intent is {state}")
        return self.close(wish, [], ahead=True)

    def _known(self, wish: Wish) -> Cancelled | None:
        first = self.done.get((wish.owner, wish.scope, wish.value)) or _first(self.transaction, wish)
        return None if first is None else first._replace(new=False)

    def close(self, wish: Wish, found: Sequence[rows.Row], *, ahead: bool) -> Cancelled:
        """Log ``wish``, which withdraws the intents in the rows ``found``. ``ahead``: and those that come later."""
        tail = self.transaction.tail
        first_round = tail.round + 1
        entry = cancel_entry(wish, first_round)
        sequence, previous = tail.sequence + 1, tail.head
        body = entry_body(tail.epoch, sequence, self.time, entry.kind, entry.uid, entry.payload)
        tail.sequence, tail.head = sequence, entry_head(previous, body)
        self.log += (sequence, body, tail.head, previous, None, None)
        scope = Scope.UID if wish.scope is Scope.AMEND else wish.scope
        owner, value = bytes.fromhex(wish.owner[2:]), value_bytes(wish.scope, wish.value)
        self.cancels += (owner, scope.value, value, sequence, first_round, int(ahead))
        if ahead:
            tail.cancel += 1
            self.transaction.ahead.note(wish.owner, scope, wish.value)
        for row in found:
            self._withdraw(row, sequence, first_round)
        heads = "0x" + previous.hex(), "0x" + tail.head.hex()
        place = Place("cancel", tail.epoch, sequence, self.time, entry.uid, *heads)
        done = self.done[wish.owner, scope, wish.value] = Cancelled(place, first_round, body, True)
        return done

    def _withdraw(self, row: rows.Row, sequence: int, first_round: int) -> None:
        tail, counts = self.transaction.tail, self.transaction.counts
        tail.version += 1
        tail.event += 1
        self.closed.add(row[0])
        counts[rows.state_of_row(row)] -= 1
        counts["cancelled"] += 1
        self.standing += (row[0], "cancelled", row[5] or "0", Reason.CANCELLED.value, "", tail.version)
        data = b'{"firstRound":%d,"sequence":%d,"uid":"%b"}' % (first_round, sequence, rows.uid_of(row[1]).encode())
        self.events += (tail.event, 1, self.time, "cancelled", data)

    def flush(self) -> None:
        """Write what was gathered."""
        connection = self.transaction.connection
        _insert(connection, "log", 6, self.log)
        _insert(connection, "cancels", 6, self.cancels)
        _insert(connection, "standing", 6, self.standing, jobs.STAND_AGAIN)
        _insert(connection, "events", 5, self.events)
        if self.events:
            jobs.forget_events(connection, self.events[0], self.transaction.tail.event)
        for gathered in (self.log, self.cancels, self.standing, self.events):
            gathered.clear()


def _first(transaction: Transaction, wish: Wish) -> Cancelled | None:
    """The same cancel as it was logged before."""
    scope = Scope.UID if wish.scope is Scope.AMEND else wish.scope
    key = (bytes.fromhex(wish.owner[2:]), scope.value, value_bytes(wish.scope, wish.value))
    row = transaction.connection.execute(_FIND, key).fetchone()
    return None if row is None else _cancelled(row)


def _cancelled(row: rows.Row) -> Cancelled:
    return Cancelled(rows.place_of(row), row[4], bytes(row[1]), False)


def _covered(transaction: Transaction, wish: Wish) -> list[rows.Row]:
    """The owner's open intents that a cancel by word or epoch withdraws, by sequence."""
    key = rows.owner_key(wish.owner)
    places = transaction.index.of_owner(transaction.connection, wish.owner, 0)
    places += [at for at, _, owner in transaction.added if owner == key]
    found = _rows_at(transaction.connection, places, _STILL_OPEN)
    return [row for row in found if _belongs(wish, *holder(row[1]))]


def _belongs(wish: Wish, owner: str, nonce: int) -> bool:
    return owner == wish.owner and covers(wish.scope, wish.value, nonce)


def _intents(transaction: Transaction, uids: Sequence[str]) -> dict[str, rows.Row]:
    """The rows of those intents that are known, perhaps since this very transaction."""
    keys = {rows.uid_key(uid) for uid in uids}
    places = transaction.index.places(transaction.connection, keys)
    places += [at for at, key, _ in transaction.added if key in keys]
    return {rows.uid_of(row[1]): row for row in _rows_at(transaction.connection, places, "")}


def _rows_at(connection: Connection, places: Sequence[int], condition: str) -> list[rows.Row]:
    """Rows of ``rows.INTENTS`` at these places."""
    found: list[rows.Row] = []
    for start in range(0, len(places), _MANY):
        part = places[start : start + _MANY]
        marks = ",".join("?" * len(part))
        found += connection.execute(f"{rows.INTENTS} WHERE log.sequence IN ({marks}){condition}", part).fetchall()
    return sorted(found, key=lambda row: row[0])


def _insert(connection: Connection, table: str, width: int, values: Sequence[Any], otherwise: str = "") -> None:
    step = _MANY * width
    for start in range(0, len(values), step):
        part = values[start : start + step]
        connection.execute(_statement(table, width, len(part) // width) + otherwise, part)


@lru_cache(maxsize=512)
def _statement(table: str, width: int, count: int) -> str:
    row = "(" + ",".join("?" * width) + ")"
    return f"INSERT INTO {table} VALUES " + ",".join([row] * count)  # noqa: S608
