"""Stage 5, second half: what the simulation decides, and what fees may be."""

from __future__ import annotations

from dataclasses import replace

from support.checks import AT_2000, JUNK, USDC, WETH, fills, valid
from support.judged import MICRO, WEI, tokens, two_sides
from walras.intent import Leg
from walras.rejections import Reason
from walras.testing.market import address_of
from walras.wire import Fill, GasTerms
from walras_auction.bids import Checked, Refused, Simulation, Verified
from walras_auction.verify import Book, expected_changes, fee_value, finish

# ------------------------------------------------------------------ what the simulation decides

PAID = GasTerms(price=10**9, base=0, per_fill=0, per_interaction=0, margin_bps=5_000)


def simulated(gas: int, fees: tuple[int, int], changes: tuple[int, ...] | None = None) -> Verified | Refused:
    """The two sides with fees in wei, after a simulation that used ``gas``."""
    market = replace(two_sides(), gas=PAID, remaining={0: WEI, 1: WEI})
    first, second = market.intents
    more = replace(first, gives=(Leg.fixed(WETH, 2 * WEI),), wants=(Leg.fixed(USDC, 3_800 * MICRO),))
    batch = replace(market, intents=(more, second), remaining={0: 2 * WEI, 1: WEI}).batch()
    usdc = -(-fees[1] * 2_000 * MICRO // WEI)
    chosen = (
        Fill(uid=batch.intents[0].uid, executed=WEI + fees[0], fee=fees[0]),
        Fill(uid=batch.intents[1].uid, executed=WEI, fee=usdc),
    )
    checked = valid(batch, chosen)
    due = tuple(expected_changes(checked).values())
    return finish(checked, Simulation(True, gas, changes or due), Book(batch, {}))


def test_fees_pay_for_gas_and_no_more_than_the_margin() -> None:
    """Gas of 10^6 costs 10^15 wei: each of two fills may pay up to half of one and a half times that."""
    half, most = 5 * 10**14, 75 * 10**13
    assert isinstance(simulated(10**6, (half, half)), Verified)
    assert isinstance(simulated(10**6, (most, half)), Verified)
    over = simulated(10**6, (most + 1, half))
    assert isinstance(over, Refused)
    assert over.reason is Reason.FEE_ABOVE_CAP
    under = simulated(10**6, (half - 1, half))
    assert isinstance(under, Refused)
    assert under.reason is Reason.FEES_BELOW_GAS


def test_a_fee_of_one_atom_is_always_allowed() -> None:
    assert isinstance(simulated(0, (1, 0)), Verified)
    more = simulated(0, (2, 0))
    assert isinstance(more, Refused)
    assert more.reason is Reason.FEE_ABOVE_CAP


def test_a_simulation_that_reverts_or_pays_less() -> None:
    batch = two_sides().batch()
    checked = valid(batch, fills(batch, WEI, WEI))
    book, due = Book(batch, {}), tuple(expected_changes(checked).values())
    reverted = finish(checked, Simulation(False, 0, (), "NotConserved()"), book)
    assert isinstance(reverted, Refused)
    assert (reverted.reason, reverted.detail) == (Reason.SIMULATION_FAILED, "NotConserved()")
    for place in range(len(due)):
        less = tuple(amount - (index == place) for index, amount in enumerate(due))
        short = finish(checked, Simulation(True, 1, less), book)
        assert isinstance(short, Refused)
        assert short.reason is Reason.SIMULATION_MISMATCH
    more = tuple(amount + 1 for amount in due)
    assert isinstance(finish(checked, Simulation(True, 1, more), book), Verified)


def junk_fill(fee: int, *, priced_side: bool) -> tuple[Checked, Book]:
    """Alice gives JUNK for WETH (priced) or for another unpriced token, with a fee in JUNK."""
    market = tokens().with_token("TRASH").with_sell("alice", ("WETH", 1), ("USDC", 1_900))
    market = market.with_buy("bob", ("WETH", 1), ("USDC", 2_100))
    want = "WETH" if priced_side else "TRASH"
    market = market.with_sell("carol", ("JUNK", 10), (want, 1)).with_sell("dave", (want, 10), ("JUNK", 1))
    batch = market.batch()
    prices = {**AT_2000, JUNK: 1, address_of("token:TRASH"): 1}
    prices[JUNK] = prices[address_of(f"token:{want}")]
    uids = [entry.uid for entry in batch.intents]
    chosen = (
        Fill(uid=uids[0], executed=WEI),
        Fill(uid=uids[1], executed=WEI),
        Fill(uid=uids[2], executed=10 * WEI, fee=fee),
        Fill(uid=uids[3], executed=10 * WEI - fee),
    )
    return valid(batch, chosen, prices), Book(batch, {})


def test_a_fee_in_a_token_without_a_price_counts_at_the_fills_own_rate() -> None:
    checked, book = junk_fill(7, priced_side=True)
    assert fee_value(checked.trades[2], checked.proposed.solution, book) == 7


def test_a_fee_that_nobody_can_value_is_refused() -> None:
    """Otherwise a bundle could take any fee from those who trade tokens without a price."""
    checked, book = junk_fill(10**17, priced_side=False)
    assert fee_value(checked.trades[2], checked.proposed.solution, book) == 0
    outcome = finish(checked, Simulation(True, 0, tuple(expected_changes(checked).values())), book)
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.FEE_ABOVE_CAP
