"""The recorded pools: every kind is understood, and no quote is below that of the best single path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.cow import E6, E18, NOW, WETH, InProcess, order, schema
from support.cow_recorded import recorded
from walras.cow.liquidity import pools_of
from walras.cow.service import CowService
from walras.solver import load

ASKED = recorded()
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
DAI = "0x6b175474e89094c44da98b954eedeac495271d0f"
COMP = "0xc00e94cb662c3520282e6f5717214004a7f26888"
QUOTES = [
    order(0, (WETH, 500 * E18), (USDC, 1)),
    order(0, (COMP, 200 * E18), (DAI, 1)),
    order(0, (WETH, 2**144), (USDC, 10**6 * E6), "buy"),
]


def quoted(engine: str | None, one: dict[str, Any]) -> tuple[int, int]:
    """(sold, bought) atoms of the first solution: without an engine, of the best single path."""
    tokens = {token: {**row, "referencePrice": None} for token, row in ASKED["tokens"].items()}
    asked = {**ASKED, "id": None, "tokens": tokens, "orders": [one]}
    schema("SolveRequest").validate(asked)
    service = CowService([InProcess(load(engine) if engine else None)], now=lambda: NOW)
    response = json.loads(json.dumps(service.solve(json.dumps(asked).encode()).to_json()))
    schema("SolveResponse").validate(response)
    first = response["solutions"][0]
    (trade,) = first["trades"]
    sell, buy, amount = (
        *(int(first["prices"][one[key]]) for key in ("sellToken", "buyToken")),
        int(trade["executedAmount"]),
    )
    return (amount, -(-amount * sell // buy)) if one["kind"] == "sell" else (amount * buy // sell, amount)


def test_all_recorded_pools_are_understood() -> None:
    assert len(pools_of(ASKED["liquidity"])) == 53


@pytest.mark.parametrize("one", QUOTES, ids=["eth to usdc", "comp to dai", "usdc for eth"])
def test_the_router_quotes_no_less_than_the_best_path(one: dict[str, Any]) -> None:
    sold, bought = quoted("router", one)
    path_sold, path_bought = quoted(None, one)
    assert bought * path_sold >= path_bought * sold
