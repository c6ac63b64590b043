"""Stage 1, intake: accept a signed intent, or refuse it with a named reason.

The checks run from cheap to dear: domain, structure, signature, known already, time, then what only the chain knows.
Funds are checked for each intent alone; that siblings share a balance is the business of verify and select.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, assert_never

from msgspec import Raw
from walras.cancels import Scope
from walras.digest import intent_digest
from walras.intent import Intent, check_structure
from walras.permit2 import check_permit2
from walras.rejections import Reason, Rejection
from walras.signing import Scheme
from walras.terms import read_terms
from walras.wire import PermitMessage, Receipt, SubmitRequest

from walras_auction.authority import check_key, claim_of, refusals
from walras_auction.backing import Backing, Give, Group
from walras_auction.buckets import Buckets, rate_limited
from walras_auction.cancelling import Cancels
from walras_auction.express import Express, Quick
from walras_auction.faultpoints import reach
from walras_auction.log import Notary, intent_entry
from walras_auction.ports import AccountFacts, Cancelled, ChainError, Clock, IntakeChain, NewEntry, Place, Store, Wish
from walras_auction.sources import Source, available, shortage, source_of
from walras_auction.sums import RefusalSums

#: Reads a submission from bytes; raises :class:`Rejection`.
Parse = Callable[[bytes], SubmitRequest]


class Announcer(Protocol):
    """Where refusals are announced (the feed)."""

    def announce(self, kind: str, data: dict[str, Any]) -> Future[Any]: ...


@dataclass(frozen=True, slots=True)
class IntakeConfig:
    """``max_future_seconds``: how far ahead of the house's clock an intent may start.

    ``owner_burst`` intents of one owner at once, and ``owner_per_second`` of them after that; 0: as many as come.
    ``backing``: how many times its funds an owner's open intents may give together; 0: as much as they like.
    """

    max_future_seconds: int = 3600
    owner_per_second: float = 0
    owner_burst: int = 1
    backing: int = 0


class Accepted(NamedTuple):
    """An intent that the house holds, and where. ``new`` is false if it was held before.

    ``replaced`` is the cancel of the intent in whose place it came, if it came so.
    """

    place: Place
    new: bool
    replaced: Cancelled | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """An intent whose structure holds, and whose signature holds as far as can be said without the chain."""

    uid: str
    intent: Intent
    signature: str
    permits: tuple[PermitMessage, ...]
    scheme: Scheme = Scheme.ECDSA
    terms_data: str | None = None
    replaces: str | None = None

    @property
    def entry(self) -> NewEntry:
        return intent_entry(self.uid, self.intent, self.signature, self.permits, self.scheme, self.terms_data)


class Intake:
    """The house's door for traders. Every method may be called from any thread."""

    def __init__(
        self,
        store: Store,
        chain: IntakeChain,
        clock: Clock,
        announcer: Announcer,
        config: IntakeConfig,
        notary: Notary,
        backing: Backing | None = None,
    ) -> None:
        self._store = store
        self._backing = backing
        self._chain = chain
        self._clock = clock
        self._announcer = announcer
        self._config = config
        self._express = Express(chain.domain, chain.contracts)
        rate = config.owner_per_second
        self._owners = Buckets(rate, config.owner_burst, clock.monotonic) if rate else None
        self._sums = RefusalSums(announcer.announce)
        self.notary = notary
        self.cancels = Cancels(store, chain, clock, notary, self._check_running, self.refused)
        self._stopping = False

    def stop(self) -> None:
        """Refuse everything from now on (``stopping``); what is inside already is finished."""
        self._stopping = True
        self.flush()

    def flush(self) -> None:
        """Announce the refusals that are counted but not announced yet."""
        self._sums.flush()

    def submit(self, request: SubmitRequest) -> Receipt:
        """The receipt of the intent, durable; submitting twice is submitting once. Raises :class:`Rejection`."""
        (outcome,) = self.admit([request])
        if isinstance(outcome, Rejection):
            raise outcome
        return self.notary.receipt(outcome.place)

    def submit_many(self, requests: Sequence[SubmitRequest]) -> list[Receipt | Rejection]:
        """Like :meth:`submit` for each, in one commit; a refusal stands in its place and stops no other."""
        return [one if isinstance(one, Rejection) else self.notary.receipt(one.place) for one in self.admit(requests)]

    def admit_bodies(self, bodies: Sequence[bytes | Raw], parse: Parse) -> list[Accepted | Rejection]:
        """Like :meth:`admit`, from the bytes of submissions: the most common kind by the short way.

        What the short way does not take, for whatever reason, is parsed and goes the general way.
        """
        quick = self.read(bodies)
        requests: dict[int, SubmitRequest] = {}
        refused: dict[int, Accepted | Rejection] = {}
        for place, body in enumerate(bodies):
            if place not in quick:
                try:
                    requests[place] = parse(bytes(body))
                except Rejection as rejection:
                    self.refused(rejection)
                    refused[place] = rejection
        outcomes = refused | self.admit_read(quick, requests, parse, bodies)
        return [outcomes[place] for place in range(len(bodies))]

    def read(self, bodies: Sequence[bytes | Raw]) -> dict[int, Quick]:
        """Those of ``bodies``, by place, that may take the short way."""
        if self._stopping:
            return {}
        read = self._express.read
        return {place: one for place, body in enumerate(bodies) if (one := read(body)) is not None}

    def admit_read(
        self, quick: dict[int, Quick], requests: dict[int, SubmitRequest], parse: Parse, bodies: Sequence[bytes | Raw]
    ) -> dict[int, Accepted | Rejection]:
        """Admit what was read the short way and what was parsed, by place in ``bodies``."""
        outcomes: dict[int, Accepted | Rejection] = dict(self._take(quick))
        left = {place: parse(bytes(bodies[place])) for place in quick if place not in outcomes} | requests
        if left:
            outcomes.update(zip(left, self.admit(list(left.values())), strict=True))
        return outcomes

    def _take(self, quick: dict[int, Quick]) -> dict[int, Accepted | Rejection]:
        """Log those of which nothing is to be said; the general way asks again about the others."""
        if not quick:
            return {}
        try:
            facts = self._chain.account_facts([(one.uid, one) for one in quick.values()])
        except ChainError:
            return {}
        now = self._clock.now()
        latest = now + self._config.max_future_seconds
        with self._group() as group:
            good = {
                place: one
                for (place, one), account in zip(quick.items(), facts, strict=True)
                if one.valid_to >= now
                and one.valid_from <= latest
                and _can_pay(one, account)
                and not self._wait(one.owner)
                and (group is None or group.fits(one.uid, one.owner, *_one_give(one, account)))
            }
            if not good:
                return {}
            outcomes = self._accept({place: one.entry for place, one in good.items()}, now)
            _keep(group, outcomes)
        for place, outcome in outcomes.items():
            if isinstance(outcome, Rejection):
                self.refused(outcome, good[place].uid)
        return outcomes

    def _accept(self, entries: dict[int, NewEntry], now: int) -> dict[int, Accepted | Rejection]:
        """Log entries in one commit."""
        reach("after-verify")
        logged = self._store.accept(list(entries.values()), now)
        return {
            place: placed if isinstance(placed, Rejection) else Accepted(*placed)
            for place, placed in zip(entries, logged, strict=True)
        }

    def admit(self, requests: Sequence[SubmitRequest]) -> list[Accepted | Rejection]:
        """Check all, log those that pass in one commit, announce the refusals."""
        outcomes: list[Accepted | Rejection | None] = [None] * len(requests)
        signed: dict[int, Signed] = {}
        for place, request in enumerate(requests):
            try:
                signed[place] = self._signed(request)
            except Rejection as rejection:
                outcomes[place] = rejection
        fresh = self._settle_known(signed, outcomes)
        with self._group() as group:
            passed = self._check_on_chain(fresh, outcomes, group)
            self._log(passed, outcomes)
            _keep(group, {place: outcomes[place] for place in passed})
        for place, outcome in enumerate(outcomes):
            if isinstance(outcome, Rejection):
                self.refused(outcome, signed[place].uid if place in signed else "")
        return [outcome for outcome in outcomes if outcome is not None]

    def refused(self, rejection: Rejection, uid: str = "") -> None:
        """Count a refusal and tell the feed, without holding up whoever was refused."""
        if rejection.reason is Reason.RATE_LIMITED:
            self._sums.add(rejection.reason)
            return
        self._announcer.announce("refused", {"uid": uid, "reason": rejection.reason.value, "field": rejection.field})

    # ------------------------------------------------------------ the checks, in order

    def _check_running(self) -> None:
        if self._stopping:
            raise Rejection(Reason.STOPPING, "", "the house finishes what it has and starts nothing new")

    def _signed(self, request: SubmitRequest) -> Signed:
        self._check_running()
        domain, contracts = self._chain.domain, self._chain.contracts
        if request.chain_id != domain.chain_id:
            raise Rejection(Reason.WRONG_CHAIN, "chainId", f"this house is on chain {domain.chain_id}")
        if request.settlement != domain.settlement.lower():
            raise Rejection(Reason.WRONG_CONTRACT, "settlement", f"this house settles through {domain.settlement}")
        intent = request.intent.intent()
        check_structure(intent, wrapped_native=contracts.wrapped_native, house_contracts=contracts.forbidden_receivers)
        terms = read_terms(intent.terms, request.terms_data)
        if terms is not None:
            terms.check(contracts.forbidden_receivers)
        _check_permits(intent, request.permits, request.scheme)
        uid = "0x" + intent_digest(intent, domain).hex()
        _check_signature(uid, intent, request)
        sent = (request.signature, request.permits, request.scheme, request.terms_data, request.replaces)
        return Signed(uid, intent, *sent)

    def _settle_known(
        self, signed: dict[int, Signed], outcomes: list[Accepted | Rejection | None]
    ) -> dict[int, Signed]:
        """Answer what is known already and what is out of time; the rest goes on."""
        known = self._store.places([one.uid for one in signed.values()])
        now, fresh = self._clock.now(), {}
        for place, one in signed.items():
            if one.uid in known:
                outcomes[place] = self._amend(one) if one.replaces else Accepted(known[one.uid], new=False)
                continue
            try:
                self._check_time(one.intent, now)
                fresh[place] = one
            except Rejection as rejection:
                outcomes[place] = rejection
        return fresh

    def _check_time(self, intent: Intent, now: int) -> None:
        if intent.valid_to < now:
            raise Rejection(Reason.EXPIRED, "validTo", f"validTo {intent.valid_to} lies before now, {now}")
        latest = now + self._config.max_future_seconds
        if intent.valid_from > latest:
            raise Rejection(Reason.NOT_YET_VALID, "validFrom", f"validFrom {intent.valid_from} lies after {latest}")

    def _check_on_chain(
        self, fresh: dict[int, Signed], outcomes: list[Accepted | Rejection | None], group: Group | None
    ) -> dict[int, Signed]:
        if not fresh:
            return {}
        passed = {}
        try:
            facts = self._chain.account_facts([(one.uid, one.intent) for one in fresh.values()])
            unsigned = self._check_authority(list(fresh.values()))
        except ChainError as error:
            for place in fresh:
                outcomes[place] = _unavailable(error)
            return {}
        for (place, one), account, refusal in zip(fresh.items(), facts, unsigned, strict=True):
            try:
                if refusal is not None:
                    raise refusal
                self._check_account(one, account)
                if group is not None:
                    group.check(one.uid, one.intent.owner, _gives(one, account))
                passed[place] = one
            except Rejection as rejection:
                outcomes[place] = rejection
            except ChainError as error:
                outcomes[place] = _unavailable(error)
        return passed

    def _check_authority(self, signed: Sequence[Signed]) -> list[Rejection | None]:
        """Ask the chain about those signatures that only it can judge; for each why it refuses, or None."""
        claims = [claim_of(one.uid, one.intent, one.scheme, one.signature, self._chain) for one in signed]
        return refusals(claims, self._chain)

    def _wait(self, owner: str) -> float:
        """Seconds until the owner, who has signed, may send another intent; 0 if this one may pass."""
        return self._owners.take(owner) if self._owners is not None else 0.0

    def _group(self) -> AbstractContextManager[Group | None]:
        """Claims on owners' funds, until their intents are in the log; none if the house asks for no proof of them."""
        return nullcontext() if self._backing is None else self._backing.group()

    def _check_account(self, one: Signed, account: AccountFacts) -> None:
        wait = self._wait(one.intent.owner)
        if wait:
            raise rate_limited(wait, f"intents of {one.intent.owner}")
        _check_nonce(one.intent, account)
        _check_tokens(one.intent, account)
        self._check_funds(one, account)

    def _check_funds(self, one: Signed, account: AccountFacts) -> None:
        """Every balance first, then every allowance: the former can not be made up for by a permit."""
        source = source_of(one.scheme, account.keeps_in_vault)
        missing = [
            (index, *short)
            for index, (leg, funds) in enumerate(zip(one.intent.gives, account.gives, strict=True))
            if (short := shortage(funds, source, leg.token, leg.end)) is not None
        ]
        for index, reason, detail in missing:
            if reason is not Reason.INSUFFICIENT_ALLOWANCE:
                raise Rejection(reason, f"gives[{index}]", detail)
        for index, _, detail in missing:
            self._check_permit(one, index, detail)

    def _check_permit(self, one: Signed, index: int, shortage: str) -> None:
        leg = one.intent.gives[index]
        beside = [(place, permit) for place, permit in enumerate(one.permits) if permit.token == leg.token]
        if not beside:
            raise Rejection(Reason.INSUFFICIENT_ALLOWANCE, f"gives[{index}]", shortage)
        place, permit = beside[-1]
        if permit.value < leg.end:
            detail = f"the permit is for {permit.value} atoms; the intent gives up to {leg.end}"
            raise Rejection(Reason.BAD_PERMIT, f"permits[{place}].value", detail)
        problem = self._chain.check_permit(one.intent.owner, permit)
        if problem is not None:
            raise Rejection(Reason.BAD_PERMIT, f"permits[{place}]", problem)

    def _log(self, passed: dict[int, Signed], outcomes: list[Accepted | Rejection | None]) -> None:
        entries = {place: one.entry for place, one in passed.items() if one.replaces is None}
        logged = self._accept(entries, self._clock.now()) if entries else {}
        for place, one in passed.items():
            outcomes[place] = logged[place] if one.replaces is None else self._amend(one)

    def _amend(self, one: Signed) -> Accepted | Rejection:
        """Log an intent in another's place, and the other's cancel."""
        old, owner = str(one.replaces), one.intent.owner
        wish = Wish(Scope.AMEND, old, owner, old, one.signature, one.scheme, one.uid)
        try:
            placed, cancelled = self._store.amend(one.entry, wish, self._clock.now())
        except Rejection as rejection:
            return rejection
        return Accepted(*placed, cancelled)


