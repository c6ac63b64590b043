"""Pools at each block: read once a block, ticks only when they may have changed, none while the node fails."""

from __future__ import annotations

import threading

import pytest
from chain_of_pools import PAIR, RANGE, V2, V3, VAULTS, WEI, A, B, TableReader, asked, words
from house_fakes import ManualClock
from walras.wire import ConcentratedPool, Pool
from walras_auction.liquidity import Drop, Liquidity, LiquidityHealth, LiquiditySection, UniswapV2Section
from walras_auction.liquidity.watch import watching

ALL = LiquiditySection(uniswap_v2=(V2,), uniswap_v3=(V3,), balancer=(VAULTS,))
BITMAP = asked("tickBitmap(int16)", 0)


@pytest.fixture
def chain() -> TableReader:
    return TableReader()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_000)


@pytest.fixture
def liquidity(chain: TableReader, clock: ManualClock) -> Liquidity:
    return Liquidity(chain, ALL, [A, B], clock)


def bitmaps(chain: TableReader) -> int:
    return chain.calls.count((RANGE, BITMAP))


def test_a_block_is_read_once(liquidity: Liquidity, chain: TableReader) -> None:
    first, calls = liquidity.pools(), len(chain.calls)
    assert liquidity.pools() == first
    assert len(chain.calls) == calls
    chain.block += 1
    assert liquidity.pools() == first
    assert len(chain.calls) > calls


def moved(*ticks: int) -> list[tuple[str, list[int]]]:
    """An event of the pool about these ticks."""
    return [(RANGE, [0, 0, *(tick % 2**256 for tick in ticks)])]


def tick_reads(chain: TableReader, index: int) -> int:
    return chain.calls.count((RANGE, asked("ticks(int24)", index)))


def test_only_ticks_that_an_event_names_are_read_again(liquidity: Liquidity, chain: TableReader) -> None:
    """A position from 400 to 600 came; the one from −400 to 400 is the old one."""
    liquidity.pools()
    chain.block += 1
    liquidity.pools()
    assert (bitmaps(chain), tick_reads(chain, 400), tick_reads(chain, -400)) == (1, 1, 1)
    chain.block, chain.logs = chain.block + 1, moved(400, 600)
    chain.answers[RANGE, asked("ticks(int24)", 400)] = words(3 * WEI, WEI, *[0] * 6)
    chain.answers[RANGE, asked("ticks(int24)", 600)] = words(2 * WEI, -2 * WEI, *[0] * 6)
    found = {pool.address: pool for pool in liquidity.pools()}[RANGE]
    assert isinstance(found, ConcentratedPool)
    assert [(tick.index, tick.net) for tick in found.ticks] == [(-400, WEI), (400, WEI), (600, -2 * WEI)]
    assert (bitmaps(chain), tick_reads(chain, 400), tick_reads(chain, -400)) == (1, 2, 1)


