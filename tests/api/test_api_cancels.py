"""Cancels and amends over HTTP: every form, every refusal, the receipts, the batch."""

import json
from typing import Any

import pytest
from house_fakes import DOMAIN, B, Desk, a_cancel, a_request, an_intent, key
from walras.answers import CancelBatchAnswer, CancelBatchRequest
from walras.calls import check_amended, check_cancel_receipt
from walras.cancels import cancel_epoch_request, cancel_request, cancel_word_request, digest_of, target_of
from walras.digest import intent_uid
from walras.orders import signed_request
from walras.rejections import Reason
from walras.signing import Scheme, Signature
from walras.wire import Amended, CancelRequest, IntentStatus, Receipt, SubmitRequest
from walras_auction.cancelling import PIECE
from walras_auction.ports import AuthorityFacts, IntentUpdate

HASH = "0x" + "12" * 32
CONTRACT = "0x" + "cc" * 20
Body = SubmitRequest | CancelRequest | CancelBatchRequest


def post(desk: Desk, path: str, message: Body) -> Any:
    return desk.post(path, message.model_dump_json(by_alias=True))


def submit(desk: Desk, number: int = 1, **changes: Any) -> str:
    answer = post(desk, "/v1/intents", a_request(number, **changes))
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["uid"])


def cancelled(desk: Desk, request: CancelRequest) -> Receipt:
    answer = post(desk, "/v1/cancels", request)
    assert answer.status_code == 200, answer.text
    receipt = Receipt.model_validate_json(answer.content)
    return check_cancel_receipt(receipt, request, desk.house.info())


def refused(desk: Desk, path: str, message: Body | dict[str, Any], reason: Reason, field: str = "") -> Any:
    text = json.dumps(message) if isinstance(message, dict) else message.model_dump_json(by_alias=True)
    before = desk.held()
    answer = desk.post(path, text)
    problem = answer.json()
    assert (problem["reason"], problem["field"], answer.status_code) == (reason.value, field, reason.status), problem
    assert desk.held() == before
    return problem


def amending(uid: str, want: int = 901, number: int = 1, nonce: int = 1) -> SubmitRequest:
    intent = an_intent(key(number), want=(B, want), nonce=nonce)
    return signed_request(intent, key(number), DOMAIN, replaces=uid)


def status(desk: Desk, uid: str) -> IntentStatus:
    return IntentStatus.model_validate_json(desk.http.get(f"/v1/intents/{uid}").content)


def test_a_cancel_of_each_form_closes_what_it_covers(desk: Desk) -> None:
    one, two, three = submit(desk, nonce=1), submit(desk, nonce=300), submit(desk, nonce=600)
    cancelled(desk, a_cancel(one, key(1)))
    assert [status(desk, uid).state for uid in (one, two, three)] == ["cancelled", "open", "open"]
    word = cancelled(desk, cancel_word_request(1, key(1), DOMAIN))
    assert [status(desk, uid).state for uid in (one, two, three)] == ["cancelled", "cancelled", "open"]
    cancelled(desk, cancel_epoch_request(0, key(1), DOMAIN))
    assert status(desk, three).state == "cancelled"
    assert status(desk, two).cancel == word
    assert desk.held()[1] == 0


def test_the_receipt_names_the_first_round_without(desk: Desk) -> None:
    uid, other = submit(desk), submit(desk, nonce=2)
    assert cancelled(desk, a_cancel(uid, key(1))).first_round == 1
    desk.house.store.begin_round(desk.clock.now())
    assert cancelled(desk, a_cancel(other, key(1))).first_round == 2
    assert status(desk, uid).cancel == cancelled(desk, a_cancel(uid, key(1)))


def test_a_cancel_that_arrives_first_is_remembered(desk: Desk) -> None:
    uid = intent_uid(an_intent(key(1)), DOMAIN)
    receipt = cancelled(desk, a_cancel(uid, key(1)))
    problem = refused(desk, "/v1/intents", a_request(1), Reason.CANCELLED_BEFORE, "intent")
    assert problem["sequence"] == str(receipt.sequence)
    assert cancelled(desk, a_cancel(uid, key(1))) == receipt


def test_the_general_way_refuses_what_was_cancelled_before_as_well(desk: Desk) -> None:
    cancelled(desk, cancel_word_request(0, key(1), DOMAIN))
    message = a_request(1).to_json() | {"replaces": None}  # a field that the short way does not know
    refused(desk, "/v1/intents", message, Reason.CANCELLED_BEFORE, "intent")
    desk.house.intake.flush()
    desk.house.feed.announce("done", {}).result()
    assert desk.house.store.refusals() == {"cancelled_before": 1}


SIGNED = a_cancel(HASH, key(1)).to_json()