def _can_pay(one: Quick, account: AccountFacts) -> bool:
    """Whether the chain has nothing against the intent."""
    funds, amount = account.gives[0], one.gives[0].end
    if account.epoch != one.epoch or account.nonce_taken or account.nonce_dead:
        return False
    if not funds.is_contract or not account.wants_are_contracts[0]:
        return False
    return funds.deposited >= amount if account.keeps_in_vault else min(funds.balance, funds.allowance) >= amount


def _one_give(one: Quick, account: AccountFacts) -> Give:
    funds, give = account.gives[0], one.gives[0]
    there = funds.deposited if account.keeps_in_vault else min(funds.balance, funds.allowance)
    return give.token, give.end, there


def _gives(one: Signed, account: AccountFacts) -> list[Give]:
    """What the intent gives, and what there is of it; a permit beside it is as good as an allowance."""
    source = source_of(one.scheme, account.keeps_in_vault)
    permitted = {permit.token for permit in one.permits} if source is Source.WALLET else frozenset()
    return [
        (leg.token, leg.end, funds.balance if leg.token in permitted else available(funds, source))
        for leg, funds in zip(one.intent.gives, account.gives, strict=True)
    ]


def _keep(group: Group | None, outcomes: Mapping[int, Accepted | Rejection | None]) -> None:
    """Those that are new in the log keep their claims."""
    if group is not None:
        logged = [one.place for one in outcomes.values() if isinstance(one, Accepted) and one.new]
        group.keep([(place.uid, place.sequence) for place in logged])


