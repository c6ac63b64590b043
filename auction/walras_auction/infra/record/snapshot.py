"""What the dashboard starts from, read in one transaction, so that the feed goes on exactly where it ends."""

from __future__ import annotations

from walras_auction.infra.record import rows
from walras_auction.infra.record.dialect import Connection, Dialect
from walras_auction.infra.record.tail import read_tail
from walras_auction.ports import RoundSummary, Snapshot, SolverTally


def read_snapshot(connection: Connection, dialect: Dialect, rounds: int) -> Snapshot:
    """Counts, refusals, league and the newest ``rounds`` of one moment."""
    dialect.begin_reading(connection)
    try:
        tail = read_tail(connection)
        return Snapshot(
            event=tail.event,
            log_length=tail.sequence,
            log_head="0x" + tail.head.hex(),
            counts=dict(
                connection.execute("SELECT state, count FROM counts WHERE count > 0 ORDER BY state").fetchall()
            ),
            refusals=dict(connection.execute("SELECT reason, count FROM refusals ORDER BY reason").fetchall()),
            rounds=tuple(read_rounds(connection, None, rounds)),
            league=_league(connection),
        )
    finally:
        connection.execute("COMMIT")


def read_rounds(connection: Connection, before: int | None, limit: int) -> list[RoundSummary]:
    """Published rounds below id ``before``, newest first."""
    found = connection.execute(
        "SELECT summary FROM rounds WHERE summary IS NOT NULL AND id < ? ORDER BY id DESC LIMIT ?",
        (2**63 - 1 if before is None else before, limit),
    )
    return [rows.summary(bytes(data)) for (data,) in found]


def _league(connection: Connection) -> tuple[SolverTally, ...]:
    found = connection.execute("SELECT solver, bids, wins, surplus FROM league")
    tallies = [SolverTally(solver, bids, wins, int(surplus)) for solver, bids, wins, surplus in found]
    return tuple(sorted(tallies, key=lambda tally: (-tally.surplus, tally.solver)))
