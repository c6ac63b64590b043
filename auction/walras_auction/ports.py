"""The ports of the house: what the stages ask of a clock, a store, a chain, and the solvers.

Stages depend on these protocols only; ``infra/`` implements them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from walras.cancels import Scope
from walras.digest import Domain
from walras.intent import Intent
from walras.rejections import Rejection
from walras.signing import Scheme
from walras.wire import AnyPool, FillReport, PermitMessage, TokenInfo

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


class HasToken(Protocol):
    """A leg, as far as its token goes."""

    @property
    def token(self) -> str: ...


class Asked(Protocol):
    """An intent, as far as the chain is asked about it."""

    @property
    def owner(self) -> str: ...

    @property
    def nonce(self) -> int: ...

    @property
    def gives(self) -> Sequence[HasToken]: ...

    @property
    def wants(self) -> Sequence[HasToken]: ...


class IntakeChain(Protocol):
    """The part of the chain port that intake needs."""

    domain: Domain
    contracts: Contracts

    def account_facts(self, intents: Sequence[tuple[str, Asked]]) -> list[AccountFacts]:
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
    scheme: Scheme = Scheme.ECDSA
    terms_data: str | None = None
    time: int = 0  # when it was accepted

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


class NewEntry(NamedTuple):
    """A log entry still without its place. ``payload`` is canonical JSON; ``owner`` and ``nonce`` are an intent's."""

    kind: str
    uid: str
    payload: bytes
    owner: str = ""
    nonce: int = 0


class Place(NamedTuple):
    """Where an entry stands in the log: what a receipt is signed over."""

    kind: str
    epoch: int
    sequence: int
    time: int
    uid: str
    previous: str
    head: str


class Placed(NamedTuple):
    """The place of an intent. ``new`` is false if it got that place before."""

    place: Place
    new: bool


class Wish(NamedTuple):
    """An owner's cancel, whose signature holds. ``uid`` is its entry's: the intent's, or the digest that was signed.

    ``value`` is a uid, or a word or an epoch in decimal; ``by`` the intent that comes in place of the cancelled one.
    """

    scope: Scope
    value: str
    owner: str
    uid: str
    signature: str
    scheme: Scheme = Scheme.ECDSA
    by: str = ""


class Cancelled(NamedTuple):
    """A cancel in the log. ``first_round`` is the first that is without what it withdraws; ``body`` its entry's bytes.

    ``new`` is false if it stood there before.
    """

    place: Place
    first_round: int
    body: bytes
    new: bool


class Amendment(NamedTuple):
    """An intent in another's place, and the other's cancel."""

    placed: Placed
    cancelled: Cancelled


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


class StoreError(Exception):
    """The store could not do what was asked; nothing of it was written."""


class UnknownOutcome(StoreError):
    """The store was lost in a commit, and nobody can say whether it was written. Ask again: repeating is harmless."""


class StaleLeader(StoreError):
    """Another process leads, or led after this one: what only the leader may write was not written."""


class Store(Protocol):
    """The record: log, intents, rounds, events.

    Every method is durable when it returns, or raises and changed nothing.
    """

    def accept(self, entries: Sequence[NewEntry], time: int) -> list[Placed | Rejection]:
        """Log and store new open intents; their places in order.

        Known uids get their first place. Each new intent also gets its ``accepted`` event in the same
        transaction. In the place of one whose owner cancelled it before it came stands why (``cancelled_before``).
        Build entries with ``log.intent_entry``.
        """
        ...

    def places(self, uids: Sequence[str]) -> dict[str, Place]:
        """The places of those ``uids`` that were accepted before."""
        ...

    def cancel_many(self, wishes: Sequence[Wish], time: int) -> list[Cancelled | Rejection]:
        """Log cancels, close what they withdraw, announce ``cancelled`` for each intent; in order.

        A repeated cancel gets its first place. They hold from the round on that begins next, whatever is read of it,
        and for intents that arrive later. In the place of one that is refused stands why: ``not_cancellable``, or
        ``bad_signature`` for another's intent.
        """
        ...

    def amend(self, entry: NewEntry, wish: Wish, time: int) -> Amendment:
        """Cancel the open intent ``wish.value`` and accept ``entry`` in its place, or neither.

        Repeated: the first places.
        Raises :class:`walras.Rejection`: ``unknown_intent``, ``amend_mismatch`` (another owner or nonce),
        ``not_amendable`` (closed, or filled in part), ``cancelled_before``.
        """
        ...

    def cancels_of(self, intents: Sequence[StoredIntent]) -> dict[str, Cancelled]:
        """By uid, the cancels of those ``intents`` that were cancelled here."""
        ...

    def get(self, uid: str) -> StoredIntent | None: ...

    def fills(self, uid: str) -> tuple[FillReport, ...]: ...

    def open_intents(self) -> list[StoredIntent]:
        """All intents in state open or parked, by sequence."""
        ...

    def open_count(self) -> int:
        """How many intents are open or parked; brings what the four methods below choose from up to date."""
        ...

    def shortlist(self, limit: int, prices: Mapping[str, float]) -> list[StoredIntent]:
        """The open and parked intents that could give most at these prices of an atom, by sequence."""
        ...

    def open_after(self, sequence: int, limit: int) -> list[StoredIntent]:
        """The open and parked intents that follow ``sequence``, in a ring."""
        ...

    def open_at(self, sequences: Sequence[int]) -> list[StoredIntent]:
        """Those of the intents at ``sequences`` that are open or parked."""
        ...

    def ending_before(self, time: int) -> list[StoredIntent]:
        """The open and parked intents whose validity ends before that second."""
        ...

    def learn_funding(self, funded: Mapping[int, float]) -> None:
        """Which part of its first give the owner of each intent, by sequence, could give when last looked at."""
        ...

    def list_intents(self, owner: str | None, state: State | None, after: int, limit: int) -> list[StoredIntent]: ...

    def begin_round(self, time: int) -> int:
        """Reserve the next round id (1, 2, …), durably.

        Whatever was cancelled before is closed for everyone who reads afterwards; cancels from now on hold for the
        rounds after it.
        """
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

    def log(self, start: int, limit: int) -> list[LogEntry]:
        """Entries with sequence >= start (the first is 1)."""
        ...

    def heads(self, start: int, limit: int) -> list[bytes]:
        """The 32-byte heads after the entries with sequence >= start."""
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

    def pools(self) -> tuple[AnyPool, ...]: ...
