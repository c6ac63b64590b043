"""What travels comes back the same, and what is not documented does not come in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError
from support.strategies import intents
from walras.atoms import U256_MAX
from walras.intent import Intent
from walras.testing.market import a_market
from walras.wire import Answer, Batch, Fill, IntentMessage, Solution, SubmitRequest, canonical

UID = "0x" + "77" * 32
TOKEN = "0x" + "a1" * 20
INTENT = IntentMessage.of(Intent.sell("0x" + "0a" * 20, (TOKEN, 5), ("0x" + "b2" * 20, 6), valid_to=9, nonce=1))


@given(intents(most_legs=8))
@settings(max_examples=50)
def test_an_intent_survives_the_wire(intent: Intent) -> None:
    text = IntentMessage.of(intent).model_dump_json(by_alias=True)
    assert IntentMessage.model_validate_json(text).intent() == intent


def test_field_names_are_those_of_the_signed_struct() -> None:
    data = INTENT.to_json()
    assert set(data) == {
        "owner", "receiver", "gives", "wants", "kind", "fill", "minFill", "validFrom", "decayTo", "validTo",
        "nonce", "terms",
    }  # fmt: skip
    assert data["gives"] == [{"token": TOKEN, "start": "5", "end": "5"}]


@pytest.mark.parametrize("good", [0, 1, "0", "1", str(U256_MAX)])
def test_atoms_are_decimal_strings(good: Any) -> None:
    fill = Fill(uid=UID, executed=good)
    assert fill.to_json()["executed"] == str(good)


@pytest.mark.parametrize(
    "bad",
    [
        -1, "-1", "+1", "01", "", " 1", "1 ", "1.0", 1.0, 1.5, "1e3", "0x10", "١", "1_000", True, None, [], {},
        U256_MAX + 1, str(U256_MAX + 1), "9" * 79, float("nan"), float("inf"),
    ],
)  # fmt: skip
def test_atoms_are_nothing_else(bad: Any) -> None:
    with pytest.raises(ValidationError):
        Fill(uid=UID, executed=bad)


@pytest.mark.parametrize("text", ['{"a":1e18}', '{"a":1.0}', '{"a":NaN}', '{"a":Infinity}', '{"a":-1}', '{"a":true}'])
def test_atoms_in_json_are_no_floats(text: str) -> None:
    with pytest.raises(ValidationError):
        Fill.model_validate_json(text.replace('"a"', '"executed"')[:-1] + f',"uid":"{UID}"}}')


@pytest.mark.parametrize("value", [TOKEN.upper().replace("X", "x"), TOKEN])
def test_addresses_are_lower_case_inside(value: str) -> None:
    assert IntentMessage.model_validate(INTENT.to_json() | {"owner": value}).owner == TOKEN


@pytest.mark.parametrize(
    "change",
    [
        {"owner": "0x12"},
        {"owner": TOKEN + "00"},
        {"kind": "swap"},
        {"fill": "some"},
        {"validTo": "9"},
        {"validTo": 9.0},
        {"validTo": 2**48},
        {"validTo": -1},
        {"terms": "0x"},
        {"gives": [{"token": TOKEN, "start": "5", "end": "5"}] * 65},
        {"color": "blue"},
        {"min_fill": "1"},
    ],
)
def test_a_malformed_intent_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IntentMessage.model_validate_json(json.dumps(INTENT.to_json() | change))


def test_messages_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        INTENT.nonce = 5


def test_a_request_names_its_domain() -> None:
    data = {"chainId": 1, "settlement": TOKEN, "intent": INTENT.to_json(), "signature": "0xab"}
    assert SubmitRequest.model_validate(data).permits == ()
    for bad in ({"chainId": "1"}, {"chainId": 1.0}, {"chainId": -1}, {"signature": "ab"}, {"signature": "0xabc"}):
        with pytest.raises(ValidationError):
            SubmitRequest.model_validate(data | bad)


def test_canonical_bytes_do_not_depend_on_order_or_space() -> None:
    assert canonical({"b": [1, 2], "a": "é"}) == canonical(json.loads('{ "a": "é",  "b": [1,2] }'))
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()


def a_solution(**changes: Any) -> dict[str, Any]:
    solution = Solution(id=1, prices={TOKEN: 5}, fills=(Fill(uid=UID, executed=7),))
    return {"round": 3, "solutions": [solution.to_json() | changes]}


def test_an_answer_survives_the_wire() -> None:
    answer = Answer.model_validate_json(json.dumps(a_solution()))
    assert answer.to_json() == a_solution()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": -1},
        {"id": "1"},
        {"prices": {f"0x{number:040x}": "1" for number in range(256)}},
        {"cover": {f"0x{number:040x}": "1" for number in range(17)}},
        {"prices": {"0xA1": "1"}},
        {"fills": [{"uid": UID, "executed": "7"}] * 10_001},
        {"fills": [{"uid": UID, "executed": "7", "roundUp": 256}]},
        {"fills": [{"uid": UID, "executed": "7", "roundUp": -1}]},
        {"fills": [{"uid": UID, "executed": "7", "roundUp": "1"}]},
        {"fills": [{"uid": UID, "executed": "7", "gives": "1"}]},
        {"interactions": [{"kind": "teleport"}]},
        {"interactions": [{"kind": "pool", "pool": "p" * 129, "tokenIn": TOKEN, "amountIn": "1", "amountOut": "1"}]},
        {"interactions": [{"kind": "call", "target": TOKEN, "data": "0x0"}]},
        {"interactions": [{"kind": "call", "target": TOKEN, "data": "0x"}] * 65},
        {"score": "100"},
    ],
)
def test_a_solution_beyond_its_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Answer.model_validate_json(json.dumps(a_solution(**changes)))


def test_a_flood_of_errors_stops_at_the_first() -> None:
    """Naming all of them would take a minute and gigabytes for one answer of eight megabytes."""
    text = b'{"round":1,"solutions":[%s]}' % b",".join([b"1"] * 50_000)
    with pytest.raises(ValidationError) as caught:
        Answer.model_validate_json(text)
    assert caught.value.error_count() == 1


def test_a_batch_survives_the_wire() -> None:
    batch = (
        a_market()
        .with_token("WETH", price=1)
        .with_token("USDC", decimals=6, price="0.0005")
        .with_pool("WETH", "USDC", 100, 200_000)
        .with_sell("alice", ("WETH", 1), ("USDC", 1_900))
        .batch(guard_bps=100)
    )
    assert Batch.model_validate_json(batch.model_dump_json(by_alias=True)) == batch
