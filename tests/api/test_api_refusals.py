"""Every reason of intake, provoked over HTTP: status, reason and field are right, and nothing has changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from house_fakes import CONTRACTS, DOMAIN, NOW, WETH, A, B, Desk, a_cancel, a_request, an_intent, key, signed
from walras.digest import Domain, intent_uid
from walras.intent import NATIVE, FillRule, Intent, Kind, Leg
from walras.rejections import Reason
from walras.wire import PermitMessage
from walras_auction.ports import IntentUpdate

Json = dict[str, Any]
OWNER = key(1).address


def body(**changes: Any) -> Json:
    """A signed request as JSON values; builders' options as for ``an_intent``."""
    return a_request(1, **changes).to_json()


def signed_body(**fields: Any) -> Json:
    """An intent spelled out field by field, signed whatever it says."""
    plain = an_intent(key(1))
    values = {name: getattr(plain, name) for name in Intent.__slots__} | fields
    return signed(Intent(**values), key(1)).to_json()


def edited(path: str, value: Any) -> Json:
    """A request whose field at ``path`` was replaced after signing (or added)."""
    message = body()
    *parents, last = path.split(".")
    place: Any = message
    for parent in parents:
        place = place[int(parent) if parent.isdigit() else parent]
    place[last] = value
    return message


MALFORMED: list[tuple[str, Json, Reason, str]] = [
    ("unknown field", edited("tip", 1), Reason.UNKNOWN_FIELD, "tip"),
    ("unknown field of a leg", edited("intent.gives.0.memo", "x"), Reason.UNKNOWN_FIELD, "intent.gives[0].memo"),
    ("float amount", edited("intent.gives.0.start", 1.5), Reason.AMOUNT_OUT_OF_RANGE, "intent.gives[0].start"),
    ("fraction in words", edited("intent.minFill", "1.5"), Reason.AMOUNT_OUT_OF_RANGE, "intent.minFill"),
    ("negative amount", edited("intent.wants.0.end", "-1"), Reason.AMOUNT_OUT_OF_RANGE, "intent.wants[0].end"),
    ("amount of 2^256", edited("intent.gives.0.end", str(2**256)), Reason.AMOUNT_OUT_OF_RANGE, "intent.gives[0].end"),
    ("endless amount", edited("intent.gives.0.end", "9" * 5000), Reason.AMOUNT_OUT_OF_RANGE, "intent.gives[0].end"),
    ("not a number", edited("chainId", float("nan")), Reason.AMOUNT_OUT_OF_RANGE, "chainId"),
    ("float time", edited("intent.validTo", 1.5), Reason.AMOUNT_OUT_OF_RANGE, "intent.validTo"),
    ("negative time", edited("intent.validFrom", -1), Reason.AMOUNT_OUT_OF_RANGE, "intent.validFrom"),
    ("an address too short", edited("intent.owner", "0x12"), Reason.MALFORMED, "intent.owner"),
    ("a kind nobody knows", edited("intent.kind", "swap"), Reason.MALFORMED, "intent.kind"),
    ("no intent", {"chainId": 1}, Reason.MALFORMED, "settlement"),
    ("a list", [], Reason.MALFORMED, ""),
    (
        "hundreds of legs",
        edited("intent.gives", [body()["intent"]["gives"][0]] * 65),
        Reason.TOO_MANY_LEGS,
        "intent.gives",
    ),
    ("zero amount", signed_body(wants=(Leg(B, 0, 0),)), Reason.ZERO_AMOUNT, "wants[0].start"),
    ("same token twice", signed_body(wants=(Leg.fixed(A, 5),)), Reason.SAME_TOKEN, "wants[0].token"),
    (
        "native beside wrapped",
        signed_body(gives=(Leg.fixed(WETH, 1000),), wants=(Leg.fixed(NATIVE, 5),)),
        Reason.SAME_TOKEN,
        "wants[0].token",
    ),
    ("giving native", signed_body(gives=(Leg.fixed(NATIVE, 1000),)), Reason.NATIVE_GIVE, "gives[0].token"),
    (
        "nine legs",
        signed_body(wants=tuple(Leg.fixed(f"0x{i:040x}", 5) for i in range(1, 10))),
        Reason.TOO_MANY_LEGS,
        "wants",
    ),
    ("no legs", signed_body(wants=()), Reason.TOO_MANY_LEGS, "wants"),
    ("a want that rises", signed_body(wants=(Leg(B, 1, 2),)), Reason.BAD_DUTCH, "wants[0]"),
    ("decay without movement", signed_body(decay_to=5), Reason.BAD_DUTCH, "decayTo"),
    ("an empty window", signed_body(valid_from=9, decay_to=9, valid_to=8), Reason.BAD_WINDOW, "validTo"),
    ("least fill above all", signed_body(min_fill=1001), Reason.BAD_MIN_FILL, "minFill"),
    ("whole with a small least fill", signed_body(fill=FillRule.WHOLE), Reason.BAD_MIN_FILL, "minFill"),
    ("the vault as receiver", signed_body(receiver=CONTRACTS.vault), Reason.BAD_RECEIVER, "receiver"),
    ("extra terms", signed_body(terms="0x" + "01" * 32), Reason.TERMS_MISSING, "termsData"),
    ("another chain", edited("chainId", 1), Reason.WRONG_CHAIN, "chainId"),
    ("another contract", edited("settlement", "0x" + "0d" * 20), Reason.WRONG_CONTRACT, "settlement"),
    ("changed after signing", edited("intent.nonce", "7"), Reason.BAD_SIGNATURE, "signature"),
    ("no signature at all", edited("signature", "0x"), Reason.BAD_SIGNATURE, "signature"),
    ("expired", body(valid_to=NOW - 1), Reason.EXPIRED, "validTo"),
    ("far in the future", body(valid_from=NOW + 3601, valid_to=NOW + 9999), Reason.NOT_YET_VALID, "validFrom"),
    ("a later epoch", body(nonce=1 << 192), Reason.FUTURE_EPOCH, "nonce"),
]


