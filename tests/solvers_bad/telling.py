"""How lies are told: a register of them, and the honest match that each distorts.

The market they meet: somebody sells WETH for USDC, somebody buys WETH with USDC, and at 2,000 both are glad.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from support.bids import WEI, at, fill, symbols
from walras.intent import Kind
from walras.wire import Answer, Batch, OpenIntent, Solution

Lie = Callable[[Batch], "list[Solution] | bytes"]
LIES: dict[str, Lie] = {}


def lie(make: Lie) -> Lie:
    """Register a lie under its function's name."""
    LIES[make.__name__] = make
    return make


def sides(batch: Batch) -> tuple[OpenIntent, OpenIntent]:
    """The first seller of WETH, and the first buyer."""
    weth = symbols(batch)["WETH"]
    sell = next(e for e in batch.intents if e.intent.kind is Kind.SELL and e.intent.gives[0].token == weth)
    buy = next(e for e in batch.intents if e.intent.kind is Kind.BUY and e.intent.wants[0].token == weth)
    return sell, buy


def match(batch: Batch, *, usdc: int = 2_000, sold: int = WEI, bought: int = WEI, **rest: Any) -> Solution:
    """The honest match, with something changed."""
    sell, buy = sides(batch)
    fees = {"sell_fee": 0, "buy_fee": 0, "round_up": 0} | {k: rest.pop(k) for k in list(rest) if "_" in k}
    sold_fill = fill(sell.uid, sold, fees["sell_fee"], fees["round_up"])
    return at(batch, usdc, sold_fill, fill(buy.uid, bought, fees["buy_fee"]), **rest)


def edited(batch: Batch, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The honest answer as JSON, changed where no honest type would let it be."""
    answer = Answer(round=batch.round, solutions=(match(batch),)).model_dump(mode="json", by_alias=True)
    change(answer)
    return json.dumps(answer).encode()


def argument() -> str:
    """An address that the test put behind the lie's name."""
    return os.environ["BAD_SOLVER_ARGUMENT"]
