"""Submissions in, answers out, both as bytes: what the hot routes do between reading a body and sending an answer."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from walras.answers import BatchItem, BatchRequest, Receipts
from walras.rejections import Rejection
from walras.wire import SubmitRequest

from walras_auction.api.bodies import check_parts, parse, parse_batch
from walras_auction.api.problems import problem_of
from walras_auction.express import split_batch
from walras_auction.intake import Accepted, Intake
from walras_auction.ports import Cancelled, Place

#: Status and body.
Answer = tuple[int, bytes]

_PLACE = '{"kind":"%s","epoch":%d,"sequence":%d,"time":%d,"uid":"%s","previous":"%s","head":"%s"'
_RECEIPT = _PLACE + ',"signature":"%s"}'
_UNSIGNED = '{"status":201,"receipt":null,"problem":null,"place":' + _PLACE + "}}"


def parse_submission(body: bytes) -> SubmitRequest:
    """A submission from bytes. Raises :class:`Rejection`."""
    return parse(SubmitRequest, body)


def receipt_text(place: Place, signature: str) -> bytes:
    """The JSON of a ``walras.wire.Receipt``. All its strings are hexadecimal or a word of ours: nothing to escape."""
    return (_RECEIPT % (*place, signature)).encode()


def cancel_text(cancelled: Cancelled, signature: str) -> bytes:
    """The JSON of the receipt of a cancel."""
    receipt, body = receipt_text(cancelled.place, signature), json.dumps(cancelled.body.decode()).encode()
    return b'%b,"firstRound":%d,"body":%b}' % (receipt[:-1], cancelled.first_round, body)


def admit_bodies(intake: Intake, bodies: Sequence[bytes]) -> list[Answer | Rejection]:
    """What intake says to each submission: the signed receipt, or why not."""
    return [
        outcome if isinstance(outcome, Rejection) else _answer(intake, outcome)
        for outcome in intake.admit_bodies(bodies, parse_submission)
    ]


def admit_batch(intake: Intake, body: bytes) -> bytes:
    """The JSON of a ``BatchAnswer``. Raises :class:`Rejection` if the request as a whole is malformed."""
    batch = split_batch(body)
    if batch is None:
        return _admit_general(intake, body)
    parts = batch.intents
    quick = intake.read(parts)
    try:
        check_parts(parts, "intents")
        requests = {at: parse_submission(bytes(part)) for at, part in enumerate(parts) if at not in quick}
    except Rejection:
        return _admit_general(intake, body)  # which names the place of what is wrong
    outcomes = intake.admit_read(quick, requests, parse_submission, parts)
    return _batch_text(intake, [outcomes[at] for at in range(len(parts))], batch.receipts)


def _admit_general(intake: Intake, body: bytes) -> bytes:
    try:
        message = parse_batch(BatchRequest, "intents", body)
    except Rejection as rejection:
        intake.refused(rejection)
        raise
    return _batch_text(intake, intake.admit(message.intents), message.receipts)


def _batch_text(intake: Intake, outcomes: Sequence[Accepted | Rejection], receipts: Receipts) -> bytes:
    unsigned = vouched_for(outcomes) if receipts == "last" else ()
    return b'{"items":[%b]}' % b",".join([_item(intake, outcome, unsigned) for outcome in outcomes])


def vouched_for(outcomes: Sequence[Accepted | Rejection]) -> set[int]:
    """Sequence numbers of the new intents that another one follows: the head before that one is the head after them.

    Others may have come between the intents of a batch, so there may be several rows of them. What came in the place
    of another has receipts of its own.
    """
    new = {one.place.sequence for one in outcomes if isinstance(one, Accepted) and one.new and one.replaced is None}
    return {sequence for sequence in new if sequence + 1 in new}


def _answer(intake: Intake, accepted: Accepted) -> Answer:
    place, status = accepted.place, 201 if accepted.new else 200
    receipt = receipt_text(place, intake.notary.sign(place))
    if accepted.replaced is None:
        return status, receipt
    cancel = accepted.replaced
    return status, b'%b,"replaced":%b}' % (receipt[:-1], cancel_text(cancel, intake.notary.sign(cancel.place)))


def _item(intake: Intake, outcome: Accepted | Rejection, unsigned: Collection[int]) -> bytes:
    """The JSON of a ``BatchItem``; for places in ``unsigned`` a receipt after them is signed."""
    if isinstance(outcome, Rejection):
        problem = problem_of(outcome)
        return BatchItem(status=problem.status, problem=problem).model_dump_json(by_alias=True).encode()
    if outcome.new and outcome.place.sequence in unsigned:
        return (_UNSIGNED % outcome.place).encode()
    return b'{"status":%d,"receipt":%b,"problem":null}' % _answer(intake, outcome)
