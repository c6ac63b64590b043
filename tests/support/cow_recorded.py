"""The recorded auction with 53 pools, from the solver template's older format into today's messages."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from support.cow import NOW, address, auction

_PATH = Path(__file__).parents[2] / "examples" / "data" / "large_example.json"


def recorded() -> dict[str, Any]:
    """An auction without orders; gas is free."""
    data = json.loads(_PATH.read_text())
    decimals = {token: row["decimals"] for token, row in data["tokens"].items()}
    tokens = {
        token: {
            "decimals": row["decimals"],
            "symbol": row["alias"],
            "referencePrice": _wei(row["external_price"], row["decimals"]),
            "availableBalance": row["internal_buffer"],
            "trusted": True,
        }
        for token, row in data["tokens"].items()
    }
    pools = [_pool(int(key), row, decimals) for key, row in data["amms"].items()]
    whole = auction(seconds=20, tokens=tokens, liquidity=pools, effectiveGasPrice="0")
    assert whole["deadline"] > NOW.isoformat()
    return whole


def _wei(price: float | None, decimals: int) -> str | None:
    return None if price is None else str(int(Decimal(price).scaleb(36 - decimals)))


def _pool(number: int, row: dict[str, Any], decimals: dict[str, int]) -> dict[str, Any]:
    common = {"id": str(number), "address": address(30_000 + number), "gasEstimate": "100000", "fee": row["fee"]}
    held = row["reserves"]
    scales = {token: str(10 ** (18 - decimals[token])) for token in held}
    vault = {"balancerPoolId": f"0x{number:064x}"}
    match row["kind"]:
        case "ConstantProduct":
            tokens: dict[str, Any] = {token: {"balance": amount} for token, amount in held.items()}
            return {**common, "kind": "constantProduct", "router": address(5), "tokens": tokens}
        case "WeightedProduct":
            tokens = {token: {**one, "scalingFactor": scales[token]} for token, one in held.items()}
            return {**common, **vault, "kind": "weightedProduct", "version": "v0", "tokens": tokens}
        case "Stable":
            tokens = {token: {"balance": amount, "scalingFactor": scales[token]} for token, amount in held.items()}
            parameter = {"amplificationParameter": row["amplification_parameter"]}
            return {**common, **vault, **parameter, "kind": "stable", "tokens": tokens}
        case kind:
            raise AssertionError(kind)