def _check_signature(uid: str, intent: Intent, request: SubmitRequest) -> None:
    """What can be said of the signature without the chain."""
    match request.scheme:
        case Scheme.ECDSA:
            check_key(uid, request.signature, intent.owner)
        case Scheme.PERMIT2:
            check_permit2(intent)
        case Scheme.PRESIGNED:
            if request.signature != "0x":
                raise Rejection(Reason.BAD_SIGNATURE, "signature", "who signs on chain sends no signature: 0x")
        case Scheme.ERC1271:
            pass
        case _:
            assert_never(request.scheme)


def _check_permits(intent: Intent, permits: tuple[PermitMessage, ...], scheme: Scheme) -> None:
    """The house pays for relaying permits, so it takes one for each token given, and no other."""
    open_tokens = set() if scheme is Scheme.PERMIT2 else {leg.token for leg in intent.gives}
    for place, permit in enumerate(permits):
        if permit.token not in open_tokens:
            detail = f"{permit.token} is not a token that the vault is to take, or has a permit already"
            raise Rejection(Reason.BAD_PERMIT, f"permits[{place}].token", detail)
        open_tokens.remove(permit.token)


def _check_nonce(intent: Intent, account: AccountFacts) -> None:
    if intent.epoch < account.epoch:
        raise Rejection(Reason.OLD_EPOCH, "nonce", f"epoch {intent.epoch}; the owner's current one is {account.epoch}")
    if intent.epoch > account.epoch:
        raise Rejection(
            Reason.FUTURE_EPOCH, "nonce", f"epoch {intent.epoch}; the owner's current one is {account.epoch}"
        )
    if account.nonce_dead or (account.nonce_taken and account.filled == 0):
        raise Rejection(Reason.BURNED_NONCE, "nonce", "the nonce is used or cancelled on chain")


def _check_tokens(intent: Intent, account: AccountFacts) -> None:
    sides = (
        ("gives", intent.gives, [funds.is_contract for funds in account.gives]),
        ("wants", intent.wants, account.wants_are_contracts),
    )
    for side, legs, contracts in sides:
        for index, (leg, is_contract) in enumerate(zip(legs, contracts, strict=True)):
            if not is_contract:
                raise Rejection(
                    Reason.UNKNOWN_TOKEN, f"{side}[{index}].token", f"{leg.token} has no code on this chain"
                )


def _unavailable(error: ChainError) -> Rejection:
    return Rejection(Reason.CHAIN_UNAVAILABLE, "", str(error))
