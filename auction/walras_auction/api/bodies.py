"""Request bodies: counted while they are read, parsed straight from bytes, described in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from pydantic import BaseModel, ValidationError
from walras.rejections import Reason, Rejection

from walras_auction.api.problems import parse_rejection, too_large
from walras_auction.express import UNREADABLE

Model = TypeVar("Model", bound=BaseModel)

#: Bytes of one message of a batch.
MAX_PART = 64 * 1024


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body. Raises :class:`Rejection` (``body_too_large``) as soon as it is longer than ``limit`` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large(limit)
    return bytes(body)


def parse_batch(model: type[Model], name: str, body: bytes) -> Model:
    """``body`` as a message whose one member ``name`` is a list of messages. Raises :class:`Rejection`.

    A model lists all that is wrong with an object before the first of it can be named, which a body of megabytes
    could make last a minute. So a large one is looked at from outside first, and no part may be large.
    """
    try:
        parts = _decoder(model, name).decode(body)
    except UNREADABLE as error:
        if len(body) > MAX_PART:
            raise _unreadable(error) from error
    else:
        check_parts(getattr(parts, name), name)
    return parse(model, body)


def check_parts(parts: Sequence[msgspec.Raw], name: str) -> None:
    """Raise :class:`Rejection` (``body_too_large``) if one of the messages in a batch is longer than any alone."""
    for at, part in enumerate(parts):
        if len(memoryview(part)) > MAX_PART:
            raise Rejection(Reason.BODY_TOO_LARGE, f"{name}[{at}]", f"one message has at most {MAX_PART} bytes")


@lru_cache
def _decoder(model: type[BaseModel], name: str) -> msgspec.json.Decoder[Any]:
    """Reads the list ``name`` unread in its parts, and what the model has beside it: single words with a default."""
    beside = [(field, said.annotation, said.default) for field, said in model.model_fields.items() if field != name]
    fields: list[Any] = [(name, list[msgspec.Raw]), *beside]
    return msgspec.json.Decoder(msgspec.defstruct(name, fields, forbid_unknown_fields=True))


def _unreadable(error: Exception) -> Rejection:
    text = str(error).encode("utf-8", "replace").decode()
    if not isinstance(error, msgspec.ValidationError):
        return Rejection(Reason.MALFORMED_JSON, "", text)
    reason = Reason.UNKNOWN_FIELD if "unknown field" in text else Reason.MALFORMED
    return Rejection(reason, "", text[:200])


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
