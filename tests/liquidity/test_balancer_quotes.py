"""What we predict of weighted and stable pools is what Balancer's own contracts quote, to the atom."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from support.balancer import Balancer
from support.effort import effort
from support.exchanges import Lab
from walras.wire import StablePool, WeightedPool
from walras_auction.clock import SystemClock
from walras_auction.infra.chain.batch import BatchReads
from walras_auction.infra.chain.rpc import Reverted
from walras_auction.liquidity import Liquidity, LiquiditySection


@pytest.fixture(scope="module")
def pools(reads: BatchReads, balancer: Balancer) -> dict[str, WeightedPool | StablePool]:
    """By address."""
    liquidity = Liquidity(reads, LiquiditySection(balancer=(balancer.section(),)), [], SystemClock())
    found = liquidity.pools()
    assert liquidity.health().dropped == ()
    assert liquidity.health().pools == {"stable": 2, "weightedProduct": 3}
    return {pool.address: pool for pool in found}  # type: ignore[misc]


def amounts(most: int, seed: object) -> list[int]:
    rng = random.Random(f"balancer {seed}" if effort() == 1 else None)
    orders = (rng.uniform(most.bit_length() / 2, most.bit_length() - 1) for _ in range(6 * effort()))
    return [most, *(int(2**order) for order in orders)]


def check(balancer: Balancer, pool: WeightedPool | StablePool) -> None:
    for one, other in permutations(pool.held, 2):
        path = (one.token, other.token)
        for amount in amounts(one.balance * 3 // 10, path):
            assert pool.amount_out(path[0], amount, path[1]) == balancer.quote_out(pool.address, path, amount)
        for amount in amounts(other.balance * 3 // 10, path[::-1]):
            asked = pool.chain_in(path[1], amount, path[0])
            assert asked == balancer.quote_in(pool.address, path, amount)
            least = pool.amount_in(path[1], amount, path[0])
            if least is not None:
                assert pool.amount_out(path[0], least, path[1]) >= amount
                assert pool.amount_out(path[0], least - 1, path[1]) < amount


def test_a_weighted_pool_of_the_first_version(balancer: Balancer, pools: dict[str, WeightedPool | StablePool]) -> None:
    pool = pools[balancer.weighted_pools[0]]
    assert isinstance(pool, WeightedPool)
    assert pool.plain_powers
    assert len(pool.assets) == 3
    check(balancer, pool)


@pytest.mark.parametrize("number", [1, 2])
def test_weighted_pools_of_a_later_version(
    balancer: Balancer, pools: dict[str, WeightedPool | StablePool], number: int
) -> None:
    """Exponents of 1, 4 and 1/4: the first two need no logarithm."""
    pool = pools[balancer.weighted_pools[number]]
    assert isinstance(pool, WeightedPool)
    assert not pool.plain_powers
    check(balancer, pool)


@pytest.mark.parametrize("number", [0, 1])
def test_stable_pools(balancer: Balancer, pools: dict[str, WeightedPool | StablePool], number: int) -> None:
    pool = pools[balancer.stable_pools[number]]
    assert isinstance(pool, StablePool)
    assert pool.address not in pool.tokens
    check(balancer, pool)


def test_more_than_a_weighted_pool_moves_in_one_swap(
    balancer: Balancer, pools: dict[str, WeightedPool | StablePool]
) -> None:
    pool = pools[balancer.weighted_pools[1]]
    one, other = pool.held
    path, most = (one.token, other.token), one.balance // 2
    assert pool.amount_out(path[0], most, path[1]) == 0
    with pytest.raises(Reverted):
        balancer.quote_out(pool.address, path, most)
    assert pool.chain_in(path[1], other.balance // 2, path[0]) is None


def test_swaps_leave_the_predictions_right(lab: Lab, reads: BatchReads, balancer: Balancer) -> None:
    """Balances move, fees stay in the pool, and the next prediction starts from there."""
    settings = LiquiditySection(balancer=(balancer.section(),))
    with lab.world.at_rest():
        liquidity = Liquidity(reads, settings, [], SystemClock())
        for pool in liquidity.pools():
            path = (pool.tokens[0], pool.tokens[1])
            amount = pool.held[0].balance // 7  # type: ignore[union-attr]
            symbol = next(name for name, token in lab.world.tokens.items() if token.address == path[0])
            lab.mint(symbol, amount)
            single = (balancer.pool_id(pool.address), 0, *path, amount, b"")
            types = ["(bytes32,uint8,address,address,uint256,bytes)", "(address,bool,address,bool)", *["uint256"] * 2]
            lab.send(balancer.vault, "swap", types, single, (lab.me, False, lab.me, False), 0, 2**255)
        for pool in liquidity.pools():
            path = (pool.tokens[1], pool.tokens[0])
            amount = pool.held[1].balance // 11  # type: ignore[union-attr]
            assert pool.amount_out(path[0], amount, path[1]) == balancer.quote_out(pool.address, path, amount)
