"""Fill arithmetic by hand: small numbers that anyone can check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from walras.amounts import Amounts, check_limits, fill_amounts, limits, priced_token
from walras.atoms import U128_MAX
from walras.intent import NATIVE, Intent, Kind, Leg
from walras.rejections import Reason, Rejection

OWNER = "0x" + "0a" * 20
A, B, C, WRAPPED = ("0x" + pair * 20 for pair in ("a1", "b2", "c3", "ee"))
M = 10**6
SELL = Intent.sell(OWNER, (A, 10 * M), (B, 20 * M), valid_to=9, nonce=1)
BUY = Intent.buy(OWNER, (B, 20 * M), (A, 10 * M), valid_to=9, nonce=1)
BASKET = replace(SELL, gives=(Leg.fixed(A, 10 * M), Leg.fixed(C, 5 * M)))


def fill(intent: Intent, executed: int, prices: dict[str, int], fee: int = 0, round_up: int = 0) -> Amounts:
    return fill_amounts(intent, executed, fee, round_up, prices, WRAPPED)


def test_a_sell_gets_the_value_of_what_it_gives() -> None:
    assert fill(SELL, 4 * M, {A: 5, B: 2}) == Amounts((4 * M,), (10 * M,))


def test_the_fee_comes_out_of_what_is_given() -> None:
    assert fill(SELL, 4 * M, {A: 5, B: 2}, fee=2 * M) == Amounts((4 * M,), (5 * M,))
    assert fill(BUY, 10 * M, {A: 5, B: 2}, fee=2 * M) == Amounts((6 * M,), (10 * M,))


def test_a_buy_pays_the_value_of_what_it_gets() -> None:
    assert fill(BUY, 10 * M, {A: 5, B: 2}) == Amounts((4 * M,), (10 * M,))


def test_rounding_is_as_stated() -> None:
    assert fill(SELL, 10 * M, {A: 1, B: 3}).wants == (3_333_333,)
    assert fill(SELL, 10 * M, {A: 1, B: 3}, round_up=1).wants == (3_333_334,)
    assert fill(BUY, 10 * M, {A: 3, B: 1}).gives == (3_333_333,)
    assert fill(BUY, 10 * M, {A: 3, B: 1}, round_up=1).gives == (3_333_334,)
    assert fill(SELL, 9 * M, {A: 1, B: 3}, round_up=1).wants == (3 * M,)  # exact: there is nothing to round


def test_a_basket_gives_every_leg_by_the_same_fraction_rounded_down() -> None:
    amounts = fill(BASKET, 3, {A: M, B: 1, C: M})
    assert amounts.gives == (3, 1)
    assert amounts.wants == (4 * M,)


def test_several_wants_share_by_one_factor() -> None:
    double = replace(SELL, wants=(Leg.fixed(B, 20 * M), Leg.fixed(C, 10 * M)))
    assert fill(double, 10 * M, {A: 6, B: 2, C: 2}).wants == (20 * M, 10 * M)
    assert fill(double, 10 * M, {A: 9, B: 2, C: 2}).wants == (30 * M, 15 * M)


def test_a_buy_of_several_rounds_its_wants_up() -> None:
    double = replace(BUY, wants=(Leg.fixed(B, 20 * M), Leg.fixed(C, 10 * M)))
    assert fill(double, 3, {A: 1, B: M, C: M}).wants == (3, 2)


def test_the_native_coin_trades_as_its_wrapped_token() -> None:
    native = replace(SELL, wants=(Leg.fixed(NATIVE, 20 * M),))
    assert priced_token(NATIVE, WRAPPED) == WRAPPED
    assert fill(native, 4 * M, {A: 5, WRAPPED: 2}).wants == (10 * M,)


def refused(intent: Intent, executed: int, prices: dict[str, int], **rest: Any) -> Reason:
    with pytest.raises(Rejection) as caught:
        fill(intent, executed, prices, **rest)
    return caught.value.reason


@pytest.mark.parametrize(
    ("executed", "prices", "rest", "reason"),
    [
        (0, {A: 1, B: 1}, {}, Reason.ZERO_LEG),
        (10 * M + 1, {A: 1, B: 1}, {}, Reason.OVERFILL),
        (M, {A: 1}, {}, Reason.MISSING_PRICE),
        (M, {A: 1, B: 0}, {}, Reason.BAD_PRICE),
        (M, {A: -1, B: 1}, {}, Reason.BAD_PRICE),
        (M, {A: U128_MAX + 1, B: 1}, {}, Reason.BAD_PRICE),
        (M, {A: 1, B: 1}, {"fee": -1}, Reason.BAD_FEE),
        (M, {A: 1, B: 1}, {"fee": M}, Reason.BAD_FEE),
        (M, {A: 1, B: 1}, {"fee": 2 * M}, Reason.BAD_FEE),
        (M, {A: 1, B: 1}, {"round_up": 2}, Reason.BAD_ROUNDING),
        (M, {A: 1, B: 1}, {"round_up": -1}, Reason.BAD_ROUNDING),
        (M, {A: 1, B: 3}, {}, Reason.ROUNDING_AGAINST_TRADER),
        (M, {A: U128_MAX, B: 1}, {}, Reason.AMOUNT_OVERFLOW),
    ],
)
def test_each_rule_of_a_fill_has_its_reason(
    executed: int, prices: dict[str, int], rest: dict[str, int], reason: Reason
) -> None:
    assert refused(SELL, executed, prices, **rest) is reason


def test_a_basket_too_small_to_split_is_refused() -> None:
    assert refused(BASKET, 1, {A: M, B: 1, C: M}) is Reason.ZERO_LEG


def test_a_buys_fee_is_smaller_than_what_it_gives() -> None:
    """What the ten atoms are worth rounds away, and only the fee is left."""
    assert refused(BUY, 10, {A: 100, B: 1}, fee=1) is Reason.BAD_FEE
    assert fill(BUY, 10 * M, {A: 1, B: 1}, fee=M).gives == (11 * M,)


@pytest.mark.parametrize("against", [10**6 - 1, 10**6])
def test_rounding_against_the_trader_needs_a_leg_of_a_million_atoms(against: int) -> None:
    """The exact amount is ``against`` and a third."""
    whole = Intent.sell(OWNER, (A, 3 * against + 1), (B, 1), valid_to=9, nonce=1)
    if against < 10**6:
        assert refused(whole, whole.full_amount, {A: 1, B: 3}) is Reason.ROUNDING_AGAINST_TRADER
        assert fill(whole, whole.full_amount, {A: 1, B: 3}, round_up=1).wants == (against + 1,)
    else:
        assert fill(whole, whole.full_amount, {A: 1, B: 3}).wants == (against,)


def test_limits_of_a_part_round_for_the_trader() -> None:
    odd = Intent.sell(OWNER, (A, 10), (B, 3), valid_to=9, nonce=1)
    assert [limits(odd, part, 0) for part in (1, 3, 4, 10)] == [(1,), (1,), (2,), (3,)]
    odd = Intent.buy(OWNER, (B, 10), (A, 3), valid_to=9, nonce=1)
    assert [limits(odd, part, 0) for part in (1, 3, 4, 10)] == [(0,), (0,), (1,), (3,)]


@pytest.mark.parametrize("intent", [SELL, BUY])
def test_a_limit_holds_to_the_atom(intent: Intent) -> None:
    exact = Amounts((10 * M,), (20 * M,))
    check_limits(intent, intent.full_amount, exact, 0)
    worse = Amounts((10 * M,), (20 * M - 1,)) if intent.kind is Kind.SELL else Amounts((10 * M + 1,), (20 * M,))
    with pytest.raises(Rejection) as caught:
        check_limits(intent, intent.full_amount, worse, 0)
    assert caught.value.reason is Reason.LIMIT_VIOLATED
    assert "signed at" in caught.value.detail
