"""What became of a solution, in the words of CoW. Of solutions that only lost, CoW says nothing."""

from __future__ import annotations

import re
from typing import Any

from walras.rejections import Reason
from walras.wire import Notice

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}\b")
_LOST = frozenset({Reason.OUTBID, Reason.UNFAIR_TO_PAIR, Reason.SIBLING_TOOK_BALANCE, Reason.SCORE_NOT_POSITIVE})
_KINDS = {
    Reason.SOLVER_TIMEOUT: "timeout",
    Reason.EMPTY_SOLUTION: "emptySolution",
    Reason.BAD_PRICE: "invalidClearingPrices",
    Reason.OVERFILL: "invalidExecutedAmount",
    Reason.WHOLE_ONLY: "invalidExecutedAmount",
    Reason.BELOW_MIN_FILL: "invalidExecutedAmount",
    Reason.ZERO_LEG: "invalidExecutedAmount",
    Reason.SETTLEMENT_FAILED: "fail",
}


def notification(notice: Notice, solution_id: int | None) -> dict[str, Any] | None:
    """The body for ``POST /notify``, under the engine's own id of the solution; None if CoW has no word for it."""
    told = _told(notice)
    return None if told is None else {"auctionId": str(notice.round), "solutionId": solution_id, **told}


def misheard(round_id: int, solution_id: int | None, reason: str) -> dict[str, Any]:
    """An answer, or a solution of it, that could not be read."""
    return {
        "auctionId": str(round_id),
        "solutionId": solution_id,
        "kind": "deserializationError",
        "reason": reason,
    }


def _told(notice: Notice) -> dict[str, Any] | None:
    if notice.reason is None:
        return {"kind": "settlementStarted"} if notice.status == "won" else None
    known = notice.reason in Reason._value2member_map_
    reason = Reason(notice.reason) if known else None
    if reason in _LOST:
        return None
    if reason in _KINDS:
        return {"kind": _KINDS[reason]}
    tokens = _ADDRESS.findall(notice.detail)
    if reason is Reason.MISSING_PRICE and tokens:
        return {"kind": "missingPrice", "tokenAddress": tokens[0]}
    if reason is Reason.NOT_CONSERVED and tokens:
        return {"kind": "nonBufferableTokensUsed", "tokens": tokens}
    return {"kind": "driverError", "reason": f"{notice.reason}: {notice.detail}"}
