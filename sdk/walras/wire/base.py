"""The fields that all messages are made of.

Amounts travel as decimal strings (JSON numbers lose digits above 2^53), addresses and hashes as ``0x``
strings, times as integers of Unix seconds. Unknown fields are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from walras.atoms import U256_MAX


def _parse_atoms(value: Any) -> int:
    """A decimal string without sign, leading zero or exponent, up to 2^256-1; inside Python also an int."""
    if isinstance(value, str):
        if len(value) > 78 or not (value.isascii() and value.isdigit()) or (value[0] == "0" and value != "0"):
            raise ValueError("expected a decimal string of atoms")
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("expected a decimal string of atoms")
    if not 0 <= value <= U256_MAX:
        raise ValueError("an amount lies in 0..2^256-1")
    return value


def short_mapping(most: int) -> Callable[[Any], Any]:
    """Refuses a mapping of more than ``most`` entries before any of them is looked at."""

    def check(value: Any) -> Any:
        if isinstance(value, dict) and len(value) > most:
            raise ValueError(f"{len(value)} entries; at most {most} are read")
        return value

    return check


Atoms = Annotated[
    int,
    BeforeValidator(_parse_atoms),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": "^(0|[1-9][0-9]{0,77})$", "examples": ["1000000000000000000"]}),
]
Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$"), AfterValidator(str.lower)]
Hash = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{64}$"), AfterValidator(str.lower)]
Bytes = Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2})*$"), AfterValidator(str.lower)]
#: The bytes of an intent's terms; absent from the message if the intent has none.
TermsData = Annotated[
    str | None,
    Field(pattern=r"^0x([0-9a-fA-F]{2})*$", max_length=2 + 2 * 16_384, exclude_if=lambda value: value is None),
    AfterValidator(lambda value: value and value.lower()),
]
Seconds = Annotated[int, Field(ge=0, lt=2**48, strict=True)]


class Wire(BaseModel):
    """Base of all messages: frozen, strict, camelCase on the wire, snake_case in Python."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """The message as JSON values."""
        return self.model_dump(mode="json", by_alias=True)


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no white space: the bytes that are hashed, stored and compared."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
