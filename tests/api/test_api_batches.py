"""Batches over HTTP: which receipts are signed, in the one form and in the other."""

from __future__ import annotations

import json

import pytest
from house_fakes import DOMAIN, Desk, a_request, key
from walras.answers import BatchAnswer, BatchRequest, CancelBatchRequest
from walras.batches import outcomes
from walras.cancels import cancel_request
from walras.chained import ChainedReceipt, check_chained
from walras.rejections import Reason
from walras.wire import Receipt, SubmitRequest

PATH = "/v1/intents/batch"
BATCH = [a_request(1, nonce=nonce) for nonce in range(4)]
#: A request of another origin is served by the documented route.
ELSEWHERE = {"origin": "https://elsewhere.example", "Content-Type": "application/json"}


def body_of(requests: list[SubmitRequest], **rest: object) -> str:
    return json.dumps({"intents": [request.to_json() for request in requests], **rest})


def test_without_a_word_each_receipt_is_signed_in_the_same_bytes(desk: Desk) -> None:
    desk.post(PATH, body_of(BATCH))
    plain, said = desk.post(PATH, body_of(BATCH)), desk.post(PATH, body_of(BATCH, receipts="each"))
    assert plain.content == said.content
    assert b"place" not in plain.content
    answer = BatchAnswer.model_validate_json(plain.content)
    assert answer.model_dump_json(by_alias=True).encode() == plain.content
    assert all(isinstance(one, Receipt) for one in outcomes(answer, BATCH, desk.house.info()))


@pytest.mark.parametrize("headers", [{}, ELSEWHERE])
def test_with_last_one_receipt_is_signed(desk: Desk, headers: dict[str, str]) -> None:
    """On the hot route and on the documented one alike; the SDK writes the bytes that the house writes."""
    answer = desk.http.post(PATH, content=body_of(BATCH, receipts="last"), headers=headers)
    items = answer.json()["items"]
    assert [item["status"] for item in items] == [201] * 4
    assert ["signature" in json.dumps(item) for item in items] == [False, False, False, True]
    read = BatchAnswer.model_validate_json(answer.content)
    assert read.model_dump_json(by_alias=True).encode() == answer.content
    *chained, last = outcomes(read, BATCH, desk.house.info(), "last")
    assert isinstance(last, Receipt)
    for one in chained:
        assert isinstance(one, ChainedReceipt)
        assert check_chained(one, desk.house.info()).last == last
    assert desk.held() == (4, 4)


def test_the_status_has_the_signed_receipt_of_each(desk: Desk) -> None:
    items = desk.post(PATH, body_of(BATCH, receipts="last")).json()["items"]
    place = items[0]["place"]
    receipt = desk.http.get(f"/v1/intents/{place['uid']}").json()["receipt"]
    assert receipt.pop("signature").startswith("0x")
    assert receipt == place


def test_a_batch_that_only_the_general_way_reads_is_answered_alike(desk: Desk) -> None:
    """The short way knows no amends."""
    text = body_of(BATCH, receipts="last").replace('"ecdsa"', '"ecdsa","replaces":null')
    items = desk.post(PATH, text).json()["items"]
    assert [sorted(name for name in ("place", "receipt") if item.get(name)) for item in items] == [
        ["place"],
        ["place"],
        ["place"],
        ["receipt"],
    ]


@pytest.mark.parametrize("word", ['"none"', '"LAST"', "null", "1", '["last"]', '{"last":1}', '"' + "x" * 2_000 + '"'])
@pytest.mark.parametrize("padding", ["", " " * 13_000])
def test_another_word_is_refused(desk: Desk, word: str, padding: str) -> None:
    text = body_of(BATCH[:1])[:-1] + f',"receipts":{word}{padding}}}'
    answer = desk.post(PATH, text)
    problem = answer.json()
    assert (answer.status_code, problem["reason"], problem["field"]) == (422, Reason.MALFORMED, "receipts")
    assert len(answer.content) < 2_000
    assert desk.held() == (0, 0)


def test_nothing_else_may_stand_beside_the_intents(desk: Desk) -> None:
    problem = desk.post(PATH, body_of(BATCH[:1], receipts="last", receipt="last")).json()
    assert (problem["reason"], problem["field"]) == (Reason.UNKNOWN_FIELD, "receipt")
    cancels = CancelBatchRequest(cancels=(cancel_request("0x" + "12" * 32, key(1), DOMAIN),)).to_json()
    problem = desk.post("/v1/cancels/batch", json.dumps(cancels | {"receipts": "last"})).json()
    assert (problem["reason"], problem["field"]) == (Reason.UNKNOWN_FIELD, "receipts")


def test_the_document_tells_of_both(desk: Desk) -> None:
    schemas = desk.http.get("/v1/openapi.json").json()["components"]["schemas"]
    assert schemas["BatchRequest"]["properties"]["receipts"]["enum"] == ["each", "last"]
    assert schemas["BatchRequest"]["required"] == ["intents"]
    assert "place" in schemas["BatchItem"]["properties"]
    assert "signature" not in schemas["Place"]["properties"]


def test_a_request_of_the_sdk_says_last_only_if_it_means_it() -> None:
    plain, last = (BatchRequest(intents=tuple(BATCH), receipts=word) for word in ("each", "last"))  # type: ignore[arg-type]
    assert "receipts" not in plain.to_json()
    assert last.to_json()["receipts"] == "last"