@pytest.mark.parametrize(
    ("message", "reason", "field"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_a_bad_intent_is_refused_by_name(desk: Desk, message: Json, reason: Reason, field: str) -> None:
    answer = desk.post("/v1/intents", json.dumps(message))
    assert_problem(answer, reason, field)
    assert_unchanged(desk, reason)


def on_chain(change: Callable[[Desk], object], reason: Reason, field: str) -> Any:
    return pytest.param(change, reason, field, id=reason.value)


PERMIT = PermitMessage(token=A, value=1000, deadline=NOW + 60, signature="0x" + "11" * 65)


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        on_chain(lambda desk: desk.chain.epochs.update({OWNER: 1}), Reason.OLD_EPOCH, "nonce"),
        on_chain(lambda desk: desk.chain.taken.add((OWNER, 1)), Reason.BURNED_NONCE, "nonce"),
        on_chain(lambda desk: desk.chain.dead.add((OWNER, 1)), Reason.BURNED_NONCE, "nonce"),
        on_chain(lambda desk: desk.chain.codeless.add(A), Reason.UNKNOWN_TOKEN, "gives[0].token"),
        on_chain(lambda desk: desk.chain.codeless.add(B), Reason.UNKNOWN_TOKEN, "wants[0].token"),
        on_chain(lambda desk: desk.chain.set_funds(OWNER, A, 999), Reason.INSUFFICIENT_BALANCE, "gives[0]"),
        on_chain(lambda desk: desk.chain.set_funds(OWNER, A, 1000, 999), Reason.INSUFFICIENT_ALLOWANCE, "gives[0]"),
    ],
)
def test_what_the_chain_contradicts_is_refused(
    desk: Desk, change: Callable[[Desk], object], reason: Reason, field: str
) -> None:
    change(desk)
    assert_problem(desk.post("/v1/intents", json.dumps(body())), reason, field)
    assert_unchanged(desk, reason)


@pytest.mark.parametrize(
    ("permit", "problem", "field"),
    [
        (PERMIT.model_copy(update={"value": 999}), None, "permits[0].value"),
        (PERMIT, "the permit recovers to somebody else", "permits[0]"),
    ],
)
def test_a_permit_that_does_not_help_is_refused(
    desk: Desk, permit: PermitMessage, problem: str | None, field: str
) -> None:
    desk.chain.set_funds(OWNER, A, 1000, 0)
    desk.chain.permit_problem = problem
    message = signed(an_intent(key(1)), key(1), (permit,)).to_json()
    assert_problem(desk.post("/v1/intents", json.dumps(message)), Reason.BAD_PERMIT, field)
    assert_unchanged(desk, Reason.BAD_PERMIT)


def test_a_good_permit_stands_in_for_an_allowance(desk: Desk) -> None:
    desk.chain.set_funds(OWNER, A, 1000, 0)
    message = signed(an_intent(key(1)), key(1), (PERMIT,)).to_json()
    assert desk.post("/v1/intents", json.dumps(message)).status_code == 201
    assert desk.house.store.open_intents()[0].permits == (PERMIT,)


def test_a_buy_needs_its_greatest_give(desk: Desk) -> None:
    desk.chain.set_funds(OWNER, A, 1999)
    gives = (Leg(A, 1000, 2000),)
    times = {"valid_from": NOW, "decay_to": NOW + 10, "valid_to": NOW + 20}
    message = signed_body(kind=Kind.BUY, gives=gives, min_fill=1, **times)
    assert_problem(desk.post("/v1/intents", json.dumps(message)), Reason.INSUFFICIENT_BALANCE, "gives[0]")
    assert_unchanged(desk, Reason.INSUFFICIENT_BALANCE)