@pytest.mark.parametrize(
    ("message", "reason", "field"),
    [
        ({**SIGNED, "word": "1"}, Reason.BAD_CANCEL, ""),
        ({**SIGNED, "epoch": "0", "word": "1"}, Reason.BAD_CANCEL, ""),
        ({name: SIGNED[name] for name in ("owner", "signature")}, Reason.BAD_CANCEL, ""),
        ({"owner": SIGNED["owner"], "signature": "0x", "word": str(2**248)}, Reason.AMOUNT_OUT_OF_RANGE, "word"),
        ({"owner": SIGNED["owner"], "signature": "0x", "epoch": str(2**64)}, Reason.AMOUNT_OUT_OF_RANGE, "epoch"),
        ({**SIGNED, "word": 1.5}, Reason.AMOUNT_OUT_OF_RANGE, "word"),
        ({**SIGNED, "signature": "0x12"}, Reason.BAD_SIGNATURE, "signature"),
        ({**SIGNED, "owner": key(2).address}, Reason.BAD_SIGNATURE, "signature"),
        ({**SIGNED, "scheme": "permit2"}, Reason.MALFORMED, "scheme"),
        ({**SIGNED, "scheme": "erc1271"}, Reason.CONTRACT_REFUSES, "signature"),
        ({**SIGNED, "why": "x"}, Reason.UNKNOWN_FIELD, "why"),
    ],
)
def test_a_bad_cancel_is_refused_by_name(desk: Desk, message: dict[str, Any], reason: Reason, field: str) -> None:
    refused(desk, "/v1/cancels", message, reason, field)


def test_a_signature_for_one_form_is_none_for_another(desk: Desk) -> None:
    word = cancel_word_request(0, key(1), DOMAIN)
    message = {"owner": word.owner, "signature": word.signature, "epoch": "0"}
    refused(desk, "/v1/cancels", message, Reason.BAD_SIGNATURE, "signature")


def test_a_short_signature_of_the_other_form_counts_too(desk: Desk) -> None:
    request = a_cancel(HASH, key(1))
    raw = bytes.fromhex(request.signature[2:])
    s = int.from_bytes(raw[32:64], "big") | ((raw[64] - 27) << 255)
    compact = "0x" + (raw[:32] + s.to_bytes(32, "big")).hex()
    cancelled(desk, request.model_copy(update={"signature": compact}))


def of_contract(word: int) -> CancelRequest:
    return cancel_word_request(word, Signature.of_contract("0x1234"), DOMAIN, CONTRACT)


@pytest.mark.parametrize("facts", [AuthorityFacts(False, False), AuthorityFacts(True, False)])
def test_a_contract_that_does_not_confirm_cancels_nothing(desk: Desk, facts: AuthorityFacts) -> None:
    request = of_contract(1)
    digest = digest_of(CONTRACT, *target_of(request), DOMAIN)
    desk.chain.authorities["0x" + digest.hex()] = facts
    refused(desk, "/v1/cancels", request, Reason.CONTRACT_REFUSES, "signature")


def test_a_contract_cancels_as_its_isvalidsignature_says(desk: Desk) -> None:
    requests = [of_contract(1), a_cancel(HASH, key(1)), of_contract(2)]
    digest = "0x" + digest_of(CONTRACT, *target_of(requests[0]), DOMAIN).hex()
    desk.chain.authorities[digest] = AuthorityFacts(True, True)
    answer = post(desk, "/v1/cancels/batch", CancelBatchRequest(cancels=tuple(requests)))
    first, second, third = CancelBatchAnswer.model_validate_json(answer.content).items
    assert (first.status, second.status, third.status) == (200, 200, 422)
    (query, _) = desk.chain.asked
    assert (query.owner, query.digest, query.scheme) == (CONTRACT, digest, Scheme.ERC1271)


def test_a_chain_that_does_not_answer_stops_only_cancels_of_contracts(desk: Desk) -> None:
    desk.chain.down = True
    refused(desk, "/v1/cancels", of_contract(1), Reason.CHAIN_UNAVAILABLE)
    cancelled(desk, a_cancel(HASH, key(1)))


def test_a_batch_of_cancels_answers_each_in_its_place(desk: Desk) -> None:
    mine, other = submit(desk), submit(desk, 2)
    requests = (a_cancel(mine, key(1)), a_cancel(other, key(1)), a_cancel(mine, key(1)), a_cancel(HASH, key(2)))
    answer = post(desk, "/v1/cancels/batch", CancelBatchRequest(cancels=requests))
    items = CancelBatchAnswer.model_validate_json(answer.content).items
    assert [item.status for item in items] == [200, 422, 200, 200]
    assert items[0].receipt == items[2].receipt
    assert items[1].problem is not None
    assert items[1].problem.reason == Reason.BAD_SIGNATURE.value
    assert [one["kind"] for one in desk.http.get("/v1/log").json()["entries"]] == [
        "intent",
        "intent",
        "cancel",
        "cancel",
    ]


