"""Hold a house to a receipt that shares its signature: first the signed one, then the entry that it vouches for."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from walras import calls
from walras.audit_outcome import Audit, AuditRequest, Outcome
from walras.audit_receipt import Steps, audit_steps, included, tried
from walras.calls import Call, UntrustedHouseError
from walras.chained import ChainedReceipt, check_chained
from walras.rejections import Reason
from walras.wire import HouseInfo, IntentStatus, Receipt

__all__ = ["chained_steps"]

_BROKEN = (
    " But in that log the heads do not follow from each other: under the signed head, entry {} is the intent of this"
    " receipt, and its place is another's. Keep the receipt and publish it; an export of this log fails walras audit"
    " log."
)


def chained_steps(chained: ChainedReceipt, request: AuditRequest) -> Steps:
    """The audit as steps (see ``walras.audit_receipt``); ``request`` is that of the receipt that is signed.

    Raises :class:`~walras.calls.UntrustedHouseError` if the signature does not cover the entry.
    """
    check_chained(chained, request.info)
    found = yield from audit_steps(request)
    if found.outcome not in (Outcome.PROVEN, Outcome.PENDING):
        # What the house has signed stands or falls with all that it vouches for.
        return _about(chained, found)
    assert found.seen is not None
    # The root that the house shows extends the one on chain, as was checked: it has the same first entries.
    if (yield from included(chained.head, chained.sequence, found.seen)):
        return _about(chained, found)
    signed = yield from _signed(chained, request.info)
    if signed is not None:
        return (yield from audit_steps(replace(request, receipt=signed)))
    return _about(chained, replace(found, outcome=Outcome.INCONSISTENT), _BROKEN.format(chained.sequence))


def _about(chained: ChainedReceipt, found: Audit, more: str = "") -> Audit:
    words = f"The receipt of entry {found.receipt.sequence} vouches for entry {chained.sequence}. "
    return replace(found, sentence=words + found.sentence + more)


def _signed(chained: ChainedReceipt, info: HouseInfo) -> Generator[Call[Any], Any, Receipt | None]:
    """The entry's own signed receipt, which the ledger can judge, if the house still gives it."""
    status: IntentStatus | None = yield from tried(calls.status(chained.uid), Reason.UNKNOWN_INTENT)
    if status is None or (status.receipt.sequence, status.receipt.head) != (chained.sequence, chained.head):
        return None
    try:
        return calls.check_receipt(status.receipt, chained.uid, info)
    except UntrustedHouseError:
        return None