def test_a_tick_at_which_no_position_ends_any_more_is_gone(liquidity: Liquidity, chain: TableReader) -> None:
    liquidity.pools()
    chain.block, chain.logs = chain.block + 1, moved(-400, 400)
    for index in (-400, 400):
        chain.answers[RANGE, asked("ticks(int24)", index)] = words(*[0] * 8)
        chain.answers[RANGE, asked("tickBitmap(int16)", index // 51_200)] = words(0)
    chain.answers[RANGE, asked("liquidity()")] = words(0)
    assert RANGE not in {pool.address for pool in liquidity.pools()}
    assert [row.reason for row in liquidity.health().dropped] == [Drop.EMPTY]


@pytest.mark.parametrize("topics", [[0, 0, 400], [0, 0, 2**200, 400], [0, 0, 5, 400]])
def test_an_event_that_is_none_has_all_read_again(topics: list[int], liquidity: Liquidity, chain: TableReader) -> None:
    """Too few topics, no tick at all, and one that is no multiple of the spacing: forks may log what they like."""
    liquidity.pools()
    chain.block, chain.logs = chain.block + 1, [(RANGE, topics)]
    chain.answers[RANGE, asked("ticks(int24)", 5)] = words(1, 1, *[0] * 6)
    assert len(liquidity.pools()) == 4
    assert bitmaps(chain) == 2


def test_ticks_are_read_again_after_a_reorganisation(liquidity: Liquidity, chain: TableReader) -> None:
    liquidity.pools()
    chain.block, chain.fork = chain.block + 1, "other"
    liquidity.pools()
    assert bitmaps(chain) == 2
    chain.block -= 1
    liquidity.pools()
    assert bitmaps(chain) == 3


def test_ticks_that_contradict_the_pool_are_read_again_at_once(liquidity: Liquidity, chain: TableReader) -> None:
    """An event that the node forgot to tell: the liquidity in range shows it."""
    liquidity.pools()
    chain.block += 1
    for index, net in ((-400, 3 * WEI), (400, -3 * WEI)):
        chain.answers[RANGE, asked("ticks(int24)", index)] = words(3 * WEI, net, *[0] * 6)
    chain.answers[RANGE, asked("liquidity()")] = words(3 * WEI)
    found = {pool.address: pool for pool in liquidity.pools()}[RANGE]
    assert isinstance(found, ConcentratedPool)
    assert found.ticks[0].net == 3 * WEI
    assert liquidity.health().dropped == ()


def test_a_node_that_fails_leaves_no_pools_and_says_so(liquidity: Liquidity, chain: TableReader) -> None:
    liquidity.pools()
    chain.block, chain.broken = chain.block + 1, "the node is away"
    assert liquidity.pools() == liquidity.pools() == ()
    health = liquidity.health()
    assert (health.error, health.failures, health.pools, health.block) == ("the node is away", 2, {}, 100)
    chain.broken = ""
    assert len(liquidity.pools()) == 4
    assert (liquidity.health().error, liquidity.health().failures) == (None, 0)


def test_a_block_that_is_replaced_while_it_is_read_counts_as_a_failure(
    liquidity: Liquidity, chain: TableReader
) -> None:
    chain.during = lambda: setattr(chain, "fork", "other")
    assert liquidity.pools() == ()
    assert "replaced" in (liquidity.health().error or "")
    assert len(liquidity.pools()) == 4


def test_health_has_an_age_and_looks_at_most_once_a_second(
    liquidity: Liquidity, chain: TableReader, clock: ManualClock
) -> None:
    first = liquidity.health()
    assert (first.block, first.block_time, first.age) == (100, 1_700_001_200, 0)
    chain.block += 1
    assert liquidity.health().block == 100
    clock.time += 5
    assert liquidity.health().block == 101
    chain.broken = "away"
    clock.time += 7
    late = liquidity.health()
    assert (late.block, late.age, late.error) == (101, 7, "away")


def test_factories_are_asked_for_pairs_now_and_then(chain: TableReader, clock: ManualClock) -> None:
    section = UniswapV2Section(factory=V2.factory, router=V2.router)
    pair = (V2.factory, asked("getPair(address,address)", A, B))
    known, chain.answers[pair] = chain.answers[pair], words(0)
    liquidity = Liquidity(chain, LiquiditySection(uniswap_v2=(section,), discover_blocks=10), [B, A], clock)
    assert liquidity.pools() == ()
    chain.answers[pair] = known
    chain.block += 9
    assert liquidity.pools() == ()
    chain.block += 1
    (found,) = liquidity.pools()
    assert isinstance(found, Pool)
    assert (found.address, found.router, found.fee_ppm) == (PAIR, V2.router, 3_000)


def test_nothing_configured_asks_nothing(chain: TableReader, clock: ManualClock) -> None:
    chain.broken = "asked"
    liquidity = Liquidity(chain, LiquiditySection(), [A, B], clock)
    assert liquidity.pools() == ()
    assert liquidity.health() == LiquidityHealth()


def test_a_watch_reads_until_it_ends(chain: TableReader) -> None:
    class Counting:
        def __init__(self) -> None:
            self.times, self.enough = 0, threading.Event()

        def refresh(self) -> None:
            self.times += 1
            if self.times == 3:
                self.enough.set()

    counting = Counting()
    with watching(counting, 0.001):
        assert counting.enough.wait(30)
    seen = counting.times
    assert seen >= 3
    assert "liquidity" not in {thread.name for thread in threading.enumerate()}