def test_a_chain_that_does_not_answer_is_no_fault_of_the_trader(desk: Desk) -> None:
    desk.chain.down = True
    answer = desk.post("/v1/intents", json.dumps(body()))
    assert_problem(answer, Reason.CHAIN_UNAVAILABLE, "")
    assert answer.status_code == 503
    assert_unchanged(desk, Reason.CHAIN_UNAVAILABLE)


@pytest.mark.parametrize("text", [b"{", b"", b"\xff", b'{"a": "\\ud800"}', b"[" * 5000])
def test_what_is_not_json_is_refused(desk: Desk, text: bytes) -> None:
    answer = desk.post("/v1/intents", text)
    assert_problem(answer, Reason.MALFORMED_JSON, "")
    assert answer.status_code == 400
    assert_unchanged(desk, Reason.MALFORMED_JSON)


@pytest.mark.parametrize("path", ["/v1/intents", "/v1/intents/batch", "/v1/cancels"])
def test_a_long_body_is_refused_whether_it_says_so_or_not(desk: Desk, path: str) -> None:
    long = b" " * 20_000
    assert_problem(desk.post(path, long), Reason.BODY_TOO_LARGE, "")
    chunked = desk.http.post(path, content=(long[start : start + 1000] for start in range(0, len(long), 1000)))
    assert_problem(chunked, Reason.BODY_TOO_LARGE, "")
    desk.house.feed.announce("done", {}).result()
    assert desk.house.store.refusals() == {"body_too_large": 2}


def test_a_bad_signature_names_the_digest_and_who_signed(desk: Desk) -> None:
    intent = an_intent(key(1))
    problem = desk.post("/v1/intents", signed(intent, key(2)).model_dump_json(by_alias=True)).json()
    assert problem["digest"] == intent_uid(intent, DOMAIN)
    assert problem["recovered"] == key(2).address


def test_a_signature_for_another_house_is_refused(desk: Desk) -> None:
    message = signed(an_intent(key(1)), key(1), domain=Domain(31337, CONTRACTS.vault)).to_json()
    message["settlement"] = CONTRACTS.settlement
    assert_problem(desk.post("/v1/intents", json.dumps(message)), Reason.BAD_SIGNATURE, "signature")


def test_the_last_second_is_still_in_time(desk: Desk) -> None:
    assert desk.post("/v1/intents", json.dumps(body(valid_to=NOW))).status_code == 201
    window = body(valid_from=NOW + 3600, valid_to=NOW + 9999, nonce=2)
    assert desk.post("/v1/intents", json.dumps(window)).status_code == 201


def test_cancelling_what_is_settled_is_a_conflict(desk: Desk) -> None:
    uid = desk.post("/v1/intents", json.dumps(body())).json()["uid"]
    desk.house.store.update_intents([IntentUpdate(uid, "filled", 1000, None, "")])
    answer = desk.post("/v1/cancels", a_cancel(uid, key(1)).model_dump_json(by_alias=True))
    assert_problem(answer, Reason.NOT_CANCELLABLE, "uid")
    assert answer.status_code == 409
    assert desk.held() == (1, 0)


@pytest.mark.parametrize("thief", ["signs as the owner", "signs as himself"])
def test_only_the_owner_cancels(desk: Desk, thief: str) -> None:
    uid = desk.post("/v1/intents", json.dumps(body())).json()["uid"]
    message = a_cancel(uid, key(2)).to_json()
    if thief == "signs as the owner":
        message["owner"] = OWNER
    answer = desk.post("/v1/cancels", json.dumps(message))
    assert_problem(answer, Reason.BAD_SIGNATURE, "signature" if thief == "signs as the owner" else "owner")
    assert desk.held() == (1, 1)


def assert_problem(answer: Any, reason: Reason, field: str) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["reason"], problem["field"]) == (reason.value, field), problem
    assert answer.status_code == problem["status"] == reason.status
    assert problem["title"] == reason.sentence
    assert problem["detail"]


def assert_unchanged(desk: Desk, reason: Reason) -> None:
    """Nothing was logged or opened; the refusal was counted and announced, without the intent."""
    desk.house.feed.announce("done", {}).result()
    assert desk.held() == (0, 0)
    assert desk.house.store.refusals() == {reason.value: 1}
    refused, _ = desk.house.store.events(0, 10)
    assert (refused.kind, refused.data["reason"]) == ("refused", reason.value)
    assert refused.data.keys() == {"uid", "reason", "field"}


def test_every_reason_with_a_status_is_provoked_somewhere() -> None:
    """The table above and its neighbours name them all; a new reason needs a test."""
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    missing = [reason.name for reason in Reason if reason.status and f"Reason.{reason.name}" not in text]
    assert missing == []
