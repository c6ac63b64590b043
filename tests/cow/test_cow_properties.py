"""Whatever an auction holds, what is answered settles; whatever comes, it is an answer or a refusal in words."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.cow import DAI, E6, E18, NATIVE, NOW, POOLS, USDC, WETH, InProcess, auction, order, product, schema, settle
from support.effort import examples
from walras.cow.service import CowService
from walras.solver import load

_AMOUNTS = st.integers(0, 26).flatmap(lambda digits: st.integers(1, 10**digits))
_SELLS, _BUYS = st.sampled_from([WETH, USDC, DAI]), st.sampled_from([WETH, USDC, DAI, NATIVE])


#: Atoms of about the same worth.
_WORTH = {WETH: E18, NATIVE: E18, USDC: 2_000 * E6, DAI: 2_000 * E18}


@st.composite
def amounts(draw: st.DrawFn, sell: str, buy: str) -> tuple[int, int]:
    """Any, or such that the order asks for a bit less or more than the market pays."""
    if draw(st.integers(0, 3)) == 0:
        return draw(_AMOUNTS), draw(_AMOUNTS)
    size, limit = draw(st.integers(1, 10) | st.integers(1, 10**5)), draw(st.integers(900, 1_002))
    return size * _WORTH[sell] // 10**4 + 1, size * limit * _WORTH[buy] // 10**7 + 1


@st.composite
def orders(draw: st.DrawFn, number: int) -> dict[str, Any]:
    sell, buy = draw(st.sampled_from([(WETH, USDC), (USDC, WETH), (USDC, NATIVE)]) | st.tuples(_SELLS, _BUYS))
    give, want = draw(amounts(sell, buy))
    one = order(number, (sell, give), (buy, want), draw(st.sampled_from(["sell", "buy"])))
    left = draw(st.sampled_from([1, 1, 2, 3]))  # of an order that has filled in part already
    one["fullSellAmount"], one["fullBuyAmount"] = (str(int(one[key]) * left) for key in ("sellAmount", "buyAmount"))
    classes = st.sampled_from(["limit", "limit", "limit", "market"])
    return {**one, "class": draw(classes), "partiallyFillable": draw(st.booleans())}


@st.composite
def auctions(draw: st.DrawFn) -> dict[str, Any]:
    many = draw(st.integers(1, 6))
    pairs = [(WETH, USDC), (USDC, DAI), (DAI, WETH), (WETH, USDC)]
    wild = [product(n, *((token, draw(_AMOUNTS)) for token in pair)) for n, pair in enumerate(pairs)]
    pools = draw(st.sampled_from([POOLS, POOLS, wild]))
    asked = auction(*(draw(orders(number)) for number in range(many)), liquidity=pools)
    asked["effectiveGasPrice"] = str(draw(st.sampled_from([0, 1, 10**9])))
    if many == 1 and draw(st.booleans()):
        asked["id"] = None
    return asked


def _solved(engine: str, asked: dict[str, Any]) -> int:
    service = CowService([InProcess(load(engine))], now=lambda: NOW)
    response = json.loads(json.dumps(service.solve(json.dumps(asked).encode()).to_json()))
    schema("SolveResponse").validate(response)
    for solution in response["solutions"]:
        settle(asked, solution)
    return len(response["solutions"])


@given(auctions())
@examples(60)
def test_what_is_answered_settles(asked: dict[str, Any]) -> None:
    schema("SolveRequest").validate(asked)
    _solved("naive", asked)


@given(auctions())
@examples(2)
def test_what_the_router_answers_settles(asked: dict[str, Any]) -> None:
    _solved("router", asked)


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "id", WETH]), inner, max_size=3)
    ),
    max_leaves=5,
)
_PLACES = sorted({*auction(), *order(1, (WETH, 1), (USDC, 1)), *product(1, (WETH, 1), (USDC, 1))})


@given(auctions(), st.dictionaries(st.sampled_from(_PLACES), _JUNK, min_size=1, max_size=3))
@examples(60)
def test_whatever_comes_is_answered_or_refused(asked: dict[str, Any], junk: dict[str, Any]) -> None:
    odd = [{key: junk.get(key, value) for key, value in row.items()} for row in asked["orders"]]
    pools = [{key: junk.get(key, value) for key, value in row.items()} for row in asked["liquidity"]]
    whole = {**asked, "orders": odd, "liquidity": pools}
    whole |= {key: value for key, value in junk.items() if key in whole and key != "tokens"}
    with contextlib.suppress(ValueError):
        response = CowService([InProcess(load("naive"))], now=lambda: NOW).solve(json.dumps(whole).encode())
        schema("SolveResponse").validate(json.loads(json.dumps(response.to_json())))
