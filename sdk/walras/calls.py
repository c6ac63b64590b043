"""The house's HTTP interface as values: what to send and how to read the answer, for both clients alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from walras.answers import (
    BatchAnswer,
    BatchRequest,
    Book,
    CancelBatchAnswer,
    CancelBatchItem,
    CancelBatchRequest,
    FeedEvent,
    IntentPage,
    LogPage,
    Receipts,
    RoundPage,
    SolverPage,
    State,
)
from walras.cancels import Scope, check_body, check_cancel, digest_of, target_of
from walras.digest import Domain, intent_uid, receipt_digest
from walras.intent import Intent
from walras.log_proofs import ConsistencyProof, InclusionProof, LogRoot, RootPage
from walras.rejections import Reason, Rejection
from walras.signing import recover
from walras.wire import Amended, CancelRequest, HouseInfo, IntentStatus, Problem, Receipt, SubmitRequest

Answer = TypeVar("Answer")
Model = TypeVar("Model", bound=BaseModel)

#: Intents in one batch request; well under the house's body limit.
BATCH_SIZE = 500
#: Cancels in one batch request, which are shorter.
CANCEL_BATCH_SIZE = 5_000


class WalrasError(Exception):
    """The house said no. ``problem`` is its problem document, ``reason`` the named reason if it is a known one."""

    def __init__(self, problem: Problem) -> None:
        where = f" ({problem.field})" if problem.field else ""
        super().__init__(f"{problem.status} {problem.reason}{where}: {problem.detail}")
        self.problem = problem

    @property
    def reason(self) -> Reason | None:
        return next((reason for reason in Reason if reason.value == self.problem.reason), None)


class UntrustedHouseError(Exception):
    """The house is not the one that was expected, or its receipt does not hold."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Answer]):
    """One request. All of them may be repeated: a submit or cancel that is sent twice counts once."""

    method: str
    path: str
    read: Callable[[bytes], Answer]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of httpx's ``request``."""
        params = {name: value for name, value in self.params.items() if value is not None}
        headers = {} if self.body is None else {"Content-Type": "application/json"}
        return {"method": self.method, "url": self.path, "params": params, "content": self.body, "headers": headers}


def house() -> Call[HouseInfo]:
    return Call("GET", "/v1/house", HouseInfo.model_validate_json)


def submit(request: SubmitRequest) -> Call[Receipt]:
    return Call("POST", "/v1/intents", Receipt.model_validate_json, body=_bytes(request))


def submit_many(requests: Sequence[SubmitRequest], receipts: Receipts = "each") -> Call[BatchAnswer]:
    body = _bytes(BatchRequest(intents=tuple(requests), receipts=receipts))
    return Call("POST", "/v1/intents/batch", BatchAnswer.model_validate_json, body=body)


def cancel(request: CancelRequest) -> Call[Receipt]:
    return Call("POST", "/v1/cancels", Receipt.model_validate_json, body=_bytes(request))


def cancel_many(requests: Sequence[CancelRequest]) -> Call[CancelBatchAnswer]:
    body = _bytes(CancelBatchRequest(cancels=tuple(requests)))
    return Call("POST", "/v1/cancels/batch", CancelBatchAnswer.model_validate_json, body=body)


def amend(request: SubmitRequest) -> Call[Amended]:
    """A submission that ``replaces`` another intent."""
    return Call("POST", "/v1/intents", Amended.model_validate_json, body=_bytes(request))


def status(uid: str) -> Call[IntentStatus]:
    return Call("GET", f"/v1/intents/{uid}", IntentStatus.model_validate_json)


def intents(owner: str | None, state: str | None, after: int, limit: int) -> Call[IntentPage]:
    params = {"owner": owner, "state": state, "after": after, "limit": limit}
    return Call("GET", "/v1/intents", IntentPage.model_validate_json, params)


def rounds(before: int | None, limit: int) -> Call[RoundPage]:
    return Call("GET", "/v1/rounds", RoundPage.model_validate_json, {"before": before, "limit": limit})


def record(round_id: int) -> Call[bytes]:
    return Call("GET", f"/v1/rounds/{round_id}/record", bytes)


def log(start: int, limit: int) -> Call[LogPage]:
    return Call("GET", "/v1/log", LogPage.model_validate_json, {"from": start, "limit": limit})


def log_root() -> Call[LogRoot]:
    return Call("GET", "/v1/log/root", LogRoot.model_validate_json)


def log_roots(after: int, limit: int) -> Call[RootPage]:
    return Call("GET", "/v1/log/roots", RootPage.model_validate_json, {"after": after, "limit": limit})


def inclusion(sequence: int, size: int | None) -> Call[InclusionProof]:
    params = {"sequence": sequence, "size": size}
    return Call("GET", "/v1/log/inclusion", InclusionProof.model_validate_json, params)


def consistency(start: int, size: int | None) -> Call[ConsistencyProof]:
    return Call("GET", "/v1/log/consistency", ConsistencyProof.model_validate_json, {"from": start, "size": size})


def book(give: str, want: str, limit: int) -> Call[Book]:
    return Call("GET", "/v1/book", Book.model_validate_json, {"give": give, "want": want, "limit": limit})


def state(rounds: int) -> Call[State]:
    return Call("GET", "/v1/state", State.model_validate_json, {"rounds": rounds})


def solvers() -> Call[SolverPage]:
    return Call("GET", "/v1/solvers", SolverPage.model_validate_json)


def read_event(data: str) -> FeedEvent:
    """One event of the feed from its SSE data."""
    return FeedEvent.model_validate_json(data)