def test_a_malformed_cancel_refuses_its_batch(desk: Desk) -> None:
    message = {"cancels": [SIGNED, {**SIGNED, "uid": "0x12"}]}
    refused(desk, "/v1/cancels/batch", message, Reason.MALFORMED, "cancels[1].uid")
    refused(desk, "/v1/cancels/batch", {"cancels": []}, Reason.MALFORMED, "cancels")


def test_a_list_longer_than_a_commit_is_cancelled_whole(desk: Desk) -> None:
    """Words that nobody trades in: it is the pieces that matter here."""
    requests = [cancel_word_request(word, key(1), DOMAIN) for word in range(PIECE + 2)]
    outcomes = desk.house.intake.cancels.cancel_many(requests)
    assert [getattr(one, "first_round", None) for one in outcomes] == [1] * (PIECE + 2)
    assert desk.held() == (PIECE + 2, 0)


def test_cancels_of_another_origin_get_the_same_answers(desk: Desk) -> None:
    uid = submit(desk)
    headers = {"Content-Type": "application/json", "Origin": "https://dash.example"}
    body = a_cancel(uid, key(1)).model_dump_json(by_alias=True)
    first = desk.http.post("/v1/cancels", content=body, headers=headers)
    batch = CancelBatchRequest(cancels=(a_cancel(uid, key(1)),)).model_dump_json(by_alias=True)
    second = desk.http.post("/v1/cancels/batch", content=batch, headers=headers)
    assert first.json() == second.json()["items"][0]["receipt"] == desk.post("/v1/cancels", body).json()
    bad = desk.http.post("/v1/cancels", content=b"{}", headers=headers)
    assert (bad.status_code, bad.json()["reason"]) == (422, Reason.MALFORMED.value)


def test_an_amend_answers_with_both_receipts(desk: Desk) -> None:
    old = submit(desk)
    request = amending(old)
    answer = post(desk, "/v1/intents", request)
    new = intent_uid(request.intent.intent(), DOMAIN)
    amended = check_amended(Amended.model_validate_json(answer.content), request, new, desk.house.info())
    assert (answer.status_code, amended.sequence, amended.uid) == (201, 3, new)
    assert amended.replaced is not None
    assert (amended.replaced.sequence, amended.replaced.uid, amended.replaced.first_round) == (2, old, 1)
    assert status(desk, old).cancel == amended.replaced
    assert [status(desk, uid).state for uid in (old, new)] == ["cancelled", "open"]
    again = post(desk, "/v1/intents", request)
    assert (again.status_code, again.json()) == (200, answer.json())


def test_an_amend_in_a_batch_has_its_place(desk: Desk) -> None:
    old = submit(desk)
    bodies = [a_request(2), amending(old), amending(HASH, 902)]
    text = json.dumps({"intents": [body.to_json() for body in bodies]})
    items = desk.post("/v1/intents/batch", text).json()["items"]
    assert [item["status"] for item in items] == [201, 201, 404]
    assert items[1]["receipt"]["replaced"]["uid"] == old


def test_what_can_not_be_replaced_is_refused_by_name(desk: Desk) -> None:
    old, other, part = submit(desk), submit(desk, 2), submit(desk, nonce=3)
    desk.house.store.update_intents([IntentUpdate(part, "open", 1, None, "")])
    path = "/v1/intents"
    refused(desk, path, amending(HASH), Reason.UNKNOWN_INTENT, "replaces")
    refused(desk, path, amending(other), Reason.AMEND_MISMATCH, "replaces")
    refused(desk, path, amending(old, nonce=2), Reason.AMEND_MISMATCH, "replaces")
    refused(desk, path, amending(part, nonce=3), Reason.NOT_AMENDABLE, "replaces")
    desk.house.store.update_intents([IntentUpdate(old, "filled", 1000, None, "")])
    refused(desk, path, amending(old), Reason.NOT_AMENDABLE, "replaces")
    refused(desk, "/v1/cancels", cancel_request(old, key(1), DOMAIN), Reason.NOT_CANCELLABLE, "uid")


def test_the_document_describes_cancels_and_amends(desk: Desk) -> None:
    document = desk.http.get("/v1/openapi.json").json()
    assert {"CancelBatchRequest", "CancelBatchAnswer", "Amended"} <= document["components"]["schemas"].keys()
    responses = document["paths"]["/v1/cancels"]["post"]["responses"]
    assert "`bad_cancel`" in responses["422"]["description"]
    assert "`not_amendable`" in document["paths"]["/v1/intents"]["post"]["responses"]["409"]["description"]
