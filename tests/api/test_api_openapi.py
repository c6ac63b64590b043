"""The OpenAPI document is made from the code, tells the truth, and no input that fits or breaks it makes a 5xx."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from house_fakes import A, Desk, FakeChain, a_cancel, a_request, key, open_house
from walras.answers import BatchRequest
from walras.rejections import Reason
from walras_auction.api.app import create_app


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


def test_no_input_makes_a_server_error(tmp_path: Path) -> None:
    """Schemathesis over the document: valid, invalid and odd requests get an answer below 500."""
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis import GenerationMode, openapi
    from schemathesis.checks import not_a_server_error

    with closing(open_house(tmp_path / "store.db", FakeChain())) as house:
        schema = openapi.from_asgi("/v1/openapi.json", create_app(house)).exclude(path="/v1/feed")
        schema.config.generation.update(modes=list(GenerationMode))
        limits = settings(
            max_examples=20, derandomize=True, database=None, deadline=None,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        seen: set[str] = set()

        for result in schema.get_all_operations():
            operation = result.ok()

            def check(case: Any) -> None:
                response = case.call()
                seen.add(f"{response.status_code // 100}xx")
                case.validate_response(response, checks=[not_a_server_error])

            given(case=operation.as_strategy())(limits(check))()
        assert seen >= {"2xx", "4xx"}
