"""Cancels in, answers out, both as bytes: what the hot routes do between reading a body and sending an answer."""

from __future__ import annotations

from collections.abc import Sequence

from walras.answers import CancelBatchItem, CancelBatchRequest
from walras.rejections import Rejection
from walras.wire import CancelRequest

from walras_auction.api.admitting import Answer, cancel_text
from walras_auction.api.bodies import parse, parse_batch
from walras_auction.api.problems import problem_of
from walras_auction.intake import Intake
from walras_auction.ports import Cancelled


def cancel_bodies(intake: Intake, bodies: Sequence[bytes]) -> list[Answer | Rejection]:
    """What the house says to each cancel: the signed receipt, or why not."""
    read = [_read(intake, body) for body in bodies]
    outcomes = iter(intake.cancels.cancel_many([one for one in read if isinstance(one, CancelRequest)]))
    return [one if isinstance(one, Rejection) else _answer(intake, next(outcomes)) for one in read]


def cancel_batch(intake: Intake, body: bytes) -> bytes:
    """The JSON of a ``CancelBatchAnswer``. Raises :class:`Rejection` if the request as a whole is malformed."""
    try:
        message = parse_batch(CancelBatchRequest, "cancels", body)
    except Rejection as rejection:
        intake.refused(rejection)
        raise
    items = [_item(intake, outcome) for outcome in intake.cancels.cancel_many(message.cancels)]
    return b'{"items":[%b]}' % b",".join(items)


def _read(intake: Intake, body: bytes) -> CancelRequest | Rejection:
    try:
        return parse(CancelRequest, body)
    except Rejection as rejection:
        intake.refused(rejection)
        return rejection


def _text(intake: Intake, cancelled: Cancelled) -> bytes:
    return cancel_text(cancelled, intake.notary.sign(cancelled.place))


def _answer(intake: Intake, outcome: Cancelled | Rejection) -> Answer | Rejection:
    return outcome if isinstance(outcome, Rejection) else (200, _text(intake, outcome))


def _item(intake: Intake, outcome: Cancelled | Rejection) -> bytes:
    """The JSON of a ``CancelBatchItem``."""
    if isinstance(outcome, Rejection):
        problem = problem_of(outcome)
        return CancelBatchItem(status=problem.status, problem=problem).model_dump_json(by_alias=True).encode()
    return b'{"status":200,"receipt":%b,"problem":null}' % _text(intake, outcome)
