"""What the routes answer when all is well, and how they fail when it is not."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from house_fakes import (
    CONTRACTS,
    HOUSE_SIGNER,
    NOW,
    WETH,
    A,
    B,
    Desk,
    FakeChain,
    a_cancel,
    a_request,
    an_intent,
    key,
    open_house,
    served,
    signed,
)
from walras.digest import keccak
from walras.intent import NATIVE
from walras.rejections import Reason
from walras_auction.api.front import is_api
from walras_auction.ports import IntentUpdate, RoundSummary, SolverTally, StoreError

HASH = "0x" + "77" * 32


def submit(desk: Desk, number: int = 1, **changes: object) -> str:
    answer = desk.post("/v1/intents", a_request(number, **changes).model_dump_json(by_alias=True))
    assert answer.status_code == 201
    return str(answer.json()["uid"])


def publish(desk: Desk, record: bytes = b'{"round":1}') -> int:
    store = desk.house.store
    round_id = store.begin_round(NOW)
    record_hash = "0x" + keccak(record).hex()
    summary = RoundSummary(round_id, NOW, 2, 3, ("orderbook",), 2**70, 1, HASH, record_hash)
    store.publish_round(summary, record, [], NOW, [SolverTally("orderbook", 3, 1, 2**70)])
    return round_id


def test_the_house_says_what_a_client_signs_for(desk: Desk) -> None:
    info = desk.http.get("/v1/house").json()
    assert (info["chainId"], info["settlement"], info["vault"]) == (31337, CONTRACTS.settlement, CONTRACTS.vault)
    assert (info["houseSigner"], info["time"], info["maxBodyBytes"]) == (HOUSE_SIGNER.address, NOW, 8192)


def test_a_second_submit_gets_the_first_receipt(desk: Desk) -> None:
    body = a_request().model_dump_json(by_alias=True)
    first, second = desk.post("/v1/intents", body), desk.post("/v1/intents", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert desk.held() == (1, 1)


def test_a_duplicate_is_known_even_after_its_time_and_funds_are_gone(desk: Desk) -> None:
    body = a_request().model_dump_json(by_alias=True)
    first = desk.post("/v1/intents", body).json()
    desk.clock.time += 10_000
    desk.chain.down = True
    assert desk.post("/v1/intents", body).json() == first


def test_a_duplicate_with_a_bad_signature_is_no_duplicate(desk: Desk) -> None:
    submit(desk)
    forged = signed(an_intent(key(1)), key(2)).model_dump_json(by_alias=True)
    assert desk.post("/v1/intents", forged).json()["reason"] == Reason.BAD_SIGNATURE


def test_addresses_and_hashes_may_be_written_in_capitals(desk: Desk) -> None:
    message = a_request().to_json()
    message["intent"]["owner"] = "0x" + message["intent"]["owner"][2:].upper()
    message["signature"] = "0x" + message["signature"][2:].upper()
    uid = desk.post("/v1/intents", json.dumps(message)).json()["uid"]
    assert desk.http.get("/v1/intents/0x" + uid[2:].upper()).json()["uid"] == uid


def test_requests_at_the_same_time_are_gathered_and_all_answered(desk: Desk) -> None:
    bodies = [a_request(number % 5, nonce=number).model_dump_json(by_alias=True) for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: desk.post("/v1/intents", body), bodies))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["sequence"] for answer in answers) == list(range(1, 61))
    assert [a.json()["uid"] for a in answers] == [
        desk.http.get(f"/v1/intents/{a.json()['uid']}").json()["uid"] for a in answers
    ]


def test_a_batch_answers_each_intent_in_its_place(desk: Desk) -> None:
    poor = key(2).address
    desk.chain.set_funds(poor, A, 1)
    requests = [a_request(1), a_request(2), a_request(3), a_request(1)]
    body = json.dumps({"intents": [request.to_json() for request in requests]})
    items = desk.post("/v1/intents/batch", body).json()["items"]
    assert [item["status"] for item in items] == [201, 422, 201, 200]
    assert items[1]["problem"]["reason"] == Reason.INSUFFICIENT_BALANCE
    assert items[0]["receipt"] == items[3]["receipt"]
    assert desk.chain.calls == 2  # one for all, and one more about those that are refused
    assert desk.held() == (2, 2)


def test_a_malformed_intent_refuses_its_whole_batch_and_names_its_place(desk: Desk) -> None:
    good, bad = a_request(1).to_json(), a_request(2).to_json() | {"tip": 1}
    problem = desk.post("/v1/intents/batch", json.dumps({"intents": [good, bad]})).json()
    assert (problem["reason"], problem["field"]) == (Reason.UNKNOWN_FIELD, "intents[1].tip")
    assert desk.held() == (0, 0)


def test_a_status_tells_state_reason_and_receipt(desk: Desk) -> None:
    uid = submit(desk)
    desk.house.store.update_intents([IntentUpdate(uid, "open", 250, "no_counterparty", "best offered 0.8")])
    status = desk.http.get(f"/v1/intents/{uid}").json()
    assert (status["state"], status["executed"], status["remaining"]) == ("open", "250", "750")
    assert (status["reason"], status["detail"]) == ("no_counterparty", "best offered 0.8")
    assert status["receipt"]["uid"] == uid
    assert "signature" not in status["intent"]


def test_intents_are_paged(desk: Desk) -> None:
    uids = [submit(desk, 1, nonce=nonce) for nonce in range(5)]
    submit(desk, 2)
    owner = key(1).address
    first = desk.http.get("/v1/intents", params={"owner": owner, "limit": 3}).json()
    rest = desk.http.get("/v1/intents", params={"owner": owner, "limit": 3, "after": first["next"]}).json()
    assert [status["uid"] for status in first["intents"] + rest["intents"]] == uids
    assert rest["next"] is None
    assert desk.http.get("/v1/intents", params={"state": "filled"}).json()["intents"] == []


def test_an_owner_cancels_and_repeats_himself(desk: Desk) -> None:
    uid = submit(desk)
    body = a_cancel(uid, key(1)).model_dump_json(by_alias=True)
    first, second = desk.post("/v1/cancels", body), desk.post("/v1/cancels", body)
    assert (first.status_code, first.json()["kind"]) == (200, "cancel")
    assert first.json() == second.json()
    assert desk.held() == (2, 0)


def test_a_record_is_served_byte_for_byte_with_its_hash(desk: Desk) -> None:
    record = b'{"round":1,"z":"\xc3\xa9"}'
    round_id = publish(desk, record)
    answer = desk.http.get(f"/v1/rounds/{round_id}/record")
    assert answer.content == record
    assert answer.headers["etag"] == f'"0x{keccak(record).hex()}"'
    again = desk.http.get(f"/v1/rounds/{round_id}/record", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_rounds_are_listed_newest_first(desk: Desk) -> None:
    for _ in range(3):
        publish(desk)
    page = desk.http.get("/v1/rounds", params={"limit": 2}).json()
    assert [line["id"] for line in page["rounds"]] == [3, 2]
    assert page["rounds"][0]["score"] == str(2**70)
    assert [line["id"] for line in desk.http.get("/v1/rounds", params={"before": page["next"]}).json()["rounds"]] == [1]


def test_the_log_can_be_audited_from_outside(desk: Desk) -> None:
    submit(desk)
    publish(desk)
    page = desk.http.get("/v1/log", params={"limit": 2}).json()
    head = bytes(32)
    for line in page["entries"]:
        assert line["previous"] == "0x" + head.hex()
        head = keccak(head + sha256(line["body"].encode()).digest())
        assert line["head"] == "0x" + head.hex()
    assert [line["receipt"] is None for line in page["entries"]] == [False, True]
    assert desk.http.get("/v1/log", params={"from": page["next"]}).json() == {"entries": [], "next": None}


def test_the_book_sums_both_sides_by_price(desk: Desk) -> None:
    submit(desk, 1, give=(A, 1000), want=(B, 900))
    submit(desk, 2, give=(A, 500), want=(B, 450))
    submit(desk, 3, give=(A, 100), want=(B, 200))
    submit(desk, 4, give=(B, 800), want=(A, 1000))
    book = desk.http.get("/v1/book", params={"give": A, "want": B}).json()
    assert book["asks"] == [
        {"price": "0.9", "amount": "1500", "cumulative": "1500", "intents": 2},
        {"price": "2", "amount": "100", "cumulative": "1600", "intents": 1},
    ]
    assert book["bids"] == [{"price": "0.8", "amount": "1000", "cumulative": "1000", "intents": 1}]
    mirrored = desk.http.get("/v1/book", params={"give": B, "want": A}).json()
    assert [level["price"] for level in mirrored["asks"]] == ["1.25"]
    assert [level["price"] for level in mirrored["bids"]] == ["1.11111111111", "0.5"]


def test_native_stands_in_the_book_of_its_wrapped_token(desk: Desk) -> None:
    submit(desk, 1, give=(A, 1000), want=(NATIVE, 10))
    asks = desk.http.get("/v1/book", params={"give": A, "want": WETH}).json()["asks"]
    assert [level["price"] for level in asks] == ["0.01"]


def test_the_state_is_where_the_feed_goes_on(desk: Desk) -> None:
    submit(desk)
    publish(desk)
    state = desk.http.get("/v1/state").json()
    assert (state["event"], state["logLength"], state["intents"]) == (1, 2, {"open": 1})
    assert state["solvers"] == [{"name": "orderbook", "bids": 3, "wins": 1, "surplus": str(2**70)}]
    assert [line["id"] for line in state["rounds"]] == [1]


def test_health_names_the_head_of_the_log(desk: Desk) -> None:
    assert desk.http.get("/healthz").json() == {"status": "ok", "head": "0x" + "00" * 32}


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "/v1/nothing", Reason.NOT_FOUND),
        ("GET", "/nothing.html", Reason.NOT_FOUND),
        ("GET", "/v1/rounds/7/record", Reason.NOT_FOUND),
        ("GET", f"/v1/intents/{HASH}", Reason.UNKNOWN_INTENT),
        ("DELETE", "/v1/house", Reason.METHOD_NOT_ALLOWED),
        ("GET", "/v1/cancels", Reason.METHOD_NOT_ALLOWED),
        ("GET", "/v1/intents/0x12", Reason.MALFORMED),
        ("GET", "/v1/intents?limit=0", Reason.MALFORMED),
        ("GET", "/v1/intents?state=lost", Reason.MALFORMED),
        ("GET", "/v1/rounds?before=9223372036854775808", Reason.MALFORMED),
        ("GET", "/v1/book?give=0x12", Reason.MALFORMED),
        ("GET", "/v1/feed?after=-1", Reason.MALFORMED),
    ],
)
def test_every_error_is_a_problem_document(desk: Desk, method: str, path: str, reason: Reason) -> None:
    answer = desk.http.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["reason"]) == (reason.status, reason.value)


def test_questions_that_are_refused_are_not_counted_as_refused_intents(desk: Desk) -> None:
    desk.http.get("/v1/intents?limit=0")
    desk.house.feed.announce("done", {}).result()
    assert desk.house.store.refusals() == {}


def test_a_house_that_stops_takes_nothing_more(desk: Desk) -> None:
    uid = submit(desk)
    desk.house.intake.stop()
    for path, body in (("/v1/intents", a_request(2)), ("/v1/cancels", a_cancel(uid, key(1)))):
        answer = desk.post(path, body.model_dump_json(by_alias=True))
        assert (answer.status_code, answer.json()["reason"]) == (503, Reason.STOPPING.value)
    assert desk.held() == (1, 1)


def test_a_store_that_fails_is_a_503_and_nothing_is_accepted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError("nothing was written: disk full")

    monkeypatch.setattr(type(desk.house.store), "accept", fail)
    answer = desk.post("/v1/intents", a_request().model_dump_json(by_alias=True))
    assert (answer.status_code, answer.json()["reason"]) == (503, Reason.STORE_UNAVAILABLE.value)
    assert "disk" not in answer.text


def test_an_unforeseen_failure_is_a_problem_document_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(desk.house.store), "get", fail)
    answer = desk.http.get(f"/v1/intents/{HASH}")
    assert (answer.status_code, answer.json()["reason"]) == (500, Reason.INTERNAL_ERROR.value)
    assert "secret" not in answer.text


def test_every_answer_carries_the_security_headers(desk: Desk) -> None:
    for path in ("/v1/house", "/v1/nothing", "/nothing"):
        headers = desk.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith(
            "default-src 'none'" if is_api(path) else "default-src 'self'"
        )


def test_cors_lets_in_the_configured_origin_only(desk: Desk) -> None:
    allowed = desk.http.get("/v1/house", headers={"Origin": "https://dash.example"})
    other = desk.http.get("/v1/house", headers={"Origin": "https://evil.example"})
    assert allowed.headers["access-control-allow-origin"] == "https://dash.example"
    assert "access-control-allow-origin" not in other.headers


def test_cors_is_off_by_default(tmp_path: Path) -> None:
    with closing(open_house(tmp_path / "store.db", FakeChain())) as house, served(house) as url:
        answer = httpx.get(f"{url}/v1/house", headers={"Origin": "https://dash.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_the_dashboard_is_served_with_a_strict_policy(tmp_path: Path) -> None:
    pages = tmp_path / "static"
    pages.mkdir()
    (pages / "index.html").write_text("<h1>Walras</h1>")
    (pages / "page.js").write_text("1")
    with closing(open_house(tmp_path / "store.db")) as house, served(house, pages) as url:
        index, script, api = (httpx.get(url + path) for path in ("/", "/page.js", "/v1/house"))
        outside = httpx.get(url + "/..%2fstore.db")
    assert (index.text, script.status_code, api.status_code) == ("<h1>Walras</h1>", 200, 200)
    assert index.headers["content-security-policy"].startswith("default-src 'self'")
    assert outside.status_code == 404


def test_the_digest_of_a_record_is_not_sha3(desk: Desk) -> None:
    """Guards the ETag: Keccak-256 is not NIST SHA-3."""
    publish(desk, b"{}")
    assert hashlib.sha3_256(b"{}").hexdigest() not in desk.http.get("/v1/rounds/1/record").headers["etag"]
