"""From the store's types to what readers get."""

from __future__ import annotations

from walras.answers import FeedEvent, LogLine, RoundLine, SolverLine, State
from walras.wire import FillReport, IntentMessage, IntentStatus, Receipt

from walras_auction.ports import Event, LogEntry, RoundSummary, Snapshot, StoredIntent


def status_of(
    stored: StoredIntent, fills: tuple[FillReport, ...], receipt: Receipt, cancel: Receipt | None = None
) -> IntentStatus:
    """Where an intent stands, with its fills, and the receipt of its cancel if it has one."""
    return IntentStatus(
        uid=stored.uid,
        state=stored.state,
        intent=IntentMessage.of(stored.intent),
        executed=stored.executed,
        remaining=stored.remaining,
        fills=fills,
        reason=stored.reason,
        detail=stored.detail,
        receipt=receipt,
        cancel=cancel,
    )


def round_line(summary: RoundSummary) -> RoundLine:
    return RoundLine(
        id=summary.id,
        time=summary.time,
        intents=summary.intents,
        bids=summary.bids,
        winners=summary.winners,
        score=summary.score,
        fills=summary.fills,
        transaction=summary.transaction,
        record_hash=summary.record_hash,
    )


def log_line(entry: LogEntry, receipt: Receipt | None) -> LogLine:
    return LogLine(
        epoch=entry.epoch,
        sequence=entry.sequence,
        time=entry.time,
        kind=entry.kind,
        uid=entry.uid,
        body=entry.body.decode(),
        previous=entry.previous,
        head=entry.head,
        receipt=receipt,
    )


def state_of(snapshot: Snapshot, time: int) -> State:
    """The dashboard's start: everything at one moment."""
    return State(
        event=snapshot.event,
        time=time,
        log_length=snapshot.log_length,
        log_head=snapshot.log_head,
        intents=snapshot.counts,
        refusals=snapshot.refusals,
        rounds=tuple(round_line(summary) for summary in snapshot.rounds),
        solvers=tuple(
            SolverLine(name=tally.solver, bids=tally.bids, wins=tally.wins, surplus=tally.surplus)
            for tally in snapshot.league
        ),
    )


def feed_event(event: Event) -> FeedEvent:
    return FeedEvent(id=event.id, time=event.time, kind=event.kind, data=event.data)
