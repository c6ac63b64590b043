"""What interactions may touch, and what they declare."""

from __future__ import annotations

import pytest
from walras.digest import keccak
from walras.forbidden import FORBIDDEN_FUNCTIONS
from walras.rejections import Reason, Rejection
from walras.testing.market import a_market, address_of
from walras.wire import (
    Allowance,
    AnyPool,
    Batch,
    Call,
    ConcentratedPool,
    Interaction,
    Pool,
    PoolSwap,
    Solution,
    StablePool,
    TokenAmount,
    WeightedPool,
)
from walras_auction.interactions import PERMIT2, check_interaction, door_of, flows, pools_touched

WETH, USDC, DAI = (address_of(f"token:{symbol}") for symbol in ("WETH", "USDC", "DAI"))
OUTSIDE = "0x" + "99" * 20


def batch() -> Batch:
    market = a_market().with_token("WETH", price=1).with_token("USDC", decimals=6, price="0.0005").with_token("DAI")
    return market.with_pool("WETH", "USDC", 100, 200_000).batch()


def refusal(interaction: Interaction) -> Reason:
    market = batch()
    solution = Solution(id=1, prices={WETH: 1, USDC: 1}, fills=(), interactions=(interaction,))
    with pytest.raises(Rejection) as caught:
        check_interaction(interaction, "interactions[0]", solution, market, {pool.id: pool for pool in market.pools})
    assert caught.value.field.startswith("interactions[0]")
    return caught.value.reason


def allowed(interaction: Interaction) -> None:
    market = batch()
    solution = Solution(id=1, prices={WETH: 1, USDC: 1}, fills=(), interactions=(interaction,))
    check_interaction(interaction, "interactions[0]", solution, market, {pool.id: pool for pool in market.pools})


def swap(**changes: object) -> PoolSwap:
    pool = batch().pools[0].id
    return PoolSwap(pool=pool, token_in=WETH, amount_in=1, amount_out=1).model_copy(update=changes)


def call(**rest: object) -> Call:
    return Call(**{"target": OUTSIDE, "data": "0x12345678", **rest})  # type: ignore[arg-type]


def test_what_is_allowed() -> None:
    allowed(swap())
    allowed(swap(token_in=USDC))
    allowed(call())
    allowed(call(allowances=(Allowance(token=WETH, spender=OUTSIDE, amount=5),)))
    allowed(call(inputs=(TokenAmount(token=WETH, amount=5),), outputs=(TokenAmount(token=USDC, amount=5),)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pool": "another"}, Reason.UNKNOWN_POOL),
        ({"token_in": DAI}, Reason.BAD_INTERACTION),
        ({"amount_in": 0}, Reason.BAD_INTERACTION),
        ({"amount_out": 0}, Reason.BAD_INTERACTION),
    ],
)
def test_swaps_that_are_none(changes: dict[str, object], reason: Reason) -> None:
    assert refusal(swap(**changes)) is reason


@pytest.mark.parametrize(
    "target",
    [*(address_of(name) for name in ("settlement", "vault", "executor")), PERMIT2, WETH, USDC, DAI],
)
def test_forbidden_targets(target: str) -> None:
    """DAI has no price in the solution and is forbidden all the same: it is a token of the batch."""
    assert refusal(call(target=target)) is Reason.FORBIDDEN_TARGET


@pytest.mark.parametrize("function", FORBIDDEN_FUNCTIONS)
def test_forbidden_functions(function: str) -> None:
    selector = keccak(function.encode())[:4].hex()
    assert refusal(call(data=f"0x{selector}" + "00" * 64)) is Reason.FORBIDDEN_TARGET


@pytest.mark.parametrize("data", ["0x", "0x123456"])
def test_data_that_names_no_function(data: str) -> None:
    assert refusal(call(data=data)) is Reason.FORBIDDEN_TARGET


@pytest.mark.parametrize("spender", ["vault", "settlement", "executor"])
def test_forbidden_spenders(spender: str) -> None:
    allowance = Allowance(token=WETH, spender=address_of(spender), amount=1)
    assert refusal(call(allowances=(allowance,))) is Reason.FORBIDDEN_TARGET


@pytest.mark.parametrize(
    "declared",
    [
        {"inputs": (TokenAmount(token=DAI, amount=1),)},
        {"outputs": (TokenAmount(token=DAI, amount=1),)},
        {"allowances": (Allowance(token=DAI, spender=OUTSIDE, amount=1),)},
    ],
)
def test_every_token_that_moves_has_a_price(declared: dict[str, object]) -> None:
    assert refusal(call(**declared)) is Reason.MISSING_PRICE


