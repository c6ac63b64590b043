"""Weighted and stable pools of the Balancer v2 interface, by address (https://docs-v2.balancer.fi/reference/contracts/)."""

from __future__ import annotations

from walras.pools.fixed import ONE
from walras.wire import Asset, StablePool, WeightedAsset, WeightedPool

from walras_auction.liquidity.answers import address, array, unsigned, words
from walras_auction.liquidity.drops import Drop, Dropped
from walras_auction.liquidity.readings import Reading, ask
from walras_auction.liquidity.settings import BalancerSection

MOST_TOKENS = 8
_POOL_FUNCTIONS = ("getPoolId()", "getVault()", "getSwapFeePercentage()", "getPausedState()")


def read_weighted(section: BalancerSection, pool: str) -> Reading[WeightedPool]:
    """A weighted pool. Weights are read every time: those of some pools move."""
    identity, fee, assets = yield from _read_assets(section, pool)
    answers = yield [ask(pool, "getNormalizedWeights()"), ask(pool, "version()")]
    weights = array(words(answers[0], 1, "getNormalizedWeights()"), 0, MOST_TOKENS, "the weights")
    if len(weights) != len(assets):
        raise Dropped(Drop.INCONSISTENT, f"{len(weights)} weights of {len(assets)} tokens")
    read = WeightedPool(
        id=f"{section.name}:{pool}",
        address=pool,
        fee=fee,
        assets=tuple(
            WeightedAsset(token=asset.token, balance=asset.balance, scale=asset.scale, weight=weight)
            for asset, weight in zip(assets, weights, strict=True)
        ),
        # The first version of these pools is the one without a version; it computes all powers alike.
        plain_powers=not answers[1],
        vault=section.vault,
        pool_id=identity,
    )
    _check_sound(read)
    return read


def read_stable(section: BalancerSection, pool: str) -> Reading[StablePool]:
    """A stable pool; of one that holds its own share token (a composable one) the others."""
    identity, fee, assets = yield from _read_assets(section, pool)
    (answer,) = yield [ask(pool, "getAmplificationParameter()")]
    amplification = words(answer, 3, "getAmplificationParameter()")
    if amplification[2] != 1_000:
        raise Dropped(Drop.ABSURD, f"the amplification's precision is {amplification[2]}")
    read = StablePool(
        id=f"{section.name}:{pool}",
        address=pool,
        fee=fee,
        assets=tuple(asset for asset in assets if asset.token != pool),
        amplification=amplification[0],
        vault=section.vault,
        pool_id=identity,
    )
    _check_sound(read)
    return read


def _read_assets(section: BalancerSection, pool: str) -> Reading[tuple[str, int, list[Asset]]]:
    """(pool's id, fee, tokens with balances and scales), once the vault has confirmed the pool."""
    answers = yield [ask(pool, function) for function in _POOL_FUNCTIONS]
    identity, vault, fee = (
        words(answer, 1, name)[0] for answer, name in zip(answers[:3], _POOL_FUNCTIONS, strict=False)
    )
    if address(vault, "the pool's vault") != section.vault:
        raise Dropped(Drop.FOREIGN, "the pool belongs to another vault")
    if words(answers[3], 1, "getPausedState()")[0]:
        raise Dropped(Drop.PAUSED, "the pool is paused")
    known, held, factors = yield [
        ask(section.vault, "getPool(bytes32)", identity),
        ask(section.vault, "getPoolTokens(bytes32)", identity),
        ask(pool, "getScalingFactors()"),
    ]
    if address(words(known, 2, "getPool()")[0], "the vault's pool") != pool:
        raise Dropped(Drop.FOREIGN, "the vault does not know the pool by its id")
    tokens, balances = _held(held)
    scales = yield from _scales(tokens)
    _check_rates(pool, tokens, scales, factors)
    assets = [
        Asset(token=token, balance=balance, scale=scale)
        for token, balance, scale in zip(tokens, balances, scales, strict=True)
    ]
    return f"0x{identity:064x}", fee, assets


def _held(answer: bytes | None) -> tuple[list[str], list[int]]:
    listed = words(answer, 3, "getPoolTokens()")
    tokens = [address(word, "a token") for word in array(listed, 0, MOST_TOKENS, "the tokens")]
    balances = [unsigned(word, 112, "a balance") for word in array(listed, 1, MOST_TOKENS, "the balances")]
    if len(tokens) != len(balances):
        raise Dropped(Drop.INCONSISTENT, f"{len(balances)} balances of {len(tokens)} tokens")
    return tokens, balances


def _scales(tokens: list[str]) -> Reading[list[int]]:
    answers = yield [ask(token, "decimals()") for token in tokens]
    decimals = [words(answer, 1, "decimals()")[0] for answer in answers]
    if max(decimals, default=0) > 18:
        raise Dropped(Drop.ABSURD, f"a token has {max(decimals)} decimals")
    return [10 ** (18 - places) for places in decimals]


def _check_rates(pool: str, tokens: list[str], scales: list[int], factors: bytes | None) -> None:
    """Newer pools tell their factors, which hold a rate besides the decimals. The pool's own share has none."""
    if not factors:
        return
    told = array(words(factors, 1, "getScalingFactors()"), 0, MOST_TOKENS, "the factors")
    if len(told) != len(tokens):
        raise Dropped(Drop.INCONSISTENT, f"{len(told)} factors of {len(tokens)} tokens")
    for token, scale, factor in zip(tokens, scales, told, strict=True):
        # The first pools told the factor itself, those after them with 18 decimals.
        if token != pool and factor not in (scale, scale * ONE):
            raise Dropped(Drop.RATED, f"token {token} is scaled by {factor}, not {scale * ONE}")


def _check_sound(pool: WeightedPool | StablePool) -> None:
    if not all(asset.balance for asset in pool.held):
        raise Dropped(Drop.EMPTY, "a balance is zero")
    if pool.problem:
        raise Dropped(Drop.INCONSISTENT, pool.problem)
