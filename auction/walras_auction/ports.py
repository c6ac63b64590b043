"""The ports of the house: what the stages ask of a clock, a store, a chain, and the solvers.

Stages depend on these protocols only; ``infra/`` implements them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from walras.digest import Domain
from walras.intent import Intent
from walras.signing import Scheme
from walras.wire import FillReport, PermitMessage, Pool, Receipt, TokenInfo

State = Literal["open", "filled", "cancelled", "expired", "parked"]


class Clock(Protocol):
    """Where time comes from. Nothing else asks what time it is."""

    def now(self) -> int:
        """Unix seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back, for deadlines and durations."""
        ...


@dataclass(frozen=True, slots=True)
class Contracts:
    """Addresses of one deployment, lower case."""

    settlement: str
    vault: str
    executor: str
    registry: str
    treasury: str
    wrapped_native: str
    hook_runner: str = ""
    ledger: str = ""

    @property
    def forbidden_receivers(self) -> frozenset[str]:
        """Contracts that no intent may pay out to."""
        house = (self.settlement, self.vault, self.executor, self.registry, self.hook_runner, self.ledger)
        return frozenset(address for address in house if address)


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What there is of one token of an owner: in its wallet, allowed to the vault and to Permit2, kept in the vault."""

    balance: int
    allowance: int
    is_contract: bool = True
    deposited: int = 0
    permit2: int = 0


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Everything intake asks of the chain about one intent, at one block."""

    epoch: int
    nonce_taken: bool
    nonce_dead: bool
    filled: int
    gives: tuple[TokenFacts, ...]  # in the order of intent.gives
    wants_are_contracts: tuple[bool, ...]  # in the order of intent.wants; native counts as one
    keeps_in_vault: bool = False


@dataclass(frozen=True, slots=True)
class AuthorityQuery:
    """A signature that the chain is asked about. ``digest`` and ``signature`` are ``0x`` hex."""

    owner: str
    digest: str
    scheme: Scheme
    nonce: int
    signature: str


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """What the chain says of a signature.

    ``confirmed``: the owner's contract takes it (ERC-1271), or the owner signed on chain. ``nonce_free``: Permit2 would
    take the nonce.
    """

    has_code: bool
    confirmed: bool
    nonce_free: bool = True


class ChainError(Exception):
    """The chain did not answer, or answered nonsense."""


class IntakeChain(Protocol):
    """The part of the chain port that intake needs."""

    domain: Domain
    contracts: Contracts

    def account_facts(self, intents: Sequence[tuple[str, Intent]]) -> list[AccountFacts]:
        """Facts for (uid, intent) pairs at the latest block, in their order; cached per block."""
        ...

    def check_permit(self, owner: str, permit: PermitMessage) -> str | None:
        """None if the permit would let the vault take ``permit.value`` now, else why not."""
        ...

    def authority_facts(self, queries: Sequence[AuthorityQuery]) -> list[AuthorityFacts]:
        """What the chain says of each signature at the latest block, in their order."""
        ...

    def tokens(self) -> tuple[TokenInfo, ...]:
        """The tokens this house knows, with reference prices where there are any."""
        ...


@dataclass(frozen=True, slots=True)
class StoredIntent:
    """An accepted intent and where it stands. ``executed`` counts atoms of the fixed side's first leg."""

    uid: str
    sequence: int
    intent: Intent
    signature: str
    permits: tuple[PermitMessage, ...]
    state: State
    executed: int
    reason: str | None
    detail: str
    receipt: Receipt
    scheme: Scheme = Scheme.ECDSA
    terms_data: str | None = None

    @property
    def remaining(self) -> int:
        return self.intent.full_amount - self.executed


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the hash-chained log; ``body`` are its canonical bytes."""

    epoch: int
    sequence: int
    time: int
    kind: str  # "intent" | "cancel" | "round"
    uid: str  # intent uid; for a round: keccak of its record
    body: bytes
    previous: str
    head: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A log entry still without its place. ``payload`` is JSON values; signatures inside are stored, never logged."""

    kind: str
    uid: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of the public feed."""

    id: int
    time: int
    kind: str  # accepted refused cancelled expired parked round_open bid round_closed settled …
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class IntentUpdate:
    """A change of an intent's standing made by a round."""

    uid: str
    state: State
    executed: int
    reason: str | None
    detail: str
    fill: FillReport | None = None


