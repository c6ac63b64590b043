"""The feed's events on disk. A run of accepted intents is one row: each is told from its own log entry."""

from __future__ import annotations

import json

from walras_auction.infra.record import rows
from walras_auction.infra.record.dialect import Connection
from walras_auction.ports import Event

#: From the run that holds the event after ``?`` on.
_FROM = (
    "SELECT id, time, kind, data, count FROM events"
    " WHERE id >= (SELECT coalesce(max(id), 0) FROM events WHERE id <= ?) ORDER BY id LIMIT ?"
)


def read_events(connection: Connection, after: int, limit: int) -> list[Event]:
    """The ``limit`` events after number ``after``."""
    found: list[Event] = []
    for row in connection.execute(_FROM, (after + 1, limit + 1)).fetchall():
        first, count = row[0], row[4]
        if first + count <= after + 1:
            continue  # the whole run lies before
        if row[2] == "accepted":
            found += _accepted(connection, row, after, limit - len(found))
        elif first > after:
            found.append(rows.event_of((row[0], row[1], row[2], bytes(row[3]))))
        if len(found) >= limit:
            break
    return found[:limit]


def _accepted(connection: Connection, row: rows.Row, after: int, limit: int) -> list[Event]:
    number, count = row[0], row[4]
    sequence = json.loads(bytes(row[3]))["sequence"]
    skip = max(after + 1 - number, 0)
    many = min(count - skip, limit)
    bodies = connection.execute(
        "SELECT sequence, body FROM log WHERE sequence >= ? ORDER BY sequence LIMIT ?", (sequence + skip, many)
    )
    return [rows.accepted_event(number + at - sequence, at, bytes(body)) for at, body in bodies]
