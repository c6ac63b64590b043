"""Request bodies: counted while they are read, parsed straight from bytes, described in the OpenAPI document."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from walras.rejections import Reason, Rejection

from walras_auction.api.problems import parse_rejection

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises :class:`Rejection` (``body_too_large``) as soon as it is longer than ``limit`` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def parse(model: type[Model], body: bytes) -> Model:
    """``body`` as a message. Raises :class:`Rejection` naming the field that is wrong."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise parse_rejection(error) from error


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI description of a request body that :func:`parse` reads."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _too_large(limit: int) -> Rejection:
    return Rejection(Reason.BODY_TOO_LARGE, "", f"this address reads at most {limit} bytes")