def test_flows_are_as_declared() -> None:
    pools = {pool.id: pool for pool in batch().pools}
    assert flows(swap(amount_in=3, amount_out=4), pools) == (((WETH, 3),), ((USDC, 4),))
    assert flows(swap(token_in=USDC, amount_in=3, amount_out=4), pools) == (((USDC, 3),), ((WETH, 4),))
    both = call(inputs=(TokenAmount(token=WETH, amount=1),), outputs=(TokenAmount(token=USDC, amount=2),))
    assert flows(both, pools) == (((WETH, 1),), ((USDC, 2),))


def test_liquidity_is_known_by_its_address() -> None:
    """A call of a pool's contract conflicts with a swap through it."""
    pools = {pool.id: pool for pool in batch().pools}
    where = batch().pools[0].address
    for interaction in (swap(), call(target=where)):
        solution = Solution(id=1, prices={}, fills=(), interactions=(interaction,))
        assert pools_touched(solution, pools) == {where}


DOOR = "0x" + "88" * 20


def outside_pools() -> dict[str, AnyPool]:
    """One of each kind that is not the house's own, with its door."""
    where = {"address": OUTSIDE}
    assets = [{"token": token, "balance": 10**20, "scale": 1, "weight": 10**18 // 4} for token in (WETH, USDC)]
    third = {"token": DAI, "balance": 10**20, "scale": 1, "weight": 10**18 // 2}
    level = [{name: asset[name] for name in ("token", "balance", "scale")} for asset in (*assets, third)]
    vault = {"vault": DOOR, "pool_id": "0x" + "77" * 32, "fee": 10**15}
    pair = {"token0": WETH, "token1": USDC, "fee_ppm": 500, "router": DOOR}
    pools: list[AnyPool] = [
        Pool(id="v2", reserve0=10**20, reserve1=10**20, **pair, **where),
        ConcentratedPool(id="v3", tick_spacing=10, sqrt_price=2**96, tick=0, liquidity=0, ticks=(), **pair, **where),
        WeightedPool(id="weighted", assets=(*assets, third), **vault, **where),
        StablePool(id="stable", assets=tuple(level), amplification=10**5, **vault, **where),
    ]
    return {pool.id: pool for pool in pools}


def checked(interaction: PoolSwap, pools: dict[str, AnyPool]) -> None:
    solution = Solution(id=1, prices={WETH: 1, USDC: 1}, fills=(), interactions=(interaction,))
    check_interaction(interaction, "interactions[0]", solution, batch(), pools)


@pytest.mark.parametrize("name", ["v2", "v3", "weighted", "stable"])
def test_every_kind_of_pool_is_swapped_through_by_name(name: str) -> None:
    """Only the two tokens that move need a price; the flows are theirs."""
    pools, there = outside_pools(), swap(pool=name, token_out=USDC, amount_in=3, amount_out=4)
    checked(there, pools)
    assert flows(there, pools) == (((WETH, 3),), ((USDC, 4),))
    solution = Solution(id=1, prices={}, fills=(), interactions=(there,))
    assert pools_touched(solution, pools) == {OUTSIDE}


@pytest.mark.parametrize(
    ("name", "token_out"), [("v2", DAI), ("v2", WETH), ("v3", OUTSIDE), ("weighted", None), ("stable", WETH)]
)
def test_the_token_that_comes_out_is_another_of_the_pools(name: str, token_out: str | None) -> None:
    with pytest.raises(Rejection) as caught:
        checked(swap(pool=name, token_out=token_out), outside_pools())
    assert (caught.value.reason, caught.value.field) == (Reason.BAD_INTERACTION, "interactions[0].tokenOut")


def test_what_comes_out_of_many_tokens_has_a_price() -> None:
    with pytest.raises(Rejection) as caught:
        checked(swap(pool="weighted", token_out=DAI), outside_pools())
    assert caught.value.reason is Reason.MISSING_PRICE


@pytest.mark.parametrize("name", ["v3", "weighted", "stable"])
def test_a_pool_without_a_door_cannot_be_settled_through(name: str) -> None:
    pools = outside_pools()
    shut = {"router": None} if name == "v3" else {"pool_id": None}
    pools[name] = pools[name].model_copy(update=shut)
    assert door_of(pools[name]) is None
    with pytest.raises(Rejection) as caught:
        checked(swap(pool=name, token_out=USDC), pools)
    assert (caught.value.reason, caught.value.field) == (Reason.BAD_INTERACTION, "interactions[0].pool")


def test_a_call_of_a_router_may_touch_all_that_is_behind_it() -> None:
    pools = outside_pools()
    apart = {
        name: pool.model_copy(update={"address": f"0x{place:040x}"}) for place, (name, pool) in enumerate(pools.items())
    }
    solution = Solution(id=1, prices={}, fills=(), interactions=(call(target=DOOR),))
    assert pools_touched(solution, apart) == {DOOR, *(pool.address for pool in apart.values())}
