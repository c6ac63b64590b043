"""The recorded batch of Gnosis Protocol v1 as a batch of Walras, straight from its JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from walras import Intent
from walras.testing import Market
from walras.testing.market import address_of
from walras.wire import Batch, GasTerms, TokenInfo

PATH = Path(__file__).parents[2] / "examples" / "data" / "batch-5342282-497-orders.json"
GAS = GasTerms(price=10**9, base=60_000, per_fill=90_000, per_interaction=100_000, margin_bps=2_000)


def recorded() -> dict[str, Any]:
    return json.loads(PATH.read_text())


def recorded_tokens(data: dict[str, Any]) -> dict[str, TokenInfo]:
    """Tokens by recorded name. WETH is the native coin, so a price is wei of it for 10^18 atoms."""
    native = next(token["externalPrice"] for token in data["tokens"].values() if token["alias"] == "WETH")
    return {
        name: TokenInfo(
            address=address_of(f"token:{token['alias']}"),
            symbol=token["alias"],
            decimals=token["decimals"],
            price=token["externalPrice"] * 10**18 // native,
        )
        for name, token in data["tokens"].items()
    }


def recorded_intents(data: dict[str, Any], tokens: dict[str, TokenInfo], valid_to: int) -> list[Intent]:
    """The funded orders: gives = min(amount, balance), wants in proportion, rounded up."""
    intents = []
    for order in data["orders"]:
        balance = int(data["accounts"][order["accountID"]].get(order["sellToken"], 0))
        amount = int(order["sellAmount"])
        gives = min(amount, balance)
        wants = -(-int(order["buyAmount"]) * gives // amount)
        if gives and wants:
            give, want = tokens[order["sellToken"]].address, tokens[order["buyToken"]].address
            nonce = int(order["orderID"])
            intents.append(
                Intent.sell(order["accountID"], (give, gives), (want, wants), valid_to=valid_to, nonce=nonce)
            )
    return intents


def recorded_market() -> Market:
    data = recorded()
    tokens = recorded_tokens(data)
    market = Market(tokens=tuple(tokens.values()), gas=GAS)
    for intent in recorded_intents(data, tokens, market.time + 3_600):
        market = market.with_intent(intent)
    funds = {
        (account, tokens[name].address): int(balance)
        for account, balances in data["accounts"].items()
        for name, balance in balances.items()
        if name in tokens
    }
    return Market(market.tokens, (), market.intents, market.remaining, funds, GAS, market.domain, market.time)


def recorded_batch() -> Batch:
    return recorded_market().batch()
