"""Numbers in all their spellings, and JSON that is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from walras.cow.base import Number, Uint, exact, loads

UINT: TypeAdapter[int] = TypeAdapter(Uint)
NUMBER: TypeAdapter[Decimal] = TypeAdapter(Number)


@pytest.fixture
def deep() -> Iterator[None]:
    """A process whose libraries allow the stack more than it holds, as those of an EVM do."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("text", ["255", "0xff", "0XFF", "0x0ff", 255])
def test_an_amount_is_hexadecimal_decimal_or_a_number(text: Any) -> None:
    assert UINT.validate_python(text) == 255
    assert UINT.dump_python(255, mode="json") == "255"


@pytest.mark.parametrize(
    "odd", ["", "-1", " 1", "1_0", "0x", "1.0", "１", 1.0, True, None, 2**256, str(2**256), "0" * 81, [], -1]
)
def test_what_is_no_amount_is_refused(odd: Any) -> None:
    with pytest.raises(ValidationError):
        UINT.validate_python(odd)


@pytest.mark.parametrize("text", ["0.003", 0.003, "3e-3", "0.0030"])
def test_a_fraction_is_exact(text: Any) -> None:
    assert exact(NUMBER.validate_python(text), 10**6) == 3_000


@pytest.mark.parametrize("odd", ["", "x", "nan", "inf", "1e100", "1e-999999999", "1" * 81, True, None, []])
def test_what_is_no_number_is_refused(odd: Any) -> None:
    with pytest.raises(ValidationError):
        NUMBER.validate_python(odd)


@pytest.mark.parametrize("text", ["0.0000005", "-1"])
def test_what_has_no_whole_atoms_is_none(text: str) -> None:
    assert exact(NUMBER.validate_python(text), 10**6) is None


@pytest.mark.usefixtures("deep")
@pytest.mark.parametrize("body", [b"[" * 1_000_000, b'{"a":' * 500_000, b"NaN", b"", b"\xff", b"1" * 5_000])
def test_what_is_no_json_is_refused_whatever_the_stack(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        loads(body)
