"""The fields that CoW messages are made of: unknown fields are skipped, numbers come in several spellings."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from walras.atoms import U256_MAX
from walras.wire.base import Address

__all__ = ["MAX_PRECISION", "Address", "CowMessage", "Hex", "Number", "OrderUid", "Uint", "exact", "loads"]

#: Digits and exponents beyond this are no fee, weight or scale; they only take time to compute with.
MAX_PRECISION = 80


class CowMessage(BaseModel):
    """Base of all CoW messages: frozen, camelCase, tolerant of fields that are not known here."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """The message as JSON values."""
        return self.model_dump(mode="json", by_alias=True)


def _parse_uint(value: Any) -> int:
    """Hexadecimal with ``0x``, decimal, or a JSON integer, up to 2^256-1."""
    if isinstance(value, str):
        if not value.isascii() or len(value) > MAX_PRECISION or "_" in value or value != value.strip():
            raise ValueError("expected an unsigned integer of 256 bits")
        value = int(value, 16 if value[:2] in ("0x", "0X") else 10)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= U256_MAX:
        raise ValueError("expected an unsigned integer of 256 bits")
    return value


def _parse_number(value: Any) -> Decimal:
    """A decimal number as a string or a JSON number, with at most 80 digits and an exponent as small."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("expected a decimal number")
    text = str(value)
    try:
        number = Decimal(text) if len(text) <= MAX_PRECISION else Decimal("nan")
    except InvalidOperation:
        raise ValueError("expected a decimal number") from None
    if not number.is_finite() or abs(number.adjusted()) > MAX_PRECISION:
        raise ValueError("expected a decimal number")
    return number


Uint = Annotated[int, BeforeValidator(_parse_uint), PlainSerializer(str, return_type=str, when_used="json")]
Number = Annotated[
    Decimal, BeforeValidator(_parse_number), PlainSerializer("{:f}".format, return_type=str, when_used="json")
]
Hex = Annotated[str, Field(pattern=r"^0x([0-9a-fA-F]{2})*$")]
OrderUid = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{112}$")]


def exact(number: Decimal, unit: int) -> int | None:
    """``number`` · ``unit`` if that is whole and not negative, or else None: rounded figures make wrong predictions."""
    value = Fraction(number) * unit
    return int(value) if value.denominator == 1 and value >= 0 else None


def loads(body: bytes) -> Any:
    """JSON values. Raises ``ValueError``, also for what nests deeply, whatever the process allows its stack."""
    return from_json(body, allow_inf_nan=False)
