"""Generated intents with the recorded batch's statistics.

Copies of the recorded batch's funded orders: who holds what, which pairs there are, which orders share a balance and
how far limits lie from the market stay as recorded. In each copy an account's sizes are scaled by one seeded
lognormal factor and each limit price is moved by up to one per cent.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from walras.digest import keccak
from walras.intent import Intent
from walras.signing import Signer
from walras.testing.market import address_of
from walras.wire import TokenInfo
from walras_auction.demo.recorded import RecordedBatch, RecordedOrder, load_batch

from .machine import ROOT

DATA = ROOT / "examples" / "data"
SEED = 5342282
SIZE_SIGMA = 0.5
LIMIT_PPM = 10_000
WRAPPED = "WETH"


@dataclass(frozen=True, slots=True)
class Generated:
    """Intents with the keys that sign them; atoms held by (owner, token)."""

    intents: tuple[tuple[Signer, Intent], ...]
    balances: Mapping[tuple[str, str], int]
    tokens: tuple[TokenInfo, ...]


def generate(count: int, valid_to: int, seed: int = SEED) -> Generated:
    """``count`` intents; the same arguments give the same ones."""
    batch = load_batch(DATA)
    funded = [order for order in batch.orders if order.funded]
    draw = random.Random(seed)
    copies = -(-count // len(funded))
    drafts = [(copy, order) for copy in range(copies) for order in funded]
    draw.shuffle(drafts)
    return _build(batch, drafts[:count], valid_to, draw)


def token_address(symbol: str) -> str:
    """The address of a token of the generated market."""
    return address_of(f"token:{symbol}")


def _build(
    batch: RecordedBatch, drafts: list[tuple[int, RecordedOrder]], valid_to: int, draw: random.Random
) -> Generated:
    addresses = {key: token_address(token.symbol) for key, token in batch.tokens.items()}
    keys: dict[tuple[int, str], tuple[Signer, int]] = {}
    intents, balances = [], {}
    for copy, order in drafts:
        person = (copy, order.account)
        if person not in keys:
            signer = Signer(keccak(f"walras bench {copy} {order.account}".encode()))
            keys[person] = (signer, round(draw.lognormvariate(0, SIZE_SIGMA) * 10**6))
        signer, ppm = keys[person]
        intent = _intent(signer, order, addresses, valid_to, ppm, draw.randint(-LIMIT_PPM, LIMIT_PPM))
        intents.append((signer, intent))
        held = batch.balances[order.account, order.sell] * ppm // 10**6
        balances[signer.address, addresses[order.sell]] = max(held, 1)
    return Generated(tuple(intents), balances, tokens_of(batch))


def _intent(
    signer: Signer, order: RecordedOrder, addresses: Mapping[str, str], valid_to: int, ppm: int, move: int
) -> Intent:
    gives = max(order.gives * ppm // 10**6, 1)
    wants = max(order.wants * gives * (10**6 + move) // (order.gives * 10**6), 1)
    give, want = (addresses[order.sell], gives), (addresses[order.buy], wants)
    return Intent.sell(signer.address, give, want, valid_to=valid_to, nonce=order.order_id, min_fill=1)


def tokens_of(batch: RecordedBatch) -> tuple[TokenInfo, ...]:
    """The recorded tokens with their recorded prices, the native coin being WETH."""
    return tuple(
        TokenInfo(
            address=token_address(token.symbol),
            symbol=token.symbol,
            decimals=token.decimals,
            price=batch.native_price(key),
        )
        for key, token in sorted(batch.tokens.items())
    )
