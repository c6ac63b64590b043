"""Simulation without a chain: gas, the order of swaps, pools that change."""

from __future__ import annotations

from support.judged import solver, tokens
from walras.testing.market import Market
from walras.wire import Fill, PoolSwap, Solution
from walras_auction.bids import Checked, Simulation
from walras_auction.conformance.simulated import Pools, expected_gas, predicted
from walras_auction.verify import Book, check, propose

WEI, MICRO = 10**18, 10**6


def pooled() -> Market:
    return tokens().with_pool("WETH", "USDC", 100, 200_000).with_sell("alice", ("WETH", 1), ("USDC", 1_900))


def simulated(market: Market, *swaps: tuple[int, int], limit: int = 10**9) -> Simulation:
    """Alice's WETH through the pool, in swaps of (amount in, amount out)."""
    batch = market.batch()
    batch = batch.model_copy(update={"gas": batch.gas.model_copy(update={"limit": limit})})
    weth, usdc, pool = market.address("WETH"), market.address("USDC"), batch.pools[0]
    out = sum(amount for _, amount in swaps)
    steps = tuple(PoolSwap(pool=pool.id, token_in=weth, amount_in=a, amount_out=b) for a, b in swaps)
    solution = Solution(
        id=0, prices={weth: out, usdc: WEI}, fills=(Fill(uid=batch.intents[0].uid, executed=WEI),), interactions=steps
    )
    book = Book(batch, {})
    checked = check(propose(solver("x"), solution), book)
    assert isinstance(checked, Checked), checked
    return predicted(checked, book)


def out_of(market: Market, amount: int) -> int:
    return market.batch().pools[0].amount_out(market.address("WETH"), amount)


def test_a_swap_as_the_pool_pays_it_goes_through_and_uses_the_expected_gas() -> None:
    found = simulated(pooled(), (WEI, out_of(pooled(), WEI)))
    assert (found.ok, found.error) == (True, "")
    assert found.gas == 60_000 + 90_000 + 100_000


def test_an_atom_too_many_is_refused() -> None:
    found = simulated(pooled(), (WEI, out_of(pooled(), WEI) + 1))
    assert not found.ok
    assert "pays" in found.error


def test_the_second_swap_meets_the_pool_as_the_first_left_it() -> None:
    half = out_of(pooled(), WEI // 2)
    assert not simulated(pooled(), (WEI // 2, half), (WEI // 2, half)).ok
    # The first swap's fee stays in the pool, so two halves pay a little less than one whole.
    assert simulated(pooled(), (WEI // 2, half), (WEI // 2, out_of(pooled(), WEI) - half - 20_000)).ok


def test_more_gas_than_a_solution_can_use_is_refused() -> None:
    found = simulated(pooled(), (WEI, out_of(pooled(), WEI)), limit=100_000)
    assert (found.ok, "needs 250000 gas" in found.error) == (False, True)


def test_a_swap_cannot_take_what_nobody_has_brought_yet() -> None:
    market = (
        tokens()
        .with_pool("WETH", "USDC", 1_000, 2_000_000)
        .with_pool("WETH", "DAI", 1_000, 2_000_000)
        .with_sell("alice", ("USDC", 2_000), ("DAI", 1_900))
    )
    batch, book = market.batch(), Book(market.batch(), {})
    usdc, dai, weth = (market.address(name) for name in ("USDC", "DAI", "WETH"))
    first, second = batch.pools
    through = first.amount_out(usdc, 2_000 * MICRO)
    out = second.amount_out(weth, through)
    there = PoolSwap(pool=first.id, token_in=usdc, amount_in=2_000 * MICRO, amount_out=through)
    onward = PoolSwap(pool=second.id, token_in=weth, amount_in=through, amount_out=out)

    def outcome(*steps: PoolSwap) -> Simulation:
        fill = Fill(uid=batch.intents[0].uid, executed=2_000 * MICRO)
        prices = {usdc: out, dai: 2_000 * MICRO, weth: WEI}
        checked = check(propose(solver("x"), Solution(id=0, prices=prices, fills=(fill,), interactions=steps)), book)
        assert isinstance(checked, Checked), checked
        assert expected_gas(checked, book) == 60_000 + 90_000 + 200_000
        return predicted(checked, book)

    assert outcome(there, onward).ok
    assert "the executor holds 0" in outcome(onward, there).error


def test_a_pool_with_a_lie_in_it_pays_nothing() -> None:
    market = tokens().with_pool("WETH", "USDC", 100, 200_000)
    lie = market.batch().pools[0].model_copy(update={"fee_ppm": 2 * MICRO})
    assert Pools({lie.id: lie}).swap(lie.id, market.address("WETH"), WEI, market.address("USDC")) == 0
