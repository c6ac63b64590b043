"""Batches of which the house signs the last receipt alone: what it answers, and what the SDK makes of that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from walras.answers import BatchAnswer
from walras.batches import Outcome, outcomes
from walras.chained import ChainedReceipt
from walras.wire import SubmitRequest, canonical
from walras_auction.api.admitting import admit_batch
from walras_auction.api.house import House

Json = dict[str, Any]


def answer_last(house: House, requests: Sequence[SubmitRequest]) -> Json:
    """The house's answer, as JSON values that a test may change."""
    body = canonical({"intents": [request.to_json() for request in requests], "receipts": "last"})
    found: Json = json.loads(admit_batch(house.intake, body))
    return found


def read_last(house: House, answer: Json, requests: Sequence[SubmitRequest]) -> list[Outcome]:
    """What a client makes of the answer."""
    return outcomes(BatchAnswer.model_validate(answer), requests, house.info(), "last")


def chained_receipts(house: House, requests: Sequence[SubmitRequest]) -> list[ChainedReceipt]:
    """The receipts of a batch of new intents without that of the last, which is signed."""
    found = read_last(house, answer_last(house, requests), requests)
    return [one for one in found if isinstance(one, ChainedReceipt)]