def raise_for_problem(status_code: int, body: bytes) -> None:
    """Raise :class:`WalrasError` for an answer that is not a success."""
    if status_code < 400:
        return
    try:
        problem = Problem.model_validate_json(body)
    except ValidationError:
        text = body[:200].decode("utf-8", "replace")
        problem = Problem(
            type="about:blank",
            title="The answer is no problem document.",
            status=status_code,
            detail=text,
            reason="http",
        )
    raise WalrasError(problem)


def check_house(info: HouseInfo, domain: Domain | None, signer: str | None) -> None:
    """Raise :class:`UntrustedHouseError` unless the house is the one that the caller pinned."""
    if domain is not None and (info.chain_id, info.settlement) != (domain.chain_id, domain.settlement.lower()):
        raise UntrustedHouseError(f"the house settles through {info.settlement} on chain {info.chain_id}")
    if signer is not None and info.house_signer != signer.lower():
        raise UntrustedHouseError(f"the house signs with {info.house_signer}")


def check_receipt(receipt: Receipt, uid: str, info: HouseInfo) -> Receipt:
    """The receipt, if the house signed it for ``uid``; else :class:`UntrustedHouseError`.

    What it says besides (``body`` and ``first_round`` of a cancel) has to be what the signed head is the hash of.
    """
    if receipt.uid != uid:
        raise UntrustedHouseError(f"the receipt is for {receipt.uid}, not for {uid}")
    place = (receipt.epoch, receipt.sequence, receipt.time, receipt.uid, receipt.previous, receipt.head)
    try:
        signer = recover(receipt_digest(*place, domain_of(info)), receipt.signature)
    except Rejection as rejection:
        raise UntrustedHouseError(f"the receipt's signature is no signature: {rejection.detail}") from rejection
    except OverflowError as error:  # a number below zero, or longer than a word
        raise UntrustedHouseError(f"nobody signs such a receipt: {error}") from error
    if signer != info.house_signer:
        raise UntrustedHouseError(f"the receipt is signed by {signer}, not by the house's key {info.house_signer}")
    if receipt.body is not None or receipt.first_round is not None:
        _checked(lambda: check_body(receipt))
    return receipt


def check_cancel_receipt(receipt: Receipt, request: CancelRequest, info: HouseInfo) -> Receipt:
    """The receipt, if it is one of what ``request`` asks for; else :class:`UntrustedHouseError`."""
    scope, value = target_of(request)
    digest = digest_of(request.owner, scope, value, domain_of(info))
    check_receipt(receipt, value if scope is Scope.UID else "0x" + digest.hex(), info)
    _checked(lambda: check_cancel(receipt, request.owner, scope, value))
    return receipt


def check_amended(receipt: Amended, request: SubmitRequest, uid: str, info: HouseInfo) -> Amended:
    """The receipt, if it is one of the intent and holds one of the cancel of the replaced intent."""
    check_receipt(receipt, uid, info)
    old, cancel = str(request.replaces), receipt.replaced
    if cancel is None:
        raise UntrustedHouseError(f"the house does not say that it cancelled {old}")
    check_receipt(cancel, old, info)
    _checked(lambda: check_cancel(cancel, request.intent.owner, Scope.AMEND, old))
    return receipt


def _checked(check: Callable[[], object]) -> None:
    try:
        check()
    except ValueError as error:
        raise UntrustedHouseError(f"the receipt of the cancel does not hold: {error}") from error


def cancel_outcomes(
    answer: CancelBatchAnswer, requests: Sequence[CancelRequest], info: HouseInfo
) -> list[Receipt | WalrasError]:
    """The items of the answer to a batch of cancels, receipts checked."""
    check_length(len(answer.items), len(requests))
    return [_cancel_outcome(item, request, info) for item, request in zip(answer.items, requests, strict=True)]


def _cancel_outcome(item: CancelBatchItem, request: CancelRequest, info: HouseInfo) -> Receipt | WalrasError:
    if item.receipt is None:
        return _problem(item, str(request.uid))
    return check_cancel_receipt(item.receipt, request, info)


def _problem(item: CancelBatchItem, uid: str) -> WalrasError:
    if item.problem is None:
        raise UntrustedHouseError(f"neither receipt nor problem for {uid}")
    return WalrasError(item.problem)


def check_length(answers: int, requests: int) -> None:
    """Raise :class:`UntrustedHouseError` unless there is an answer to each request."""
    if answers != requests:
        raise UntrustedHouseError(f"{answers} answers to {requests} requests")


def backoff(failures: int) -> float:
    """Seconds to wait after that many failures in a row: 0.1, 0.2, 0.4 … 5."""
    return min(5.0, 0.1 * 2.0**failures)


#: Seconds that a client waits at most because the house asks for it; longer waits are the program's to decide on.
LONGEST_WAIT = 60.0


def requested_wait(status_code: int, headers: Mapping[str, str]) -> float | None:
    """Seconds after which a refused request may be sent again; None if the house asked for no (bearable) wait."""
    asked = headers.get("retry-after", "")
    if status_code != 429 or not (asked.isascii() and asked.isdigit()) or float(asked) > LONGEST_WAIT:
        return None
    return float(asked)


def domain_of(info: HouseInfo) -> Domain:
    """The EIP-712 domain that intents for this house are signed in."""
    return Domain(info.chain_id, info.settlement)


def uid_of(intent: Intent, info: HouseInfo) -> str:
    return intent_uid(intent, domain_of(info))


def _bytes(message: BaseModel) -> bytes:
    return message.model_dump_json(by_alias=True).encode()
