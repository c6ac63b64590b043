"""What interactions may touch, and what they declare."""

from __future__ import annotations

import pytest
from walras.digest import keccak
from walras.forbidden import FORBIDDEN_FUNCTIONS
from walras.rejections import Reason, Rejection
from walras.testing.market import a_market, address_of
from walras.wire import Allowance, Batch, Call, Interaction, PoolSwap, Solution, TokenAmount
from walras_auction.interactions import PERMIT2, check_interaction, flows, pools_touched

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
