"""Division says which way it rounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from walras.atoms import ceil_div, divide, floor_div


@pytest.mark.parametrize(("numerator", "denominator", "down", "up"), [(0, 3, 0, 0), (1, 3, 0, 1), (3, 3, 1, 1)])
def test_rounding(numerator: int, denominator: int, down: int, up: int) -> None:
    assert floor_div(numerator, denominator) == divide(numerator, denominator, up=False) == down
    assert ceil_div(numerator, denominator) == divide(numerator, denominator, up=True) == up


@given(st.integers(0, 2**512), st.integers(1, 2**256))
def test_up_and_down_enclose_the_exact_quotient(numerator: int, denominator: int) -> None:
    down, up = floor_div(numerator, denominator), ceil_div(numerator, denominator)
    assert down * denominator <= numerator <= up * denominator
    assert up - down == bool(numerator % denominator)
