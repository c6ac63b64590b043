"""Stage 5 without a chain: every rule that a bid's own integers decide, each broken once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.checks import AT_2000, JUNK, SOLVER, USDC, WETH, fills, judged, refusal, valid
from support.judged import MICRO, WEI, tokens, two_sides
from walras.intent import NATIVE, Intent, Leg
from walras.rejections import Reason
from walras.wire import Fill, Solution
from walras_auction.bids import Checked, SolverIdentity
from walras_auction.verify import Book, expected_changes, pair_key, propose

# ------------------------------------------------------------------ what is computed of a valid bid


def test_a_valid_bid_is_worth_what_both_sides_gain() -> None:
    batch = two_sides().batch()
    checked = valid(batch, fills(batch, WEI, WEI))
    assert checked.score == 2 * 100 * WEI // 2_000
    assert checked.pair_scores == {f"{WETH}>{USDC}": 100 * WEI // 2_000, f"{USDC}>{WETH}": 100 * WEI // 2_000}
    alice, bob = (entry.intent.owner for entry in batch.intents)
    assert checked.draws == {(alice, WETH): WEI, (bob, USDC): 2_000 * MICRO}
    assert checked.pools == frozenset()
    assert expected_changes(checked) == {
        (USDC, alice): 2_000 * MICRO,
        (WETH, alice): -WEI,
        (USDC, bob): -2_000 * MICRO,
        (WETH, bob): WEI,
    }


def test_receivers_get_what_owners_pay_for() -> None:
    market = two_sides()
    carol = market.signer("carol").address
    first, second = market.intents
    batch = replace(market, intents=(replace(first, receiver=carol), second)).batch()
    changes = expected_changes(valid(batch, fills(batch, WEI, WEI)))
    assert changes[(USDC, carol)] == 2_000 * MICRO
    assert (USDC, first.owner) not in changes


def test_a_baskets_score_counts_for_its_own_shape() -> None:
    market = tokens()
    intent = replace(two_sides().intents[0], gives=(Leg.fixed(WETH, 1), Leg.fixed(JUNK, 1)))
    book = Book(market.with_intent(intent).batch(), {})
    assert pair_key(intent, book) == f"{'+'.join(sorted((WETH, JUNK)))}>{USDC}"


def test_a_native_want_is_paid_in_native_and_priced_as_wrapped() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900))
    bob = market.signer("bob").address
    native = Intent.sell(bob, (USDC, 2_100 * MICRO), (NATIVE, WEI), valid_to=market.time + 3_600, nonce=0)
    batch = market.with_intent(native).batch()
    checked = valid(batch, fills(batch, WEI, 2_000 * MICRO))
    assert expected_changes(checked)[(NATIVE, bob)] == WEI
    assert f"{USDC}>{WETH}" in checked.pair_scores


def test_a_bids_hash_covers_solver_and_content() -> None:
    batch = two_sides().batch()
    one = Solution(id=1, prices=AT_2000, fills=fills(batch, WEI, WEI))
    other = one.model_copy(update={"id": 2})
    hashes = {propose(SOLVER, one).hash, propose(SOLVER, other).hash}
    hashes |= {propose(SolverIdentity("honest", "0x" + "13" * 20), one).hash}
    assert len(hashes) == 3
    assert propose(SOLVER, one) == propose(SOLVER, one.model_copy())


# ------------------------------------------------------------------ rules of one fill


def test_an_empty_solution() -> None:
    assert refusal(two_sides().batch(), ()).reason is Reason.EMPTY_SOLUTION


def test_an_unknown_uid() -> None:
    assert refusal(two_sides().batch(), (Fill(uid="0x" + "77" * 32, executed=1),)).reason is Reason.UNKNOWN_UID


def test_a_fill_twice() -> None:
    batch = two_sides().batch()
    twice = fills(batch, WEI // 2, WEI) + fills(batch, WEI // 2)
    assert refusal(batch, twice).reason is Reason.DUPLICATE_FILL


def test_alternatives() -> None:
    market = two_sides()
    other = replace(market.intents[0], wants=(Leg.fixed(USDC, 1_950 * MICRO),))
    batch = market.with_intent(other).batch()
    assert refusal(batch, fills(batch, WEI // 2, WEI, WEI // 2)).reason is Reason.ALTERNATIVES_CLASH


@pytest.mark.parametrize(
    ("window", "ok"),
    [
        ({"valid_from": 0, "valid_to": 60}, True),
        ({"valid_from": 0, "valid_to": 59}, False),  # a settlement may land a second later
        ({"valid_from": 1, "valid_to": 3_600}, False),
    ],
)
def test_the_window_holds_at_every_moment_a_settlement_can_land(window: dict[str, int], ok: bool) -> None:
    market = two_sides()
    first, second = market.intents
    times = {name: market.time + offset for name, offset in window.items()}
    moved = replace(first, decay_to=times["valid_from"], **times)
    batch = replace(market, intents=(moved, second)).batch()
    outcome = judged(batch, fills(batch, WEI, WEI))
    assert isinstance(outcome, Checked) if ok else outcome.reason is Reason.OUTSIDE_WINDOW  # type: ignore[union-attr]


@pytest.mark.parametrize("executed", [0, WEI + 1])
def test_more_than_is_left_or_nothing(executed: int) -> None:
    batch = two_sides().batch()
    assert refusal(batch, fills(batch, executed, WEI)).reason is Reason.OVERFILL


def test_what_is_left_counts_not_what_was_signed() -> None:
    market = two_sides()
    batch = replace(market, remaining={0: WEI // 2, 1: WEI}).batch()
    assert refusal(batch, fills(batch, WEI // 2 + 1, WEI)).reason is Reason.OVERFILL
    assert valid(batch, fills(batch, WEI // 2, WEI // 2))


def test_a_whole_intent_in_part() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900), whole=True)
    batch = market.with_buy("bob", ("WETH", 1), ("USDC", 2_100)).batch()
    assert refusal(batch, fills(batch, WEI - 1, WEI - 1)).reason is Reason.WHOLE_ONLY


def test_the_least_fill_and_the_last_remainder() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 1_900), min_fill="0.5")
    market = market.with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    batch = market.batch()
    assert refusal(batch, fills(batch, WEI // 2 - 1, WEI)).reason is Reason.BELOW_MIN_FILL
    rest = replace(market, remaining={0: WEI // 4, 1: WEI}).batch()
    assert valid(rest, fills(rest, WEI // 4, WEI // 4))


@pytest.mark.parametrize(
    ("prices", "reason"),
    [
        ({WETH: 2_000 * MICRO}, Reason.MISSING_PRICE),
        ({WETH: 0, USDC: WEI}, Reason.BAD_PRICE),
        ({WETH: 2**128, USDC: WEI}, Reason.BAD_PRICE),
        ({WETH: 2_000 * MICRO, USDC: WEI, JUNK: 0}, Reason.BAD_PRICE),  # even where nothing trades at it
        ({WETH: 1_900 * MICRO - 1, USDC: WEI}, Reason.LIMIT_VIOLATED),
        ({WETH: 2_100 * MICRO + 1, USDC: WEI}, Reason.LIMIT_VIOLATED),
        ({WETH: 2**127, USDC: 1}, Reason.AMOUNT_OVERFLOW),
    ],
)
def test_prices(prices: dict[str, int], reason: Reason) -> None:
    batch = two_sides().batch()
    assert refusal(batch, fills(batch, WEI, WEI), prices).reason is reason


def test_rounding_and_fees() -> None:
    batch = two_sides().batch()
    assert refusal(batch, fills(batch, WEI, WEI, round_up=2)).reason is Reason.BAD_ROUNDING
    assert refusal(batch, fills(batch, WEI, WEI, fee=WEI)).reason is Reason.BAD_FEE
    small = tokens().with_sell("alice", ("WETH", "1e-18"), ("USDC", "1e-6")).batch()
    assert refusal(small, fills(small, 1), {WETH: 5, USDC: 2}).reason is Reason.ROUNDING_AGAINST_TRADER
    assert refusal(small, fills(small, 1, round_up=1), {WETH: 1, USDC: 2}).reason is not Reason.ZERO_LEG


def test_a_fill_too_small_for_all_legs() -> None:
    market = tokens()
    intent = replace(
        two_sides().intents[0], gives=(Leg.fixed(WETH, WEI), Leg.fixed(JUNK, 1)), wants=(Leg.fixed(USDC, 1),)
    )
    batch = market.with_intent(intent).batch()
    assert refusal(batch, fills(batch, WEI - 1), {**AT_2000, JUNK: 1}).reason is Reason.ZERO_LEG


def test_the_guard_counts_at_reference_prices_where_there_are_any() -> None:
    batch = two_sides().batch(guard_bps=100)
    at_1979, at_1980 = ({WETH: usdc * MICRO, USDC: WEI} for usdc in (1_979, 1_980))
    assert refusal(batch, fills(batch, WEI, WEI), at_1979).reason is Reason.PRICE_IMPACT
    assert valid(batch, fills(batch, WEI, WEI), at_1980)
    junk = tokens().with_sell("alice", ("WETH", 1), ("JUNK", 1)).with_sell("bob", ("JUNK", 5), ("WETH", "0.1"))
    free = junk.batch(guard_bps=0)
    assert valid(free, fills(free, WEI, 5 * WEI), {WETH: 5, JUNK: 1})


# ------------------------------------------------------------------ rules of the whole


def test_an_owner_without_the_funds() -> None:
    batch = two_sides().with_funds("alice", "WETH", "0.9").batch()
    assert refusal(batch, fills(batch, WEI, WEI)).reason is Reason.INSUFFICIENT_FUNDS


def test_an_owner_whose_funds_are_spoken_for() -> None:
    """Each of Alice's two intents is funded; both together are not."""
    market = two_sides().with_sell("alice", ("WETH", "0.5"), ("USDC", 950))
    batch = market.with_buy("carol", ("WETH", 1), ("USDC", 2_100)).with_funds("alice", "WETH", 1).batch()
    both = fills(batch, WEI, WEI, WEI // 2, WEI // 2)
    assert refusal(batch, both).reason is Reason.SIBLING_TOOK_BALANCE


def test_proceeds_of_the_same_round_are_no_funds() -> None:
    """Bob sells the USDC that he would get for his WETH in this very solution."""
    market = two_sides().with_sell("alice", ("USDC", 1_000), ("WETH", "0.4"))
    market = market.with_buy("bob", ("USDC", 1_000), ("WETH", "0.6")).with_funds("alice", "USDC", 0)
    batch = market.batch()
    chosen = fills(batch, WEI, WEI, 1_000 * MICRO, 1_000 * MICRO)
    assert refusal(batch, chosen).reason is Reason.INSUFFICIENT_FUNDS


def test_more_out_than_in_by_one_atom() -> None:
    batch = two_sides().batch()
    assert refusal(batch, fills(batch, WEI - 1, WEI)).reason is Reason.NOT_CONSERVED
    sell, buy = fills(batch, WEI, WEI - 1)
    assert refusal(batch, (sell, buy)).reason is Reason.NOT_CONSERVED  # Bob's share of USDC is rounded down
    assert valid(batch, (sell, buy.model_copy(update={"round_up": 1})))


def test_a_fee_must_come_from_somewhere() -> None:
    batch = two_sides().batch()
    sell, buy = fills(batch, WEI, WEI)
    assert refusal(batch, (sell.model_copy(update={"fee": 5}), buy)).reason is Reason.NOT_CONSERVED
    assert valid(batch, (sell, buy.model_copy(update={"fee": 5 * MICRO})))


def test_cover_stands_in_for_what_is_short() -> None:
    batch = two_sides().batch()
    chosen = fills(batch, WEI - 5, WEI)
    held = {(SOLVER.address, WETH): 5}
    assert valid(batch, chosen, covers=held, cover={WETH: 5})
    assert refusal(batch, chosen, covers=held, cover={WETH: 4}).reason is Reason.NOT_CONSERVED
    assert refusal(batch, chosen, covers=held, cover={WETH: 6}).reason is Reason.INSUFFICIENT_COVER
    other = SolverIdentity("rival", "0x" + "13" * 20)
    assert refusal(batch, chosen, covers=held, solver=other, cover={WETH: 5}).reason is Reason.INSUFFICIENT_COVER


def test_nothing_gained_is_no_bid() -> None:
    market = tokens().with_sell("alice", ("WETH", 1), ("USDC", 2_000)).with_buy("bob", ("WETH", 1), ("USDC", 2_000))
    batch = market.batch()
    assert refusal(batch, fills(batch, WEI, WEI)).reason is Reason.SCORE_NOT_POSITIVE


def test_a_solvers_own_intents_count_nothing() -> None:
    batch = two_sides().batch()
    alice, bob = (entry.intent.owner for entry in batch.intents)
    half = valid(batch, fills(batch, WEI, WEI), solver=SolverIdentity("alice", alice))
    assert half.score == 100 * WEI // 2_000
    assert half.pair_scores[f"{WETH}>{USDC}"] == 0
    assert valid(batch, fills(batch, WEI, WEI), solver=SolverIdentity("bob", bob)).score == half.score
