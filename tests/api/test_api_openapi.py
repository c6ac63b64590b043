"""The OpenAPI document is made from the code, tells the truth, and no input that fits or breaks it makes a 5xx."""

import re
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from house_fakes import A, Desk, FakeChain, a_cancel, a_request, key, open_house, served
from support.effort import examples
from walras.answers import BatchRequest
from walras.rejections import Reason


@pytest.fixture
def document(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.http.get("/v1/openapi.json").json()
    return found


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    names = set(re.findall(r"#/components/schemas/([A-Za-z]+)", str(document)))
    assert names <= document["components"]["schemas"].keys()
    assert {"SubmitRequest", "BatchRequest", "CancelRequest", "Problem", "Receipt"} <= names


def test_errors_are_documented_as_problem_documents_only(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in str(document)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_the_refusals_of_a_submit_are_all_listed(document: dict[str, Any]) -> None:
    responses = document["paths"]["/v1/intents"]["post"]["responses"]
    assert {"200", "201", "400", "413", "422", "503"} <= responses.keys()
    for reason in (Reason.BAD_SIGNATURE, Reason.INSUFFICIENT_BALANCE, Reason.TOO_MANY_LEGS):
        assert f"`{reason.value}`" in responses["422"]["description"]


def test_what_was_answered_fits_the_documented_schemas(desk: Desk, document: dict[str, Any]) -> None:
    import jsonschema_rs

    desk.post("/v1/intents", a_request().model_dump_json(by_alias=True))
    for path in ("/v1/house", "/v1/intents", "/v1/log", "/v1/state", "/v1/rounds", f"/v1/book?give={A}&want={A[:-1]}1"):
        answer = document["paths"][path.split("?")[0]]["get"]["responses"]["200"]
        schema = {**answer["content"]["application/json"]["schema"], "components": document["components"]}
        jsonschema_rs.validate(schema, desk.http.get(path).json())


def test_requests_of_the_sdk_fit_the_documented_schemas(document: dict[str, Any]) -> None:
    import jsonschema_rs

    requests = (a_request(), BatchRequest(intents=(a_request(),)), a_cancel("0x" + "12" * 32, key(1)))
    for request in requests:
        schema = {"$ref": f"#/components/schemas/{type(request).__name__}", "components": document["components"]}
        jsonschema_rs.validate(schema, request.to_json())


def test_every_address_may_be_one_request_too_many(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all(f"`{Reason.RATE_LIMITED.value}`" in one["responses"]["429"]["description"] for one in operations)


def test_no_input_makes_a_server_error_or_a_hang_or_a_trace(tmp_path: Path) -> None:
    """Schemathesis over the served document: valid, invalid and odd requests to every address, the hot ones included.

    Each gets an answer below 500 before the client loses its patience, and what was refused has not been written.
    """
    from hypothesis import Phase, given
    from schemathesis import GenerationMode, openapi
    from schemathesis.checks import not_a_server_error

    with closing(open_house(tmp_path / "store.db", FakeChain())) as house, served(house) as url:
        schema = openapi.from_url(f"{url}/v1/openapi.json").exclude(path="/v1/feed")  # which ends with its reader
        schema.config.generation.update(modes=list(GenerationMode))
        limits = examples(15, (Phase.explicit, Phase.generate))
        uid = house.intake.submit(a_request()).uid
        house.intake.submit(a_request(2))
        seen: Counter[tuple[str, int]] = Counter()

        for result in schema.get_all_operations():
            operation = result.ok()

            def check(case: Any) -> None:
                before = house.store.snapshot(0).log_length
                response = case.call(timeout=20)
                seen[case.operation.label, response.status_code // 100] += 1
                case.validate_response(response, checks=[not_a_server_error])
                if response.status_code >= 400:
                    assert response.headers["content-type"] == ["application/problem+json"]
                    assert house.store.snapshot(0).log_length == before

            given(case=operation.as_strategy())(limits(check))()
        labels = {label for label, _ in seen}
        assert {"POST /v1/intents", "POST /v1/intents/batch", "POST /v1/cancels", "GET /v1/intents/{uid}"} <= labels
        assert {group for _, group in seen} >= {2, 4}
        assert house.store.log(1, 2)[0].uid == uid
        house.store.verify_chain()


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "9" * 30, "\xff", "%00"])
@pytest.mark.parametrize("place", ["header", "query"])
def test_the_feed_takes_odd_places_for_what_they_are(desk: Desk, after: str, place: str) -> None:
    """A stream or a refusal, at once; what it begins with is the feed's own test."""
    headers = [(b"Last-Event-ID", after.encode("latin-1"))] if place == "header" else []
    params = {"after": after} if place == "query" else {}
    desk.post("/v1/intents", a_request().model_dump_json(by_alias=True))
    with desk.http.stream("GET", "/v1/feed", headers=headers, params=params, timeout=20) as answer:
        assert answer.status_code in (200, 422)