@dataclass(frozen=True, slots=True)
class RoundSummary:
    """A published round in a line."""

    id: int
    time: int
    intents: int
    bids: int
    winners: tuple[str, ...]
    score: int
    fills: int
    transaction: str | None
    record_hash: str


@dataclass(frozen=True, slots=True)
class SolverTally:
    """What one solver did in one round, or in all (the league table). ``surplus`` in wei, of settled fills."""

    solver: str
    bids: int
    wins: int
    surplus: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the store held at one moment, right after event ``event``."""

    event: int
    log_length: int
    log_head: str
    counts: dict[str, int]
    refusals: dict[str, int]
    rounds: tuple[RoundSummary, ...]
    league: tuple[SolverTally, ...]


class Store(Protocol):
    """The record: log, intents, rounds, events.

    Every method is durable when it returns, or raises and changed nothing.
    """

    def accept(
        self, intents: Sequence[tuple[NewEntry, Intent, str, tuple[PermitMessage, ...]]], time: int
    ) -> list[Receipt]:
        """Log and store new open intents (entry, intent, signature, permits); receipts in order.

        Known uids get their first receipt. Each new intent also gets its ``accepted`` event in the same
        transaction. Build entries with ``log.intent_entry``.
        """
        ...

    def receipts(self, uids: Sequence[str]) -> dict[str, Receipt]:
        """The receipts of those ``uids`` that were accepted before."""
        ...

    def cancel(self, entry: NewEntry, time: int) -> Receipt:
        """Log a cancel, mark the intent cancelled, announce ``cancelled``; repeated: the first receipt.

        Raises :class:`walras.Rejection`: ``unknown_intent``, ``not_cancellable``, or ``bad_signature`` for
        another's intent.
        """
        ...

    def get(self, uid: str) -> StoredIntent | None: ...

    def fills(self, uid: str) -> tuple[FillReport, ...]: ...

    def open_intents(self) -> list[StoredIntent]:
        """All intents in state open or parked, by sequence."""
        ...

    def list_intents(self, owner: str | None, state: State | None, after: int, limit: int) -> list[StoredIntent]: ...

    def begin_round(self, time: int) -> int:
        """Reserve the next round id (1, 2, …), durably."""
        ...

    def publish_round(
        self,
        summary: RoundSummary,
        record: bytes,
        updates: Sequence[IntentUpdate],
        time: int,
        tallies: Sequence[SolverTally] = (),
    ) -> LogEntry:
        """Store the round's record, log it, apply the updates, add to the league, in one transaction.

        A round that is published already keeps its first record. A cancelled intent stays cancelled
        unless the update says that it is filled.
        """
        ...

    def update_intents(self, updates: Sequence[IntentUpdate]) -> None:
        """Expiry and parking outside a round."""
        ...

    def round_record(self, round_id: int) -> bytes | None: ...

    def rounds(self, before: int | None, limit: int) -> list[RoundSummary]:
        """Newest first."""
        ...

    def log(self, start: int, limit: int) -> list[tuple[LogEntry, Receipt | None]]:
        """Entries with sequence >= start (the first is 1), and the receipts of intents and cancels."""
        ...

    def append_event(self, kind: str, data: dict[str, Any], time: int) -> Event: ...

    def events(self, after: int, limit: int) -> list[Event]: ...

    def counts(self) -> dict[str, int]:
        """Intents by state."""
        ...

    def refusals(self) -> dict[str, int]:
        """Refusals at intake by reason: the ``refused`` events ever announced."""
        ...

    def league(self) -> list[SolverTally]:
        """All solvers, most surplus first."""
        ...

    def snapshot(self, rounds: int) -> Snapshot:
        """Everything the dashboard starts from, read at one moment, with the newest ``rounds``."""
        ...

    # A journal of what was handed to the chain, written before it is sent, so that a crash between
    # sending and confirming is found at start-up.
    def journal_settlement(self, round_id: int, transaction_hash: str, raw: bytes, record: bytes) -> None: ...

    def unfinished_settlements(self) -> list[tuple[int, str, bytes, bytes]]:
        """(round, transaction hash, raw transaction, draft record) journaled but not published."""
        ...

    def close(self) -> None: ...


class FeedPort(Protocol):
    """Where stages announce what happened."""

    def publish(self, kind: str, data: dict[str, Any]) -> None: ...


class PoolSource(Protocol):
    """Outside liquidity at one block."""

    def pools(self) -> tuple[Pool, ...]: ...
