"""Whatever a contract answers, the house goes on: a lie drops the one pool, by name. A test a reason, and any bytes."""

from __future__ import annotations

import pytest
from chain_of_pools import (
    FACTORY2,
    FACTORY3,
    LEVEL,
    MIXED,
    PAIR,
    RANGE,
    ROUTER2,
    ROUTER3,
    V2,
    V3,
    VAULT,
    VAULTS,
    WEI,
    A,
    Answer,
    B,
    TableReader,
    array,
    asked,
    honest,
    words,
)
from house_fakes import ManualClock
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from walras.wire import AnyPool
from walras_auction.liquidity import Drop, Liquidity, LiquidityHealth, LiquiditySection

ALL = LiquiditySection(uniswap_v2=(V2,), uniswap_v3=(V3,), balancer=(VAULTS,))
HUGE = bytes(32) * 1_000


def read(answers: dict[tuple[str, bytes], Answer]) -> tuple[tuple[AnyPool, ...], LiquidityHealth]:
    liquidity = Liquidity(TableReader(answers), ALL, [], ManualClock(0))
    return liquidity.pools(), liquidity.health()


def test_honest_pools_are_all_there() -> None:
    pools, health = read(honest())
    assert {pool.address for pool in pools} == {PAIR, RANGE, MIXED, LEVEL}
    assert health.dropped == ()
    assert health.pools == {"concentratedLiquidity": 1, "constantProduct": 1, "stable": 1, "weightedProduct": 1}
    for pool in pools:
        assert pool.amount_out(A, 10**15, B) > 0


#: (contract, question, lying answer, pool that is dropped, reason)
LIES: list[tuple[str, bytes, Answer, str, Drop]] = [
    (PAIR, asked("getReserves()"), None, PAIR, Drop.NO_ANSWER),
    (PAIR, asked("getReserves()"), words(1, 2), PAIR, Drop.SHORT_ANSWER),
    (PAIR, asked("getReserves()"), words(1, 2, 3) + b"\x01", PAIR, Drop.SHORT_ANSWER),
    (PAIR, asked("getReserves()"), HUGE, PAIR, Drop.LONG_ANSWER),
    (PAIR, asked("getReserves()"), words(2**112, 1, 1), PAIR, Drop.ABSURD),
    (PAIR, asked("getReserves()"), words(0, 1, 1), PAIR, Drop.EMPTY),
    (PAIR, asked("token0()"), words(2**160), PAIR, Drop.ABSURD),
    (PAIR, asked("token1()"), words(A), PAIR, Drop.NO_ANSWER),  # the factory knows no such pair
    (FACTORY2, asked("getPair(address,address)", A, B), words(RANGE), PAIR, Drop.FOREIGN),
    (FACTORY2, asked("getPair(address,address)", A, B), words(0), PAIR, Drop.FOREIGN),
    (ROUTER2, asked("factory()"), words(FACTORY3), PAIR, Drop.WRONG_ROUTER),
    (ROUTER3, asked("factory()"), words(FACTORY2), RANGE, Drop.WRONG_ROUTER),
    (FACTORY3, asked("getPool(address,address,uint24)", A, B, 10_000), words(PAIR), RANGE, Drop.FOREIGN),
    (RANGE, asked("tickSpacing()"), words(0), RANGE, Drop.ABSURD),
    (RANGE, asked("tickSpacing()"), words(2**200), RANGE, Drop.ABSURD),
    (RANGE, asked("fee()"), words(10**6), RANGE, Drop.ABSURD),
    (RANGE, asked("slot0()"), words(0, 0, 0, 0, 0, 0, 0), RANGE, Drop.EMPTY),
    (RANGE, asked("slot0()"), words(2**160, 5, 0, 0, 0, 0, 0), RANGE, Drop.ABSURD),
    (RANGE, asked("slot0()"), words(2**96, 2**24, 0, 0, 0, 0, 0), RANGE, Drop.ABSURD),
    (RANGE, asked("slot0()"), words(2**96, 900, 0, 0, 0, 0, 0), RANGE, Drop.INCONSISTENT),
    (RANGE, asked("liquidity()"), words(2**128), RANGE, Drop.ABSURD),
    (RANGE, asked("liquidity()"), words(WEI - 1), RANGE, Drop.INCONSISTENT),
    (RANGE, asked("tickBitmap(int16)", 3), b"\x01", RANGE, Drop.SHORT_ANSWER),
    (RANGE, asked("tickBitmap(int16)", 17), words(2**255), RANGE, Drop.ABSURD),
    (RANGE, asked("tickBitmap(int16)", 0), words(0), RANGE, Drop.INCONSISTENT),
    (RANGE, asked("ticks(int24)", 400), words(1, 2**127, *[0] * 6), RANGE, Drop.ABSURD),
    (RANGE, asked("ticks(int24)", 400), words(0, 0, *[0] * 6), RANGE, Drop.INCONSISTENT),
    (MIXED, asked("getVault()"), words(PAIR), MIXED, Drop.FOREIGN),
    (VAULT, asked("getPool(bytes32)", 1), words(LEVEL, 2), MIXED, Drop.FOREIGN),
    (MIXED, asked("getPausedState()"), words(1, 9, 9), MIXED, Drop.PAUSED),
    (MIXED, asked("getNormalizedWeights()"), array(WEI), MIXED, Drop.INCONSISTENT),
    (MIXED, asked("getNormalizedWeights()"), array(WEI, WEI), MIXED, Drop.INCONSISTENT),
    (MIXED, asked("getNormalizedWeights()"), array(*range(60)), MIXED, Drop.ABSURD),
    (MIXED, asked("getNormalizedWeights()"), words(2**255), MIXED, Drop.SHORT_ANSWER),
    (MIXED, asked("getNormalizedWeights()"), words(32, 7), MIXED, Drop.SHORT_ANSWER),
    (MIXED, asked("getSwapFeePercentage()"), words(WEI), MIXED, Drop.INCONSISTENT),
    (MIXED, asked("getScalingFactors()"), array(WEI, 10**30 + 1), MIXED, Drop.RATED),
    (MIXED, asked("getScalingFactors()"), array(WEI), MIXED, Drop.INCONSISTENT),
    (VAULT, asked("getPoolTokens(bytes32)", 2), words(96, 192, 5, 2, A, B, 2, 0, 1), LEVEL, Drop.EMPTY),
    (VAULT, asked("getPoolTokens(bytes32)", 2), words(96, 192, 5, 2, A, B, 1, 5), LEVEL, Drop.INCONSISTENT),
    (VAULT, asked("getPoolTokens(bytes32)", 2), words(96, 192, 5, 2, A, B, 2, 5, 2**112), LEVEL, Drop.ABSURD),
    (LEVEL, asked("getAmplificationParameter()"), words(85_000, 0, 10), LEVEL, Drop.ABSURD),
    (LEVEL, asked("getAmplificationParameter()"), words(2**255, 0, 1_000), LEVEL, Drop.INCONSISTENT),
]


