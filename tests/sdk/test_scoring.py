"""What a fill is worth, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from walras.amounts import Amounts
from walras.intent import NATIVE, Intent, Leg
from walras.scoring import PRICE_UNIT, surplus_atoms, surplus_value

OWNER = "0x" + "0a" * 20
A, B, C, WRAPPED = ("0x" + pair * 20 for pair in ("a1", "b2", "c3", "ee"))
SELL = Intent.sell(OWNER, (A, 100), (B, 200), valid_to=9, nonce=1)
BUY = Intent.buy(OWNER, (B, 200), (A, 100), valid_to=9, nonce=1)
ONE = PRICE_UNIT  # a price of one wei an atom


def value(intent: Intent, executed: int, amounts: Amounts, prices: dict[str, int]) -> int:
    return surplus_value(intent, executed, amounts, 0, prices, WRAPPED)


def test_surplus_is_what_goes_beyond_the_limit() -> None:
    assert surplus_atoms(SELL, 50, Amounts((50,), (130,)), 0) == (30,)
    assert surplus_atoms(BUY, 100, Amounts((40,), (100,)), 0) == (10,)


def test_a_sell_counts_its_wants_and_a_buy_its_gives() -> None:
    assert value(SELL, 50, Amounts((50,), (130,)), {A: 7 * ONE, B: 3 * ONE}) == 90
    assert value(BUY, 100, Amounts((40,), (100,)), {A: 7 * ONE, B: 3 * ONE}) == 70


def test_value_is_rounded_down() -> None:
    assert value(SELL, 50, Amounts((50,), (130,)), {B: ONE // 31}) == 0
    assert value(SELL, 50, Amounts((50,), (130,)), {B: ONE // 30 + 1}) == 1


def test_native_wants_count_at_the_price_of_the_wrapped_token() -> None:
    native = replace(SELL, wants=(Leg.fixed(NATIVE, 200),))
    assert value(native, 50, Amounts((50,), (130,)), {WRAPPED: 3 * ONE}) == 90


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (100, 0),  # exactly the limit
        (200, 25),  # half of what it gets is surplus: half of what it gives
        (10**30, 49),  # nearly all is surplus: never more than what it gives
    ],
)
def test_surplus_without_a_price_counts_as_its_share_of_the_other_side(got: int, expected: int) -> None:
    assert value(SELL, 50, Amounts((50,), (got,)), {A: ONE}) == expected


def test_nothing_counts_where_nothing_has_a_price() -> None:
    assert value(SELL, 50, Amounts((50,), (10**30,)), {}) == 0


def test_with_several_unpriced_wants_the_least_share_speaks_for_all() -> None:
    """One leg doubled, the other at its limit: without prices no one knows that anything was gained."""
    basket = replace(SELL, wants=(Leg.fixed(B, 200), Leg.fixed(C, 200)))
    assert value(basket, 100, Amounts((100,), (400, 200)), {A: ONE}) == 0
    assert value(basket, 100, Amounts((100,), (400, 400)), {A: ONE}) == 50


def test_priced_and_unpriced_wants_add_up() -> None:
    basket = replace(SELL, wants=(Leg.fixed(B, 200), Leg.fixed(C, 200)))
    assert value(basket, 100, Amounts((100,), (250, 400)), {A: ONE, B: ONE}) == 50 + 50


def test_time_matters_to_a_dutch_limit() -> None:
    dutch = replace(SELL, wants=(Leg(B, 300, 200),), valid_from=100, decay_to=200)
    amounts = Amounts((100,), (300,))
    at = {time: surplus_value(dutch, 100, amounts, time, {B: ONE}, WRAPPED) for time in (100, 150, 200)}
    assert at == {100: 0, 150: 50, 200: 100}
