"""Auctions of CoW in a line each, the published schema, and a referee that settles what an engine answers."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from walras.cow.engine import EngineFailure, EngineProcess
from walras.solver import Solver
from walras.wire import Answer, Batch, Notice

E6, E18 = 10**6, 10**18
NATIVE = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
WETH = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def address(number: int) -> str:
    return f"0x{number:040x}"


USDC, DAI = address(2), address(3)
#: token → (decimals, wei per 10^18 atoms)
TOKENS = {WETH: (18, E18), USDC: (6, E18 * E18 // (2_000 * E6)), DAI: (18, E18 // 2_000)}
_FIXED = {
    "validTo": 2**32 - 1,
    "preInteractions": [],
    "postInteractions": [],
    "sellTokenSource": "erc20",
    "buyTokenDestination": "erc20",
    "appData": "0x" + "00" * 32,
    "signingScheme": "eip712",
    "signature": "0x",
}


def order(number: int, sell: tuple[str, int], buy: tuple[str, int], kind: str = "sell", **rest: Any) -> dict[str, Any]:
    """A limit order that fills whole, unless told otherwise."""
    amounts = {"sellAmount": str(sell[1]), "buyAmount": str(buy[1])}
    return {
        **_FIXED,
        **amounts,
        "fullSellAmount": amounts["sellAmount"],
        "fullBuyAmount": amounts["buyAmount"],
        "uid": f"0x{number:0112x}",
        "owner": address(10_000 + number),
        "sellToken": sell[0],
        "buyToken": buy[0],
        "kind": kind,
        "class": "limit",
        "partiallyFillable": False,
        **rest,
    }


def product(number: int, *sides: tuple[str, int], **rest: Any) -> dict[str, Any]:
    """A constant-product pool."""
    return {
        "kind": "constantProduct",
        "id": str(number),
        "address": address(20_000 + number),
        "gasEstimate": "90000",
        "router": address(5),
        "fee": "0.003",
        "tokens": {token: {"balance": str(balance)} for token, balance in sides},
        **rest,
    }


POOLS = [
    product(0, (WETH, 1_000 * E18), (USDC, 2_000_000 * E6)),
    product(1, (WETH, 500 * E18), (DAI, 1_000_000 * E18)),
    product(2, (USDC, 10**6 * E6), (DAI, 10**6 * E18)),
]


def auction(*orders: dict[str, Any], seconds: float = 10, **rest: Any) -> dict[str, Any]:
    """An auction with three pools, whose deadline is ``seconds`` after :data:`NOW`."""
    tokens = {
        token: {"decimals": decimals, "referencePrice": str(price), "availableBalance": "0", "trusted": True}
        for token, (decimals, price) in TOKENS.items()
    }
    return {
        "id": "17",
        "tokens": tokens,
        "orders": list(orders),
        "liquidity": POOLS,
        "effectiveGasPrice": str(10**9),
        "deadline": (NOW + timedelta(seconds=seconds)).isoformat(),
        "surplusCapturingJitOrderOwners": [],
        **rest,
    }


def a_quote(one: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A quote as drivers ask for it: no number, no prices."""
    asked = auction(one, id=None, **rest)
    tokens = {token: {**row, "referencePrice": None} for token, row in asked["tokens"].items()}
    return {**asked, "tokens": tokens}


class InProcess(EngineProcess):
    """An engine without a process; one without a solver fails."""

    def __init__(self, solver: Solver | None) -> None:
        super().__init__("in-process")
        self.solver, self.told, self.asked = solver, list[Notice](), list[Batch]()

    def solve(self, batch: Batch, seconds: float) -> Answer:
        self.asked.append(batch)
        if self.solver is None:
            raise EngineFailure("it has no solver")
        return Answer(round=batch.round, solutions=tuple(self.solver.solve(batch)))

    def tell(self, notices: Any) -> None:
        self.told += notices


@cache
def schema(name: str) -> Any:
    """A validator of one message of the published schema."""
    whole = json.loads((Path(__file__).parent / "cow_engine.schema.json").read_text())
    return jsonschema_rs.validator_for({**whole, "$ref": f"#/$defs/{name}"})


def settle(asked: dict[str, Any], solution: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Settle as the contract would, without buffers: (sold, bought) by order. Fails where the contract, or the driver
    before it, would. Pools pay by x·y = k, for those of :func:`product`.
    """
    orders = {one["uid"]: one for one in asked["orders"]}
    price = {token: int(amount) for token, amount in solution["prices"].items()}
    held: dict[str, int] = defaultdict(int)
    done: dict[str, tuple[int, int]] = {}
    for trade in solution["trades"]:
        one, amount, fee = orders[trade["order"]], int(trade["executedAmount"]), int(trade.get("fee", 0))
        assert one["uid"] not in done
        assert ("fee" in trade) == (one["class"] == "limit")
        sell, buy = price[one["sellToken"]], price[WETH if one["buyToken"].lower() == NATIVE else one["buyToken"]]
        if one["kind"] == "sell":
            sold, bought = amount + fee, -(-amount * sell // buy)
            filled, target = sold, int(one["sellAmount"])
        else:
            sold, bought = amount * buy // sell + fee, amount
            filled, target = bought, int(one["buyAmount"])
        assert 0 < filled <= target
        assert filled == target or one["partiallyFillable"]
        assert sold * int(one["fullBuyAmount"]) <= bought * int(one["fullSellAmount"])
        done[one["uid"]] = sold, bought
        held[one["sellToken"]] += sold
    pools = {one["id"]: one for one in asked["liquidity"]}
    for step in solution["interactions"]:
        assert step["kind"] == "liquidity"
        taken, paid = int(step["inputAmount"]), int(step["outputAmount"])
        balances = {token: int(row["balance"]) for token, row in pools.pop(step["id"])["tokens"].items()}
        into, out = balances[step["inputToken"]], balances[step["outputToken"]]
        assert (into * 1_000 + taken * 997) * (out - paid) >= into * 1_000 * out
        held[step["inputToken"]] -= taken
        assert held[step["inputToken"]] >= 0
        held[step["outputToken"]] += paid
    for uid, (_, bought) in done.items():
        token = orders[uid]["buyToken"].lower()
        held[WETH if token == NATIVE else token] -= bought
    assert min(held.values()) >= 0, held
    return done
