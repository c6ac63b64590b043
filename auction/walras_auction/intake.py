"""Stage 1, intake: accept a signed intent, or refuse it with a named reason.

The checks run from cheap to dear: domain, structure, signature, known already, time, then what only the chain knows.
Funds are checked for each intent alone; that siblings share a balance is the business of verify and select.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

from walras.digest import cancel_digest, intent_digest
from walras.intent import Intent, check_structure
from walras.permit2 import check_permit2
from walras.rejections import Reason, Rejection
from walras.signing import Scheme
from walras.terms import read_terms
from walras.wire import CancelRequest, PermitMessage, Receipt, SubmitRequest

from walras_auction.authority import check_key, claim_of, refusals
from walras_auction.log import cancel_entry, intent_entry
from walras_auction.ports import AccountFacts, ChainError, Clock, IntakeChain, Store
from walras_auction.sources import shortage, source_of


class Announcer(Protocol):
    """Where refusals are announced (the feed)."""

    def announce(self, kind: str, data: dict[str, Any]) -> Future[Any]: ...


@dataclass(frozen=True, slots=True)
class IntakeConfig:
    """``max_future_seconds``: how far ahead of the house's clock an intent may start."""

    max_future_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class Accepted:
    """An intent that the house holds. ``new`` is false if it was held before."""

    receipt: Receipt
    new: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """An intent whose structure holds, and whose signature holds as far as can be said without the chain."""

    uid: str
    intent: Intent
    signature: str
    permits: tuple[PermitMessage, ...]
    scheme: Scheme = Scheme.ECDSA
    terms_data: str | None = None


class Intake:
    """The house's door for traders. Every method may be called from any thread."""

    def __init__(
        self, store: Store, chain: IntakeChain, clock: Clock, announcer: Announcer, config: IntakeConfig
    ) -> None:
        self._store = store
        self._chain = chain
        self._clock = clock
        self._announcer = announcer
        self._config = config
        self._stopping = False

    def stop(self) -> None:
        """Refuse everything from now on (``stopping``); what is inside already is finished."""
        self._stopping = True

    def submit(self, request: SubmitRequest) -> Receipt:
        """The receipt of the intent, durable; submitting twice is submitting once. Raises :class:`Rejection`."""
        (outcome,) = self.admit([request])
        if isinstance(outcome, Rejection):
            raise outcome
        return outcome.receipt

    def submit_many(self, requests: Sequence[SubmitRequest]) -> list[Receipt | Rejection]:
        """Like :meth:`submit` for each, in one commit; a refusal stands in its place and stops no other."""
        return [one if isinstance(one, Rejection) else one.receipt for one in self.admit(requests)]

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
        passed = self._check_on_chain(fresh, outcomes)
        self._log(passed, outcomes)
        for place, outcome in enumerate(outcomes):
            if isinstance(outcome, Rejection):
                self.refused(outcome, signed[place].uid if place in signed else "")
        return [outcome for outcome in outcomes if outcome is not None]

    def cancel(self, request: CancelRequest) -> Receipt:
        """Withdraw an intent for its owner; the receipt of the log entry. Raises :class:`Rejection`."""
        try:
            self._check_running()
            digest = cancel_digest(request.owner, request.uid, self._chain.domain)
            check_key("0x" + digest.hex(), request.signature, request.owner)
            entry = cancel_entry(request.uid, request.owner, request.signature)
            return self._store.cancel(entry, self._clock.now())
        except Rejection as rejection:
            self.refused(rejection, request.uid)
            raise

    def refused(self, rejection: Rejection, uid: str = "") -> None:
        """Count a refusal and tell the feed, without holding up whoever was refused."""
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
        return Signed(uid, intent, request.signature, request.permits, request.scheme, request.terms_data)

    def _settle_known(
        self, signed: dict[int, Signed], outcomes: list[Accepted | Rejection | None]
    ) -> dict[int, Signed]:
        """Answer what is known already and what is out of time; the rest goes on."""
        known = self._store.receipts([one.uid for one in signed.values()])
        now, fresh = self._clock.now(), {}
        for place, one in signed.items():
            if one.uid in known:
                outcomes[place] = Accepted(known[one.uid], new=False)
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
        self, fresh: dict[int, Signed], outcomes: list[Accepted | Rejection | None]
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

    def _check_account(self, one: Signed, account: AccountFacts) -> None:
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
        if not passed:
            return
        entries = [
            (
                intent_entry(one.uid, one.intent, one.signature, one.permits, one.scheme, one.terms_data),
                one.intent,
                one.signature,
                one.permits,
            )
            for one in passed.values()
        ]
        receipts = self._store.accept(entries, self._clock.now())
        seen: set[str] = set()
        for (place, one), receipt in zip(passed.items(), receipts, strict=True):
            outcomes[place] = Accepted(receipt, new=one.uid not in seen)
            seen.add(one.uid)


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