@pytest.mark.parametrize(("contract", "question", "answer", "pool", "reason"), LIES)
def test_a_lie_drops_its_pool_by_name(contract: str, question: bytes, answer: Answer, pool: str, reason: Drop) -> None:
    answers = honest()
    assert (contract, question) in answers, "the lie replaces an answer that is asked for"
    answers[contract, question] = answer
    pools, health = read(answers)
    assert [(row.pool.split(":")[1], row.reason) for row in health.dropped] == [(pool, reason)]
    assert health.dropped[0].detail
    assert health.error is None
    assert {PAIR, RANGE, MIXED, LEVEL} - {found.address for found in pools} == {pool}


def test_a_token_with_absurd_decimals_drops_the_pools_that_scale_by_it() -> None:
    answers = honest() | {(B, asked("decimals()")): words(255)}
    pools, health = read(answers)
    assert {pool.address for pool in pools} == {PAIR, RANGE}
    assert {row.reason for row in health.dropped} == {Drop.ABSURD}


def test_more_pools_than_are_kept() -> None:
    liquidity = Liquidity(TableReader(), ALL.model_copy(update={"most_pools": 1}), [], ManualClock(0))
    assert [pool.address for pool in liquidity.pools()] == [PAIR]
    assert [row.reason for row in liquidity.health().dropped] == [Drop.TOO_MANY] * 3


def test_every_reason_has_a_test() -> None:
    assert {reason for *_, reason in LIES} | {Drop.TOO_MANY} == set(Drop)


QUESTIONS = sorted(honest())


@examples(300)
@given(st.dictionaries(st.sampled_from(QUESTIONS), st.one_of(st.none(), st.binary(max_size=300)), max_size=5))
def test_any_bytes_at_all_harm_nothing(lies: dict[tuple[str, bytes], bytes | None]) -> None:
    """Pools of which nothing was forged are read as ever; the others are dropped or trade as their numbers say."""
    pools, health = read({**honest(), **lies})
    assert health.error is None
    found = {pool.address for pool in pools} | {row.pool.split(":")[1] for row in health.dropped}
    assert found == {PAIR, RANGE, MIXED, LEVEL}
    for pool in pools:
        assert pool.amount_out(A, 10**15, B) >= 0
