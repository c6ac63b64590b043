"""Every engine serves intents with terms by the house's own rules: shares in the fee, hooks paid for, own bounds."""

from __future__ import annotations

import pytest
from walras.solver import Solver, load
from walras.terms import FeeShare, Hook, Terms
from walras.testing.market import Market, a_market, address_of
from walras.wire import Batch, Solution
from walras_auction.bids import Checked, Simulation, SolverIdentity, Verified
from walras_auction.verify import Book, check, expected_changes, finish, propose

ENGINES = ("orderbook", "clearing", "router")
ALICE, BOB = address_of("share one"), address_of("share two")
SHARES = Terms(shares=(FeeShare(ALICE, 30), FeeShare(BOB, 20)))
HOOKS = Terms(before=(Hook(ALICE, b"poke", 400_000),))
WHO = SolverIdentity("tested", address_of("solver"))


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Solver:
    return load(request.param)


def a_pair() -> Market:
    market = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005")
    return market.with_pool("WETH", "USDC", 1_000, 2_000_000).with_gas(10**9)


def checked(solution: Solution, batch: Batch) -> Verified:
    """The solution judged by the house, on a simulation that uses just what the house expects."""
    book = Book(batch, {})
    bid = check(propose(WHO, solution), book)
    assert isinstance(bid, Checked), bid
    gas = batch.gas.base + len(solution.fills) * batch.gas.per_fill
    gas += len(solution.interactions) * batch.gas.per_interaction + sum(trade.extra_gas for trade in bid.trades)
    outcome = finish(bid, Simulation(True, gas, tuple(expected_changes(bid).values())), book)
    assert isinstance(outcome, Verified), outcome
    return outcome


def filled(engine: Solver, batch: Batch) -> set[str]:
    """What the engine's solutions fill; each of them must be valid."""
    return {
        fill.uid
        for solution in engine.solve(batch)
        for fill in checked(solution, batch).checked.proposed.solution.fills
    }


@pytest.mark.parametrize("terms", [SHARES, HOOKS], ids=["shares", "hooks"])
@pytest.mark.parametrize("kind", ["sell", "buy", "whole"])
def test_an_intent_with_terms_is_served_by_a_counterparty(engine: Solver, terms: Terms, kind: str) -> None:
    if kind == "buy":
        market = a_pair().with_buy("alice", ("WETH", 1), ("USDC", 2_200)).with_terms(terms)
        market = market.with_sell("bob", ("WETH", 1), ("USDC", 1_900))
    else:
        market = a_pair().with_sell("alice", ("WETH", 1), ("USDC", 1_800), whole=kind == "whole").with_terms(terms)
        market = market.with_buy("bob", ("WETH", 1), ("USDC", 2_200))
    batch = market.batch()
    assert batch.intents[0].uid in filled(engine, batch)


def test_a_bound_of_ones_own_is_kept(engine: Solver) -> None:
    """Carol's sell of a fifth of the pool would move it too far for her, however low her limit."""
    tight = Terms(max_impact_bps=10)
    batch = a_pair().with_sell("carol", ("WETH", 200), ("USDC", 200_000), whole=True).with_terms(tight).batch()
    assert filled(engine, batch) == set()
    loose = a_pair().with_sell("carol", ("WETH", 1), ("USDC", 1_000)).with_terms(Terms(max_impact_bps=200)).batch()
    for solution in load("router").solve(loose):
        checked(solution, loose)
