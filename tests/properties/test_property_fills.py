"""What holds of every fill, whatever the intent, the prices and the rounding."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from support.strategies import WRAPPED, Case, cases, intents
from walras.amounts import Amounts, check_limits, fill_amounts, limits
from walras.atoms import ROUNDING_FLOOR
from walras.intent import FillRule, Intent, Kind, bound_at
from walras.rejections import Rejection
from walras.scoring import surplus_atoms, surplus_value

MANY = settings(max_examples=150)


def filled(case: Case) -> Amounts | None:
    try:
        return fill_amounts(case.intent, case.executed, case.fee, case.round_up, case.prices, WRAPPED)
    except Rejection as refusal:
        event(f"refused: {refusal.reason.value}")
        return None


def value(legs: object, amounts: tuple[int, ...], case: Case) -> int:
    return sum(amount * case.prices[leg.token] for leg, amount in zip(legs, amounts, strict=True))  # type: ignore[call-overload]


@given(cases())
@MANY
def test_value_given_less_fee_is_value_received_up_to_rounding(case: Case) -> None:
    """Each moving leg is off by less than one atom, so the two sides differ by less than one atom of each of them."""
    amounts = filled(case)
    assume(amounts is not None)
    assert amounts is not None
    given_ = value(case.intent.gives, amounts.gives, case) - case.fee * case.prices[case.intent.gives[0].token]
    got = value(case.intent.wants, amounts.wants, case)
    slack = sum(case.prices[leg.token] for leg in case.intent.moving_side)
    assert abs(given_ - got) < slack


@given(cases())
@MANY
def test_each_leg_is_within_one_atom_of_its_exact_share(case: Case) -> None:
    amounts = filled(case)
    assume(amounts is not None)
    assert amounts is not None
    intent = case.intent
    sells = intent.kind is Kind.SELL
    fee = case.fee * case.prices[intent.gives[0].token]
    worth = value(intent.gives, amounts.gives, case) - fee if sells else value(intent.wants, amounts.wants, case) + fee
    moved = amounts.wants if sells else amounts.gives
    basis = sum(leg.end * case.prices[leg.token] for leg in intent.moving_side)
    for index, (leg, amount) in enumerate(zip(intent.moving_side, moved, strict=True)):
        exact = Fraction(leg.end * worth, basis)
        up = bool(case.round_up >> index & 1)
        assert abs(amount - exact) < 1
        assert amount >= exact if up else amount <= exact
        if amount != exact and up is not sells:
            assert amount >= ROUNDING_FLOOR, "a small leg was rounded against its trader"


@given(cases())
@MANY
def test_the_fixed_side_is_the_signed_fraction_rounded_for_the_trader(case: Case) -> None:
    amounts = filled(case)
    assume(amounts is not None)
    assert amounts is not None
    sells = case.intent.kind is Kind.SELL
    fixed = amounts.gives if sells else amounts.wants
    assert fixed[0] == case.executed
    for leg, amount in zip(case.intent.fixed_side, fixed, strict=True):
        exact = Fraction(case.executed * leg.start, case.intent.full_amount)
        assert amount <= exact < amount + 1 if sells else amount - 1 < exact <= amount


@given(intents(dutch=False), st.data())
@MANY
def test_splitting_never_takes_more_than_was_signed(intent: Intent, data: st.DataObject) -> None:
    """However a partial intent is cut up, the sum of its limits is at least as good for the trader as the whole."""
    full = intent.full_amount
    cuts = sorted(data.draw(st.lists(st.integers(0, full), max_size=5)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, full], strict=True) if b > a]
    sums = [sum(column) for column in zip(*(limits(intent, part, 0) for part in parts), strict=True)]
    whole = limits(intent, full, 0)
    for total, signed in zip(sums, whole, strict=True):
        assert total >= signed if intent.kind is Kind.SELL else total <= signed


@given(intents(), st.integers(-100, 2_000), st.integers(0, 500))
@MANY
def test_limits_only_relax_with_time(intent: Intent, offset: int, later: int) -> None:
    """So a fill that holds when the batch closes holds at every moment it can land."""
    time = intent.valid_from + offset
    for leg in intent.moving_side:
        give = intent.kind is Kind.BUY
        early, late = (bound_at(leg, intent, moment, give=give) for moment in (time, time + later))
        assert early <= late if give else early >= late
        low, high = sorted((leg.start, leg.end))
        assert low <= early <= high


@given(cases())
@MANY
def test_surplus_is_never_negative_and_never_more_than_what_moved(case: Case) -> None:
    amounts = filled(case)
    assume(amounts is not None)
    assert amounts is not None
    try:
        check_limits(case.intent, case.executed, amounts, case.time)
    except Rejection:
        event("beyond the limit")
        assume(False)
    surplus = surplus_atoms(case.intent, case.executed, amounts, case.time)
    assert min(surplus) >= 0
    reference = dict.fromkeys(case.prices, 10**18)
    score = surplus_value(case.intent, case.executed, amounts, case.time, reference, WRAPPED)
    assert score == sum(surplus)
    if case.intent.kind is Kind.SELL:
        assert score < sum(amounts.wants)


@given(cases(), st.sets(st.integers(0, 5)))
@MANY
def test_what_has_no_price_counts_no_more_than_what_has_one(case: Case, priced: set[int]) -> None:
    """Surplus in tokens without a reference price is worth at most the priced legs of the other side."""
    amounts = filled(case)
    assume(amounts is not None)
    assert amounts is not None
    intent = case.intent
    moving = {leg.token for leg in intent.moving_side}
    reference = {
        leg.token: 10**18
        for index, leg in enumerate(intent.gives + intent.wants)
        if index in priced and leg.token not in moving
    }
    try:
        check_limits(intent, case.executed, amounts, case.time)
    except Rejection:
        assume(False)
    score = surplus_value(intent, case.executed, amounts, case.time, reference, WRAPPED)
    fixed = amounts.gives if intent.kind is Kind.SELL else amounts.wants
    worth = sum(a for leg, a in zip(intent.fixed_side, fixed, strict=True) if leg.token in reference)
    assert 0 <= score <= worth


@given(intents(most_legs=1, dutch=False), st.data())
@MANY
def test_a_whole_fill_at_the_signed_rate_is_within_the_limit(intent: Intent, data: st.DataObject) -> None:
    """At exactly the signed rate, with the rounding that favours the trader, no fraction of it is refused."""
    executed = intent.full_amount if intent.fill is FillRule.WHOLE else data.draw(st.integers(1, intent.full_amount))
    give, want = intent.gives[0], intent.wants[0]
    vector = {give.token: want.end, want.token: give.end}
    round_up = 1 if intent.kind is Kind.SELL else 0
    try:
        amounts = fill_amounts(intent, executed, 0, round_up, vector, WRAPPED)
    except Rejection:
        assume(False)
    check_limits(intent, executed, amounts, 0)
