"""Every error as a problem document (RFC 9457) that names its reason and its field."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from walras.rejections import Reason, Rejection
from walras.wire import Problem

from walras_auction.ports import StoreError, UnknownOutcome

MEDIA_TYPE = "application/problem+json"

_BY_STATUS = {404: Reason.NOT_FOUND, 405: Reason.METHOD_NOT_ALLOWED, 413: Reason.BODY_TOO_LARGE}
_OUT_OF_RANGE = frozenset(
    (
        "int_type",
        "int_from_float",
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "int_parsing_size",
    )
)


def problem_of(rejection: Rejection) -> Problem:
    """The problem document of a refusal."""
    reason = rejection.reason
    return Problem(
        type=f"urn:walras:problem:{reason.value}",
        title=reason.sentence,
        status=reason.status or 422,
        detail=rejection.detail,
        reason=reason.value,
        field=rejection.field,
        **rejection.extra,
    )


def response_of(rejection: Rejection, headers: dict[str, str] | None = None) -> Response:
    problem = problem_of(rejection)
    return JSONResponse(problem.to_json(), problem.status, {**(headers or {}), **retry_header(rejection)}, MEDIA_TYPE)


def retry_header(rejection: Rejection) -> dict[str, str]:
    """``Retry-After`` of a refusal that says how many seconds to wait."""
    seconds = rejection.extra.get("retryAfter")
    return {} if seconds is None else {"Retry-After": seconds}


def shape_rejection(errors: Sequence[Any]) -> Rejection:
    """The first complaint of pydantic as a refusal with the path of its field."""
    first = errors[0]
    path = [part for part in first["loc"] if part not in ("body", "query", "path", "header")]
    return Rejection(_shape_reason(first), field_path(path), _plain(first["msg"]))


def parse_rejection(error: ValidationError) -> Rejection:
    """A body that is not what its model says."""
    return shape_rejection(error.errors(include_url=False, include_context=False))


def too_large(limit: int) -> Rejection:
    """A body that was not read to its end."""
    return Rejection(Reason.BODY_TOO_LARGE, "", f"this address reads at most {limit} bytes")


def field_path(path: Sequence[str | int]) -> str:
    """``intent.gives[0].start`` from its parts."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return _plain(text.removeprefix("."))[:200]


def _shape_reason(error: Any) -> Reason:
    kind, value = error["type"], error.get("input")
    if kind == "json_invalid":
        return Reason.MALFORMED_JSON
    if kind == "extra_forbidden":
        return Reason.UNKNOWN_FIELD
    if kind == "too_long" and error["loc"][-1] in ("gives", "wants"):
        return Reason.TOO_MANY_LEGS
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and (kind in _OUT_OF_RANGE or kind == "value_error"):
        return Reason.AMOUNT_OUT_OF_RANGE
    if kind == "value_error" and isinstance(value, str) and _is_number(value):
        return Reason.AMOUNT_OUT_OF_RANGE
    return Reason.MALFORMED


def _is_number(text: str) -> bool:
    """Whether a refused amount is a number at all, though not one of atoms (negative, fractional, too large)."""
    with contextlib.suppress(ValueError):
        float(text[:400])
        return True
    return False


def _plain(text: str) -> str:
    """Text that survives UTF-8, whatever a client sent."""
    return text.encode("utf-8", "replace").decode()


def install(app: FastAPI) -> None:
    """Answer every kind of error with a problem document."""

    @app.exception_handler(Rejection)
    def _rejected(request: Request, error: Rejection) -> Response:
        return response_of(error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        return response_of(shape_rejection(error.errors()))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        return http_problem(error)

    @app.exception_handler(StoreError)
    def _store(request: Request, error: StoreError) -> Response:
        return response_of(store_unavailable(error))

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> Response:
        return response_of(Rejection(Reason.INTERNAL_ERROR, "", "the house's log names the cause"))


def store_unavailable(error: StoreError) -> Rejection:
    """What whoever submitted something is told, when the store failed."""
    detail = "the log could not be written; nothing was accepted"
    if isinstance(error, UnknownOutcome):
        detail = "the log was lost while it was written; send the same again: it is taken once at most"
    return Rejection(Reason.STORE_UNAVAILABLE, "", detail)


def http_problem(error: HTTPException) -> Response:
    """An HTTP error raised by the framework, as a problem document of the same status."""
    reason = _BY_STATUS.get(error.status_code, Reason.MALFORMED)
    problem = problem_of(Rejection(reason, "", str(error.detail))).model_copy(update={"status": error.status_code})
    headers = dict(error.headers or {})
    return JSONResponse(problem.to_json(), error.status_code, headers, MEDIA_TYPE)


def documented(*reasons: Reason) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for ``reasons``, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for reason in reasons:
        known = found.get(reason.status)
        text = f"`{reason.value}`: {reason.sentence}"
        found[reason.status] = {
            "description": text if known is None else f"{known['description']}\n\n{text}",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
