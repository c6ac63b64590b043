"""The clearing engine: rings, baskets, pools as outside liquidity, and the parts it offers beside the whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from solver_checker import Checked, check
from solver_recorded import recorded_batch
from walras.intent import Kind
from walras.testing import Market, a_market
from walras.wire import Batch
from walras_solvers.clearing import ClearingSolver


def solve(batch: Batch) -> list[Checked]:
    return [check(solution, batch) for solution in ClearingSolver().solve(batch)]


def equals(*symbols: str) -> Market:
    market = a_market()
    for symbol in symbols:
        market = market.with_token(symbol, price=1)
    return market


def test_a_ring_of_four_with_a_part_of_the_largest_order() -> None:
    market = (
        equals("A", "B", "C", "D").with_sell("ann", ("A", 100), ("B", 99)).with_sell("bob", ("B", 10), ("C", "9.9"))
    )
    batch = market.with_buy("cyd", ("D", 10), ("C", "10.1")).with_sell("dee", ("D", 11), ("A", "10.8")).batch()
    (joint,) = solve(batch)
    assert len(joint.pairs) == 4
    assert joint.filled[batch.intents[0].uid] < 20 * 10**18


def test_a_ring_closed_by_a_pool() -> None:
    market = equals("A", "B", "C").with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("B", 10), ("C", "9.5"))
    batch = market.with_pool("C", "A", 10_000, 10_000).batch()
    best = solve(batch)[0]
    assert len(best.pools) == 1
    assert len(best.filled) == 2


def test_a_basket_trades_with_single_orders() -> None:
    market = equals("A", "B", "C").with_basket(Kind.SELL, "ann", (("A", 10), ("B", 10)), (("C", 19),))
    batch = market.with_sell("bob", ("C", 10), ("A", "9.8")).with_sell("cyd", ("C", 10), ("B", "9.8")).batch()
    best = solve(batch)[0]
    assert batch.intents[0].uid in best.filled
    assert len(best.filled) == 3


def test_a_buying_basket_gets_both_wants() -> None:
    market = equals("A", "B", "C").with_basket(Kind.BUY, "ann", (("C", 21),), (("A", 10), ("B", 10)))
    batch = market.with_sell("bob", ("A", 12), ("C", "11.5")).with_sell("cyd", ("B", 12), ("C", "11.5")).batch()
    assert len(solve(batch)[0].filled) == 3


def test_independent_markets_are_offered_together_and_apart() -> None:
    market = equals("A", "B", "C", "D")
    for give, want in (("A", "B"), ("B", "A"), ("C", "D"), ("D", "C")):
        market = market.with_sell(f"{give}{want}", (give, 10), (want, "9.5"))
    found = solve(market.batch())
    assert [len(one.filled) for one in found] == [4, 2, 2]
    assert found[0].score == pytest.approx(found[1].score + found[2].score, rel=1e-6)


def test_pairs_of_a_joint_clearing_are_offered_alone() -> None:
    market = equals("A", "B", "C")
    for give, want in (("A", "B"), ("B", "A"), ("B", "C"), ("C", "B")):
        market = market.with_sell(f"{give}{want}", (give, 10), (want, "9.5"))
    found = solve(market.batch())
    assert len(found[0].pairs) == 4
    assert {len(one.pairs) for one in found[1:]} == {2}


def test_owners_funds_bind_across_pairs() -> None:
    market = equals("A", "B", "C").with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("ann", ("A", 10), ("C", "9.5"))
    market = market.with_sell("bob", ("B", 10), ("A", "9.5")).with_sell("cyd", ("C", 10), ("A", "9.5"))
    best = solve(market.with_funds("ann", "A", 10).batch())[0]
    batch = market.batch()
    uids = [entry.uid for entry in batch.intents[:2]]
    assert sum(best.filled.get(uid, 0) for uid in uids) <= 10 * 10**18


def test_of_alternatives_one_fills() -> None:
    market = equals("A", "B", "C").with_sell("bob", ("B", 10), ("A", "9.5")).with_sell("cyd", ("C", 10), ("A", "9.4"))
    plain = market.with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("ann", ("A", 10), ("C", "9.5"))
    first, second = plain.intents[2:]
    twin = type(second)(*(getattr(second, name) for name in second.__slots__[:10]), first.nonce, second.terms)
    batch = market.with_intent(first).with_intent(twin).with_funds("ann", "A", 20).batch()
    for found in solve(batch):
        assert len(set(found.filled) & {entry.uid for entry in batch.intents[2:]}) <= 1
    assert solve(batch)


def test_the_recorded_batch_clears_too() -> None:
    batch = recorded_batch()
    owl = next(token.price for token in batch.tokens if token.symbol == "xOWL")
    assert owl is not None
    assert max(found.score for found in solve(batch)) / owl > 235


def test_a_stopped_clock_and_one_that_runs_out_both_end() -> None:
    market = equals("A", "B").with_sell("ann", ("A", 10), ("B", "9.5")).with_sell("bob", ("B", 10), ("A", "9.5"))
    for times in ([0.0], [0.0, 1e9]):
        ticks = iter(times)
        last = times[-1]
        solutions = list(ClearingSolver(clock=lambda ticks=ticks, last=last: next(ticks, last)).solve(market.batch()))
        assert len(solutions) <= 1


def test_whole_orders_are_chosen_so_that_they_fit_together() -> None:
    """The one with the best limit leaves a part that nobody may fill; the two others fill all of it."""
    market = equals("A", "B").with_sell("ann", ("A", 10), ("B", "9.5"), whole=True)
    for owner, size in (("bob", 7), ("cyd", 6), ("dee", 4)):
        limit = Decimal(size) * (Decimal("0.9") if owner == "bob" else Decimal("0.95"))
        market = market.with_sell(owner, ("B", size), ("A", limit), whole=True)
    batch = market.batch()
    best = solve(batch)[0]
    assert set(best.filled) == {entry.uid for entry in batch.intents if entry.sequence != batch.intents[1].sequence}
