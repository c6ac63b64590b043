"""What makes an intent well formed: each rule broken once, with the field it names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from walras.atoms import U256_MAX
from walras.intent import NATIVE, NO_TERMS, U48_MAX, FillRule, Intent, Kind, Leg, bound_at, check_structure
from walras.rejections import Reason, Rejection

OWNER, OTHER = "0x" + "0a" * 20, "0x" + "0b" * 20
A, B, C = "0x" + "a1" * 20, "0x" + "b2" * 20, "0x" + "c3" * 20


def sell(**changes: Any) -> Intent:
    return replace(Intent.sell(OWNER, (A, 1_000), (B, 900), valid_to=2_000, nonce=7), **changes)


def dutch(**changes: Any) -> Intent:
    """Wants 900 at second 100, falling to 600 at second 400."""
    whole = sell(wants=(Leg(B, 900, 600),), valid_from=100, decay_to=400)
    return replace(whole, **changes)


def many(count: int, first: int) -> tuple[Leg, ...]:
    return tuple(Leg.fixed(f"0x{number:040x}", 5) for number in range(first, first + count))


def test_a_plain_sell_and_buy_are_well_formed() -> None:
    check_structure(sell())
    check_structure(Intent.buy(OWNER, (B, 900), (A, 1_000), valid_to=2_000, nonce=7, fill=FillRule.WHOLE))
    check_structure(dutch())
    check_structure(sell(gives=many(8, 100), wants=many(8, 200), min_fill=5))


@pytest.mark.parametrize(
    ("intent", "reason", "field"),
    [
        (sell(owner="0xAB" + "0a" * 19), Reason.MALFORMED, "owner"),
        (sell(owner="0x00"), Reason.MALFORMED, "owner"),
        (sell(owner="0x" + "00" * 20), Reason.MALFORMED, "owner"),
        (sell(owner=OWNER + "\n"), Reason.MALFORMED, "owner"),
        (sell(receiver="nobody"), Reason.MALFORMED, "receiver"),
        (sell(terms="0x00"), Reason.MALFORMED, "terms"),
        (sell(nonce=-1), Reason.AMOUNT_OUT_OF_RANGE, "nonce"),
        (sell(nonce=U256_MAX + 1), Reason.AMOUNT_OUT_OF_RANGE, "nonce"),
        (sell(gives=()), Reason.TOO_MANY_LEGS, "gives"),
        (sell(wants=()), Reason.TOO_MANY_LEGS, "wants"),
        (sell(gives=many(9, 100)), Reason.TOO_MANY_LEGS, "gives"),
        (sell(wants=many(9, 100)), Reason.TOO_MANY_LEGS, "wants"),
        (sell(gives=(Leg.fixed("0xA1", 5),)), Reason.MALFORMED, "gives[0].token"),
        (sell(gives=(Leg.fixed("0x" + "00" * 20, 5),)), Reason.MALFORMED, "gives[0].token"),
        (sell(gives=(Leg.fixed(NATIVE, 5),)), Reason.NATIVE_GIVE, "gives[0].token"),
        (sell(gives=(Leg(A, 0, 0),)), Reason.ZERO_AMOUNT, "gives[0].start"),
        (sell(wants=(Leg(B, 900, 0),)), Reason.ZERO_AMOUNT, "wants[0].end"),
        (sell(wants=(Leg.fixed(B, -1),)), Reason.AMOUNT_OUT_OF_RANGE, "wants[0].start"),
        (sell(wants=(Leg.fixed(B, U256_MAX + 1),)), Reason.AMOUNT_OUT_OF_RANGE, "wants[0].start"),
        (sell(gives=(Leg(A, 999, 1_000),)), Reason.BAD_DUTCH, "gives[0]"),
        (dutch(wants=(Leg(B, 600, 900),)), Reason.BAD_DUTCH, "wants[0]"),
        (dutch(valid_from=0), Reason.BAD_DUTCH, "decayTo"),
        (dutch(decay_to=100), Reason.BAD_DUTCH, "decayTo"),
        (dutch(decay_to=2_001), Reason.BAD_DUTCH, "decayTo"),
        (sell(decay_to=5), Reason.BAD_DUTCH, "decayTo"),
        (sell(valid_from=3_000, decay_to=3_000), Reason.BAD_WINDOW, "validTo"),
        (sell(valid_to=U48_MAX + 1), Reason.AMOUNT_OUT_OF_RANGE, "validTo"),
        (sell(valid_from=-1, decay_to=-1), Reason.AMOUNT_OUT_OF_RANGE, "validFrom"),
        (sell(wants=(Leg.fixed(A, 5),)), Reason.SAME_TOKEN, "wants[0]"),
        (sell(wants=(Leg.fixed(B, 5), Leg.fixed(B, 5))), Reason.SAME_TOKEN, "wants[1]"),
        (sell(min_fill=0), Reason.BAD_MIN_FILL, "minFill"),
        (sell(min_fill=1_001), Reason.BAD_MIN_FILL, "minFill"),
        (sell(fill=FillRule.WHOLE, min_fill=999), Reason.BAD_MIN_FILL, "minFill"),
        (sell(receiver=OTHER), Reason.BAD_RECEIVER, "receiver"),
    ],
)
def test_each_rule_has_its_reason_and_its_field(intent: Intent, reason: Reason, field: str) -> None:
    with pytest.raises(Rejection) as caught:
        check_structure(intent, house_contracts=frozenset((OTHER,)))
    assert caught.value.reason is reason
    assert caught.value.field.startswith(field)


def test_native_counts_as_its_wrapped_token() -> None:
    both = sell(wants=(Leg.fixed(NATIVE, 5),))
    check_structure(both, wrapped_native=C)
    with pytest.raises(Rejection) as caught:
        check_structure(both, wrapped_native=A)
    assert caught.value.reason is Reason.SAME_TOKEN


def test_a_buys_gives_may_rise_and_its_wants_may_not_move() -> None:
    buy = Intent.buy(OWNER, (B, 900), (A, 1_000), valid_to=2_000, nonce=1)
    check_structure(replace(buy, gives=(Leg(A, 500, 1_000),), valid_from=100, decay_to=400))
    for changes in ({"gives": (Leg(A, 1_000, 500),)}, {"wants": (Leg(B, 900, 800),)}):
        with pytest.raises(Rejection) as caught:
            check_structure(replace(buy, valid_from=100, decay_to=400, **changes))  # type: ignore[arg-type]
        assert caught.value.reason is Reason.BAD_DUTCH


@pytest.mark.parametrize(
    ("time", "want", "give"),
    [
        (0, 900, 500),
        (100, 900, 500),
        (101, 899, 501),
        (250, 750, 750),
        (399, 601, 998),
        (400, 600, 1_000),
        (9**9, 600, 1_000),
    ],
)
def test_bounds_move_linearly_and_round_for_the_trader(time: int, want: int, give: int) -> None:
    intent = dutch()
    assert bound_at(intent.wants[0], intent, time, give=False) == want
    assert bound_at(Leg(A, 500, 1_000), intent, time, give=True) == give


def test_builders_fill_in_what_is_usual() -> None:
    whole = Intent.sell("0x" + "AB" * 20, ("0x" + "CD" * 20, 5), (B, 6), valid_to=1, nonce=0, fill=FillRule.WHOLE)
    assert (whole.owner, whole.gives[0].token) == ("0x" + "ab" * 20, "0x" + "cd" * 20)
    assert (whole.min_fill, whole.full_amount, whole.terms) == (5, 5, NO_TERMS)
    assert whole.payee == whole.owner
    assert replace(whole, receiver=OTHER).payee == OTHER
    buy = Intent.buy(OWNER, (B, 6), (A, 5), valid_to=1, nonce=3 << 192)
    assert (buy.kind, buy.min_fill, buy.full_amount, buy.epoch) == (Kind.BUY, 1, 6, 3)
    assert buy.fixed_side == buy.wants
    assert buy.moving_side == buy.gives
