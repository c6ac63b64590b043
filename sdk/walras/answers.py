"""What a house answers to readers: pages of intents, rounds and log entries, the book, the state, the feed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import FailFast, Field

from walras.log_proofs import Size
from walras.wire import (
    Address,
    Amended,
    Atoms,
    CancelRequest,
    Hash,
    IntentStatus,
    Problem,
    Receipt,
    Seconds,
    SubmitRequest,
    Wire,
)

MAX_BATCH = 5000


#: Which new intents of a batch get a signed receipt.
Receipts = Literal["each", "last"]


class BatchRequest(Wire):
    """Many signed intents in one request; each is accepted or refused on its own.

    ``receipts``: ``each`` new intent gets a signed receipt; or only the ``last`` of those that stand in the log one
    after the other, whose ``previous`` head commits to the others (``walras.chained``).
    """

    intents: Annotated[tuple[SubmitRequest, ...], FailFast(), Field(min_length=1, max_length=MAX_BATCH)]
    receipts: Annotated[Receipts, Field(exclude_if=lambda value: value == "each")] = "each"


class Place(Wire):
    """Where an intent stands in the log: a receipt without its signature.

    The house's word for it is the signed receipt of an entry after it, in the same answer.
    """

    kind: Literal["intent"]
    epoch: Size
    sequence: Size
    time: Seconds
    uid: Hash
    previous: Hash
    head: Hash


class BatchItem(Wire):
    """What became of one intent of a batch: a receipt (201 new, 200 known before) or a problem.

    Where only the last receipt was asked for, a place instead of a receipt if one after it is signed.
    """

    status: int
    receipt: Amended | None = None
    problem: Problem | None = None
    place: Annotated[Place | None, Field(exclude_if=lambda value: value is None)] = None


class BatchAnswer(Wire):
    """One item an intent, in the order of the request."""

    items: tuple[BatchItem, ...]


class CancelBatchRequest(Wire):
    """Many signed cancels in one request; each is accepted or refused on its own."""

    cancels: Annotated[tuple[CancelRequest, ...], FailFast(), Field(min_length=1, max_length=MAX_BATCH)]


class CancelBatchItem(Wire):
    """What became of one cancel of a batch: a receipt (200) or a problem."""

    status: int
    receipt: Receipt | None = None
    problem: Problem | None = None


class CancelBatchAnswer(Wire):
    """One item a cancel, in the order of the request."""

    items: tuple[CancelBatchItem, ...]


class IntentPage(Wire):
    """Intents by sequence number; ``next`` is the ``after`` of the next page, absent at the end."""

    intents: tuple[IntentStatus, ...]
    next: int | None = None


class RoundLine(Wire):
    """A published round in a line. ``score`` is in wei of the native coin."""

    id: int
    time: Seconds
    intents: int
    bids: int
    winners: tuple[str, ...]
    score: Atoms
    fills: int
    transaction: Hash | None
    record_hash: Hash


class RoundPage(Wire):
    """Rounds, newest first; ``next`` is the ``before`` of the next page, absent at the end."""

    rounds: tuple[RoundLine, ...]
    next: int | None = None


class LogLine(Wire):
    """One log entry. ``body`` is its canonical JSON, whose bytes are hashed; rounds carry no receipt."""

    epoch: int
    sequence: int
    time: Seconds
    kind: str
    uid: Hash
    body: str
    previous: Hash
    head: Hash
    receipt: Receipt | None = None


class LogPage(Wire):
    """Log entries by sequence number; ``next`` is the ``from`` of the next page, absent at the end."""

    entries: tuple[LogLine, ...]
    next: int | None = None


class Level(Wire):
    """Open intents at one limit price. ``amount`` and ``cumulative`` are atoms of the pair's give token."""

    price: str
    amount: Atoms
    cumulative: Atoms
    intents: int


class Book(Wire):
    """The depth of a pair, best price first on both sides.

    Prices are decimal strings of want tokens per give token (whole tokens where decimals are known, else atoms).
    ``asks`` give the give token; ``bids`` want it. Baskets are left out.
    """

    give: Address
    want: Address
    asks: tuple[Level, ...]
    bids: tuple[Level, ...]


class SolverLine(Wire):
    """A solver's standing. ``surplus`` is in wei of the native coin, of settled fills."""

    name: str
    bids: int
    wins: int
    surplus: Atoms


class SolverHealth(Wire):
    """How a solver of a house is: where it comes from, and what was wrong with it last, if something was.

    ``broken``: it can not be loaded; ``failing``: it gave no usable answer to the last question. ``reason`` is a member
    of ``walras.rejections.Reason``. Package and version are empty where no installed package publishes it.
    """

    name: str
    address: str
    package: str = ""
    version: str = ""
    state: Literal["ready", "starting", "failing", "broken"]
    reason: str | None = None
    detail: str = ""


class SolverPage(Wire):
    """The solvers of a house, by name."""

    solvers: tuple[SolverHealth, ...]


class State(Wire):
    """All of a house at one moment: follow the feed from ``event`` to stay up to date without a gap."""

    event: int
    time: Seconds
    log_length: int
    log_head: Hash
    intents: dict[str, int]
    refusals: dict[str, int]
    rounds: tuple[RoundLine, ...]
    solvers: tuple[SolverLine, ...]


class FeedEvent(Wire):
    """One event of the feed; ``id`` counts from 1 without gaps."""

    id: int
    time: Seconds
    kind: str
    data: dict[str, Any]
