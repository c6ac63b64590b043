"""Where a record ends: one row that every writer reads first and writes last."""

from __future__ import annotations

from dataclasses import dataclass

from walras_auction.infra.record.dialect import Connection

_READ = "SELECT epoch, sequence, head, event, round, version, cancel, indexed, merging, merged FROM tail WHERE id = 1"
_WRITE = (
    "UPDATE tail SET sequence = ?, head = ?, event = ?, round = ?, version = ?, cancel = ?, indexed = ?, merging = ?,"
    " merged = ? WHERE id = 1"
)


@dataclass(slots=True)
class Tail:
    """Last log entry and its head, last event, last round begun, number of changes of standings, number of cancels
    that wait for their intents; how far the index goes, and the merge under way (see ``index.py``)."""

    epoch: int
    sequence: int
    head: bytes
    event: int
    round: int
    version: int
    cancel: int
    indexed: int
    merging: int
    merged: int


def read_tail(connection: Connection) -> Tail:
    """The tail on disk."""
    row = connection.execute(_READ).fetchone()
    return Tail(row[0], row[1], bytes(row[2]), *row[3:])


def write_tail(connection: Connection, tail: Tail) -> None:
    connection.execute(
        _WRITE,
        (
            tail.sequence,
            tail.head,
            tail.event,
            tail.round,
            tail.version,
            tail.cancel,
            tail.indexed,
            tail.merging,
            tail.merged,
        ),
    )
