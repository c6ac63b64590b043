"""The recorded batch: 497 standing orders of Gnosis Protocol v1, with the balances that fund them.

Source: gnosis/dex-open-solver, test instances (Apache-2.0), batch 5342282 of 14 October 2020. ``sellAmount`` and
``buyAmount`` give the limit price and the maximum; 2^128−1 means "as much as my balance allows".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from walras.atoms import ceil_div
from walras.digest import keccak
from walras.intent import Intent
from walras.signing import Signer

DATA = "batch-5342282-497-orders.json"
NATIVE_ALIAS = "WETH"


@dataclass(frozen=True, slots=True)
class RecordedToken:
    """A token of the batch; ``external_price`` is the price of 10^18 atoms in atoms of the reference token."""

    key: str
    symbol: str
    decimals: int
    external_price: int


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """One standing order. ``gives`` and ``wants`` are what its intent will say, in atoms."""

    account: str
    order_id: int
    sell: str
    buy: str
    gives: int
    wants: int
    funded: bool


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    """The batch as data: tokens by key, atoms by (account, token key), orders."""

    tokens: Mapping[str, RecordedToken]
    balances: Mapping[tuple[str, str], int]
    orders: tuple[RecordedOrder, ...]

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(sorted({order.account for order in self.orders} | {account for account, _ in self.balances}))

    @property
    def native_key(self) -> str:
        return next(token.key for token in self.tokens.values() if token.symbol == NATIVE_ALIAS)

    def native_price(self, key: str) -> int:
        """Wei of the native coin per 10^18 atoms of the token, rounded down."""
        return self.tokens[key].external_price * 10**18 // self.tokens[self.native_key].external_price


def load_batch(folder: Path) -> RecordedBatch:
    """Read the batch from ``folder``."""
    raw = json.loads((folder / DATA).read_text())
    tokens = {
        key: RecordedToken(key, token["alias"], token["decimals"], int(token["externalPrice"]))
        for key, token in raw["tokens"].items()
        if token is not None
    }
    balances = {
        (account.lower(), key): int(amount) for account, held in raw["accounts"].items() for key, amount in held.items()
    }
    return RecordedBatch(tokens, balances, tuple(_order(row, balances) for row in raw["orders"]))


def _order(row: Mapping[str, object], balances: Mapping[tuple[str, str], int]) -> RecordedOrder:
    account, sell = str(row["accountID"]).lower(), str(row["sellToken"])
    maximum, least = int(str(row["sellAmount"])), int(str(row["buyAmount"]))
    gives = min(maximum, balances.get((account, sell), 0))
    funded = gives > 0
    # The limit price stays: wants are scaled to what is given, rounded up in the trader's favour.
    wants = ceil_div(least * gives, maximum) if funded else least
    return RecordedOrder(account, int(str(row["orderID"])), sell, str(row["buyToken"]), gives or maximum, wants, funded)


def trader_key(account: str) -> Signer:
    """The deterministic test key that stands for a recorded account. Anyone can compute it: never fund it for real."""
    return Signer(keccak(f"walras demo trader {account}".encode()))


def intent_of(order: RecordedOrder, addresses: Mapping[str, str], nonce: int, valid_to: int) -> Intent:
    """The order as an intent: a partial sell whose least fill is one atom."""
    return Intent.sell(
        trader_key(order.account).address,
        (addresses[order.sell], order.gives),
        (addresses[order.buy], order.wants),
        valid_to=valid_to,
        nonce=nonce,
        min_fill=1,
    )
