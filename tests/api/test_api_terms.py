"""Terms over HTTP: each reason to refuse them by name, and terms that are taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_abi.abi import encode
from house_fakes import CONTRACTS, Desk, an_intent, key, signed
from walras.digest import keccak
from walras.rejections import Reason
from walras.terms import FeeShare, Hook, Terms, time_after
from walras.wire import Receipt

TERMS_TYPE = (
    "((uint8,uint8,address,uint256,bytes)[],(address,uint32,bool,bytes)[],(address,uint32,bool,bytes)[],"
    "address,uint48,(address,uint16)[],uint16)"
)
ZERO, A = "0x" + "00" * 20, "0x" + "a1" * 20


def raw(**members: Any) -> str:
    """The encoding of terms that the SDK would not encode."""
    names = ("condition", "before", "afterwards", "solver", "until", "shares", "impact")
    empty = {"condition": [], "before": [], "afterwards": [], "solver": ZERO, "until": 0, "shares": [], "impact": 0}
    values = empty | members
    return "0x" + encode([TERMS_TYPE], [tuple(values[name] for name in names)]).hex()


def body(data: str | None, terms_hash: str | None = None) -> str:
    signed_hash = terms_hash or "0x" + keccak(bytes.fromhex((data or "0x")[2:])).hex()
    request = signed(an_intent(key(1), terms=signed_hash), key(1)).to_json()
    return json.dumps(request if data is None else {**request, "termsData": data})


HOOK = (A, 1_000, True, b"1234")


@pytest.mark.parametrize(
    ("data", "reason", "field"),
    [
        (None, Reason.TERMS_MISSING, "termsData"),
        ("0x1234", Reason.TERMS_MALFORMED, "termsData"),
        (Terms().data + "00", Reason.TERMS_MALFORMED, "termsData"),
        (raw(condition=[(7, 0, ZERO, 0, b"")]), Reason.BAD_CONDITION, "termsData.condition[0]"),
        (raw(condition=[(0, 0, ZERO, 2, b""), (3, 0, ZERO, 1, b"")]), Reason.BAD_CONDITION, "termsData.condition[2]"),
        (raw(condition=[(3, 0, ZERO, 1, b"")] * 2), Reason.BAD_CONDITION, "termsData.condition[1]"),
        (raw(before=[HOOK] * 5), Reason.BAD_HOOK, "termsData.before"),
        (raw(afterwards=[(CONTRACTS.vault, 1, True, b"1234")]), Reason.BAD_HOOK, "termsData.afterwards[0].target"),
        (raw(shares=[(A, 101)]), Reason.BAD_FEE_SHARE, "termsData.shares"),
        (raw(solver=A), Reason.BAD_EXCLUSIVITY, "termsData.exclusiveUntil"),
        (raw(impact=10_001), Reason.AMOUNT_OUT_OF_RANGE, "termsData.maxImpactBps"),
    ],
)
def test_terms_are_refused_by_name(desk: Desk, data: str | None, reason: Reason, field: str) -> None:
    answer = desk.post("/v1/intents", body(data))
    problem = answer.json()
    assert (answer.status_code, problem["reason"], problem["field"]) == (422, reason.value, field)
    assert desk.held() == (0, 0)


def test_terms_that_nobody_signed_are_refused(desk: Desk) -> None:
    answer = desk.post("/v1/intents", body(Terms().data, Terms(max_impact_bps=5).hash()))
    assert answer.json()["reason"] == Reason.TERMS_MISMATCH.value


def test_terms_are_taken(desk: Desk) -> None:
    terms = Terms(time_after(5), (Hook(A, b"1234", 1_000, must=True),), shares=(FeeShare(A, 100),))
    answer = desk.post("/v1/intents", body(terms.data))
    assert answer.status_code == 201
    uid = Receipt.model_validate_json(answer.content).uid
    assert desk.http.get(f"/v1/intents/{uid}").json()["intent"]["terms"] == terms.hash()
    entry = desk.http.get("/v1/log").json()["entries"][0]
    assert json.loads(entry["body"])["payload"]["termsData"] == terms.data
